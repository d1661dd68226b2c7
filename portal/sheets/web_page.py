"""Tables of a web page that is named .xls, as many government systems export them."""

import re
from html.parser import HTMLParser
from typing import Any

from portal.sheets.cells import Line, filled
from portal.sheets.delimited import decoded
from portal.sheets.limits import FAR_OFF, LAST_COLUMN, LAST_ROW, NO_TABLES, SheetError

SHEET_NAME = "表格 {number}"
_BEGINS = re.compile(rb"(\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*\0?<")
_TAG = re.compile(rb"<\0?(table|html|!doctype\s+html)", re.IGNORECASE)
_CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_STRUCK = re.compile(r"line-through", re.IGNORECASE)
_LOOKED_AT = 4096
_BREAKS = {"br", "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "caption"}
_UNSEEN = {"style", "script", "head", "template"}
_STRIKES = {"s", "del", "strike"}


def is_web_page(content: bytes) -> bool:
    head = content[:_LOOKED_AT].replace(b"\0", b"")
    return bool(_BEGINS.match(head) and _TAG.search(head))


def read_web_page(content: bytes) -> list[dict[str, Any]]:
    """A sheet for each table; what stands above one is its first row."""
    walk = _Walk()
    walk.feed(_text(content))
    walk.close()
    tables = [table for table in walk.tables if table.rows]
    if not tables:
        raise SheetError(NO_TABLES)
    return [table.sheet(SHEET_NAME.format(number=n)) for n, table in enumerate(tables, start=1)]


def _text(content: bytes) -> str:
    said = _CHARSET.search(content[:_LOOKED_AT])
    if said and b"\0" not in content:
        name = said[1].decode("ascii", "replace").lower()
        try:
            return content.decode("gb18030" if name.startswith("gb") else name)
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(content)


class _Table:
    """Rows of cells, each a text and how many columns and rows it spans."""

    def __init__(self) -> None:
        self.rows: list[list[tuple[str, int, int]]] = []
        self.hidden: set[int] = set()
        self.struck: set[int] = set()

    def sheet(self, name: str) -> dict[str, Any]:
        sheet = filled(name, self._lines())
        for row in sheet["rows"]:
            row["is_hidden"] = row["number"] in self.hidden
            row["is_struck"] = row["number"] in self.struck
        return sheet

    def _lines(self) -> list[Line]:
        """Each cell in its place, beside and below those that span it."""
        # By column: in how many further rows a cell from above stands there, and as what.
        above: dict[int, tuple[int, str]] = {}
        lines = []
        for row in self.rows[: LAST_ROW + 1]:
            cells, kinds = [], ""
            rest = list(row)
            while rest or any(column >= len(cells) for column in above):
                column = len(cells)
                if column >= LAST_COLUMN and rest:
                    raise SheetError(FAR_OFF)
                if column in above:
                    left, kind = above.pop(column)
                    if left > 1:
                        above[column] = (left - 1, kind)
                    cells.append("")
                    kinds += kind
                    continue
                if not rest:
                    cells.append("")
                    kinds += "t"
                    continue
                text, wide, high = rest.pop(0)
                for at in range(min(wide, LAST_COLUMN - column)):
                    cells.append("" if at else text)
                    kinds += "m" if at else "t"
                    if high > 1:
                        above[column + at] = (high - 1, "m" if at or not text else "v")
            lines.append((cells, kinds))
        return lines


class _Walk(HTMLParser):
    """Goes through the page; a table within a cell is a table of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[_Table] = []
        self._open: list[_Table] = []
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._outside: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        style = values.get("style", "")
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "table":
            self._end_cell()
            self._open.append(_Table())
            self.tables.append(self._open[-1])
            self._tell_outside()
        elif tag in ("tr", "td", "th") and self._open:
            self._begin(tag, values, style)
        elif tag in _BREAKS:
            self.handle_data("\n")
        if self._open and (tag in _STRIKES or _STRUCK.search(style)):
            self._open[-1].struck.add(max(len(self._open[-1].rows), 1))

    def _begin(self, tag: str, values: dict[str, str], style: str) -> None:
        table = self._open[-1]
        self._end_cell()
        if tag == "tr":
            self._tell_outside()
            table.rows.append([])
        elif not table.rows:
            table.rows.append([])
        if _HIDDEN.search(style) or "hidden" in values:
            table.hidden.add(len(table.rows))
        if tag != "tr":
            self._cell = []
            self._spans = _span(values, "colspan"), _span(values, "rowspan")

    def handle_endtag(self, tag: str) -> None:
        if tag in _UNSEEN:
            self._unseen = max(self._unseen - 1, 0)
        elif tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()
        elif tag in _BREAKS:
            self.handle_data("\n")

    def handle_data(self, data: str) -> None:
        if self._unseen:
            return
        if self._cell is not None:
            self._cell.append(data)
        else:
            self._outside.append(data)

    def close(self) -> None:
        super().close()
        self._end_cell()
        if self.tables:
            self.tables[-1].rows += [[(text, 1, 1)] for text in self._told_outside()]

    def _end_cell(self) -> None:
        if self._cell is not None and self._open:
            self._open[-1].rows[-1].append(("".join(self._cell).strip(), *self._spans))
        self._cell = None

    def _tell_outside(self) -> None:
        """What was said before a table or between its rows, line by line, as rows of one text."""
        self._open[-1].rows += [[(text, 1, 1)] for text in self._told_outside()]

    def _told_outside(self) -> list[str]:
        lines = [line.strip() for line in "".join(self._outside).split("\n")]
        self._outside = []
        return [line for line in lines if line]


def _span(values: dict[str, str], name: str) -> int:
    told = values.get(name, "")
    return max(int(told[:5]), 1) if told.isascii() and told.isdigit() else 1
