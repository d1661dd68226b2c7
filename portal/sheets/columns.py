"""What the columns of a spreadsheet hold: one declaration each, and every problem by its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from portal.lists.canonical import TOTAL

MOST_ROWS = 1000
HEADERS_WITHIN = 10
NO_HEADERS = f"前 {HEADERS_WITHIN} 行里找不到表头；表头要有：{{headers}}。"
TWICE = "表头里有两列“{header}”。"
MISSING = "没有填"
NO_ROWS = "表头下面没有数据。"
TOO_MANY = f"一次最多 {MOST_ROWS} 行，请分成几个文件。"
_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?", re.ASCII)
_AMOUNT = re.compile(r"-?\d{1,3}(,\d{3})*(\.\d+)?|-?\d+(\.\d+)?", re.ASCII)


class CellError(Exception):
    """What is wrong with one cell, in Chinese."""


@dataclass(frozen=True)
class Field:
    """One column: the `header` people write, and how its text is read; CellError refuses it."""

    key: str
    header: str
    read: Callable[[str], Any]
    is_required: bool = True


@dataclass(frozen=True)
class SheetRow:
    """What a row says, by key of the field; `number` is the one that Excel shows."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which row and column; row 0 is the file as a whole."""

    number: int
    header: str
    message: str

    def __str__(self) -> str:
        if not self.number:
            return self.message
        column = f"“{self.header}”" if self.header else ""
        return f"第 {self.number} 行{column}：{self.message}"


def read_text(most: int) -> Callable[[str], str]:
    """Any text of at most so many characters."""

    def read(text: str) -> str:
        if len(text) > most:
            raise CellError(f"太长，最多 {most} 个字")
        return text

    return read


def read_one_of(words: Mapping[str, str]) -> Callable[[str], str]:
    """One of the words that people write, as the one that `words` takes it for."""

    def read(text: str) -> str:
        if text not in words:
            raise CellError(f"“{text}”不认识，请写" + "、".join(dict.fromkeys(words.values())))
        return words[text]

    return read


def read_day(text: str) -> date:
    found = _DAY.fullmatch(text)
    try:
        return date(*map(int, found.groups())) if found else _refuse_day(text)
    except ValueError:
        return _refuse_day(text)


def _refuse_day(text: str) -> date:
    raise CellError(f"“{text}”不是日期，请写成 2026-11-20 这样")


def read_amount(text: str) -> Decimal:
    """An amount in 万元 with at most six decimals, not negative."""
    try:
        amount = Decimal(text.replace(",", "")) if _AMOUNT.fullmatch(text) else None
    except InvalidOperation:
        amount = None
    if amount is None:
        raise CellError(f"“{text}”不是数字；单位是万元，只写数字")
    if amount < 0 or amount > 10**9 or amount != round(amount, 6):
        raise CellError(f"“{text}”不是可能的金额；单位是万元")
    return amount


def read_rows(
    cells: Sequence[Sequence[str]], fields: Sequence[Field]
) -> tuple[list[SheetRow], list[Problem]]:
    """The rows below the headers down to the line of totals, and every problem in them.

    A row with a problem is not among the rows. Columns that no field names are passed over.
    """
    top, places = _find_headers(cells, fields)
    if top is None:
        headers = "、".join(field.header for field in fields if field.is_required)
        return [], [Problem(0, "", NO_HEADERS.format(headers=headers))]
    for field in fields:
        if list(cells[top]).count(field.header) > 1:
            return [], [Problem(0, "", TWICE.format(header=field.header))]
    rows: list[SheetRow] = []
    problems: list[Problem] = []
    count = 0
    for number, row in enumerate(cells[top + 1 :], start=top + 2):
        filled = [cell for cell in row if cell]
        if filled and filled[0] in (TOTAL, "总计"):
            break
        if not filled:
            continue
        count += 1
        if count > MOST_ROWS:
            return [], [Problem(0, "", TOO_MANY)]
        values, wrong = _read_row(number, row, fields, places)
        problems += wrong
        if not wrong:
            rows.append(SheetRow(number, values))
    if not count:
        problems.append(Problem(0, "", NO_ROWS))
    return rows, problems


def _find_headers(
    cells: Sequence[Sequence[str]], fields: Sequence[Field]
) -> tuple[int | None, dict[str, int]]:
    """The first row that has every required header, and the place of each field in it."""
    required = {field.header for field in fields if field.is_required}
    for top, row in enumerate(cells[:HEADERS_WITHIN]):
        if required <= set(row):
            known = {field.header: field.key for field in fields}
            return top, {known[cell]: place for place, cell in enumerate(row) if cell in known}
    return None, {}


def _read_row(
    number: int, row: Sequence[str], fields: Sequence[Field], places: Mapping[str, int]
) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems = []
    for field in fields:
        place = places.get(field.key, len(row))
        text = row[place] if place < len(row) else ""
        values[field.key] = None
        if not text:
            if field.is_required:
                problems.append(Problem(number, field.header, MISSING))
            continue
        try:
            values[field.key] = field.read(text)
        except CellError as error:
            problems.append(Problem(number, field.header, str(error)))
    return values, problems
