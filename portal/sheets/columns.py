"""What the columns of a spreadsheet hold: one declaration each, and every problem by its place."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.sheets.reading import Row
from portal.typed.days import read_day as typed_day
from portal.typed.numerals import NOT_A_NUMBER
from portal.typed.quantities import read_quantity
from portal.typed.signs import UnreadError, folded, shown

MISSING = "没有填"
IS_ERROR = "这一格是表格的错误值“{text}”"
NOT_COMPUTED = "这一格是公式，文件里没有算出的结果；请用 Excel 或 WPS 打开，保存后再上传"
IS_MERGED = "这一格与别的格合并了，看不出是不是同一个值；请取消合并，每格都填上，再上传"
IS_LONG = "在表里存成了数字；多于 15 位的，后几位已经变成 0"
IS_NUMBER = "在表里存成了数字；开头如有 0，已经丢失"
IS_DAY = "在表里存成了日期或时间，可能已不是原来写的"
IS_SCIENTIFIC = "像是科学记数，后几位可能已经丢失"
NO_UNIT = "“{text}”看不出单位是元还是万元；请在表头里写上（元）或（万元），再上传"
DIGITS_KEPT = 15
# What people write where there is none.
NO_AMOUNT = {"-", "—", "——", "－", "/", "／", "无"}
YUAN, TEN_THOUSAND = "元", "万元"
_UNITS = {
    YUAN: Decimal(1),
    "千元": Decimal(1000),
    TEN_THOUSAND: Decimal(10**4),
    "亿元": Decimal(10**8),
}
# 整 closes a sum that is written in words: 贰拾万元整.
_WHOLE = re.compile("[元圆]整?$")
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+?\d{1,3}", re.ASCII)
_TIME = re.compile(
    r"(?<=[\d日])[ T]*(?:上午|下午)? ?\d{1,2}:\d{2}(:\d{2}([.]\d+)?)?( ?[AP]M)?(Z|[+-]\d\d:?\d\d)?$"
)
# 20261014102233, as systems of banks write it.
_RUN_WITH_TIME = re.compile(r"((?:19|20)\d{6})([01]\d|2[0-3])[0-5]\d[0-5]\d", re.ASCII)
_EXCEL_DAY = re.compile(r"[2-7]\d{4}", re.ASCII)
_EXCEL_EPOCH = date(1899, 12, 30)


class CellError(Exception):
    """What is wrong with one cell, in Chinese."""


@dataclass(frozen=True)
class Field:
    """One column: the `header` we write, and how its text is read; CellError refuses it.

    `names` are what others write above it, the surest first: patterns of `headers.plain_header`.
    `mark` is what is found in rows of data only; `is_sign` where a number or day in place of a text
    may have lost what it said, and nothing on record tells. `is_once` may be told once for the whole
    file where no column has it. `spreads`: a cell merged over several rows holds for each of them.
    `is_money` is read in the unit that its header, or a line above, names.
    """

    key: str
    header: str
    read: Callable[[str], Any]
    is_required: bool = True
    mark: re.Pattern[str] | None = None
    is_sign: bool = False
    names: Sequence[str] = ()
    is_once: bool = False
    spreads: bool = False
    is_money: bool = False


@dataclass(frozen=True, order=True)
class Place:
    """A row by the order of its sheet and the number that Excel shows; `name` of one among several.

    `part` is the column from which it is read, counted from 0, where tables stand side by side.
    """

    sheet: int
    number: int
    name: str = ""
    part: int = 0

    def __str__(self) -> str:
        row = f"“{self.name}”第 {self.number} 行" if self.name else f"第 {self.number} 行"
        return f"{row}（{letters_of(self.part)} 列起）" if self.part else row


@dataclass(frozen=True)
class SheetRow:
    """What a row says, by key of the field, and of which fields the text may have lost something.

    `columns` are those of its table by key, counted from 0; `section` and `sheet` are the line that
    stands alone above it in the table, and the name of its sheet. `beside` is what it says in columns
    that are not read: header and text, by column; `headers` are those of all these columns.
    """

    place: Place
    values: Mapping[str, Any]
    losses: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, int] = field(default_factory=dict)
    text: str = ""
    section: str = ""
    sheet: str = ""
    beside: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    headers: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """What is wrong, in which row and column; without a place it is the file as a whole."""

    place: Place | None
    header: str
    message: str
    # Counted from 0.
    column: int | None = None

    def __str__(self) -> str:
        if not self.place:
            return self.message
        column = f"“{self.header}”" if self.header else ""
        return f"{self.place}{column}：{self.message}"

    @property
    def cell(self) -> str:
        """Its address as Excel shows it, such as D5; empty where it is no single cell."""
        if self.place is None or self.column is None:
            return ""
        return f"{letters_of(self.column)}{self.place.number}"


def letters_of(column: int) -> str:
    """0 as A, 26 as AA."""
    letters, rest = "", column + 1
    while rest:
        rest, at = divmod(rest - 1, 26)
        letters = chr(65 + at) + letters
    return letters


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
        if (plain := "".join(text.split())) not in words:
            raise CellError(f"“{text}”不认识，请写" + "、".join(dict.fromkeys(words.values())))
        return words[plain]

    return read


def read_day(text: str) -> date:
    """A day; the time beside it, which systems write, is left out."""
    text = _TIME.sub("", text)
    if run := _RUN_WITH_TIME.fullmatch(text):
        text = run[1]
    try:
        return typed_day(text)
    except UnreadError as error:
        raise CellError(str(error)) from error


def read_amount(text: str, unit: str = TEN_THOUSAND) -> Decimal:
    """An amount in 万元 with at most six decimals, not negative; a bare number is in `unit`."""
    if not unit and not re.search("[元圆]", text) and text != "0":
        raise CellError(NO_UNIT.format(text=text))
    unit = unit or TEN_THOUSAND
    try:
        if not re.search("[0-9]", folded(text)) and not re.search(
            "[元圆]", text
        ):  # 三十 of which unit?
            raise UnreadError(NOT_A_NUMBER.format(typed=shown(text)))
        amount = read_quantity(_WHOLE.sub("元", text), unit) * _UNITS[unit] / _UNITS[TEN_THOUSAND]
    except UnreadError as error:
        raise CellError(f"{error}；单位是{unit}，只写数字") from error
    if amount < 0 or amount > 10**9 or amount != round(amount, 6):
        raise CellError(f"“{text}”不是可能的金额；单位是{unit}")
    return amount


def read_row(
    place: Place,
    row: Row,
    fields: Sequence[Field],
    columns: Mapping[str, int],
    *,
    units: Mapping[str, str] | None = None,
    above: Mapping[int, tuple[str, str]] | None = None,
) -> tuple[SheetRow, list[Problem]]:
    """What a row says in the columns of its table, by key of the field, and what is wrong with it.

    `units` by key of the field; `above` has text and kind of the cell that each column's cell may be
    merged with.
    """
    values: dict[str, Any] = {}
    losses: dict[str, str] = {}
    problems = []
    for each in fields:
        column = columns.get(each.key, len(row.cells))
        text, kind = (
            (row.cells[column], row.kinds[column]) if column < len(row.cells) else ("", "t")
        )
        values[each.key] = None
        if kind == "v" and each.spreads and above:
            text, kind = above.get(column, (text, kind))
        if each.is_money and text in NO_AMOUNT:
            text = ""
        try:
            if kind in ("m", "v"):
                raise CellError(IS_MERGED)
            if text:
                values[each.key] = _read_cell(each, text, kind, (units or {}).get(each.key, ""))
                if each.is_sign and (loss := loss_of(text, kind)):
                    losses[each.key] = loss
            elif each.is_required and not (each.is_once and each.key not in columns):
                raise CellError(MISSING)
        except CellError as error:
            problems.append(Problem(place, each.header, str(error), columns.get(each.key)))
    return SheetRow(place, values, losses, columns, row.text), problems


def _read_cell(field: Field, text: str, kind: str, unit: str) -> Any:
    if kind == "f":
        raise CellError(NOT_COMPUTED)
    if kind == "e":
        raise CellError(IS_ERROR.format(text=text))
    if field.is_money:
        return read_amount(text, unit)
    if field.read is read_day and _EXCEL_DAY.fullmatch(text):
        # A day without its format, in a CSV too: Excel counts days.
        return _EXCEL_EPOCH + timedelta(days=int(text))
    return field.read(text)


def loss_of(text: str, kind: str) -> str:
    """What a text may have lost in a spreadsheet, in Chinese; empty where nothing."""
    if kind == "d":
        return IS_DAY
    if kind == "n":
        if len(text.partition(".")[0]) > DIGITS_KEPT:
            return IS_LONG
        return "" if text.startswith("0") else IS_NUMBER
    return IS_SCIENTIFIC if _SCIENTIFIC.fullmatch(folded(text)) else ""
