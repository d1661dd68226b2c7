"""Lists as files: what is written is read back cell by cell, and nothing in it is computed."""

import csv
import io
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from itertools import combinations

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import load_workbook

from portal.lists.about import About
from portal.lists.around import Paper
from portal.lists.canonical import clean_text
from portal.lists.check import NotAListError, check_file
from portal.lists.csv_file import guarded, unguarded
from portal.lists.declaration import Column, DataList, Kind, Summary
from portal.lists.formats import FORMATS, ListTooLongError, write_list
from portal.lists.preview import preview_of
from tests.hostile_files import SHEETS
from tests.workbook import cells_of

LIST = DataList(
    key="test",
    title="测试名单",
    columns=(
        Column("统一社会信用代码", lambda row: row[0], width=20),
        Column("金额（万元）", lambda row: row[1], Kind.MONEY, total=True),
        Column("年度", lambda row: row[2], Kind.INTEGER),
        Column("日期", lambda row: row[3], Kind.DATE),
        Column("说明", lambda row: row[4], width=30),
    ),
    rows=iter,
    summarise=lambda rows: Summary(
        len(rows), {"金额（万元）": sum(row[1] or Decimal(0) for row in rows)}
    ),
)
ABOUT = About(
    "staff1",
    timezone.make_aware(datetime(2026, 11, 20, 9, 30)),  # noqa: DTZ001
    "晋城市",
    "状态：已认定",
)
DAY = date(2026, 11, 20)
ROWS = [
    ("91140521MA0K000019", Decimal("30.50"), 2026, DAY, "=1+1"),
    ("911405210123456789", 20, 2026, None, ""),
    ("0356", None, None, DAY, '甲,"乙"\r\n丙'),
]
NASTY = [
    "=HYPERLINK(\"http://example.com\",\"x\")", "+86", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1",
    "＝1+1", "'=1+1", "''", "=1+1\t", "_x0041_", "_x000D_", "a\x00b\x1fc", "a\ud800b", "\ufffe",
    "<b>&amp;", "]]>", "1-2", "1E5", "TRUE", "http://example.com", "{=1}", "　全角　空格　", "x" * 40_000,
]  # fmt: skip


def written(ending, rows=ROWS, data_list=LIST):
    file = io.BytesIO()
    tally = write_list(data_list, rows, ABOUT, ending, file)
    return file.getvalue(), tally


def sheet_of(content):
    return load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()


def parts_of(content):
    return zipfile.ZipFile(io.BytesIO(content))


def text_of(content):
    done = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True
    )
    return "".join(done.stdout.decode().split())


def kept(tmp_path, ending, content):
    path = tmp_path / f"list.{ending}"
    path.write_bytes(content)
    return path


def test_the_workbook_holds_every_cell_as_what_it_is():
    content, tally = written("xlsx")
    sheet = sheet_of(content)
    assert sheet[0][0] == "测试名单"
    assert sheet[1][0] == "制表人：staff1　制表时间：2026-11-20 09:30　范围：晋城市　单位：万元"
    assert sheet[2][0] == "筛选条件：状态：已认定"
    assert sheet[3] == LIST.headers
    assert sheet[4] == [1, "91140521MA0K000019", 30.5, 2026, DAY, "=1+1"]
    assert sheet[5] == [2, "911405210123456789", 20, 2026, "", ""]
    assert sheet[6] == [3, "0356", "", "", DAY, '甲,"乙" 丙']
    assert sheet[7] == ["合计", "3 行", 50.5, "", "", ""]
    assert tally.checksum in sheet[9][0]
    assert "盖章处" in sheet[11][0]


def test_the_workbook_adds_up_by_formula_and_prints_on_a4():
    content, tally = written("xlsx")
    parts = parts_of(content)
    sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>SUM(C5:C7)</f><v>50.5</v>" in sheet
    assert sheet.count("<f>") == 1
    assert 'paperSize="9" orientation="landscape"' in sheet.replace(' fitToHeight="0"', "")
    assert 'ySplit="4"' in sheet
    assert '<autoFilter ref="A4:F7"/>' in sheet
    assert "$4:$4" in parts.read("xl/workbook.xml").decode()
    assert tally.checksum in parts.read("docProps/core.xml").decode()


def test_the_csv_opens_in_excel_and_says_what_it_is():
    content, tally = written("csv")
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[0] == LIST.headers
    assert rows[1] == ["1", "91140521MA0K000019", "30.5", "2026", "2026-11-20", "'=1+1"]
    assert rows[2] == ["2", "911405210123456789\t", "20", "2026", "", ""]
    assert rows[3] == ["3", "0356\t", "", "", "2026-11-20", '甲,"乙" 丙']
    assert rows[4] == ["合计", "3 行", "50.5", "", "", ""]
    assert rows[6:] == [
        ["测试名单"],
        ["制表人：staff1　制表时间：2026-11-20 09:30　范围：晋城市　单位：万元"],
        ["筛选条件：状态：已认定"],
        ["校验码（SHA-256）", tally.checksum],
    ]


def test_the_pdf_numbers_its_pages_repeats_its_headers_and_leaves_place_for_the_seal():
    content, tally = written("pdf", ROWS * 40)
    text = text_of(content)
    assert "第1页共" in text
    assert text.count("统一社会信用代码") > 1
    assert "盖章处" in text
    assert "2026年11月20日" in text
    assert tally.checksum in text
    assert "2020" in text  # 40 × 50.5
    about = subprocess.run(["pdfinfo", "-"], input=content, capture_output=True, check=True)
    assert "841.89 x 595.276" in about.stdout.decode()


def test_no_column_runs_over_the_edge_of_the_paper():
    wide = replace(
        LIST, columns=[*LIST.columns * 3, Column("联系电话", lambda row: "0356-7000000")]
    )
    content, _ = written("pdf", ROWS, wide)
    done = subprocess.run(
        ["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True
    )
    edges = re.findall(r'xMax="([\d.]+)"[^>]*>([^<]*)<', done.stdout.decode())
    assert any(word.startswith("0356") for _, word in edges)
    assert max(float(edge) for edge, _ in edges) < 842 - 28


def test_no_figure_day_or_code_is_broken_in_a_narrow_column_of_a_pdf():
    """Twenty columns that are declared too narrow for what stands in them."""
    cells = {
        "年度": "2022", "日期": "2026-11-20", "代码": "91140521MADEM0003M", "编号": "140500-ZF2026-0001",
        "金额": "1234567.123456", "账号": "6228481234567890123", "电话": "0356-7000000", "范围": "30–50",
    }  # fmt: skip
    narrow = [
        Column(header, lambda row, cell=cell: cell, width=4) for header, cell in cells.items()
    ]
    wide = [Column(f"说明{number}", lambda row: "很长的说明" * 8, width=30) for number in range(12)]
    content, _ = written("pdf", ROWS, replace(LIST, columns=[*narrow, *wide]))
    done = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True)
    words = done.stdout.decode().split()
    for cell in cells.values():
        assert words.count(cell) == len(ROWS), cell


def test_what_is_too_long_for_a_pdf_is_refused_before_it_is_set():
    with pytest.raises(ListTooLongError, match="PDF 最多 1666 行"):
        written("pdf", ROWS * 556)


LONG = "山西省晋城市沁水县中小企业公共服务平台新能源装备制造（集团）有限责任公司第三分公司"
DIGIT, SIGN, LINE = 7, 14.67, 14.5  # pixels of a digit and of a Chinese sign of 11 points; points


def layout_of(content):
    """Widths of the columns in pixels, heights of the rows that tell one, and the sheet."""
    sheet = parts_of(content).read("xl/worksheets/sheet1.xml").decode()
    widths = [
        float(width) * DIGIT
        for first, last, width in re.findall(
            r'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', sheet
        )
        for _ in range(int(first), int(last) + 1)
    ]
    heights = re.findall(r'<row r="(\d+)"[^>]* ht="([\d.]+)" customHeight="1"', sheet)
    return widths, {int(row): float(height) for row, height in heights}, sheet


def test_rows_and_headers_are_as_high_as_their_text_for_whoever_does_not_fit_them():
    """Excel fits rows to their text when it opens a file; other programs lay lines over each other."""
    columns = [
        Column("企业名称", lambda row: row[0], width=24),
        Column("用时的中位数（工作日）", lambda row: row[1], Kind.INTEGER, width=9),
    ]
    rows = [("甲公司", 1), (LONG, 2), (f"{LONG}\n{LONG}", 3), ("a" * 60, 4)]
    content, _ = written("xlsx", rows, replace(LIST, columns=columns))
    widths, heights, _ = layout_of(content)
    name, number = widths[1:3]

    def needs(signs, width):
        return -(-signs // int(width // SIGN)) * LINE

    assert heights[4] >= needs(11, number)
    assert 5 not in heights
    assert heights[6] >= needs(len(LONG), name)
    assert heights[7] >= 2 * needs(len(LONG), name)
    assert heights[8] >= 3 * LINE
    assert max(heights.values()) < 2 * 2 * needs(len(LONG), name)


@pytest.mark.parametrize("count", [2, 10])
def test_what_an_office_hands_on_fills_its_paper_and_no_line_around_it_is_cut(count):
    paper = Paper(
        "晋城市中小企业发展促进中心" * 2, ["制表人", "审核人", "单位（盖章）"], lambda totals: ""
    )
    columns = [Column(f"第{n}栏", lambda row: LONG, width=12) for n in range(count)]
    office = replace(LIST, columns=columns, paper=paper, title="奖补资金名单" * 4)
    content, _ = written("xlsx", ROWS, office)
    widths, heights, sheet = layout_of(content)
    assert sum(widths) <= 1046
    assert sum(widths) > (1000 if count == 10 else 230)
    assert '<printOptions horizontalCentered="1"/>' in sheet
    assert 'orientation="landscape"' in sheet
    assert 'fitToHeight="0"' in sheet
    cells = cells_of(content)
    [issuer] = [place for place, cell in cells.items() if str(cell.value).startswith("编制单位")]
    [covered] = re.findall(rf'<mergeCell ref="{issuer}:([A-Z])2"/>', sheet)
    told = len(cells[issuer].value)
    assert told * SIGN <= sum(widths[: ord(covered) - 64]) * max(heights[2] // LINE, 1)
    assert heights[1] >= 30


@pytest.mark.night
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice Calc is not installed")
def test_a_program_other_than_excel_lays_no_word_over_another(tmp_path):
    columns = [
        Column("统一社会信用代码", lambda row: row[0], width=20),
        Column("金额（万元）", lambda row: row[1], Kind.MONEY, total=True),
        Column("依据的文件和条款（逐条）", lambda row: LONG, width=16),
        Column("备注", lambda row: "次年上规且当年主营业务收入同比增长10%以上的再付", width=9),
    ]
    for name, paper in (("office", Paper("晋城市", ["制表人"], lambda totals: "")), ("list", None)):
        content, _ = written("xlsx", ROWS * 8, replace(LIST, columns=columns, paper=paper))
        (tmp_path / f"{name}.xlsx").write_bytes(content)
    convert = ["soffice", f"-env:UserInstallation=file://{tmp_path}/home", "--headless"]
    files = [*map(str, tmp_path.glob("*.xlsx"))]
    subprocess.run(
        [*convert, "--convert-to", "pdf", "--outdir", tmp_path, *files], check=True, timeout=300
    )
    for file in tmp_path.glob("*.pdf"):
        told = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, check=True)
        pages = told.stdout.decode().split("<page ")[1:]
        assert len(pages) > 1
        for page in pages:
            assert 'width="841.' in page[:40]
            assert "统一社会信用代码" in page
            boxes = [tuple(map(float, found)) for found in re.findall(BOX, page)]
            assert not [pair for pair in combinations(boxes, 2) if lie_over(*pair)]


BOX = r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)"'


def lie_over(one, other):
    """Whether two boxes share more than their edges."""
    left, top, right, bottom = one
    wide = min(right, other[2]) - max(left, other[0])
    high = min(bottom, other[3]) - max(top, other[1])
    return wide > 1 and high > (bottom - top) / 3


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_nothing_nasty_is_computed_lost_or_breaks_the_file(tmp_path, ending):
    rows = [(text, 1, 2026, DAY, text) for text in NASTY]
    content, tally = written(ending, rows)
    checked = check_file(kept(tmp_path, ending, content))
    assert checked.is_intact
    assert checked.count == tally.count == len(NASTY)
    if ending == "csv":
        body = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        cells = [row[1] for row in body[1 : len(NASTY) + 1]]
        assert [unguarded(cell) for cell in cells] == [clean_text(text) for text in NASTY]
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝")) for cell in cells)
    else:
        cells = [row[1] for row in sheet_of(content)[4 : len(NASTY) + 4]]
        assert cells == [clean_text(text) for text in NASTY]
        sheet = parts_of(content).read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<f>") == 1
        assert "hyperlink" not in sheet


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("'a", "''a"),
        ("911405210123456789", "911405210123456789\t"),
        ("0356", "0356\t"),
        ("1-2", "1-2\t"),
        ("91140521E000000019", "91140521E000000019\t"),
        ("91140521MA0K000019", "91140521MA0K000019"),
        ("", ""),
    ],
)
def test_a_text_in_a_csv_is_neither_computed_nor_rounded(text, cell):
    assert guarded(text) == cell


@given(st.text())
def test_guarding_a_text_can_be_undone(text):
    cleaned = clean_text(text)
    assert unguarded(guarded(cleaned)) == cleaned
    assert clean_text(cleaned) == cleaned
    cleaned.encode()


def test_the_checksum_is_that_of_the_documented_form():
    lines = [
        "序号\t统一社会信用代码\t金额（万元）\t年度\t日期\t说明",
        "1\t91140521MA0K000019\t30.5\t2026\t2026-11-20\t=1+1",
        "2\t911405210123456789\t20\t2026\t\t",
        '3\t0356\t\t\t2026-11-20\t甲,"乙" 丙',
    ]
    expected = sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
    assert {written(ending)[1].checksum for ending in FORMATS} == {expected}


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_a_list_without_rows_is_a_list_too(tmp_path, ending):
    content, _ = written(ending, [])
    checked = check_file(kept(tmp_path, ending, content))
    assert checked.is_intact
    assert checked.count == 0
    if ending == "xlsx":
        assert sheet_of(content)[4][:3] == ["合计", "0 行", 0]


def test_a_changed_amount_is_found(tmp_path):
    content, _ = written("csv")
    assert not check_file(kept(tmp_path, "csv", content.replace(b"30.5", b"80.5", 1))).is_intact
    with pytest.raises(NotAListError, match="不是本站导出的名单"):
        check_file(kept(tmp_path, "csv", b"a,b\r\n1,2\r\n"))
    with pytest.raises(NotAListError, match="读不了"):
        check_file(kept(tmp_path, "xlsx", b"no workbook"))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("shared texts that overstate", "已经停下"),
        ("a workbook without sheets", "读不了"),
        ("an archive cut in half", "读不了"),
    ],
)
def test_a_list_made_to_do_harm_ends_the_check_with_a_sentence(tmp_path, name, told):
    with pytest.raises(NotAListError, match=told):
        check_file(kept(tmp_path, "xlsx", SHEETS[name]()))


@pytest.mark.parametrize("value", [1.5, "30", True])
def test_an_amount_is_an_exact_number_or_a_mistake_of_ours(value):
    with pytest.raises(TypeError):
        written("csv", [("a", value, 1, DAY, "")])


def test_the_preview_shows_what_the_file_holds():
    preview = preview_of(LIST, ROWS * 20)
    assert len(preview.lines) == 50
    assert preview.lines[0] == ["1", "91140521MA0K000019", "30.5", "2026", "2026-11-20", "=1+1"]
    assert preview.summary.count == 60
    assert preview.summary.totals == {"金额（万元）": 20 * Decimal("50.5")}
