"""Headers are known by their meaning, wherever and however they are written; files by their content."""

import io
import re
import shutil
import subprocess
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.sheets.account import IS_HIDDEN, IS_ORDINAL, IS_STRUCK, State, account_of
from portal.sheets.columns import Field, letters_of, read_amount, read_day
from portal.sheets.limits import (
    BINARY,
    FAR_OFF,
    LOCKED,
    NO_SPREADSHEET,
    NO_TABLES,
    UNREADABLE,
    SheetError,
)
from portal.sheets.reading import Row, Sheet, read_sheets
from tests.generated import examples
from tests.published_lists import (
    EVERY_FILE,
    EVERY_TEXT,
    as_csv,
    as_excel_2003,
    as_ods,
    as_web_page,
    as_xls,
    as_xlsx,
    page,
)

FIELDS = (
    Field("code", "申报编号", str, is_required=False, mark=re.compile(r"\d{6}-\d{4}-\d{4}")),
    Field("name", "企业名称", str, is_required=False, names=("(?:企业|单位)名称|(?:企业|单位)", "名称")),
    Field("county", "县（市、区）", str, is_required=False, names=("(?:所属)?[市县区]+",), spreads=True),
    Field("amount", "金额", read_amount, is_required=False, names=("(?:补助|奖补)(?:资金|金额)",), is_money=True),
    Field("on", "认定日期", read_day, is_once=True),
)  # fmt: skip
KEYS = ("code", "name")
pytestmark = pytest.mark.one_database


def account(*sheets, decisions=None):
    return account_of(sheets, FIELDS, decisions or {}, KEYS)


def sheet(*cells, name=""):
    rows = [
        Row(number, list(row), "t" * len(row))
        for number, row in enumerate(cells, start=1)
        if any(row)
    ]
    return Sheet(name, rows)


def said(found):
    """By row, what is not empty."""
    return [
        {key: value for key, value in row.values.items() if value is not None} for row in found.rows
    ]


GAP = st.text(st.sampled_from(" \u3000\n\t"), max_size=2)


@st.composite
def spaced(draw, header):
    """A header with white space or a line break anywhere in it."""
    return "".join(letter + draw(GAP) for letter in header)


@settings(max_examples=examples(60), deadline=None)
@given(st.data())
def test_headers_are_found_on_any_row_with_any_space_in_any_order(data):
    names = data.draw(
        st.permutations(["序号", "单位名称", "所属市县", "补助金额（元）", "备注"]), label="headers"
    )
    headers = [data.draw(spaced(name)) for name in names]
    values = {
        "序号": "1",
        "单位名称": "甲公司",
        "所属市县": "沁水县",
        "补助金额（元）": "5000",
        "备注": "",
    }
    above = data.draw(st.lists(st.sampled_from([["附件1"], ["某市名单公示"], []]), max_size=9))
    total = data.draw(spaced("合计"))
    rows = [*above, headers, [values[name] for name in names], [total, "", "", "", ""]]
    found = account(*read_clean(rows))
    assert said(found) == [{"name": "甲公司", "county": "沁水县", "amount": Decimal("0.5")}]
    assert found.entries[-1].state == State.PASSED


def read_clean(rows):
    """As the reader hands over cells: white space as single spaces."""
    return [sheet(*([" ".join(str(cell).split()) for cell in row] for row in rows))]


@pytest.mark.parametrize(
    ("unit", "amount"),
    [
        ("单位：万元", "5"),
        ("金额单位：元", "0.0005"),
        ("单位:人民币万元", "5"),
        ("2.金额单位为元", "0.0005"),
    ],
)
def test_a_unit_on_a_line_of_its_own_counts_for_the_table_below(unit, amount):
    found = account(sheet(["", "", unit], ["企业名称", "县区", "奖补金额"], ["甲公司", "x", "5"]))
    assert said(found)[0]["amount"] == Decimal(amount)
    assert [entry.state.name for entry in found.entries] == ["PASSED", "HEADERS", "READ"]


def test_headers_on_two_rows_are_joined_also_where_words_are_split_without_merging():
    found = account(
        sheet(
            ["序号", "企业", "所属", "奖补"],
            ["", "名称", "县区", "金额（万元）"],
            ["1", "甲公司", "沁水县", "5"],
        )
    )
    assert said(found) == [{"name": "甲公司", "county": "沁水县", "amount": 5}]


def test_headers_that_only_cover_others_belong_to_them():
    rows = [
        ["某市名单（某〔2026〕1号）", "", "", "", "单位：万元", ""],
        ["基本情况", "", "", "", "奖补情况", ""],
        ["序号", "名称", "县", "法人", "奖补资金", "备注"],
        [1, "甲公司", "沁水县", "x", 5, ""],
    ]
    merged = [(0, 0, 0, 3), (1, 0, 1, 3), (1, 4, 1, 5)]
    found = account(*read_sheets(as_xlsx(page(*rows, merged=merged))))
    assert said(found) == [{"name": "甲公司", "county": "沁水县", "amount": 5}]
    assert [entry.state.name for entry in found.entries] == [
        "PASSED", "HEADERS", "HEADERS", "READ",
    ]  # fmt: skip


def test_a_unit_or_the_numbers_of_columns_below_the_headers_are_no_data():
    found = account(
        sheet(
            ["序号", "企业名称", "奖补金额"],
            ["", "", "（万元）"],
            ["甲", "乙", "1"],
            ["1", "甲公司", "5"],
        )
    )
    assert [entry.state.name for entry in found.entries] == ["HEADERS", "HEADERS", "PASSED", "READ"]
    assert found.entries[2].why == IS_ORDINAL


def test_a_line_merged_over_the_table_is_no_firm():
    list_ = page(
        ["企业名称", "法人", "备注"], ["沁水县", "", ""], ["甲公司", "x", ""], merged=[(1, 0, 1, 2)]
    )
    [read] = account(*read_sheets(as_xlsx(list_))).rows
    assert (read.values["name"], read.section) == ("甲公司", "沁水县")


def test_a_line_that_says_of_whom_a_list_is_has_no_headers():
    above = [["单位：", "某某局", "日期：", "2026年"], ["某市名单"]]
    found = account(sheet(*above, ["序号", "企业名称"], ["1", "甲公司"]))
    assert said(found) == [{"name": "甲公司"}]
    assert [entry.state.name for entry in found.entries] == ["PASSED", "PASSED", "HEADERS", "READ"]


def test_the_same_headers_again_begin_a_new_table():
    head = ["序号", "企业名称"]
    found = account(sheet(head, ["1", "甲公司"], [], ["续表"], head, ["2", "乙公司"]))
    assert [each["name"] for each in said(found)] == ["甲公司", "乙公司"]


def test_two_columns_that_may_both_be_meant_are_refused_with_their_cells():
    found = account(sheet(["企业名称", "单位名称", "县"], ["甲公司", "乙公司", "x"]))
    assert "两列“企业名称”" not in str(found.problems)  # ours is surer than another's
    found = account(sheet(["单位名称", "企业", "县"], ["甲公司", "乙公司", "x"]))
    assert "表头里有两列“企业名称”（A1、B1）" in str(found.problems[0])


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            [["甲公司", "1"], ["乙公司", "2"], ["合计", "4"]],
            ["第 4 行：B4 写的是 4，读出的 2 行加起来是 3"],
        ),
        ([["甲公司", "1"], ["小计", "1"], ["乙公司", "2"], ["小　计", "2"], ["总计", "3"]], []),
        (
            [["甲公司", "1"], ["合计（2家）", "1"]],
            ["第 3 行：A3 写的是 合计（2家），读出的是 1 行"],
        ),
        ([["合计", "3万元"], ["甲公司", "1"], ["乙公司", "20000元"]], []),
        ([["甲公司", "0.1"], ["乙公司", "0.2"], ["共计", "0.30000000000000004"]], []),
    ],
)
def test_totals_are_held_against_the_rows(lines, told):
    found = account(sheet(["企业名称", "奖补金额（万元）"], *lines))
    assert [str(each) for each in found.mismatches] == told


def test_a_total_of_all_sheets_on_the_last_one_is_right():
    head = ["企业名称", "奖补金额（万元）"]
    one = sheet(head, ["甲公司", "1"], name="沁水县")
    two = sheet(head, ["乙公司", "2"], ["总计", "3"], name="阳城县")
    assert not account(one, two).mismatches


@pytest.mark.parametrize(
    ("text", "day"),
    [("46307", date(2026, 10, 12)), ("20261012", date(2026, 10, 12))],
)
def test_a_day_that_is_kept_as_a_number_is_that_day(text, day):
    row = Row(2, ["甲公司", text], "tn")
    found = account(Sheet("", [Row(1, ["企业名称", "认定日期"], "tt"), row]))
    assert said(found)[0]["on"] == day


def test_columns_are_called_as_a_spreadsheet_calls_them():
    assert [letters_of(n) for n in (0, 25, 26, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


# Files


ODS = b"application/vnd.oasis.opendocument.spreadsheet"


def packed(parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return file.getvalue()


LIST = page(
    ["附件", "", "", ""],
    ["某市公示名单", "", "", ""],
    ["序号", "企业情况", "", "金额\n（万元）"],
    ["", "企业\n名称", "所属\n市县", ""],
    ["1", "甲公司", "沁水县", "1.5"],
    ["2", "乙公司", "", "2"],
    ["3", "丙公司", "阳城县", "3"],
    merged=[(1, 0, 1, 3), (2, 0, 3, 0), (2, 1, 2, 2), (2, 3, 3, 3), (4, 2, 5, 2)],
    hidden=(5,),
    struck=(6,),
)


@pytest.mark.parametrize("kind", EVERY_FILE)
def test_merged_hidden_and_struck_cells_are_seen_in_every_kind_of_file(kind):
    found = account(*read_sheets(EVERY_FILE[kind](LIST)))
    assert [(entry.state.name, entry.doubt) for entry in found.entries[4:]] == [
        ("READ", ""), ("DOUBT", IS_HIDDEN), ("DOUBT", IS_STRUCK),
    ]  # fmt: skip
    decisions = {entry.key: "read" for entry in found.of(State.DOUBT)}
    found = account(*read_sheets(EVERY_FILE[kind](LIST)), decisions=decisions)
    assert [each["county"] for each in said(found)] == ["沁水县", "沁水县", "阳城县"]


@pytest.mark.parametrize("write", [as_xls, as_excel_2003, as_ods])
def test_another_file_tells_what_an_xlsx_tells(write):
    rows = [
        ["企业名称", "认定日期", "金额（元）"],
        ["甲公司", date(2026, 10, 12), 12.5],
        ["乙公司", True, 3],
    ]
    pages = [page(*rows, name="名单", away=(1,)), page(["旧"], name="旧", is_hidden=True)]
    new, old = read_sheets(as_xlsx(*pages)), read_sheets(write(*pages))
    assert old == new
    assert (old[0].hidden_columns, old[1].is_hidden) == ([2], True)


@pytest.mark.night
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice Calc is not installed")
def test_what_libreoffice_writes_tells_what_it_was_made_from(tmp_path):
    (tmp_path / "list.xlsx").write_bytes(as_xlsx(LIST))
    convert = ["soffice", f"-env:UserInstallation=file://{tmp_path}/home", "--headless"]
    for ending in ("ods", "xls", "xlsx"):
        command = [*convert, "--convert-to", ending, "--outdir", tmp_path / ending]
        subprocess.run([*command, tmp_path / "list.xlsx"], check=True, timeout=300)
        [found] = read_sheets((tmp_path / ending / f"list.{ending}").read_bytes())
        assert [
            (row.text, row.is_hidden, row.is_struck, "v" in row.kinds) for row in found.rows
        ] == [
            (row.text, row.is_hidden, row.is_struck, "v" in row.kinds)
            for row in read_sheets(as_xlsx(LIST))[0].rows
        ], ending


def test_a_file_is_what_its_content_says_whatever_its_name():
    assert read_sheets(b"\xef\xbb\xbf" + as_web_page(LIST, "utf-8"))[0].rows
    assert read_sheets(as_csv(LIST, encoding="utf-8"))[0].rows


@pytest.mark.parametrize("kind", EVERY_TEXT)
def test_texts_are_read_in_every_encoding_and_with_every_separator(kind):
    [read] = read_sheets(EVERY_TEXT[kind](page(["企业名称", "金额"], ["甲公司", "1,200.5"])))
    assert [row.cells for row in read.rows] == [["企业名称", "金额"], ["甲公司", "1,200.5"]]


def test_the_line_that_tells_excel_the_separator_is_followed_and_not_read():
    [read] = read_sheets("sep=;\r\n企业名称;备注\r\n甲公司;一,二,三\r\n".encode())
    assert [(row.number, row.cells) for row in read.rows] == [
        (2, ["企业名称", "备注"]), (3, ["甲公司", "一,二,三"]),
    ]  # fmt: skip


def test_what_stands_beside_a_table_of_a_web_page_is_read_too():
    text = "<html><body><h2>某市<b>名单</b></h2><table><caption>单位：元</caption><tr><td>企业名称<td>县</table>"
    [read] = read_sheets((text + "<p>注：无</p><script>x</script>").encode())
    assert [row.text for row in read.rows] == ["某市名单", "单位：元", "企业名称　县", "注：无"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"<html><frameset><frame src='x'></frameset></html>", NO_TABLES),
        (b"%PDF-1.7\n1 0 obj", NO_SPREADSHEET),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table>', UNREADABLE),
        (as_excel_2003(LIST).replace(b"<Workbook", b"<!DOCTYPE x [<!ENTITY a 'b'>]><Workbook"), UNREADABLE),
        (as_excel_2003(LIST).replace(b'ss:Index="3"', b'ss:Index="-3"'), UNREADABLE),
        (as_excel_2003(LIST).replace(b'ss:Index="3"', b'ss:Index="30000"'), FAR_OFF),
        (packed({"mimetype": ODS.replace(b"spreadsheet", b"text"), "content.xml": b"<a/>"}), NO_SPREADSHEET),
        (packed({"mimetype": ODS, "content.xml": b"x", "META-INF/manifest.xml": b"<x:encryption-data/>"}), LOCKED),
        (packed({"mimetype": ODS, "content.xml": b"<!DOCTYPE a><a/>"}), UNREADABLE),
        (packed({"xl/workbook.bin": b"\x83\x01"}), BINARY),
        (b"MIME-Version: 1.0\r\n<html><table><tr><td>x", UNREADABLE),
        (as_xls(LIST)[:2000], "读不了|加了密码"),
        (as_xls(LIST).replace("Workbook".encode("utf-16-le"), "EncryptedPackage"[:8].encode("utf-16-le")), LOCKED),
    ],
)  # fmt: skip
def test_what_is_not_read_says_what_would_do(content, told):
    with pytest.raises(SheetError, match=told):
        read_sheets(content)
