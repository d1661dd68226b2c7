"""Lists as authorities publish them and banks send them back, in every kind of file.

A list is rows of cells, counted from 0, and what is merged, hidden or struck. All firms are invented.
"""

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from html import escape

import xlsxwriter
import xlwt


@dataclass
class Page:
    """A sheet: `merged` are (top, left, bottom, right), `hidden` and `struck` rows, `away` columns."""

    rows: list
    name: str = "Sheet1"
    merged: list = field(default_factory=list)
    hidden: tuple = ()
    struck: tuple = ()
    away: tuple = ()
    is_hidden: bool = False


def page(*rows, **about):
    return Page([list(row) for row in rows], **about)


def as_xlsx(*pages):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        formats = {
            (struck, is_day): made.add_format(
                {"font_strikeout": struck, **({"num_format": "yyyy-mm-dd"} if is_day else {})}
            )
            for struck in (False, True)
            for is_day in (False, True)
        }
        for each in pages:
            sheet = made.add_worksheet(each.name)
            tops = {(top, left) for top, left, _, _ in each.merged}
            for at, cells in enumerate(each.rows):
                for column, cell in enumerate(cells):
                    look = formats[at in each.struck, isinstance(cell, date)]
                    if (at, column) not in tops and cell != "":
                        sheet.write(at, column, cell, look)
            for top, left, bottom, right in each.merged:
                sheet.merge_range(top, left, bottom, right, each.rows[top][left])
            for at in each.hidden:
                sheet.set_row(at, None, None, {"hidden": True})
            for column in each.away:
                sheet.set_column(column, column, None, None, {"hidden": True})
            if each.is_hidden:
                sheet.hide()
    return content.getvalue()


def as_xls(*pages):
    made = xlwt.Workbook(encoding="utf-8")
    for each in pages:
        sheet = made.add_sheet(each.name)
        for top, left, bottom, right in each.merged:
            sheet.merge(top, bottom, left, right)
        for at, cells in enumerate(each.rows):
            for column, cell in enumerate(cells):
                look = xlwt.XFStyle()
                look.font.struck_out = at in each.struck
                if isinstance(cell, date):
                    look.num_format_str = "yyyy-mm-dd"
                if cell != "":
                    sheet.write(at, column, cell, look)
        for at in each.hidden:
            sheet.row(at).hidden = True
        for column in each.away:
            sheet.col(column).hidden = True
        sheet.visibility = int(each.is_hidden)
    content = io.BytesIO()
    made.save(content)
    return content.getvalue()


def as_csv(each, separator=",", encoding="utf-8-sig"):
    text = io.StringIO()
    csv.writer(text, delimiter=separator).writerows(each.rows)
    return text.getvalue().encode(encoding)


def as_web_page(each, encoding="gb2312"):
    """As government systems export it under the name .xls."""
    spans = {
        (top, left): (bottom - top + 1, right - left + 1)
        for top, left, bottom, right in each.merged
    }
    covered = _covered(each)
    lines = []
    for at, cells in enumerate(each.rows):
        hidden = ' style="display: none"' if at in each.hidden else ""
        lines.append(f"<tr{hidden}>")
        for column, cell in enumerate(cells):
            if (at, column) in covered:
                continue
            high, wide = spans.get((at, column), (1, 1))
            text = escape(str(cell)).replace("\n", "<br>")
            text = f"<s>{text}</s>" if at in each.struck else text
            lines.append(f'<td rowspan={high} colspan="{wide}">{text}')
    head = f'<html xmlns:x="urn:schemas-microsoft-com:office:excel"><head><meta http-equiv=Content-Type content="text/html; charset={encoding}"><style>td {{ }}</style></head>'
    return f"{head}<body><table border=1>{''.join(lines)}</table></body></html>".encode(
        "gb18030" if encoding.startswith("gb") else encoding
    )


def as_excel_2003(*pages):
    """The XML that systems of its time write under the name .xls."""
    made = []
    for each in pages:
        spans = {
            (top, left): (bottom - top, right - left) for top, left, bottom, right in each.merged
        }
        lines = [f'<Column ss:Index="{column + 1}" ss:Hidden="1"/>' for column in each.away]
        covered = _covered(each)
        for at, cells in enumerate(each.rows):
            hidden = ' ss:Hidden="1"' if at in each.hidden else ""
            lines.append(f'<Row ss:Index="{at + 1}"{hidden}>')
            for column, cell in enumerate(cells):
                if (at, column) in covered or cell == "":
                    continue
                down, across = spans.get((at, column), (0, 0))
                style = ' ss:StyleID="s2"' if at in each.struck else ""
                kind, text = _told(cell)
                lines.append(
                    f'<Cell ss:Index="{column + 1}" ss:MergeAcross="{across}" ss:MergeDown="{down}"{style}>'
                    f'<Data ss:Type="{kind}">{escape(text)}</Data></Cell>'
                )
            lines.append("</Row>")
        visible = "SheetHidden" if each.is_hidden else "SheetVisible"
        made.append(
            f'<Worksheet ss:Name="{each.name}"><Table>{"".join(lines)}</Table>'
            f"<x:WorksheetOptions><x:Visible>{visible}</x:Visible></x:WorksheetOptions></Worksheet>"
        )
    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet" '
        'xmlns:x="urn:schemas-microsoft-com:office:excel"><Styles><Style ss:ID="s1"/>'
        '<Style ss:ID="s2"><Font ss:StrikeThrough="1"/></Style></Styles>'
        f"{''.join(made)}</Workbook>"
    ).encode()


def _told(cell):
    if isinstance(cell, bool):
        return "Boolean", str(int(cell))
    if isinstance(cell, date):
        return "DateTime", f"{cell.isoformat()}T00:00:00.000"
    return ("String" if isinstance(cell, str) else "Number"), str(cell)


def _covered(each):
    """The cells that another is merged over."""
    return {
        (at, column)
        for top, left, bottom, right in each.merged
        for at in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (at, column) != (top, left)
    }


EVERY_FILE = {
    "XLSX": as_xlsx,
    "XLS": as_xls,
    "XML of Excel 2003": as_excel_2003,
    "web page": as_web_page,
    "web page in UTF-8": lambda each: as_web_page(each, "utf-8"),
}
SEPARATORS = {"commas": ",", "tabs": "\t", "semicolons": ";"}
EVERY_TEXT = {
    f"{encoding} with {name}": (
        lambda each, encoding=encoding, name=name: as_csv(each, SEPARATORS[name], encoding)
    )
    for encoding, name in zip(
        ("utf-8-sig", "utf-8", "gb18030", "utf-16", "utf-16-le", "utf-16-be"),
        ("tabs", "semicolons", "semicolons", "tabs", "commas", "tabs"),
        strict=True,
    )
}
