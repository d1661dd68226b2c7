"""The process that reads a spreadsheet: `python -m portal.sheets.reader`, run within limits.

It knows nothing of the site, so that it starts fast. A sheet is what `_sheet` returns, or a dict
with `refused`: why nothing is read, in Chinese.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, BinaryIO

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from portal.reading_process import serve
from portal.sheets.limits import (
    FAR_OFF,
    LAST_COLUMN,
    LAST_ROW,
    MOST_FILLED,
    OLD_WORKBOOK,
    TOO_MANY_FILLED,
    UNPAIRED,
    UNREADABLE,
    SheetError,
)
from portal.sheets.package import Package
from portal.sheets.package_marks import Marks, sheet_parts

# Excel's own limit to a cell, which Python's reader of CSV does not know.
LONGEST = 32_767
OLE_START = b"\xd0\xcf\x11\xe0"


def read(file: BinaryIO) -> Any:
    content = file.read()
    try:
        if content.startswith(OLE_START):
            raise SheetError(OLD_WORKBOOK)
        sheets = _workbook(content) if content.startswith(b"PK") else [_csv(content)]
        if sum(len(sheet["rows"]) for sheet in sheets) > MOST_FILLED:
            raise SheetError(TOO_MANY_FILLED)
    except SheetError as error:
        return {"refused": str(error)}
    return {"sheets": sheets}


def _csv(content: bytes) -> dict[str, Any]:
    """UTF-8, or what Excel writes in China."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        csv.field_size_limit(LONGEST)
        return _csv_sheet(csv.reader(io.StringIO(text, newline=""), strict=True))
    raise SheetError(UNREADABLE)


def _csv_sheet(lines: Any) -> dict[str, Any]:
    """A quote that is never closed, or closed within a cell, makes one cell of all rows between."""
    begun = 0

    def told() -> Iterator[tuple[Sequence[Any], str]]:
        nonlocal begun
        for line in lines:
            begun = lines.line_num
            yield line, "t" * len(line)

    try:
        sheet = _sheet("", told())
    except csv.Error as error:
        if str(error).startswith("field larger"):
            raise SheetError(UNREADABLE) from error
        raise SheetError(UNPAIRED.format(line=begun + 1)) from error
    for row in sheet["rows"]:
        row["is_swallowing"] = any("\n" in cell and "," in cell for cell in row["cells"])
    return sheet


def _workbook(content: bytes) -> list[dict[str, Any]]:
    package = Package(content)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(package.packed))
        found = [each for each in workbook.sheets_metadata if each.typ == SheetTypeEnum.WorkSheet]
        parts = sheet_parts(package)
        marks = Marks(package)
        sheets = []
        for about in found:
            # A sheet whose part we do not find is one of which we could not tell what is hidden.
            part, is_hidden = parts[about.name]
            of_sheet = marks.of_sheet(part)
            sheet = workbook.get_sheet_by_name(about.name)
            # Its rows begin at the first of the sheet, its columns at the first that is used.
            before = [""] * (sheet.start[1] if sheet.start else 0)
            rows = [[*before, *row] for row in sheet.iter_rows()]
            # They end at the last value; below and beside it may stand what was never computed.
            rows += [[]] * (max(of_sheet.cells, default=0) - len(rows))
            lines = (_line(row, of_sheet.row(number)) for number, row in enumerate(rows, start=1))
            sheets.append(
                _sheet(about.name, lines)
                | {"is_hidden": is_hidden, "hidden_columns": sorted(of_sheet.hidden_columns)}
            )
            for row in sheets[-1]["rows"]:
                row["is_hidden"] = row["number"] in of_sheet.hidden
                row["is_struck"] = row["number"] in of_sheet.struck
    except (CalamineError, IndexError, KeyError, ValueError) as error:
        raise SheetError(UNREADABLE) from error
    if not sheets:
        raise SheetError(UNREADABLE)
    return sheets


def _sheet(name: str, lines: Iterator[tuple[Sequence[Any], str]]) -> dict[str, Any]:
    """The rows that hold anything: number, cells, and a letter for the kind of each cell."""
    rows = []
    for number, (cells, kinds) in enumerate(lines, start=1):
        if number > LAST_ROW or len(cells) > LAST_COLUMN:
            raise SheetError(FAR_OFF)
        if any(cell != "" or kind == "f" for cell, kind in zip(cells, kinds, strict=True)):
            rows.append({"number": number, "cells": cells, "kinds": kinds})
    return {"name": name, "rows": rows}


def _line(row: Sequence[Any], marks: dict[int, str]) -> tuple[list[Any], str]:
    """The values of a row as JSON holds them, and their kinds; see `portal.sheets.reading.Row`."""
    cells, kinds = [], []
    beside = [""] * (max(marks, default=0) - len(row))
    for column, value in enumerate([*row, *beside], start=1):
        cell, kind = _cell(value)
        mark = marks.get(column, "")
        if mark.startswith("e"):
            cell, kind = mark[1:], "e"
        elif mark == "f" and cell == "":
            kind = "f"
        elif mark == "m":
            kind = "m"
        elif mark.startswith("0") and kind == "n" and value == int(value) >= 0:
            # Shown as 0012 by a format of zeros: what people see is what they meant.
            cell = f"{int(value):0{len(mark)}d}"
        cells.append(cell)
        kinds.append(kind)
    return cells, "".join(kinds)


def _cell(value: Any) -> tuple[Any, str]:
    if isinstance(value, bool):
        return str(value), "t"
    if isinstance(value, int | float):
        # What is no number is not for JSON.
        is_finite = value - value == 0
        return (value, "n") if is_finite else (str(value), "e")
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return (value.date().isoformat() if is_day else str(value)), "d"
    if isinstance(value, date):
        return value.isoformat(), "d"
    if isinstance(value, time | timedelta):
        return str(value), "d"
    return str(value), "t"


if __name__ == "__main__":
    serve(read)
