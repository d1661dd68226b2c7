"""Which rows are the headers of a table, and which column holds what, by the meaning of the words.

Headers stand on one row or on several, with white space and line breaks inside, under headers that
are merged over them, with their unit in brackets.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from portal.sheets.asides import begins_as_note, is_total
from portal.sheets.columns import Field
from portal.sheets.reading import Row

MOST_ROWS = 3
LONGEST, SHORT = 40, 15
# Headers that tell that a row is one, and hold nothing that is read.
_OTHERS = re.compile("序号?|编号|号|备注|说明|附注|合计|小计|栏次|行次")
_NUMBERS = re.compile("序号?|编号|号|行次")
_BRACKETS = re.compile(r"[（(【\[〔][^（(【\[〔）)】\]〕]*[）)】\]〕]")
_SIGNS = re.compile(r"[^0-9A-Za-z\u3400-\u9fff]")
_UNIT = re.compile("(亿元|万元|千元|元)")
_UNIT_AT_END = re.compile("(?<=.)(亿元|万元|千元|元)$")
_UNIT_LINE = re.compile(r"(?:金额)?单位[:：为是]?(?:人民币)?(亿元|万元|千元|元)")
# 栏次 below the headers: 甲, 乙, 1, 2=3+4.
_ORDINAL = re.compile(r"[甲乙丙丁戊己庚辛壬癸]|[（(]?\d{1,2}[)）]?(=[\d+\-*/×÷()（）]+)?")
_LATIN = re.compile("[A-Za-z]+")
_YEAR = re.compile(r"(19|20)\d\d")
_FIRM = re.compile(
    "(有限|股份|责任|集团).*公司|.{3,}(厂|合作社|经营部|商行|事务所)$|合伙|个体工商户|个人独资"
)
_FIGURES = re.compile(r"\d(?!\d{0,3}年)")
_NUMBER = re.compile(r"-?[\d,.%]+")


@dataclass(frozen=True)
class Heading:
    """The headers of a table: by key of the field its column from 0.

    `units` are of money, by column; `headed` all columns that have a header; `rows` how many rows it
    takes; `twice` the columns of fields that several headers name. `beside` are the columns of tables
    that stand side by side under the same headers; `others` the headers of columns that are not read.
    `is_weak`: it names one field only, in words that data may say too, as 规上企业. `kinds` are those of
    the cells of its last row.
    """

    columns: Mapping[str, int]
    units: Mapping[int, str] = field(default_factory=dict)
    headed: frozenset[int] = frozenset()
    rows: int = 1
    twice: Mapping[str, Sequence[int]] = field(default_factory=dict)
    beside: Sequence[range] = ()
    others: Mapping[int, str] = field(default_factory=dict)
    is_weak: bool = False
    kinds: str = ""

    def in_unit(self, unit: str) -> "Heading":
        """With this unit for the columns whose headers name none."""
        return replace(self, units={**dict.fromkeys(self.headed, unit), **self.units})


def plain_header(header: str) -> str:
    """Its letters, digits and Chinese signs only."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", header))


def unit_line(row: Row) -> str:
    """The unit that a line above a table names for it; empty where it names none."""
    texts = ["".join(cell.split()) for cell in row.cells if cell]
    found = [unit[1] for text in texts if (unit := _UNIT_LINE.search(text))]
    return found[0] if len(found) == 1 else ""


def is_ordinal(row: Row) -> bool:
    """Whether it numbers the columns, and nothing else."""
    texts = ["".join(cell.split()) for cell in row.cells if cell]
    figures = [text for text in texts if text.isdecimal()]
    in_order = figures == sorted(figures, key=int) and len(set(figures)) == len(figures)
    is_letters = any(not text[:1].isdecimal() and text[:1] not in "（(" for text in texts)
    return (
        len(texts) > 2
        and all(_ORDINAL.fullmatch(text) for text in texts)
        and in_order
        and (is_letters or figures[:1] == ["1"])
    )


class Headers:
    """Knows the headers of a declaration of columns; a table needs all required, and one of `keys`."""

    def __init__(self, fields: Sequence[Field], keys: Sequence[str] = ()) -> None:
        self._fields = fields
        self._keys = set(keys)
        self._required = {each.key for each in fields if each.is_required and not each.is_once}
        self._exact = {plain_header(each.header): each.key for each in fields}
        self._names = [
            (each.key, rank, re.compile(name))
            for each in fields
            for rank, name in enumerate(each.names, start=1)
        ]
        names = [f"(?:{name})" for each in fields for name in each.names]
        self._any = re.compile("|".join([*names, *map(re.escape, self._exact)]))
        self._marks = [each.mark for each in fields if each.mark]

    def find(self, rows: Sequence[Row], at: int) -> Heading | None:
        """The headers that begin with this row."""
        if not _covers(rows[at]) and not any(self._is_likely(cell) for cell in rows[at].cells):
            return None
        first = self._heading(rows[at : at + 1])
        if first is None and self._may_begin(rows[at]):
            first = next(
                (
                    found
                    for count in range(2, MOST_ROWS + 1)
                    if _are_neighbours(rows, at, count)
                    and (found := self._heading(rows[at : at + count]))
                ),
                None,
            )
        if first is None:
            return None
        last = at + first.rows
        while (
            last < len(rows) and last - at < MOST_ROWS and self._goes_on(rows[at:last], rows[last])
        ):
            last += 1
        return self._heading(rows[at:last]) or first

    def missing(self, columns: Mapping[str, int]) -> list[str]:
        """What a table with these columns lacks, as its headers are called."""
        named = [
            each.header
            for each in self._fields
            if each.key in self._required and each.key not in columns
        ]
        if self._keys and not self._keys & set(columns):
            named.insert(0, self.keys_in_words)
        return named

    @property
    def keys_in_words(self) -> str:
        return "或".join(each.header for each in self._fields if each.key in self._keys)

    @property
    def in_words(self) -> str:
        """What headers there must be."""
        return "、".join(self.missing({}))

    def _heading(self, block: Sequence[Row]) -> Heading | None:
        if any(self._has_mark(row) for row in block) or self._holds_data(block[0]):
            return None
        headers = _joined(block)
        beside = _beside(headers, self._said)
        own = beside[0] if beside else self._own_part(headers)
        last = block[-1]
        first = {
            at: parts for at, parts in headers.items() if at in own and _kind_at(last, at) != "m"
        }
        columns, twice = self._columns(first)
        if not columns or (len(columns) == 1 and self.missing(columns)):
            return None
        units = {at: unit for at, parts in headers.items() if (unit := _unit_of(parts))}
        shifts = [part.start - beside[0].start for part in beside] or [0]
        read = {at + shift for at in columns.values() for shift in shifts}
        others = {
            at: told
            for at, parts in headers.items()
            if at not in read
            and _kind_at(last, at) != "m"
            and (told := _plain(parts))
            and not _NUMBERS.fullmatch(told)
        }
        is_weak = len(columns) == 1 and all(
            known[1] > 1 for at in read if (known := self._known(headers.get(at, [""])))
        )
        return Heading(
            columns,
            units,
            frozenset(headers),
            len(block),
            twice,
            beside,
            others,
            is_weak,
            last.kinds,
        )

    def _own_part(self, headers: Mapping[int, Sequence[str]]) -> range:
        """The columns of the list itself where another table stands beside it, numbered once more."""
        begins = [at for at, parts in sorted(headers.items()) if _plain(parts) == "序号"]
        edges = [min(headers, default=0), *begins[1:], max(headers, default=0) + 1]
        parts = [range(start, end) for start, end in pairwise(edges)]
        return next(
            (
                part
                for part in parts
                if {known[0] for at in part if (known := self._known(headers.get(at, [""])))}
                & (self._keys or self._required)
            ),
            range(edges[0], edges[-1]),
        )

    def _holds_data(self, row: Row) -> bool:
        """Whether a cell says what no header does: a number that is no year, the name of a firm."""
        texts = ["".join(cell.split()) for cell in row.cells]
        return any(
            _is_figure(text, kind) or (_FIRM.search(text) and not self._known([text]))
            for text, kind in zip(texts, row.kinds, strict=True)
            if text
        )

    def _said(self, parts: Sequence[str]) -> str:
        """What a header names, as one word whatever it is called."""
        known = self._known(parts)
        return known[0] if known else plain_header("".join(parts))

    def is_header(self, text: str) -> bool:
        """Whether a text is one of our headers, in words that data does not say."""
        known = self._known([text])
        return known is not None and known[1] < 2

    def _columns(
        self, headers: Mapping[int, Sequence[str]]
    ) -> tuple[dict[str, int], dict[str, list[int]]]:
        """The surest header of each field; where several are as sure, their columns too."""
        found: dict[str, dict[int, list[int]]] = {}
        for column, parts in headers.items():
            known = self._known(parts)
            if known:
                key, rank = known
                found.setdefault(key, {}).setdefault(rank, []).append(column)
        columns, twice = {}, {}
        for key, by_rank in found.items():
            surest = by_rank[min(by_rank)]
            columns[key] = surest[0]
            if len(surest) > 1:
                twice[key] = surest
        return columns, twice

    def _known(self, parts: Sequence[str]) -> tuple[str, int] | None:
        """Which field a header names, and how surely; with the header above it before it alone."""
        for text in dict.fromkeys(("".join(parts), parts[-1])):
            plain = "".join(text.split())
            if _UNIT_LINE.fullmatch(plain) or plain.endswith((":", "：")):
                continue
            for form in _forms(text):
                if form in self._exact:
                    return self._exact[form], 0
                ranks = [(rank, key) for key, rank, name in self._names if name.fullmatch(form)]
                if ranks:
                    rank, key = min(ranks)
                    return key, rank
        return None

    def _is_likely(self, text: str) -> bool:
        """Whether a text may be a header at all; most cells are not, and are looked at once."""
        if not 0 < len(text) <= LONGEST:
            return False
        return any(self._any.fullmatch(form) or _OTHERS.fullmatch(form) for form in _forms(text))

    def _may_begin(self, row: Row) -> bool:
        """Whether headers may go on below: it names one, or covers what is below it."""
        texts = [cell for cell in row.cells if cell]
        return _covers(row) or (
            len(texts) > 1
            and any(self._known([text]) or _OTHERS.fullmatch(plain_header(text)) for text in texts)
        )

    def _goes_on(self, block: Sequence[Row], row: Row) -> bool:
        """Whether the row below headers belongs to them."""
        filled = [column for column, cell in enumerate(row.cells) if cell]
        if row.number != block[-1].number + 1 or not filled or self._has_mark(row):
            return False
        if begins_as_note(row) or (is_total(row) and not _is_split(block[-1], row)):
            return False
        texts = ["".join(row.cells[column].split()) for column in filled]
        if any(row.kinds[column] != "t" for column in filled) or all(map(_NUMBER.fullmatch, texts)):
            return False
        headers = _joined(block)
        if "v" in row.kinds:
            return True
        if all(_UNIT.fullmatch(plain_header(text)) for text in texts):
            return True
        if all(self._is_word(row.cells[column], headers.get(column, ())) for column in filled):
            return len(filled) > 1 or "" in block[-1].cells or "m" in block[-1].kinds
        columns, _ = self._columns(headers)
        own = {columns[key] for key in self._keys | self._required if key in columns}
        return not own & set(filled) and all(_is_open(block[-1], column) for column in filled)

    def _is_word(self, text: str, above: Sequence[str]) -> bool:
        """Whether a text is a header by itself, or the rest of one that is begun above it."""
        if self._known([text]) or _OTHERS.fullmatch(plain_header(text)):
            return True
        return bool(above) and not self._known(above) and bool(self._known([*above, text]))

    def _has_mark(self, row: Row) -> bool:
        return any(mark.fullmatch(cell) for mark in self._marks for cell in row.cells)


def _beside(
    headers: Mapping[int, Sequence[str]], said: Callable[[Sequence[str]], str]
) -> list[range]:
    """The columns of tables that stand side by side: the same headers come again and again."""
    places = sorted(headers)
    words = [said(headers[at]) for at in places]
    for count in range(4, 1, -1):
        size, rest = divmod(len(words), count)
        if not rest and size > 1 and words == words[:size] * count:
            begins = [*places[::size], places[-1] + 1]
            return [range(begin, end) for begin, end in pairwise(begins)]
    return []


def _forms(text: str) -> list[str]:
    """A header as it is, without what stands in brackets, without its unit; each once."""
    whole = plain_header(text)
    outside = plain_header(_BRACKETS.sub("", unicodedata.normalize("NFKC", text)))
    # 企业名称 Name
    chinese = _LATIN.sub("", whole)
    forms = [whole, outside, chinese, *(_UNIT_AT_END.sub("", each) for each in (whole, outside))]
    return [each for each in dict.fromkeys(forms) if each]


def _unit_of(parts: Sequence[str]) -> str:
    """The unit that a header names in brackets or at its end, or the one above it."""
    for text in reversed(parts):
        plain = unicodedata.normalize("NFKC", text)
        inside = "".join(_BRACKETS.findall(plain))
        # The whole first: 元 stands at the end of 万元 too.
        header = plain_header(plain)
        if found := _UNIT.search(inside) or _UNIT.fullmatch(header) or _UNIT_AT_END.search(header):
            return found[1]
    return ""


def _covers(row: Row) -> bool:
    """Whether it may be of headers that are merged over others: several short texts, no title."""
    texts = ["".join(cell.split()) for cell in row.cells if cell]
    return (
        "m" in row.kinds
        and len(texts) > 1
        and max(map(len, texts)) <= SHORT
        and not unit_line(row)
        and not is_total(row)
        and not begins_as_note(row)
    )


def _plain(parts: Sequence[str]) -> str:
    return "".join("".join(parts).split())


def _is_figure(text: str, kind: str) -> bool:
    return (kind in "nd" or bool(_NUMBER.fullmatch(text))) and not _YEAR.fullmatch(text)


def _is_split(above: Row, row: Row) -> bool:
    """Whether headers are split up below one that covers them, 合计 among them: 省级, 市级, 合计."""
    texts = ["".join(cell.split()) for cell in row.cells if cell]
    is_covered = all(
        _kind_at(above, column) == "m" or _kind_at(above, column + 1) == "m" or not cell
        for column, cell in enumerate(row.cells)
    )
    return len(texts) > 1 and is_covered and not any(map(_FIGURES.search, texts))


def _are_neighbours(rows: Sequence[Row], at: int, count: int) -> bool:
    block = rows[at : at + count]
    return len(block) == count and block[-1].number == block[0].number + count - 1


def _joined(block: Sequence[Row]) -> dict[int, list[str]]:
    """By column what stands above it, from the top down; a merged header stands above all below it."""
    headers: dict[int, list[str]] = {}
    width = max(len(row.cells) for row in block)
    for column in range(width):
        parts = [_header_at(row, column, is_last=row is block[-1]) for row in block]
        own = [row.cells[column] if column < len(row.cells) else "" for row in block]
        told = [part for part in parts if part]
        if any(own) or (told and _kind_at(block[-1], column) == "m"):
            headers[column] = list(dict.fromkeys(told))
    return headers


def _header_at(row: Row, column: int, *, is_last: bool) -> str:
    """What a row of headers says above a column; what is left empty, the header to its left covers."""
    if column < len(row.cells) and row.cells[column]:
        return row.cells[column]
    kind = _kind_at(row, column)
    if kind == "v" or (is_last and kind != "m"):
        return ""
    for left in range(min(column, len(row.cells)) - 1, -1, -1):
        if row.cells[left]:
            return row.cells[left]
        if _kind_at(row, left) == "v":
            return ""
    return ""


def _kind_at(row: Row, column: int) -> str:
    return row.kinds[column] if column < len(row.kinds) else "t"


def _is_open(row: Row, column: int) -> bool:
    """Whether nothing stands in a row of headers there, or a header that covers what is beside it."""
    if column >= len(row.cells) or not row.cells[column]:
        return True
    beside = column + 1
    return _kind_at(row, beside) == "m" or (beside < len(row.cells) and not row.cells[beside])
