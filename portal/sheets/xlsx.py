"""An XLSX: its values by python-calamine, what they look like by our own walk through its parts."""

import io
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from portal.sheets.cells import filled, line_of
from portal.sheets.limits import BINARY, NO_SPREADSHEET, UNREADABLE, SheetError
from portal.sheets.package import Package
from portal.sheets.package_marks import Marks, sheet_parts

START = b"PK"


def read_xlsx(package: Package) -> list[dict[str, Any]]:
    if "word/document.xml" in package.parts:
        raise SheetError(NO_SPREADSHEET)
    if "xl/workbook.bin" in package.parts:
        raise SheetError(BINARY)
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
            lines = (line_of(row, of_sheet.row(number)) for number, row in enumerate(rows, start=1))
            sheets.append(
                filled(about.name, lines)
                | {"is_hidden": is_hidden, "hidden_columns": sorted(of_sheet.hidden_columns)}
            )
            for row in sheets[-1]["rows"]:
                row["is_hidden"] = row["number"] in of_sheet.hidden
                row["is_struck"] = row["number"] in of_sheet.struck
    except (CalamineError, IndexError, KeyError, ValueError) as error:
        raise SheetError(UNREADABLE) from error
    return sheets
