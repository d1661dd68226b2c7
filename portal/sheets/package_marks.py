"""What the look of an XLSX says of its cells: hidden, struck through, shown with zeros in front.

The reader of values tells nothing of these; names of elements are those of ECMA-376, part 1, 18.
"""

import posixpath
import re
from collections.abc import Mapping
from typing import Any

from portal.sheets.limits import FAR_OFF, LAST_COLUMN, LAST_ROW, UNREADABLE, SheetError
from portal.sheets.package import Package

WORKBOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
STYLES, STRINGS = "xl/styles.xml", "xl/sharedStrings.xml"
NONE: Mapping[int, str] = {}
_PLACE = re.compile("([A-Za-z]{1,3})([0-9]{1,7})")
_AREA = re.compile("([A-Za-z]{1,3})([0-9]{1,7}):([A-Za-z]{1,3})([0-9]{1,7})")
_ZEROS = re.compile("0{2,18}")


class SheetMarks:
    """Of one sheet: numbers of rows and columns from 1; what is odd of a cell by row and column.

    `e#N/A` is an error with its text, `f` a formula, `000` a format of so many digits. Of cells that
    another with a value is merged over, those below it are `v`, the others `m`.
    """

    def __init__(self) -> None:
        self.hidden: set[int] = set()
        self.struck: set[int] = set()
        self.hidden_columns: set[int] = set()
        self.cells: dict[int, dict[int, str]] = {}

    def row(self, number: int) -> Mapping[int, str]:
        return self.cells.get(number, NONE)


def sheet_parts(package: Package) -> dict[str, tuple[str, bool]]:
    """By the name of a sheet its part, and whether the sheet is hidden."""
    targets: dict[str, str] = {}
    found: dict[str, tuple[str, bool]] = {}

    def relation(tag: str, values: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[values.get("Id", "")] = posixpath.normpath(
                posixpath.join("/xl", values.get("Target", ""))
            )[1:]

    def sheet(tag: str, values: dict[str, str]) -> None:
        if tag != "sheet":
            return
        ids = [value for name, value in values.items() if name.endswith("relationships id")]
        name = values.get("name", "")
        part = targets.get(ids[0], "") if ids else ""
        if name in found or part.lower() not in package.parts:
            raise SheetError(UNREADABLE)
        found[name] = part, values.get("state", "visible") != "visible"

    package.parse(RELATIONS, relation)
    package.parse(WORKBOOK, sheet)
    return found


class Marks:
    """The styles and shared texts of a workbook, and by them the marks of its sheets."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._struck_styles: set[int] = set()
        self._zeros: dict[int, str] = {}
        self._struck_strings: set[int] = set()
        self._read_styles()
        self._read_strings()

    def _read_styles(self) -> None:
        inside: list[str] = []
        fonts, codes, styles = [], {}, []

        def start(tag: str, values: dict[str, str]) -> None:
            if inside[-1:] == ["fonts"] and tag == "font":
                fonts.append(False)
            elif inside[-2:] == ["fonts", "font"] and tag == "strike":
                fonts[-1] = _is_on(values)
            elif tag == "numFmt":
                codes[values.get("numFmtId", "")] = values.get("formatCode", "")
            elif inside[-1:] == ["cellXfs"] and tag == "xf":
                styles.append((values.get("fontId", "0"), values.get("numFmtId", "0")))
            inside.append(tag)

        self._package.parse(STYLES, start, lambda tag: inside.pop())
        struck = {str(number) for number, is_struck in enumerate(fonts) if is_struck}
        for number, (font, code) in enumerate(styles):
            if font in struck:
                self._struck_styles.add(number)
            if _ZEROS.fullmatch(codes.get(code, "")):
                self._zeros[number] = codes[code]

    def _read_strings(self) -> None:
        count = -1

        def start(tag: str, values: dict[str, str]) -> None:
            nonlocal count
            if tag == "si":
                count += 1
            elif tag == "strike" and _is_on(values):
                self._struck_strings.add(count)

        self._package.parse(STRINGS, start)

    def of_sheet(self, part: str) -> SheetMarks:
        """SheetError where a cell says no place, or one far off."""
        walk = _SheetWalk(self._struck_styles, self._zeros, self._struck_strings)
        self._package.parse(part, walk.start, walk.end, walk.text)
        return walk.marks


class _SheetWalk:
    """The handlers that go through one sheet."""

    def __init__(self, styles: set[int], zeros: Mapping[int, str], strings: set[int]) -> None:
        self._styles, self._zeros, self._strings = styles, zeros, strings
        self.marks = SheetMarks()
        self._row = self._column = self._style = 0
        self._type, self._is_hidden = "", False
        self._has_formula = self._is_struck = self._is_filled = self._is_value = False
        self._value: list[str] = []
        # Where something stands: of two in one place, or outside the one table, the reader of values
        # tells only one.
        self._filled: set[int] = set()
        self._tables = 0

    def start(self, tag: str, values: dict[str, str]) -> None:
        if tag == "c":
            self._open_cell(values)
        elif tag in ("v", "is"):
            self._is_value = tag == "v"
            self._is_filled = True
        elif tag == "f":
            self._has_formula = True
        elif tag == "strike":
            self._is_struck = self._is_struck or _is_on(values)
        elif tag == "sheetData":
            self._tables += 1
            if self._tables > 1:
                raise SheetError(UNREADABLE)
        elif tag == "mergeCell":
            self._merge(values)
        elif tag == "row":
            is_flat = values.get("customHeight") in ("1", "true") and _number(values, "ht") == 0
            self._is_hidden = values.get("hidden") in ("1", "true") or is_flat
        elif tag == "col" and (
            values.get("hidden") in ("1", "true") or _number(values, "width", 1.0) == 0
        ):
            first, last = int(_number(values, "min")), int(_number(values, "max"))
            self.marks.hidden_columns.update(range(max(first, 1), min(last, LAST_COLUMN) + 1))

    def _open_cell(self, values: dict[str, str]) -> None:
        place = _PLACE.fullmatch(values.get("r", ""))
        if place is None:
            raise SheetError(UNREADABLE)
        self._row, self._column = int(place[2]), _column(place[1])
        if self._row > LAST_ROW or self._column > LAST_COLUMN:
            raise SheetError(FAR_OFF)
        self._style, self._type = int(_number(values, "s")), values.get("t", "")
        self._has_formula = self._is_filled = False
        self._is_struck = self._style in self._styles
        self._value = []

    def _merge(self, values: dict[str, str]) -> None:
        """Of the area only its first cell has a value that people see."""
        ref = values.get("ref", "")
        area = _AREA.fullmatch(ref)
        if area is None:
            if _PLACE.fullmatch(ref):
                return
            raise SheetError(UNREADABLE)
        top, left, bottom, right = int(area[2]), _column(area[1]), int(area[4]), _column(area[3])
        is_filled = _place_number(top, left) in self._filled
        for row in range(top, min(bottom, LAST_ROW) + 1):
            for column in range(left, min(right, LAST_COLUMN) + 1):
                if (row, column) != (top, left):
                    mark = "v" if column == left and is_filled else "m"
                    self.marks.cells.setdefault(row, {}).setdefault(column, mark)

    def text(self, text: str) -> None:
        if self._is_value:
            self._value.append(text)

    def end(self, tag: str) -> None:
        if tag == "v":
            self._is_value = False
        if tag != "c":
            return
        value = "".join(self._value)
        if self._is_filled:
            place = _place_number(self._row, self._column)
            if place in self._filled:
                raise SheetError(UNREADABLE)
            self._filled.add(place)
        if self._type == "s" and value.strip().isdecimal():
            self._is_struck = self._is_struck or int(value[:9]) in self._strings
        if self._is_hidden:
            self.marks.hidden.add(self._row)
        if self._is_struck and self._is_filled:
            self.marks.struck.add(self._row)
        mark = self._zeros.get(self._style, "") if self._is_filled else ""
        if self._type == "e":
            mark = f"e{value[:20] or '#'}"
        elif self._has_formula and not value and self._type != "str":
            # A formula that comes to an empty text is of type `str`; this one was never computed.
            mark = "f"
        if mark:
            self.marks.cells.setdefault(self._row, {})[self._column] = mark


def _is_on(values: Mapping[str, Any]) -> bool:
    return values.get("val", "1") not in ("0", "false")


def _number(values: Mapping[str, str], name: str, default: float = 0.0) -> float:
    return float(values.get(name, default))


def _place_number(row: int, column: int) -> int:
    return row * (LAST_COLUMN + 1) + column


def _column(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
