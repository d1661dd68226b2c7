"""The XML of Excel 2003, which systems write under the name .xls.

Names of elements are those of Microsoft's “XML Spreadsheet Reference”.
"""

from datetime import datetime
from typing import Any

from portal.sheets.cells import MarkedSheet
from portal.sheets.limits import FAR_OFF, LAST_COLUMN, LAST_ROW, SheetError
from portal.sheets.package import parse

_NAMESPACE = b"urn:schemas-microsoft-com:office:spreadsheet"
_LOOKED_AT = 4096
_ON = ("1", "true")


def is_excel_2003(content: bytes) -> bool:
    head = content[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf").lstrip()
    return head.startswith(b"<?xml") and _NAMESPACE in head


def read_excel_2003(content: bytes) -> list[dict[str, Any]]:
    walk = _Walk()
    parse(content.removeprefix(b"\xef\xbb\xbf").lstrip(), walk.start, walk.end, walk.text)
    return [sheet.told() for sheet in walk.sheets]


class _Walk:
    """The handlers that go through the file."""

    def __init__(self) -> None:
        self.sheets: list[MarkedSheet] = []
        self._struck_styles: set[str] = set()
        self._style = self._type = ""
        self._row = self._column = self._next_column = 0
        self._across = self._down = 0
        self._has_formula = False
        self._told: list[str] | None = None

    def start(self, tag: str, values: dict[str, str]) -> None:
        own = {name.rpartition(" ")[2]: value for name, value in values.items()}
        if tag == "Style":
            self._style = own.get("ID", "")
        elif tag == "Font" and own.get("StrikeThrough") in _ON and not self.sheets:
            self._struck_styles.add(self._style)
        elif tag == "Worksheet":
            self.sheets.append(MarkedSheet(own.get("Name", "")))
            self._row = self._next_column = 0
        elif tag == "Visible":
            self._told = []
        elif self.sheets:
            self._inside(tag, own)

    def _inside(self, tag: str, own: dict[str, str]) -> None:
        sheet = self.sheets[-1]
        if tag == "Column":
            first = _number(own, "Index", self._next_column + 1)
            self._next_column = first + _number(own, "Span", 0)
            if own.get("Hidden") in _ON or own.get("Width") == "0":
                last = min(self._next_column, LAST_COLUMN)
                sheet.hidden_columns.update(range(first, last + 1))
        elif tag == "Row":
            self._row = _number(own, "Index", self._row + 1)
            self._column = 0
            if self._row > LAST_ROW:
                raise SheetError(FAR_OFF)
            if own.get("Hidden") in _ON or own.get("Height") == "0":
                sheet.hidden.add(self._row)
        elif tag == "Cell":
            self._column = _number(own, "Index", self._column + 1)
            if self._column > LAST_COLUMN:
                raise SheetError(FAR_OFF)
            self._across = _number(own, "MergeAcross", 0)
            self._down = _number(own, "MergeDown", 0)
            self._style, self._has_formula = own.get("StyleID", ""), "Formula" in own
            self._type = ""
        elif tag == "Data":
            self._type, self._told = own.get("Type", "String"), []
        elif tag == "S" and self._told is not None:
            sheet.struck.add(self._row)

    def text(self, text: str) -> None:
        if self._told is not None:
            self._told.append(text)

    def end(self, tag: str) -> None:
        if tag == "Visible" and self._told is not None and self.sheets:
            self.sheets[-1].is_hidden = "".join(self._told) != "SheetVisible"
            self._told = None
        elif tag == "Data" and self._told is not None and self.sheets:
            self._keep("".join(self._told))
            self._told = None
        elif tag == "Cell" and self.sheets:
            self._merge()

    def _keep(self, text: str) -> None:
        sheet = self.sheets[-1]
        if not text:
            return
        value: Any = text
        if self._type == "Number":
            value = float(text)
        elif self._type == "DateTime":
            value = datetime.fromisoformat(text)
        elif self._type == "Error":
            sheet.marks.setdefault(self._row, {})[self._column] = f"e{text}"
        elif self._type == "Boolean":
            value = text in _ON
        sheet.values.setdefault(self._row, {})[self._column] = value
        if self._style in self._struck_styles:
            sheet.struck.add(self._row)

    def _merge(self) -> None:
        """What the cell covers, and what of it was never computed."""
        sheet = self.sheets[-1]
        is_filled = self._column in sheet.values.get(self._row, {})
        if self._has_formula and not is_filled:
            sheet.marks.setdefault(self._row, {})[self._column] = "f"
        for row in range(self._row, min(self._row + self._down, LAST_ROW) + 1):
            for column in range(self._column, min(self._column + self._across, LAST_COLUMN) + 1):
                if (row, column) != (self._row, self._column):
                    mark = "v" if column == self._column and is_filled else "m"
                    sheet.marks.setdefault(row, {}).setdefault(column, mark)
        self._column += self._across


def _number(own: dict[str, str], name: str, default: int) -> int:
    number = int(own[name][:9]) if name in own else default
    if number < 0:
        raise ValueError
    return number
