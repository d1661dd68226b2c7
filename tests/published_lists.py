"""Lists as authorities publish them and banks send them back, in every kind of file.

A list is rows of cells, counted from 0, and what is merged, hidden or struck. All firms are invented.
"""

import csv
import io
import zipfile
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


def as_ods(*pages):
    """As LibreOffice writes it: empty cells to the end of the sheet, whatever is merged over as covered."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{each}:1.0"'
        for name, each in (
            ("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"),
        )
    )  # fmt: skip
    tables = []
    for each in pages:
        lines = []
        width = max(map(len, each.rows))
        for column in range(width):
            away = ' table:visibility="collapse"' if column in each.away else ""
            lines.append(f"<table:table-column{away}/>")
        lines.append(f'<table:table-column table:number-columns-repeated="{16384 - width}"/>')
        spans = {
            (top, left): (bottom - top + 1, right - left + 1)
            for top, left, bottom, right in each.merged
        }
        covered = _covered(each)
        for at, cells in enumerate(each.rows):
            hidden = ' table:visibility="filter"' if at in each.hidden else ""
            lines.append(f"<table:table-row{hidden}>")
            for column, cell in enumerate([*cells, *[""] * (width - len(cells))]):
                if (at, column) in covered:
                    lines.append("<table:covered-table-cell/>")
                    continue
                high, wide = spans.get((at, column), (1, 1))
                look = ' table:style-name="struck"' if at in each.struck else ""
                lines.append(
                    f'<table:table-cell table:number-rows-spanned="{high}"'
                    f' table:number-columns-spanned="{wide}"{look}{_value_of(cell)}</table:table-cell>'
                )
            lines.append(
                f'<table:table-cell table:number-columns-repeated="{16384 - width}"/></table:table-row>'
            )
        lines.append(
            '<table:table-row table:number-rows-repeated="1048000"><table:table-cell/></table:table-row>'
        )
        look = "away" if each.is_hidden else "seen"
        tables.append(
            f'<table:table table:name="{escape(each.name)}" table:style-name="{look}">{"".join(lines)}</table:table>'
        )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}>'
        '<office:automatic-styles><style:style style:name="struck" style:family="table-cell">'
        '<style:text-properties style:text-line-through-style="solid"/></style:style>'
        '<style:style style:name="away"><style:table-properties table:display="false"/></style:style>'
        "</office:automatic-styles><office:body><office:spreadsheet>"
        "<table:tracked-changes><table:deletion><table:table-cell><text:p>删掉的</text:p>"
        "</table:table-cell></table:deletion></table:tracked-changes>"
        f"{''.join(tables)}</office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as target:
        target.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        target.writestr("content.xml", content)
    return packed.getvalue()


def _value_of(cell):
    """The rest of a cell of an ODS: its value, and the text that it shows, line by line."""
    lines = "".join(f"<text:p>{escape(line)}</text:p>" for line in str(cell).split("\n"))
    remark = "<office:annotation><text:p>批注</text:p></office:annotation>"
    if cell == "":
        return ">"
    if isinstance(cell, bool):
        return f' office:value-type="boolean" office:boolean-value="{str(cell).lower()}">{lines}'
    if isinstance(cell, date):
        return f' office:value-type="date" office:date-value="{cell.isoformat()}">{lines}'
    if isinstance(cell, str):
        return f' office:value-type="string">{remark}{lines}'
    return f' office:value-type="float" office:value="{cell}">{lines}'


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
    "ODS": as_ods,
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
