"""A workbook as it lies in its zip: what each cell is, shown as what, and by which formula.

Reading the XML itself, not through a library, tells a number from a text that looks like one.
"""

import io
import re
import zipfile
from decimal import Decimal
from typing import NamedTuple
from xml.etree import ElementTree

SHEET = "xl/worksheets/sheet1.xml"
MAIN = {"": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}
PLACE = re.compile("([A-Z]+)([0-9]+)")
SUM = re.compile(r"SUM\(([A-Z]+)([0-9]+)(?::([A-Z]+)([0-9]+))?\)")


class Cell(NamedTuple):
    """`value` is a text, a number or nothing; `shown` is the code of the number format."""

    value: str | Decimal | None
    formula: str = ""
    shown: str = ""


def cells_of(content):
    """The cells of the first sheet by their places, such as "C5"."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        shown = _formats(ElementTree.fromstring(parts.read("xl/styles.xml")))
        sheet = ElementTree.fromstring(parts.read(SHEET))
    cells = {}
    for cell in sheet.iterfind("sheetData/row/c", MAIN):
        cells[cell.get("r")] = Cell(
            _value(cell), cell.findtext("f", "", MAIN), shown[int(cell.get("s", 0))]
        )
    return cells


def _formats(styles):
    """The code of the number format of each style."""
    codes = {
        each.get("numFmtId"): each.get("formatCode")
        for each in styles.iterfind("numFmts/numFmt", MAIN)
    }
    built_in = {"0": "General", "1": "0", "49": "@"}
    numbers = [each.get("numFmtId") for each in styles.iterfind("cellXfs/xf", MAIN)]
    return [codes.get(number) or built_in[number] for number in numbers]


def _value(cell):
    if cell.get("t") == "inlineStr":
        return "".join(part.text or "" for part in cell.iterfind("is/t", MAIN))
    assert cell.get("t") in (None, "n"), "a list holds inline texts and numbers only"
    number = cell.findtext("v", None, MAIN)
    return None if number is None else Decimal(number)


def row_of(cells, number):
    """The cells of one row, by the order of their columns."""
    found = {
        place[1]: cell
        for at, cell in cells.items()
        if (place := PLACE.fullmatch(at)) and int(place[2]) == number
    }
    return [found[letters] for letters in sorted(found, key=lambda name: (len(name), name))]


def rows_of(cells):
    """All rows from the first to the last; a row without cells is empty."""
    last = max(int(PLACE.fullmatch(at)[2]) for at in cells)
    return [row_of(cells, number) for number in range(1, last + 1)]


def sum_by_hand(cells, formula):
    """What a formula such as SUM(C5:C7) gives, added up in decimals; other formulas fail."""
    first, top, last, bottom = SUM.fullmatch(formula).groups()
    assert last in (first, None)
    numbers = [cells[f"{first}{row}"].value for row in range(int(top), int(bottom or top) + 1)]
    assert not any(isinstance(number, str) for number in numbers)
    return sum((number for number in numbers if number is not None), Decimal(0))


def with_cell(content, place, number):
    """The same file with another number in one cell."""
    pattern = re.compile(rf'(<c r="{place}"[^>]*>)<v>[^<]*</v>')
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as before,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.infolist():
            body = before.read(part)
            if part.filename == SHEET:
                text, count = pattern.subn(rf"\g<1><v>{number}</v>", body.decode())
                assert count == 1, place
                body = text.encode()
            after.writestr(part, body)
    return written.getvalue()
