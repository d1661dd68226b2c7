"""Whether the rows of a file are still those that its checksum was made of."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from portal.lists.canonical import CHECKSUM, NUMBER, TOTAL, Checksum, Value, clean_text
from portal.lists.csv_file import unguarded

NOT_A_LIST = "不是本站导出的名单：找不到以“序号”开头的表头、合计行或校验码。"
UNREADABLE = "读不了这个文件：只能核对导出的 XLSX 或 CSV。"
_STATED = re.compile(rf"{re.escape(CHECKSUM)}.*?([0-9a-f]{{64}})", re.DOTALL)


class NotAListError(Exception):
    """A file that was not exported here; the message is Chinese."""


@dataclass(frozen=True)
class Checked:
    """How many rows a file holds, the checksum it states and that of its rows."""

    count: int
    stated: str
    computed: str

    @property
    def is_intact(self) -> bool:
        return self.stated == self.computed


def check_file(path: Path) -> Checked:
    """Read an exported XLSX or CSV; NotAListError where it is neither."""
    try:
        if path.suffix.lower() == ".xlsx":
            sheet = CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0)
            return _check([_value(cell) for cell in row] for row in sheet.iter_rows())
        with path.open(encoding="utf-8-sig", newline="") as file:
            return _check([_text(cell) for cell in row] for row in csv.reader(file))
    except (CalamineError, OSError, UnicodeDecodeError, csv.Error) as error:
        raise NotAListError(UNREADABLE) from error


def _text(cell: str) -> str:
    return clean_text(unguarded(cell))


def _value(cell: Any) -> Value:
    """A cell of a workbook, whose numbers are floats."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    if isinstance(cell, date):
        return date(cell.year, cell.month, cell.day)
    return clean_text(cell)


def _check(rows: Iterable[Sequence[Value]]) -> Checked:
    remaining = iter(rows)
    headers = _headers(remaining)
    checksum, count = Checksum(headers), 0
    for row in remaining:
        if row and row[0] == TOTAL:
            break
        checksum.add(row[: len(headers)])
        count += 1
    else:
        raise NotAListError(NOT_A_LIST)
    stated = _STATED.search("\n".join(" ".join(map(str, row)) for row in remaining))
    if stated is None:
        raise NotAListError(NOT_A_LIST)
    return Checked(count, stated[1], checksum.hexdigest())


def _headers(rows: Iterator[Sequence[Value]]) -> list[str]:
    for row in rows:
        if row and row[0] == NUMBER:
            return [str(cell) for cell in row if cell]
    raise NotAListError(NOT_A_LIST)
