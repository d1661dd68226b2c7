"""An XLS of Excel 97 to 2003, as old systems still write it."""

import io
import re
import struct
from typing import Any

import xlrd

from portal.sheets.cells import filled, line_of
from portal.sheets.limits import FAR_OFF, LAST_COLUMN, LAST_ROW, LOCKED, UNREADABLE, SheetError

START = b"\xd0\xcf\x11\xe0"
_ZEROS = re.compile("0{2,18}")
# What xlrd says of a file with a password; one of a newer Excel has no workbook that it knows.
_LOCKED = ("encrypted", "Can't find workbook")
# What xlrd fails with where a file is broken.
_BROKEN = (
    xlrd.XLRDError, xlrd.compdoc.CompDocError, struct.error, ArithmeticError, AssertionError,
    AttributeError, LookupError, RuntimeError, TypeError, ValueError,
)  # fmt: skip


def read_xls(content: bytes) -> list[dict[str, Any]]:
    try:
        book = xlrd.open_workbook(
            file_contents=content, formatting_info=True, logfile=io.StringIO()
        )
        return [_sheet(book, sheet) for sheet in book.sheets()]
    except _BROKEN as error:
        is_locked = any(word in str(error) for word in _LOCKED)
        raise SheetError(LOCKED if is_locked else UNREADABLE) from error


def _sheet(book: Any, sheet: Any) -> dict[str, Any]:
    marks = _merged(sheet)
    lines = []
    for row in range(sheet.nrows):
        values = [_value(book, cell) for cell in sheet.row(row)]
        while values and values[-1] == "":  # a format reaches far beyond the last value
            values.pop()
        if values and (row >= LAST_ROW or len(values) > LAST_COLUMN):
            raise SheetError(FAR_OFF)
        own = marks.get(row, {})
        own |= {
            column: mark
            for column, value in enumerate(values, start=1)
            if value != "" and (mark := _mark(book, sheet.cell(row, column - 1)))
        }
        lines.append(line_of(values, own))
    found = filled(sheet.name, lines[: _last(lines)])
    for row in found["rows"]:
        at = row["number"] - 1
        look = sheet.rowinfo_map.get(at)
        row["is_hidden"] = bool(look and (look.hidden or look.height == 0))
        row["is_struck"] = _is_struck(book, sheet, at)
    hidden = [column + 1 for column, look in sheet.colinfo_map.items() if look.hidden]
    return found | {
        "is_hidden": sheet.visibility != 0,
        "hidden_columns": sorted(column for column in hidden if column <= LAST_COLUMN),
    }


def _last(lines: list[Any]) -> int:
    """The number of the last row that holds a value."""
    return max((n for n, (cells, _) in enumerate(lines, start=1) if any(cells)), default=0)


def _value(book: Any, cell: Any) -> Any:
    if cell.ctype == xlrd.XL_CELL_DATE:
        try:
            return xlrd.xldate.xldate_as_datetime(cell.value, book.datemode)
        except (xlrd.xldate.XLDateError, OverflowError, ValueError):
            return cell.value
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return bool(cell.value)
    if cell.ctype in (xlrd.XL_CELL_TEXT, xlrd.XL_CELL_NUMBER):
        return cell.value
    return "#" if cell.ctype == xlrd.XL_CELL_ERROR else ""


def _mark(book: Any, cell: Any) -> str:
    """What is odd of a cell with a value, as `SheetMarks` writes it."""
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return f"e{xlrd.error_text_from_code.get(cell.value, '#')}"
    if cell.ctype != xlrd.XL_CELL_NUMBER:
        return ""
    code = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    return code if _ZEROS.fullmatch(code) else ""


def _merged(sheet: Any) -> dict[int, dict[int, str]]:
    """By row the cells that another is merged over; see `package_marks`."""
    marks: dict[int, dict[int, str]] = {}
    for top, bottom, left, right in sheet.merged_cells:
        is_filled = sheet.cell_type(top, left) not in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK)
        for row in range(top, min(bottom, LAST_ROW)):
            for column in range(left, min(right, LAST_COLUMN)):
                if (row, column) != (top, left):
                    mark = "v" if column == left and is_filled else "m"
                    marks.setdefault(row, {}).setdefault(column + 1, mark)
    return marks


def _is_struck(book: Any, sheet: Any, row: int) -> bool:
    """Whether any letter of the row is struck through."""
    for column, cell in enumerate(sheet.row(row)):
        if cell.ctype in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
            continue
        fonts = [book.xf_list[cell.xf_index].font_index]
        fonts += [font for _, font in sheet.rich_text_runlist_map.get((row, column), ())]
        if any(book.font_list[font].struck_out for font in fonts):
            return True
    return False
