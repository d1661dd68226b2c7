"""Whether the rows of a file are still those that its checksum was made of.

The file may come from anybody: `python -m portal.lists.check` is the process that reads it.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook

from portal.bounded_reading import Limits, ReadersBusyError, ReadingStoppedError, read_bounded
from portal.lists.canonical import CHECKSUM, NUMBER, TOTAL, Checksum, Value, canonical, clean_text
from portal.lists.csv_file import unguarded
from portal.reading_process import serve

NOT_A_LIST = "不是本站导出的名单：找不到以“序号”开头的表头、合计行或校验码。"
UNREADABLE = "读不了这个文件：只能核对导出的 XLSX 或 CSV。"
STOPPED = "这个文件读起来太费时或太占内存，已经停下。"
# An operator waits for it, and a list may be as long as a sheet.
LIMITS = Limits(processor=120, clock=300, memory=4 * 2**30)
READER = "portal.lists.check"
# For whoever waits at a page, with what the rows say.
ROWS_READER = "portal.lists.check_rows"
ROWS_LIMITS = Limits(processor=20, clock=40, memory=2**30, result=100 * 2**20)
ZIP_START = b"PK"
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
        with path.open("rb") as file:
            is_workbook = file.read(len(ZIP_START)) == ZIP_START
            if path.suffix.lower() == ".xlsx" and not is_workbook:
                raise NotAListError(UNREADABLE)
            return Checked(**_found(READER, file, LIMITS))
    except OSError as error:
        raise NotAListError(UNREADABLE) from error


def read_list(file: BinaryIO) -> tuple[Checked, list[list[str]]]:
    """The same of a seekable file that somebody sent, with its headers and rows; NotAListError as there."""
    found = _found(ROWS_READER, file, ROWS_LIMITS)
    rows = found.pop("rows")
    return Checked(**found), rows


def _found(reader: str, file: BinaryIO, limits: Limits) -> dict[str, Any]:
    try:
        found = read_bounded(reader, file, limits)
    except (ReadingStoppedError, ReadersBusyError) as error:
        raise NotAListError(STOPPED) from error
    if "refused" in found:
        raise NotAListError(found["refused"])
    return found


def read_checked(
    file: BinaryIO, keep: Callable[[list[str]], None] = lambda row: None
) -> dict[str, Any]:
    """Inside the process: what was checked, or why the file is `refused`.

    `keep` is given the headers and each row, as the checksum has them.
    """
    content = file.read()
    try:
        if content.startswith(ZIP_START):
            sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
            checked = _check(([_value(cell) for cell in row] for row in sheet.iter_rows()), keep)
        else:
            lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            checked = _check(([_text(cell) for cell in row] for row in lines), keep)
    except NotAListError as error:
        return {"refused": str(error)}
    except (CalamineError, IndexError, UnicodeDecodeError, csv.Error):
        return {"refused": UNREADABLE}
    return asdict(checked)


def _text(cell: str) -> str:
    return clean_text(unguarded(cell))


def _value(cell: Any) -> Value:
    """A cell of a workbook, whose numbers are floats."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return Decimal(repr(cell))
    if isinstance(cell, date):
        return date(cell.year, cell.month, cell.day)
    return clean_text(cell)


def _check(rows: Iterable[Sequence[Value]], keep: Callable[[list[str]], None]) -> Checked:
    remaining = iter(rows)
    headers = _headers(remaining)
    keep(headers)
    checksum, count = Checksum(headers), 0
    for row in remaining:
        if row and row[0] == TOTAL:
            break
        checksum.add(row[: len(headers)])
        keep([canonical(value) for value in row[: len(headers)]])
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


if __name__ == "__main__":
    serve(read_checked)
