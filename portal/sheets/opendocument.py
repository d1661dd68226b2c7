"""A spreadsheet of LibreOffice (ODS): values and what they look like stand in one part of its package.

Names of elements are those of OpenDocument 1.3, part 3. The version that python-calamine reads tells
values only.
"""

from datetime import datetime
from typing import Any

from portal.sheets.cells import MarkedSheet
from portal.sheets.limits import (
    FAR_OFF,
    LAST_COLUMN,
    LAST_ROW,
    LOCKED,
    NO_SPREADSHEET,
    SheetError,
)
from portal.sheets.package import Package

CONTENT, STYLES, KIND, MANIFEST = "content.xml", "styles.xml", "mimetype", "meta-inf/manifest.xml"
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
# What holds text that is not of the cell: remarks, drawings, rows that were deleted.
_OUTSIDE = {
    "annotation",
    "shapes",
    "frame",
    "tracked-changes",
    "forms",
    "ruby-text",
    "named-expressions",
}
_ROW, _COLUMN = "table-row", "table-column"
_CELLS = ("table-cell", "covered-table-cell")
_NOT_SEEN = ("collapse", "filter")


def is_opendocument(package: Package) -> bool:
    return KIND in package.parts and CONTENT in package.parts


def read_opendocument(package: Package) -> list[dict[str, Any]]:
    if not package.parts[KIND].startswith(_SPREADSHEET):
        raise SheetError(NO_SPREADSHEET)
    if b"encryption-data" in package.parts.get(MANIFEST, b""):
        raise SheetError(LOCKED)
    looks = _Looks()
    package.parse(STYLES, looks.start, looks.end)
    walk = _Walk(looks)
    package.parse(CONTENT, walk.start, walk.end, walk.text)
    for sheet in walk.sheets:
        sheet.is_hidden = sheet.style in looks.hidden
    return [sheet.told() for sheet in walk.sheets]


class _Looks:
    """Of named styles: which strike through, which are of a hidden sheet, which show zeros in front."""

    def __init__(self) -> None:
        self._style = ""
        self._parents: dict[str, str] = {}
        self._formats: dict[str, str] = {}
        self._struck: dict[str, bool] = {}
        self._zeros: dict[str, int] = {}
        self._number = ""
        self.hidden: set[str] = set()

    def start(self, tag: str, values: dict[str, str]) -> None:
        own = _local(values)
        if tag == "style":
            self._style = own.get("name", "")
            self._parents[self._style] = own.get("parent-style-name", "")
            self._formats[self._style] = own.get("data-style-name", "")
        elif tag == "text-properties" and self._style:
            told = own.get("text-line-through-type") or own.get("text-line-through-style")
            if told:
                self._struck[self._style] = told != "none"
        elif tag == "table-properties" and own.get("display") == "false":
            self.hidden.add(self._style)
        elif tag == "number-style":
            self._number = own.get("name", "")
        elif tag == "number" and self._number:
            is_whole = own.get("decimal-places", "0") == "0" and own.get("grouping") != "true"
            self._zeros[self._number] = _count(own, "min-integer-digits", 0) if is_whole else 0

    def end(self, tag: str) -> None:
        if tag == "style":
            self._style = ""
        elif tag == "number-style":
            self._number = ""

    def is_struck(self, style: str) -> bool:
        for each in self._line(style):
            if each in self._struck:
                return self._struck[each]
        return False

    def zeros(self, style: str) -> str:
        """As a format of Excel says it: 0000 for four digits."""
        name = next((self._formats[each] for each in self._line(style) if self._formats[each]), "")
        digits = self._zeros.get(name, 0)
        return "0" * digits if 2 <= digits <= 18 else ""

    def _line(self, style: str) -> list[str]:
        """The style and those that it is made from."""
        found: list[str] = []
        while style in self._parents and style not in found:
            found.append(style)
            style = self._parents[style]
        return found


class _Sheet(MarkedSheet):
    """Also the styles of the table, and of the cells of a column that have none of their own."""

    def __init__(self, name: str, style: str) -> None:
        super().__init__(name)
        self.style = style
        self.styles: dict[int, str] = {}


class _Walk:
    """The handlers that go through the content; styles of its own come first."""

    def __init__(self, looks: _Looks) -> None:
        self.sheets: list[_Sheet] = []
        self._looks = looks
        self._outside = 0
        self._row = self._column = self._times = self._columns = 0
        self._row_style = ""
        self._cell: dict[str, str] | None = None
        self._told: list[str] = []
        self._is_paragraph = self._is_struck = False

    def start(self, tag: str, values: dict[str, str]) -> None:
        if self._outside or tag in _OUTSIDE:
            self._outside += 1
            return
        if not self.sheets:
            self._looks.start(tag, values)
        own = _local(values)
        if tag == "table":
            if self._cell is not None:  # a table within a cell
                self._outside += 1
                return
            self.sheets.append(_Sheet(own.get("name", ""), own.get("style-name", "")))
            self._row = self._columns = 0
        elif tag == _COLUMN:
            self._open_column(own)
        elif tag == _ROW:
            self._open_row(own)
        elif tag in _CELLS:
            # What is covered keeps what it held, and nobody sees it.
            self._cell = own | {"covered": str(int(tag == _CELLS[1]))}
            self._told, self._is_struck = [], False
        elif self._cell is not None:
            self._inside(tag, own)

    def _open_column(self, own: dict[str, str]) -> None:
        sheet = self.sheets[-1]
        first, times = self._columns + 1, _count(own, "number-columns-repeated", 1)
        self._columns += times
        for column in range(first, min(self._columns, LAST_COLUMN) + 1):
            sheet.styles[column] = own.get("default-cell-style-name", "")
            if own.get("visibility") in _NOT_SEEN:
                sheet.hidden_columns.add(column)

    def _open_row(self, own: dict[str, str]) -> None:
        self._row += 1
        self._column, self._times = 0, _count(own, "number-rows-repeated", 1)
        self._row_style = own.get("default-cell-style-name", "")
        if own.get("visibility") in _NOT_SEEN:
            last = min(self._row + self._times - 1, LAST_ROW)
            self.sheets[-1].hidden.update(range(self._row, last + 1))

    def _inside(self, tag: str, own: dict[str, str]) -> None:
        if tag == "p":
            if self._told:
                self._told.append("\n")
            self._is_paragraph = True
        elif tag == "s":
            self._told.append(" " * min(_count(own, "c", 1), 100))
        elif tag in ("tab", "line-break"):
            self._told.append("\n" if tag == "line-break" else " ")
        elif tag == "span" and self._looks.is_struck(own.get("style-name", "")):
            self._is_struck = True

    def text(self, text: str) -> None:
        if self._is_paragraph and not self._outside:
            self._told.append(text)

    def end(self, tag: str) -> None:
        if self._outside:
            self._outside -= 1
            return
        if not self.sheets:
            self._looks.end(tag)
        if tag == "p":
            self._is_paragraph = False
        elif tag == _ROW:
            self._row += self._times - 1
        elif tag in _CELLS and self._cell is not None:
            self._close_cell(self._cell)
            self._cell = None

    def _close_cell(self, own: dict[str, str]) -> None:
        first, times = self._column + 1, _count(own, "number-columns-repeated", 1)
        self._column += times
        value, mark = _value(own, "".join(self._told)), _mark(own)
        if own["covered"] == "1":
            value = ""
        if value == "" and not mark:
            self._merge(own, first, is_filled=False)
            return
        if self._row + self._times - 1 > LAST_ROW or self._column > LAST_COLUMN:
            raise SheetError(FAR_OFF)
        sheet = self.sheets[-1]
        for column in range(first, first + times):
            style = own.get("style-name") or self._row_style or sheet.styles.get(column, "")
            is_struck = self._is_struck or self._looks.is_struck(style)
            look = mark or (self._looks.zeros(style) if isinstance(value, float) else "")
            for row in range(self._row, self._row + self._times):
                if value != "":
                    sheet.values.setdefault(row, {})[column] = value
                if look:
                    sheet.marks.setdefault(row, {})[column] = look
                if is_struck and value != "":
                    sheet.struck.add(row)
        self._merge(own, first, is_filled=value != "")

    def _merge(self, own: dict[str, str], first: int, *, is_filled: bool) -> None:
        """What the cell covers; see `package_marks`."""
        across = _count(own, "number-columns-spanned", 1)
        down = _count(own, "number-rows-spanned", 1)
        marks = self.sheets[-1].marks
        for row in range(self._row, min(self._row + down - 1, LAST_ROW) + 1):
            for column in range(first, min(first + across - 1, LAST_COLUMN) + 1):
                if (row, column) != (self._row, first):
                    mark = "v" if column == first and is_filled else "m"
                    marks.setdefault(row, {}).setdefault(column, mark)


def _value(own: dict[str, str], text: str) -> Any:
    """What the cell holds; a day without its time, and what is no number of ours as it is shown."""
    kind = own.get("value-type", "")
    if kind in ("float", "currency", "percentage"):
        return float(own.get("value", ""))
    if kind == "date":
        return datetime.fromisoformat(own.get("date-value", ""))
    if kind == "boolean":
        return own.get("boolean-value") == "true"
    return own.get("string-value") or text


def _mark(own: dict[str, str]) -> str:
    if own.get("is-error"):
        return f"e{own['is-error']}"
    return "f" if "formula" in own and "value-type" not in own else ""


def _local(values: dict[str, str]) -> dict[str, str]:
    """Attributes without their namespace; LibreOffice tells of an error in one of its own."""
    own = {name.rpartition(" ")[2]: value for name, value in values.items()}
    for name, value in values.items():
        if name.endswith(" value-type") and "calc" in name and value == "error":
            own["is-error"] = "#"
        elif name.endswith(" value-type") and "opendocument" in name:
            own["value-type"] = value
    return own


def _count(own: dict[str, str], name: str, default: int) -> int:
    number = int(own[name][:9]) if name in own else default
    if number < 0:
        raise ValueError
    return number
