"""The cells of an XLSX or CSV as text, and nothing that is too large, packed or broken."""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook

from portal.lists.canonical import canonical, clean_text
from portal.lists.csv_file import unguarded

MOST_BYTES = 5 * 2**20
MOST_UNPACKED = 60 * 2**20
MOST_MEMBERS = 300
# The reader makes a full rectangle of the used cells, so a lone one far off would fill the memory.
LAST_ROW = 20_000
LAST_COLUMN = 60
TOO_LARGE = f"文件太大，最大 {MOST_BYTES // 2**20} MB。"
EMPTY = "文件是空的。"
BOMB = "这个文件解开以后太大，没有读取；请把名单复制到一个新文件里再上传。"
FAR_OFF = (
    f"表里有第 {LAST_ROW} 行以下或第 {LAST_COLUMN} 列以右的单元格；请把名单复制到一张新表里再上传。"
)
UNREADABLE = "读不了这个文件；请用 Excel 或 WPS 另存为 XLSX 或 CSV 再上传。"
_CELL = re.compile(rb"<(?:\w+:)?c(?=[\s/>])([^>]*)>")
_PLACE = re.compile(rb"""\sr\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")


class SheetError(Exception):
    """A file that is not read; the message says why, in Chinese."""


def cells_of(content: bytes) -> list[list[str]]:
    """The rows of the first sheet, or of a CSV, each a list of clean texts."""
    if not content:
        raise SheetError(EMPTY)
    if len(content) > MOST_BYTES:
        raise SheetError(TOO_LARGE)
    rows = _workbook(content) if content.startswith(b"PK") else _csv(content)
    found = [row for row, _ in zip(rows, range(LAST_ROW + 1), strict=False)]
    if len(found) > LAST_ROW:
        raise SheetError(FAR_OFF)
    return found


def _csv(content: bytes) -> Iterator[list[str]]:
    """UTF-8, or what Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        try:
            for row in csv.reader(io.StringIO(text, newline="")):
                if len(row) > LAST_COLUMN:
                    raise SheetError(FAR_OFF)
                yield [clean_text(unguarded(cell)) for cell in row]
        except csv.Error as error:
            raise SheetError(UNREADABLE) from error
        return
    raise SheetError(UNREADABLE)


def _workbook(content: bytes) -> Iterable[list[str]]:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(_repacked(content)))
        sheet = workbook.get_sheet_by_index(0)
    except (CalamineError, IndexError, ValueError) as error:
        raise SheetError(UNREADABLE) from error
    return ([_text(cell) for cell in row] for row in sheet.iter_rows())


def _repacked(content: bytes) -> bytes:
    """The workbook, unpacked within limits and packed anew, so that the reader sees what we saw."""
    packed = io.BytesIO()
    try:
        with (
            zipfile.ZipFile(io.BytesIO(content)) as source,
            zipfile.ZipFile(packed, "w") as target,
        ):
            members = source.infolist()
            if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED:
                raise SheetError(BOMB)
            for member in members:
                # No more than the size it states: one that states too little fails its checksum.
                part = source.read(member)
                _check_places(part)
                target.writestr(member.filename, part)
    except (
        zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
        ValueError,
    ) as error:  # fmt: skip
        raise SheetError(UNREADABLE) from error
    return packed.getvalue()


def _check_places(part: bytes) -> None:
    for cell in _CELL.finditer(part):
        place = _PLACE.search(cell[1])
        if place is None:
            raise SheetError(UNREADABLE)
        if int(place[2]) > LAST_ROW or _column(place[1]) > LAST_COLUMN:
            raise SheetError(FAR_OFF)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _text(cell: Any) -> str:
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time().isoformat() == "00:00:00" else str(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return canonical(Decimal(repr(cell)))
    return clean_text(cell)
