"""What a firm lists item by item: rows of amount, kind and day, read from and shown as lines of text.

A line holds the cells of a row, with a tab between them as spreadsheets copy it.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict

from policies.rules.facts import Fact, Item, plain
from portal.typed.days import read_day
from portal.typed.quantities import read_quantity
from portal.typed.signs import UnreadError, folded, shown

SAYS = "金额（万元）、种类、日期，中间用空格隔开"
NONE_BESIDE_ITEMS = "“没有”不能和填了的各项同时选"
AMOUNT_MISSING = "没有写金额（万元）"
BEFORE_UNIT = re.compile(r" (?=(?:万元|亿元|元|万|亿)(?:[ 、;]|$))")
NO_ITEM = ("0", "没有")
NOTHING = NO_ITEM[0]
BLANK = "（空）"
BLANK_ROWS = 3
CELLS = ("amount", "kind", "date")


def read_items(fact: Fact, text: str) -> list[dict[str, Any]]:
    """`{amount, kind, date}` of each line, kinds by code. Raises UnreadError naming the line."""
    lines = [(number, line) for number, line in _lines(text) if not _is_none(line)]
    if lines and len(lines) < len(_lines(text)):
        raise UnreadError(NONE_BESIDE_ITEMS)
    return [_item(fact, number, line) for number, line in lines]


def as_lines(fact: Fact, items: Sequence[Item]) -> str:
    """The items as they are typed."""
    return "\n".join(_line(fact, item) for item in items) or NOTHING


def _lines(text: str) -> list[tuple[int, str]]:
    return list(enumerate(filter(str.strip, text.splitlines()), 1))


def _is_none(line: str) -> bool:
    return folded(line) in NO_ITEM


def _item(fact: Fact, number: int, line: str) -> dict[str, Any]:
    try:
        cells = _cells(fact, line)
        if cells is None:
            raise UnreadError(f"看不懂{shown(line)}，应为{SAYS}")
        amount, kind, day = cells
        if not amount:
            raise UnreadError(AMOUNT_MISSING)
        item: dict[str, Any] = {"amount": read_quantity(amount, "万元")}
        if kind:
            item["kind"] = _codes(fact).get(kind, kind)
        if day:
            item["date"] = read_day(day).isoformat()
    except UnreadError as error:
        raise UnreadError(f"第 {number} 项：{error}") from error
    return item


def _cells(fact: Fact, line: str) -> list[str] | None:
    """Amount, kind and day of a line; None where it cannot be told which is which."""
    codes = _codes(fact)
    cells = ["" if cell.strip() == BLANK else folded(cell) for cell in line.split("\t")]
    if len(cells) == len(CELLS) and (not cells[1] or cells[1] in codes):
        return cells
    words = BEFORE_UNIT.sub("", folded(line)).split()
    kinds = [word for word in words if word in codes]
    others = [word for word in words if word not in codes]
    if len(kinds) > 1 or len(others) > 2:
        return None
    amount, day = [*others, "", ""][:2]
    return [amount, "".join(kinds), day]


def _codes(fact: Fact) -> dict[str, str]:
    """Kinds as they are typed, without the spaces that part the cells."""
    words = {_one_word(word): code for code, word in fact.choices.items()}
    return words | {code: code for code in fact.choices}


def _line(fact: Fact, item: Item) -> str:
    kind = _one_word(fact.choices.get(item.kind, "")) if item.kind else ""
    day = item.date.isoformat() if item.date else ""
    return "\t".join((plain(item.amount), kind, day))


class ItemsInput(forms.Widget):
    """A row for each item, some blank ones, and a box for what was copied out of a spreadsheet."""

    template_name = "self_check/items.html"
    use_fieldset = True

    def __init__(self, fact: Fact) -> None:
        self.fact = fact
        super().__init__()

    def id_for_label(self, id_: str) -> str:
        return ""  # the rows have a legend

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and _cell(name, "amount") not in data

    def value_from_datadict(self, data: Any, files: Any, name: str) -> str:
        return typed_items(data, name)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        lines = [line for _, line in _lines(value or "")]
        shown_as = {line: _cells(self.fact, line) for line in lines if not _is_none(line)}
        blank = [[""] * len(CELLS) for _ in range(BLANK_ROWS)]
        context["widget"] |= {
            "fact": self.fact.key,
            "rows": [*(row for line in lines if (row := shown_as.get(line))), *blank],
            "kinds": kinds_of(self.fact),
            "none": any(map(_is_none, lines)),
            # What is no row stays as it was typed.
            "rest": "\n".join(line for line in lines if shown_as.get(line, ()) is None),
        }
        return context


def typed_items(data: Any, name: str) -> str:
    """The lines of the rows, then those of the box, as a page sent them."""
    sent = data if isinstance(data, MultiValueDict) else MultiValueDict({})
    columns = [sent.getlist(_cell(name, cell)) for cell in CELLS]
    rows = [_row(*cells) for cells in zip(*columns, strict=False)]
    lines = [NOTHING] if data.get(_cell(name, "none")) else []
    return "\n".join(filter(str.strip, [*lines, *rows, data.get(name) or ""]))


def _row(amount: str, kind: str, day: str) -> str:
    """Each cell is one word; spaces around a text are taken off, so none may begin with its tab."""
    if not any(map(str.strip, (amount, kind, day))):
        return ""
    return "\t".join(("".join(amount.split()) or BLANK, kind.strip(), "-".join(day.split())))


def _cell(name: str, cell: str) -> str:
    return f"{name}__{cell}"


def kinds_of(fact: Fact) -> Mapping[str, str]:
    """What a row sends for a kind, and what it shows."""
    return {_one_word(word): word for word in fact.choices.values()}


def _one_word(text: str) -> str:
    return "".join(text.split())
