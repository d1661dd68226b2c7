"""What the columns of a spreadsheet hold: one declaration each, and every problem by its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from portal.sheets.reading import Row
from portal.typed.days import plain_day
from portal.typed.numerals import plain_number
from portal.typed.signs import UnreadError

MISSING = "没有填"
IS_ERROR = "这一格是表格的错误值“{text}”"
NOT_COMPUTED = "这一格是公式，文件里没有算出的结果；请用 Excel 或 WPS 打开，保存后再上传"
IS_MERGED = "这一格与别的格合并了，看不出是不是同一个值；请取消合并，每格都填上，再上传"
IS_LONG = "在表里存成了数字；多于 15 位的，后几位已经变成 0"
IS_NUMBER = "在表里存成了数字；开头如有 0，已经丢失"
IS_DAY = "在表里存成了日期或时间，可能已不是原来写的"
IS_SCIENTIFIC = "像是科学记数，后几位可能已经丢失"
DIGITS_KEPT = 15
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}", re.ASCII)


class CellError(Exception):
    """What is wrong with one cell, in Chinese."""


@dataclass(frozen=True)
class Field:
    """One column: the `header` people write, and how its text is read; CellError refuses it.

    `mark` is what is found in rows of data only; `is_sign` where a number or day in place of a text
    may have lost what it said, and nothing on record tells.
    """

    key: str
    header: str
    read: Callable[[str], Any]
    is_required: bool = True
    mark: re.Pattern[str] | None = None
    is_sign: bool = False


@dataclass(frozen=True, order=True)
class Place:
    """A row by the order of its sheet and the number that Excel shows; `name` of one among several."""

    sheet: int
    number: int
    name: str = ""

    def __str__(self) -> str:
        return f"“{self.name}”第 {self.number} 行" if self.name else f"第 {self.number} 行"


@dataclass(frozen=True)
class SheetRow:
    """What a row says, by key of the field, and of which fields the text may have lost something."""

    place: Place
    values: Mapping[str, Any]
    losses: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which row and column; without a place it is the file as a whole."""

    place: Place | None
    header: str
    message: str

    def __str__(self) -> str:
        if not self.place:
            return self.message
        column = f"“{self.header}”" if self.header else ""
        return f"{self.place}{column}：{self.message}"


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
    try:
        return plain_day(text)
    except UnreadError as error:
        raise CellError(str(error)) from error


def read_amount(text: str) -> Decimal:
    """An amount in 万元 with at most six decimals, not negative."""
    try:
        amount = plain_number(text)
    except UnreadError as error:
        raise CellError(f"{error}；单位是万元，只写数字") from error
    if amount < 0 or amount > 10**9 or amount != round(amount, 6):
        raise CellError(f"“{text}”不是可能的金额；单位是万元")
    return amount


def read_row(
    place: Place, row: Row, fields: Sequence[Field], columns: Mapping[str, int]
) -> tuple[SheetRow, list[Problem]]:
    """What a row says in the columns of its table, by key of the field, and what is wrong with it."""
    values: dict[str, Any] = {}
    losses: dict[str, str] = {}
    problems = []
    for each in fields:
        column = columns.get(each.key, len(row.cells))
        text, kind = (
            (row.cells[column], row.kinds[column]) if column < len(row.cells) else ("", "t")
        )
        values[each.key] = None
        try:
            if kind == "m":
                raise CellError(IS_MERGED)
            if text:
                values[each.key] = _read_cell(each, text, kind)
                if each.is_sign and (loss := _loss(text, kind)):
                    losses[each.key] = loss
            elif each.is_required:
                raise CellError(MISSING)
        except CellError as error:
            problems.append(Problem(place, each.header, str(error)))
    return SheetRow(place, values, losses), problems


def _read_cell(field: Field, text: str, kind: str) -> Any:
    if kind == "f":
        raise CellError(NOT_COMPUTED)
    if kind == "e":
        raise CellError(IS_ERROR.format(text=text))
    return field.read(text)


def _loss(text: str, kind: str) -> str:
    """What a text may have lost in a spreadsheet, in Chinese; empty where nothing."""
    if kind == "d":
        return IS_DAY
    if kind == "n":
        if len(text.partition(".")[0]) > DIGITS_KEPT:
            return IS_LONG
        return "" if text.startswith("0") else IS_NUMBER
    return IS_SCIENTIFIC if _SCIENTIFIC.fullmatch(text) else ""
