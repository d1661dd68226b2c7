"""Lists as XLSX that prints on A4 across, written row by row in little memory."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, BinaryIO

import xlsxwriter
from django.utils import timezone
from xlsxwriter.utility import xl_range

from portal.lists.about import About
from portal.lists.canonical import CHECKSUM, TOTAL, Value
from portal.lists.declaration import DataList, Kind, ListTooLongError, Tally

HEADER_ROW = 3  # below the title, who made it, and the filter
FIRST_ROW = HEADER_ROW + 1
MOST_ROWS = 1_048_576 - FIRST_ROW - 10  # what a sheet holds, without what stands around the rows
A4 = 9
EARLIEST = date(1900, 3, 1)  # Excel does not know earlier days rightly
TOO_LONG = f"XLSX 最多 {MOST_ROWS} 行，请缩小筛选范围，或导出 CSV。"
STAMP = "制表单位（盖章处）：　　　　　　　　　　　　负责人：　　　　　　　　　　日期：　　　　年　　月　　日"
NUMBER_FORMATS = {
    Kind.TEXT: "@",
    Kind.MONEY: "#,##0.######",
    Kind.INTEGER: "0",
    Kind.DATE: "yyyy-mm-dd",
}


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
        sheet = workbook.add_worksheet(data_list.title[:31])
        formats = _formats(workbook)
        _lay_out(sheet, data_list, about)
        _write_head(sheet, data_list, about, formats)
        _write_rows(sheet, data_list, tally.lines(rows), formats)
        _write_foot(sheet, data_list, tally, formats)
        workbook.set_properties(
            {
                "title": data_list.title,
                "author": about.maker,
                "comments": f"{CHECKSUM}：{tally.checksum}",
                "created": timezone.make_naive(about.made_at),
            }
        )
    return tally


def _formats(workbook: Any) -> Mapping[str, Any]:
    def make(**properties: Any) -> Any:
        return workbook.add_format({"font_name": "宋体", "valign": "vcenter", **properties})

    box = {"border": 1, "border_color": "#8A94A0", "text_wrap": True}
    strong = {**box, "bold": True, "bg_color": "#EEF3F8"}
    return {
        "title": make(bold=True, font_size=16, align="center"),
        "line": make(text_wrap=True),
        "header": make(**strong, align="center"),
        "total": make(**strong),
        **{kind: make(**box, num_format=number) for kind, number in NUMBER_FORMATS.items()},
        **{
            f"total_{kind}": make(**strong, num_format=number)
            for kind, number in NUMBER_FORMATS.items()
        },
    }


def _lay_out(sheet: Any, data_list: DataList, about: About) -> None:
    """A4 across, as wide as the columns, the headers on every page."""
    sheet.set_landscape()
    sheet.set_paper(A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEADER_ROW)
    sheet.freeze_panes(FIRST_ROW, 0)
    sheet.set_footer(f"&L{data_list.title.replace('&', '&&')}&R第 &P 页 共 &N 页")
    for place, column in enumerate(data_list.numbered_columns):
        sheet.set_column(place, place, column.width)


def _write_head(sheet: Any, data_list: DataList, about: About, formats: Mapping[str, Any]) -> None:
    last = len(data_list.headers) - 1
    sheet.set_row(0, 30)
    sheet.merge_range(0, 0, 0, last, data_list.title, formats["title"])
    made = about.made(holds_money=data_list.holds_money)
    sheet.merge_range(1, 0, 1, last, made, formats["line"])
    sheet.set_row(2, 30)
    sheet.merge_range(2, 0, 2, last, about.chosen, formats["line"])
    for place, header in enumerate(data_list.headers):
        sheet.write_string(HEADER_ROW, place, header, formats["header"])


def _write_rows(
    sheet: Any,
    data_list: DataList,
    lines: Iterable[Sequence[Value]],
    formats: Mapping[str, Any],
) -> None:
    """Every cell as what it is: this loop is most of the time of an export, hence its plainness."""
    styles = [formats[column.kind] for column in data_list.numbered_columns]
    write_string, write_number = sheet.write_string, sheet.write_number
    write_blank, write_date = sheet.write_blank, sheet.write_datetime
    for number, values in enumerate(lines, start=FIRST_ROW):
        if number >= FIRST_ROW + MOST_ROWS:
            raise ListTooLongError(TOO_LONG)
        for place, value in enumerate(values):
            if value is None or value == "":
                write_blank(number, place, None, styles[place])
            elif value.__class__ is str:
                write_string(number, place, value, styles[place])
            elif not isinstance(value, date):
                write_number(number, place, value, styles[place])
            elif value < EARLIEST:
                write_string(number, place, value.isoformat(), styles[place])
            else:
                write_date(number, place, value, styles[place])


def _write_foot(sheet: Any, data_list: DataList, tally: Tally, formats: Mapping[str, Any]) -> None:
    """Totals by formula, with their value for readers that do not compute; checksum; the stamp."""
    columns = data_list.numbered_columns
    row, last = FIRST_ROW + tally.count, len(columns) - 1
    sheet.autofilter(HEADER_ROW, 0, max(row - 1, HEADER_ROW), last)
    for place, column in enumerate(columns):
        if place == 0:
            sheet.write_string(row, place, TOTAL, formats["total"])
        elif place in tally.totals:
            total = tally.totals[place]
            cells = xl_range(FIRST_ROW, place, max(row - 1, FIRST_ROW), place)
            total_format = formats[f"total_{column.kind}"]
            if tally.count:
                sheet.write_formula(row, place, f"=SUM({cells})", total_format, float(total))
            else:
                sheet.write_number(row, place, 0, total_format)
        elif place == 1:
            sheet.write_string(row, place, f"{tally.count} 行", formats["total"])
        else:
            sheet.write_blank(row, place, None, formats["total"])
    sheet.merge_range(row + 2, 0, row + 2, last, f"{CHECKSUM}：{tally.checksum}", formats["line"])
    sheet.set_row(row + 4, 40)
    sheet.merge_range(row + 4, 0, row + 4, last, STAMP, formats["line"])
