"""Files made to do harm, and files damaged at random: none is a spreadsheet that somebody keeps."""

import io
import random
import struct
import zipfile
import zlib
from datetime import date

import xlsxwriter

from tests.published_lists import as_excel_2003, as_web_page, as_xls, page

SHEET, STRINGS, STYLES = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml"
CONTENT = "xl/workbook.xml"
DATA, DATA_END = b"<sheetData>", b"</sheetData>"


def workbook(fill, **options):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, options) as made:
        fill(made)
    return content.getvalue()


def _usual(made):
    """A list as offices keep it: a title, dates, a struck row, a hidden one, a second sheet."""
    struck = made.add_format({"font_strikeout": True})
    day = made.add_format({"num_format": "yyyy-mm-dd"})
    for name in ("沁水县", "阳城县"):
        sheet = made.add_worksheet(name)
        sheet.write_string(0, 0, "认定名单")
        sheet.write_row(1, 0, ["序号", "申报编号", "金额", "日期"])
        for row in range(2, 8):
            sheet.write_number(row, 0, row - 1)
            sheet.write_string(row, 1, f"140521-2026-{row:04d}", struck if row == 4 else None)
            sheet.write_number(row, 2, row / 8)
            sheet.write_number(row, 3, 46_000 + row, day)
        sheet.write_formula(8, 2, "=SUM(C3:C8)", None, 4.5)
        sheet.set_row(5, None, None, {"hidden": True})


USUAL = workbook(_usual)
_OLD = page(
    ["认定名单", "", "", ""],
    ["序号", "申报编号", "金额", "日期"],
    *([n, f"140521-2026-{n:04d}", n / 8, date(2026, 1, n)] for n in range(1, 9)),
    merged=[(0, 0, 0, 3)],
    hidden=(4,),
    struck=(5,),
)
OLD = (as_xls(_OLD), as_excel_2003(_OLD), as_web_page(_OLD))
LINES = "序号,申报编号,金额\r\n" + "".join(f"{n},140521-2026-{n:04d},30\r\n" for n in range(9))


def changed(content, name, change):
    """The workbook with one part changed."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as source,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for member in source.namelist():
            part = source.read(member)
            target.writestr(member, change(part) if member == name else part)
    return made.getvalue()


def with_parts(count, body=b""):
    made = io.BytesIO(USUAL)
    with zipfile.ZipFile(made, "a", zipfile.ZIP_DEFLATED) as target:
        for number in range(count):
            target.writestr(f"xl/media/{number}.bin", body)
    return made.getvalue()


def in_sheet(body):
    """The rows of the first sheet replaced."""

    def change(part):
        return part[: part.index(DATA)] + DATA + body + part[part.index(DATA_END) :]

    return changed(USUAL, SHEET, change)


def _laughing(part):
    entities = b'<!ENTITY a0 "ha">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 12)
    )
    head, _, rest = part.partition(b"?>")
    return head + b"?><!DOCTYPE x [" + entities + b"]>" + rest.replace(DATA, DATA + b"&a11;")


def _outside(part):
    head, _, rest = part.partition(b"?>")
    return head + b'?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>' + rest


def _nested(levels):
    content = USUAL
    for _ in range(levels):
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
            target.writestr("xl/workbook.xml", content)
            target.writestr("[Content_Types].xml", b"<Types/>")
        content = made.getvalue()
    return content


def _twice():
    made = io.BytesIO(USUAL)
    with zipfile.ZipFile(made, "a") as target:
        target.writestr(SHEET.upper(), b"<worksheet/>")
    return made.getvalue()


def _strings(body, count=b"1"):
    name = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    return changed(
        USUAL,
        STRINGS,
        lambda part: name + b' count="%s" uniqueCount="%s">' % (count, count) + body + b"</sst>",
    )


def _styles(body):
    name = b'<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return changed(USUAL, STYLES, lambda part: name + body + b"</styleSheet>")


# Made when they are asked for: some are large.
SHEETS = {
    "one cell tag sixty thousand times": lambda: in_sheet(b"<c " * 60_000),
    "cells within cells": lambda: in_sheet(b'<row r="1">' + b'<c r="A1">' * 60_000),
    "a million closed cells without a place": lambda: in_sheet(b'<row r="1">' + b"<c/>" * 10**6 + b"</row>"),
    "the same cell a million times": lambda: in_sheet(
        b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * 10**6 + b"</row>"
    ),
    "the largest rectangle": lambda: in_sheet(
        b"".join(
            b'<row r="%d"><c r="A%d"><v>1</v></c><c r="BH%d"><v>1</v></c></row>' % (n, n, n)
            for n in range(1, 20_001)
        )
    ),
    "sixty megabytes of nothing": lambda: changed(USUAL, STYLES, lambda part: part + b" " * (61 * 2**20)),
    "laughing entities": lambda: changed(USUAL, SHEET, _laughing),
    "an entity from outside": lambda: changed(USUAL, STRINGS, _outside),
    "a dimension of the whole sheet": lambda: changed(
        USUAL, SHEET, lambda part: part.replace(b'ref="A1:D9"', b'ref="A1:XFD1048576"')
    ),
    "three million shared texts": lambda: _strings(b"<si><t>x</t></si>" * 3_000_000),
    "shared texts that overstate": lambda: _strings(b"<si><t>x</t></si>", b"4294967295"),
    "one shared text of fifty megabytes": lambda: _strings(b"<si><t>" + b"x" * (50 * 2**20) + b"</t></si>"),
    "a place among the shared texts that is not there": lambda: in_sheet(
        b'<row r="1"><c r="A1" t="s"><v>99999999999999999999</v></c></row>'
    ),
    "a million styles": lambda: _styles(
        b"<fonts>" + b"<font><strike/></font>" * 500_000 + b"</fonts><cellXfs>"
        + b'<xf fontId="7" numFmtId="999"/>' * 500_000 + b"</cellXfs>"
    ),
    "formats that never end": lambda: _styles(
        b'<numFmts><numFmt numFmtId="999" formatCode="' + b"[$-" * 10**6 + b'"/></numFmts>'
        b'<cellXfs><xf numFmtId="999"/></cellXfs>'
    ),
    "numbers that are none": lambda: in_sheet(
        b'<row r="1e999" ht="inf" customHeight="1"><c r="A1" s="1e999"><v>NaN</v></c>'
        b'<c r="B1"><v>1e999</v></c><c r="C1" s="-1"><v>-</v></c></row>'
    ),
    "days beyond all days": lambda: in_sheet(
        b'<row r="1">' + b"".join(
            b'<c r="%s1" s="2"><v>%s</v></c>' % pair
            for pair in ((b"A", b"1e300"), (b"B", b"-1e300"), (b"C", b"2958466"), (b"D", b"-1"))
        ) + b"</row>"
    ),
    "columns without end": lambda: changed(
        USUAL, SHEET, lambda part: part.replace(
            DATA, b"<cols>" + b'<col min="1" max="99999999999" hidden="1"/>' * 100_000 + b"</cols>" + DATA
        )
    ),
    "a million merged cells": lambda: changed(
        USUAL, SHEET, lambda part: part.replace(
            DATA_END, DATA_END + b"<mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 10**6 + b"</mergeCells>"
        )
    ),
    "elements a million deep": lambda: changed(
        USUAL, SHEET, lambda part: part.replace(DATA, b"<a>" * 10**6 + DATA)
    ),
    "a name of a million letters": lambda: in_sheet(b"<" + b"a" * 10**6 + b"/>"),
    "an attribute of ten megabytes": lambda: in_sheet(b'<row r="1"><c r="' + b"A" * (10 * 2**20) + b'1"/></row>'),
    "archives within archives": lambda: _nested(8),
    "five hundred parts": lambda: with_parts(500),
    "the same part twice": _twice,
    "an archive cut in half": lambda: USUAL[: len(USUAL) // 2],
    "a workbook without sheets": lambda: changed(USUAL, CONTENT, lambda part: b"<workbook/>"),
    "no workbook": lambda: changed(USUAL, CONTENT, lambda part: b"\x00"),
    "one endless line": lambda: b"a" * (5 * 2**20),
    "one endless line of commas": lambda: b"," * (5 * 2**20),
    "one endless text": lambda: b'"' + b"a" * (5 * 2**20 - 1),
    "nothing but quotes": lambda: b'"' * (5 * 2**20),
    "two million empty lines": lambda: b"\r\n" * (5 * 2**19),
    "half a letter": lambda: b"\xe4\xb8",
    "cells of a web page without end": lambda: b"<table><tr>" + b"<td>x" * 10**6,
    "rows of a web page without end": lambda: b"<table>" + b"<tr><td>x" * 500_000,
    "tables within tables": lambda: b"<table><tr><td>" * 100_000,
    "cells that span everything": lambda: (
        b"<table>" + b"<tr>" + b"<td rowspan=99999 colspan=99999>x" * 3 + b"<tr><td>y" * 20_000
    ),
    "a web page of one endless tag": lambda: b"<table " + b"a=" * 10**6,
    "an old workbook of nothing": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "an old workbook": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5000),
}  # fmt: skip


def _chunk(name, body):
    return struct.pack(">L", len(body)) + name + body + struct.pack(">L", zlib.crc32(name + body))


def png(width, height, pixels=b""):
    head = struct.pack(">LLBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(pixels)) + _chunk(b"IEND", b"")
    )  # fmt: skip


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
PDF = (
    b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF"
)
UPLOADS = {
    "sixteen gigapixels": lambda: png(2**31 - 1, 2**31 - 1),
    "a picture of nothing": lambda: png(0, 0),
    "ten megabytes of one colour": lambda: png(3000, 1100, bytes(10**7)),
    "a picture cut in half": lambda: png(9, 9, bytes(300))[:30],
    "half a photograph": lambda: JPEG[:5],
    "a page that is its own parent": lambda: PDF.replace(b"/Parent 2 0 R", b"/Kids[3 0 R]"),
    "a billion pages": lambda: PDF.replace(b"/Count 1", b"/Count 1000000000"),
    "a start and no document": lambda: b"%PDF-1.7",
    "objects without end": lambda: b"%PDF-1.7\n" + b"1 0 obj<<" * 200_000,
    "a directory of nothing but names": lambda: with_parts(20_000),
    "a hundred thousand ends of an archive": lambda: b"PK\x03\x04" + b"PK\x05\x06" * 100_000,
}


def damaged(seed):
    """A spreadsheet with some bytes changed: of its archive, of one part, or of a CSV."""
    chance = random.Random(seed)
    kind = chance.choice(("archive", "part", "part", "part", "lines"))
    if kind == "archive":
        return scrambled(USUAL, chance)
    if kind == "lines":
        return scrambled(LINES.encode(chance.choice(("utf-8", "gb18030"))), chance)
    with zipfile.ZipFile(io.BytesIO(USUAL)) as archive:
        name = chance.choice([name for name in archive.namelist() if name.startswith("xl/")])
    return changed(USUAL, name, lambda part: scrambled(part, chance))


def damaged_old(seed):
    """An XLS or a web page of a list with some bytes changed."""
    chance = random.Random(seed)
    return scrambled(chance.choice(OLD), chance)


def damaged_upload(seed):
    """A document or picture with some bytes changed."""
    chance = random.Random(seed)
    return scrambled(chance.choice((PDF, JPEG, png(9, 9, bytes(300)), USUAL)), chance)


def scrambled(content, chance):
    """Bytes turned, taken out, put in or repeated at a few places."""
    made = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(made) + 1)
        some = bytes(chance.randrange(256) for _ in range(chance.randint(1, 8)))
        match chance.randrange(5):
            case 0:
                made[at : at + len(some)] = some
            case 1:
                del made[at : at + chance.randint(1, 40)]
            case 2:
                made[at:at] = some
            case 3:
                made[at:at] = made[at : at + 60] * chance.choice((2, 50, 2000))
            case _:
                # Figures are where sizes, places and counts are.
                digits = [place for place, sign in enumerate(made) if 48 <= sign <= 57]
                for place in chance.sample(digits, min(3, len(digits))):
                    made[place] = chance.randrange(48, 58)
    return bytes(made)
