"""Spreadsheets that come in: what is read from cells, and files made to do harm."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from portal.sheets.account import account_of
from portal.sheets.columns import CellError, Field, read_amount, read_day
from portal.sheets.limits import FAR_OFF, UNREADABLE, SheetError
from portal.sheets.reading import Row, Sheet, read_sheets

FIELDS = (
    Field("code", "申报编号", str),
    Field("amount", "金额", read_amount),
    Field("note", "备注", str, is_required=False),
)


def workbook(fill):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        fill(made.add_worksheet())
    return content.getvalue()


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


SMALL = workbook(lambda sheet: sheet.write_row(0, 0, ["申报编号", 30.5, True]))
SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_is_read_with_the_row_numbers_that_people_see():
    content = workbook(lambda sheet: sheet.write_row(3, 1, ["a", 30, 0.1, 1e15]))
    [sheet] = read_sheets(content)
    assert sheet.rows == [Row(4, ["", "a", "30", "0.1", "1000000000000000"], "ttnnn")]


def test_the_guards_of_a_csv_are_taken_off_again():
    [sheet] = read_sheets(b"'=1+1,0356\t,'x\r\n")
    assert sheet.rows == [Row(1, ["=1+1", "0356", "x"], "ttt")]


@pytest.mark.parametrize(
    "content",
    [
        workbook(lambda sheet: sheet.write(1_048_575, 0, "x")),
        workbook(lambda sheet: sheet.write(0, 16_383, "x")),
        changed(SMALL, SHEET, lambda part: part.replace(b'r="B1"', b"r='XFD1048576'")),
        ("," * 61).encode(),
        b"x\r\n" * 20_001,
    ],
)
def test_a_cell_far_off_is_refused_before_it_fills_the_memory(content):
    with pytest.raises(SheetError) as caught:
        read_sheets(content)
    assert str(caught.value) == FAR_OFF


def test_a_sheet_in_an_encoding_that_the_reader_of_values_does_not_know_is_not_taken_for_empty():
    def in_utf_16(part):
        return part.decode().replace("UTF-8", "UTF-16").encode("utf-16")

    with pytest.raises(SheetError, match="读不了"):
        read_sheets(changed(SMALL, SHEET, in_utf_16))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"</row>", b'<c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'),
        (
            b"</sheetData>",
            b'</sheetData><sheetData><row r="9"><c r="A9"><v>1</v></c></row></sheetData>',
        ),
        (b"</row>", b'<c r="Z1" t="inlineStr"><is><t><![CDATA[ab]]>c</t></is></c></row>'),
    ],
    ids=["two in one place", "a second table", "a section of plain text"],
)
def test_what_only_one_reader_would_see_is_refused(before, after):
    with pytest.raises(SheetError, match="读不了"):
        read_sheets(changed(SMALL, SHEET, lambda part: part.replace(before, after)))


def test_a_bomb_is_not_unpacked():
    bomb = changed(SMALL, "docProps/app.xml", lambda part: b" " * (61 * 2**20))
    assert len(bomb) < 2**20
    with pytest.raises(SheetError, match="解开以后太大"):
        read_sheets(bomb)


def test_a_bomb_that_understates_its_size_is_not_read():
    size = 61 * 2**20
    bomb = changed(SMALL, SHEET, lambda part: part + b" " * size)
    with zipfile.ZipFile(io.BytesIO(bomb)) as archive:
        true = archive.getinfo(SHEET).file_size
    lying = bomb.replace(true.to_bytes(4, "little"), (1000).to_bytes(4, "little"))
    assert lying != bomb
    with pytest.raises(SheetError) as caught:
        read_sheets(lying)
    assert str(caught.value) == UNREADABLE


@pytest.mark.parametrize(
    "content",
    [
        SMALL[: len(SMALL) // 2],
        changed(SMALL, SHEET, lambda part: b"<x"),
        changed(SMALL, SHEET, lambda part: part.replace(b' r="B1"', b"")),
        changed(SMALL, "xl/workbook.xml", lambda part: b""),
    ],
)
def test_a_broken_workbook_is_refused(content):
    with pytest.raises(SheetError) as caught:
        read_sheets(content)
    assert str(caught.value) == UNREADABLE


def sheet_of(cells, **about):
    """A sheet of texts; a row may be a tuple of its cells and what is said of it."""
    rows = []
    for number, row in enumerate(cells, start=1):
        texts, said = row if isinstance(row, tuple) else (row, {})
        if any(texts):
            rows.append(Row(number, texts, **{"kinds": "t" * len(texts), **said}))
    return Sheet(about.pop("name", ""), rows, **about)


def test_rows_go_on_after_totals_and_every_problem_has_its_place():
    cells = [
        ["名单"],
        ["序号", "金额", "申报编号"],
        ["1", "30", "a"],
        ["", "", ""],
        ["2", "三十", ""],
        ["合计", "30", ""],
        ["3", "40", "b"],
    ]
    account = account_of([sheet_of(cells)], FIELDS, {})
    assert [(row.place.number, dict(row.values)) for row in account.rows] == [
        (3, {"code": "a", "amount": Decimal(30), "note": None}),
        (7, {"code": "b", "amount": Decimal(40), "note": None}),
    ]
    assert [str(problem) for problem in account.problems] == [
        "第 5 行“申报编号”：没有填",
        "第 5 行“金额”：“三十”看不懂，请填数字，如 2000 或 1999.99；单位是万元，只写数字",
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([], "找不到表头；表头要有：申报编号、金额。"),
        ([["申报编号"]], "找不到表头"),
        ([["申报编号", "金额", "金额"], ["a", "1", "2"]], "两列“金额”"),
        ([["申报编号", "金额"]], "表头下面没有要读的数据"),
        ([["申报编号", "金额"], *([["a", "1"]] * 5001)], "一次最多 5000 行"),
    ],
)
def test_what_is_wrong_with_the_whole_file_is_told(cells, told):
    account = account_of([sheet_of(cells)], FIELDS, {})
    assert told in str(account.problems[0])


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("30", "30"), ("1,234.5", "1234.5"), ("0.000001", "0.000001"), ("30万元", "30"),
        ("２０.５", "20.5"), ("300000元", "30"), ("￥30万", "30"), ("20.00", "20"),
    ],
)  # fmt: skip
def test_an_amount_is_read_exactly(text, amount):
    assert read_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["-1", "30人", "1e5", "NaN", "1,2", "0.0000001", "9" * 12, "٣٠"])
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(CellError):
        read_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        "2026-10-02", "2026/10/2", "2026.10.02", "2026年10月2日", "20261002", "2026 年 10 月 2 日",
        "二〇二六年十月二日", "２０２６．１０．２", "2026-10-02 00:00:00",
    ],
)  # fmt: skip
def test_a_day_is_read_as_people_write_it(text):
    assert read_day(text) == date(2026, 10, 2)


@pytest.mark.parametrize("text", ["2026-02-30", "0000-01-01", "46000", "2026-10", "明天"])
def test_what_is_no_day_is_refused(text):
    with pytest.raises(CellError, match=r"不是日期|缺了月或日"):
        read_day(text)
