"""Lists as XLSX that prints on A4 across, written row by row in little memory."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from math import ceil
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone
from xlsxwriter.utility import xl_range

from portal.lists.about import About
from portal.lists.around import Line, above, below
from portal.lists.canonical import CHECKSUM, TOTAL, Value, canonical
from portal.lists.declaration import DataList, Kind, ListTooLongError, Tally

MOST_ABOVE, MOST_BELOW = 10, 10  # rows around the table
MOST_ROWS = 1_048_576 - MOST_ABOVE - MOST_BELOW  # what a sheet holds beside these
A4 = 9
EARLIEST = date(1900, 3, 1)  # Excel does not know earlier days rightly
TOO_LONG = f"XLSX 最多 {MOST_ROWS} 行，请缩小筛选范围，或导出 CSV。"
# An amount has as many decimals as it has: a format with places that may stay empty, as 0.##, would
# leave the point behind 20, and one with fixed places would hide what somebody types.
NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.MONEY: "General",
    Kind.INTEGER: "0",
    Kind.DATE: "yyyy-mm-dd",
}
# A number to the right would touch the text of the next column.
ALIGNED = {
    Kind.INTEGER: {"align": "center"},
    Kind.DATE: {"align": "center"},
    Kind.MONEY: {"align": "right", "indent": 1},
}
# What a number or day needs beside its signs, so that nothing of it is rounded away or shown as ###.
MARGIN = 3
FORBIDDEN_IN_NAMES = re.compile(r"[\[\]:*?/\\]")
DAY_LENGTH = len("2026-11-20")
ROOM_TO_SIGN = "　" * 16
HEIGHTS = {"title": 30, "tall": 40, "small": 14, "line": 18}
# Widths are in digits of 11 points: what a sign takes of them, rather more than less, and the edges of
# a cell. Nobody but Excel makes a row as high as its text when it opens a file.
WIDE, NARROW, EDGES = 2.1, 1.1, 1.0
LINE, AROUND_LINES = 15, 4  # points
TITLE_SIZE, SIZE, SMALL_SIZE = 16, 11, 8
# What A4 across holds: pixels, of a digit, and beside the digits of a column.
PAGE, DIGIT, PADDING = 1040, 7, 5
MOST_STRETCHED = 2.0


def write_xlsx(data_list: DataList, rows: Iterable[Any], about: About, file: BinaryIO) -> Tally:
    """Write row by row; returns what was counted. ListTooLongError beyond MOST_ROWS."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    tally = Tally(data_list)
    with xlsxwriter.Workbook(file, options) as workbook:
        sheet = workbook.add_worksheet(sheet_name(data_list.title))
        formats = _formats(workbook)
        widths = _widths(data_list)
        first = _write_head(sheet, data_list, about, formats, widths)
        _lay_out(sheet, data_list, first)
        widest = _write_rows(sheet, data_list, tally.lines(rows), formats, first, widths)
        _write_foot(sheet, data_list, tally, about, formats, first, widths)
        _set_widths(sheet, tally, widest, widths)
        workbook.set_properties(
            {
                "title": data_list.title,
                "author": about.maker,
                "comments": f"{CHECKSUM}：{tally.checksum}",
                "created": timezone.make_naive(about.made_at),
            }
        )
    return tally


def sheet_name(title: str) -> str:
    """A title as a sheet may be called: without the signs that Excel refuses, and not too long."""
    return FORBIDDEN_IN_NAMES.sub(" ", title)[:31].strip(" '") or "名单"


def _formats(workbook: Any) -> Mapping[str, Any]:
    def make(**properties: Any) -> Any:
        return workbook.add_format({"font_name": "宋体", "valign": "vcenter", **properties})

    box = {"border": 1, "border_color": "#8A94A0", "text_wrap": True}
    strong = {**box, "bold": True, "bg_color": "#EEF3F8"}
    return {
        "title": make(bold=True, font_size=TITLE_SIZE, align="center", text_wrap=True),
        "line": make(text_wrap=True),
        "line_right": make(align="right"),
        "line_center": make(align="center"),
        "small": make(font_size=SMALL_SIZE, font_color="#566170", text_wrap=True),
        "header": make(**strong, align="center"),
        "total": make(**strong),
        **{
            kind: make(**box, **ALIGNED.get(kind, {}), num_format=number)
            for kind, number in NUMBER_FORMATS.items()
        },
        **{
            f"total_{kind}": make(**strong, **ALIGNED.get(kind, {}), num_format=number)
            for kind, number in NUMBER_FORMATS.items()
        },
    }


def _lay_out(sheet: Any, data_list: DataList, first: int) -> None:
    """A4 across, as wide as the columns, the headers on every page."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.center_horizontally()
    sheet.repeat_rows(first - 1)
    sheet.freeze_panes(first, 0)
    sheet.set_footer(f"&L{data_list.title.replace('&', '&&')}&R第 &P 页 共 &N 页")


def _widths(data_list: DataList) -> list[float]:
    """As declared; a list that an office hands on fills its paper, the running number apart."""
    widths = [float(column.width) for column in data_list.numbered_columns]
    if data_list.paper is None:
        return widths
    number, *others = widths
    room = (PAGE - PADDING * len(widths)) / DIGIT - number
    stretch = min(max(room / sum(others), 1.0), MOST_STRETCHED)
    return [number, *(width * stretch for width in others)]


def _set_widths(sheet: Any, tally: Tally, widest: Sequence[int], widths: Sequence[float]) -> None:
    """At least as wide as the longest number or day in the column."""
    for place, width in enumerate(widths):
        longest = max(widest[place], len(canonical(tally.totals.get(place))))
        needs = longest + MARGIN if longest else 0
        sheet.set_column(place, place, max(width, needs))


def text_width(text: str) -> float:
    """How many digits wide a text is."""
    wide = sum(sign > "\u2e7f" for sign in text)
    return wide * WIDE + (len(text) - wide) * NARROW


def lines_of(text: str, width: float) -> int:
    """How many lines a text takes in a column of that width."""
    room = max(width - EDGES, WIDE)
    return sum(max(ceil(text_width(part) / room), 1) for part in text.split("\n"))


def _height(lines: int, size: float = SIZE) -> float:
    return (lines * LINE + AROUND_LINES) * size / SIZE


def _write_head(
    sheet: Any,
    data_list: DataList,
    about: About,
    formats: Mapping[str, Any],
    widths: Sequence[float],
) -> int:
    """Title, what stands above, and the headers; returns the first row of data."""
    last = len(data_list.headers) - 1
    lines = lines_of(data_list.title, sum(widths) * SIZE / TITLE_SIZE)
    sheet.set_row(0, max(HEIGHTS["title"], _height(lines, TITLE_SIZE)))
    sheet.merge_range(0, 0, 0, last, data_list.title, formats["title"])
    lines = above(data_list.paper, about, holds_money=data_list.holds_money)
    for row, line in enumerate(lines, start=1):
        _write_line(sheet, row, line, formats, widths)
    header = len(lines) + 1
    # Its letters are bold.
    most = max(map(lines_of, data_list.headers, (width * 0.9 for width in widths)))
    sheet.set_row(header, max(HEIGHTS["line"], _height(most)))
    for place, title in enumerate(data_list.headers):
        sheet.write_string(header, place, title, formats["header"])
    return header + 1


def _write_line(
    sheet: Any, row: int, line: Line, formats: Mapping[str, Any], widths: Sequence[float]
) -> None:
    """A line over the whole width; several parts stand side by side, the last one to the right."""
    height = "tall" if line.is_tall else "small" if line.is_small else "line"
    parts, edges = _placed(line, widths)
    size = SMALL_SIZE if line.is_small else SIZE
    most = max(
        lines_of(text, sum(widths[start:end]) * SIZE / size)
        for text, start, end in zip(parts, edges, edges[1:], strict=False)
    )
    sheet.set_row(row, max(HEIGHTS[height], _height(most, size)))
    for place, text in enumerate(parts):
        style = formats["small" if line.is_small else "line"]
        if place:
            style = formats["line_right" if place == len(parts) - 1 else "line_center"]
        start, end = edges[place], edges[place + 1] - 1
        if start == end:
            sheet.write_string(row, start, text, style)
        else:
            sheet.merge_range(row, start, row, end, text, style)


def _placed(line: Line, widths: Sequence[float]) -> tuple[list[str], list[int]]:
    """The parts of a line and the columns between which each stands."""
    parts, count = list(line.parts), len(widths)
    edges = [round(place * count / len(parts)) for place in range(len(parts) + 1)]
    fits = all(
        start < end and lines_of(text, sum(widths[start:end])) == 1
        for text, start, end in zip(parts, edges, edges[1:], strict=False)
    )
    if line.is_tall or (parts[1:] and not fits):
        # To be signed: one cell, which whoever reads the file back tells from a row.
        parts = [(ROOM_TO_SIGN if line.is_tall else "　　").join(parts)]
        edges = [0, count]
    return parts, edges


def _write_rows(
    sheet: Any,
    data_list: DataList,
    lines: Iterable[Sequence[Value]],
    formats: Mapping[str, Any],
    first: int,
    widths: Sequence[float],
) -> list[int]:
    """Every cell as what it is; returns the length of the longest number or day by column.

    This loop is most of the time of an export, hence its plainness.
    """
    styles = [formats[column.kind] for column in data_list.numbered_columns]
    write_string, write_number = sheet.write_string, sheet.write_number
    write_blank, write_date = sheet.write_blank, sheet.write_datetime
    widest = [0] * len(styles)
    # Texts of so many signs may take a second line.
    long = [int((width - EDGES) / WIDE) for width in widths]
    for number, values in enumerate(lines, start=first):
        if number >= first + MOST_ROWS:
            raise ListTooLongError(TOO_LONG)
        most = 1
        for place, value in enumerate(values):
            if value.__class__ is str and len(value) > long[place]:
                most = max(most, lines_of(value, widths[place]))
        if most > 1:
            sheet.set_row(number, _height(most))
        for place, value in enumerate(values):
            if value is None or value == "":
                write_blank(number, place, None, styles[place])
            elif value.__class__ is str:
                write_string(number, place, value, styles[place])
            elif not isinstance(value, date):
                write_number(number, place, value, styles[place])
                if (length := len(str(value))) > widest[place]:
                    widest[place] = length
            elif value < EARLIEST:
                write_string(number, place, value.isoformat(), styles[place])
            else:
                write_date(number, place, value, styles[place])
                widest[place] = DAY_LENGTH
    return widest


def _write_foot(
    sheet: Any,
    data_list: DataList,
    tally: Tally,
    about: About,
    formats: Mapping[str, Any],
    first: int,
    widths: Sequence[float],
) -> None:
    """Totals by formula, with their value for readers that do not compute; then what stands below."""
    columns = data_list.numbered_columns
    row, last = first + tally.count, len(columns) - 1
    if data_list.paper is None:
        sheet.autofilter(first - 1, 0, max(row - 1, first - 1), last)
    for place, column in enumerate(columns):
        if place == 0:
            sheet.write_string(row, place, TOTAL, formats["total"])
        elif place in tally.totals:
            total = tally.totals[place]
            cells = xl_range(first, place, max(row - 1, first), place)
            total_format = formats[f"total_{column.kind}"]
            if tally.count:
                sheet.write_formula(row, place, f"=SUM({cells})", total_format, float(total))
            else:
                sheet.write_number(row, place, 0, total_format)
        elif place == 1 and data_list.paper is None:
            sheet.write_string(row, place, f"{tally.count} 行", formats["total"])
        else:
            sheet.write_blank(row, place, None, formats["total"])
    row += 1 if data_list.paper else 2
    lines = below(data_list.paper, about, tally.summary.totals, tally.checksum)
    for place, line in enumerate(lines):
        # Somebody has to sign there: not close under the text.
        _write_line(
            sheet, row + place + (line.is_tall and not data_list.paper), line, formats, widths
        )
