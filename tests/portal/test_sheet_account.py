"""The account of a spreadsheet: every row that holds anything is in it, and nothing is left out unseen."""

import io
import re
import zipfile
from decimal import Decimal

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.sheets.account import (
    IS_ABOVE,
    IS_BESIDE,
    IS_HIDDEN,
    IS_STRUCK,
    IS_SWALLOWING,
    IS_TOTAL_AND_DATA,
    IS_UNCLEAR,
    State,
    account_of,
)
from portal.sheets.asides import IS_NOTE, IS_TOTAL
from portal.sheets.carried import carried
from portal.sheets.columns import IS_MERGED, Field, read_amount
from portal.sheets.limits import SheetError
from portal.sheets.reading import Row, Sheet, as_json, from_json, read_sheets

CODE = re.compile(r"\d{6}-\d{4}-\d{4}")
FIELDS = (
    Field("code", "申报编号", str, mark=CODE),
    Field("amount", "金额（万元）", read_amount),
    Field("sign", "凭证号", str, is_required=False, is_sign=True),
)
HEADERS = ["序号", "申报编号", "金额（万元）", "凭证号"]
ONE, TWO, THREE = (["", f"140521-2026-000{n}", "30", ""] for n in (1, 2, 3))
HIDDEN, STRUCK = {"is_hidden": True}, {"is_struck": True}
pytestmark = pytest.mark.one_database


def sheet(*cells, name="", is_hidden=False, **about):
    """A sheet of texts; a row may be a pair of its cells and what is said of it."""
    rows = []
    for number, row in enumerate(cells, start=1):
        texts, said = row if isinstance(row, tuple) else (row, {})
        if any(texts):
            rows.append(Row(number, texts, **{"kinds": "t" * len(texts), **said}))
    return Sheet(name, rows, is_hidden, **about)


def account(*sheets, decisions=None):
    return account_of(sheets, FIELDS, decisions or {})


def states(found):
    return [entry.state.name for entry in found.entries]


def workbook(fill):
    content = io.BytesIO()
    with xlsxwriter.Workbook(content) as made:
        fill(made)
    return content.getvalue()


def test_every_sheet_is_read_where_the_list_has_one_for_each_county():
    found = account(sheet(HEADERS, ONE, name="沁水县"), sheet(HEADERS, TWO, THREE, name="阳城县"))
    assert [str(row.place) for row in found.rows] == [
        "“沁水县”第 2 行",
        "“阳城县”第 2 行",
        "“阳城县”第 3 行",
    ]
    assert not found.problems


@pytest.mark.parametrize("total", ["合计", "合 计", "小计", "沁水县小计", "合计：", "总计（3家）"])
def test_what_follows_a_total_is_read_and_the_total_is_passed_over_with_its_text(total):
    found = account(sheet(HEADERS, ONE, [total, "3家", "30"], TWO, ["", total, "60"]))
    assert states(found) == ["HEADERS", "READ", "PASSED", "READ", "PASSED"]
    passed = found.of(State.PASSED)
    assert [entry.why for entry in passed] == [IS_TOTAL] * 2
    assert passed[0].text == f"{total}　3家　30"


def test_a_total_that_is_a_row_of_data_too_is_in_doubt():
    found = account(sheet(HEADERS, ["合计", *ONE[1:]]))
    [entry] = found.of(State.DOUBT)
    assert entry.doubt == IS_TOTAL_AND_DATA


def test_a_total_that_names_a_case_is_no_total():
    found = account(sheet(HEADERS, ONE, ["小计", TWO[1], "", ""]))
    assert states(found)[-1] == "WRONG"


def test_titles_and_notes_are_passed_over_with_their_text():
    found = account(
        sheet(
            ["附件"],
            ["认定名单"],
            HEADERS,
            ONE,
            ["注：排名不分先后"],
            ["制表人：甲", "", "", "日期"],
        )
    )
    assert states(found) == ["PASSED", "PASSED", "HEADERS", "READ", "PASSED", "PASSED"]
    assert {entry.why for entry in found.of(State.PASSED)} == {IS_NOTE}


@pytest.mark.parametrize("name", ["注塑机械公司", "说明书印刷厂", "附件厂"])
def test_a_firm_whose_name_begins_like_a_note_is_not_passed_over(name):
    found = account(sheet(["企业名称", *HEADERS[1:]], [name, "", "", "支1号"]))
    assert states(found) == ["HEADERS", "DOUBT"]


@pytest.mark.parametrize(
    "headers",
    [
        ["序号", "申报\n编号", "金额（万元）", "凭证号"],
        ["序号", "申 报　编号", "金额(万元)", "凭 证 号"],
    ],
)
def test_headers_are_known_with_breaks_and_wide_spaces_and_other_brackets(headers):
    found = account(sheet(headers, ONE))
    assert [row.values["code"] for row in found.rows] == [ONE[1]]


def test_what_headers_lack_is_named():
    found = account(sheet(["序号", "申报编号", "凭证号"], ["1", ONE[1], "x"]))
    [table] = found.tables
    assert table.missing == ["金额（万元）"]
    assert "找不到表头" in str(found.problems[0])


def test_headers_are_found_however_far_down():
    found = account(sheet(*([["说明"]] * 30), HEADERS, ONE))
    assert len(found.rows) == 1


@pytest.mark.parametrize(("said", "doubt"), [(HIDDEN, IS_HIDDEN), (STRUCK, IS_STRUCK)])
def test_a_row_that_is_hidden_or_struck_through_waits_for_a_decision(said, doubt):
    sheets = [sheet(HEADERS, ONE, (TWO, said))]
    found = account(*sheets)
    [entry] = found.of(State.DOUBT)
    assert (entry.doubt, entry.text) == (doubt, "140521-2026-0002　30")
    assert len(found.rows) == 1
    read = account(*sheets, decisions={entry.key: "read"})
    assert [row.values["code"] for row in read.rows] == [ONE[1], TWO[1]]
    passed = account(*sheets, decisions={entry.key: "pass"})
    assert states(passed) == ["HEADERS", "READ", "PASSED"]
    assert doubt in passed.entries[2].why


def test_a_hidden_sheet_and_a_table_with_hidden_headers_are_read_only_when_chosen():
    sheets = [
        sheet(HEADERS, ONE, name="名单"),
        sheet(HEADERS, TWO, name="旧", is_hidden=True),
        sheet((HEADERS, HIDDEN), THREE, name="新"),
    ]
    found = account(*sheets)
    assert len(found.rows) == 1
    assert [table.sheet for table in found.undecided_tables] == ["旧", "新"]
    assert found.counts[State.DOUBT] == 2
    old, new = found.undecided_tables
    chosen = account(*sheets, decisions={old.key: "pass", new.key: "read"})
    assert states(chosen) == ["HEADERS", "READ", "HEADERS", "PASSED", "HEADERS", "READ"]


def test_a_second_table_below_is_read_by_its_own_headers():
    found = account(
        sheet(HEADERS, ONE, [], ["续表"], ["金额（万元）", "申报编号"], ["5", "140521-2026-0002"])
    )
    assert [row.values["amount"] for row in found.rows] == [Decimal(30), Decimal(5)]


def test_a_table_that_lacks_headers_can_only_be_passed_over():
    sheets = [sheet(HEADERS, ONE, ["申报编号", "凭证号"], [TWO[1], "x"])]
    found = account(*sheets)
    [table] = found.undecided_tables
    assert account(*sheets, decisions={table.key: "read"}).undecided_tables == [table]
    passed = account(*sheets, decisions={table.key: "pass"})
    assert states(passed) == ["HEADERS", "READ", "HEADERS", "PASSED"]


def test_a_sheet_without_headers_is_chosen_and_one_of_remarks_is_not_asked_about():
    found = account(
        sheet(HEADERS, ONE, name="名单"),
        sheet(["地区", "家数"], ["沁水县", "1"], name="汇总"),
        sheet(["填表要求见文件"], name="说明"),
    )
    assert [table.sheet for table in found.undecided_tables] == ["汇总"]
    assert states(found) == ["HEADERS", "READ", "DOUBT", "DOUBT", "PASSED"]


def test_what_is_no_data_and_no_note_is_in_doubt_below_and_above_the_headers():
    sheets = [sheet(["甲", "乙"], HEADERS, ONE, ["张三", "", "", "李四"])]
    found = account(*sheets)
    assert [entry.doubt for entry in found.of(State.DOUBT)] == [IS_ABOVE, IS_UNCLEAR]
    above, below = found.of(State.DOUBT)
    decided = account(*sheets, decisions={above.key: "read", below.key: "read"})
    # Above the headers nothing can be read; below, what is wrong with it is told.
    assert states(decided) == ["DOUBT", "HEADERS", "READ", "WRONG"]


@pytest.mark.parametrize(
    ("kinds", "told"),
    [
        ("ttte", "错误值"),
        ("tttf", "没有算出的结果"),
        ("ttet", "错误值"),
        ("tftt", "没有算出的结果"),
    ],
)
def test_an_error_or_a_formula_without_a_value_is_told_and_never_read_as_nothing(kinds, told):
    cells = ["1", ONE[1], "30", "#N/A"]
    found = account(sheet(HEADERS, (cells, {"kinds": kinds})))
    assert states(found) == ["HEADERS", "WRONG"]
    assert told in str(found.problems[0])


@pytest.mark.parametrize(
    ("sign", "kind", "told"),
    [
        ("911405211234567000", "n", "多于 15 位"),
        ("12", "n", "开头如有 0"),
        ("2026-01-02", "d", "存成了日期"),
        ("9.11405E+17", "t", "科学记数"),
        ("0012", "n", ""),
        ("支1号", "t", ""),
    ],
)
def test_a_sign_that_a_spreadsheet_may_have_cut_is_noticed(sign, kind, told):
    found = account(sheet(HEADERS, (["1", ONE[1], "30", sign], {"kinds": f"ttt{kind}"})))
    [row] = found.rows
    assert told in row.losses.get("sign", "") if told else not row.losses


def test_columns_that_are_hidden_are_named():
    found = account(sheet(HEADERS, ONE, hidden_columns=[3]))
    assert found.tables[0].hidden == ["金额（万元）"]


def test_the_look_of_a_workbook_is_read_with_its_cells():
    def fill(made):
        page, struck = made.add_worksheet("名单"), made.add_format({"font_strikeout": True})
        digits = made.add_format({"num_format": "0000"})
        page.set_column(0, 0, None, None, {"hidden": True})
        page.write_row(0, 1, HEADERS)
        page.write_row(1, 1, ["", ONE[1], 30])
        page.write_number(1, 4, 12, digits)
        page.write_row(2, 1, ["", TWO[1], 30], struck)
        page.set_row(3, None, None, {"hidden": True})
        page.write_row(3, 1, ["", THREE[1], 30])
        page.write_rich_string(4, 2, "140521-2026-", struck, "0004")
        page.write_number(4, 3, 30)
        page.write_row(5, 1, ["", "140521-2026-0006"])
        page.write_formula(5, 3, "=1/0", None, "#DIV/0!")
        made.add_worksheet("空")
        made.add_worksheet("藏").write(0, 0, "x")
        made.get_worksheet_by_name("藏").hide()

    page, kept = read_sheets(workbook(fill))
    assert (page.name, page.hidden_columns, page.is_hidden) == ("名单", [1], False)
    assert (kept.name, kept.is_hidden) == ("藏", True)
    looks = [(row.number, row.is_hidden, row.is_struck) for row in page.rows]
    assert looks == [
        (1, False, False), (2, False, False), (3, False, True),
        (4, True, False), (5, False, True), (6, False, False),
    ]  # fmt: skip
    assert page.rows[1].cells[4] == "0012"
    assert (page.rows[5].cells[3], page.rows[5].kinds[3]) == ("#DIV/0!", "e")
    assert from_json(as_json([page, kept])) == [page, kept]


def test_a_formula_that_was_never_computed_is_seen_even_below_the_last_value():
    content = workbook(lambda made: made.add_worksheet().write(0, 0, "x"))
    written = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(written, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            if name.endswith("sheet1.xml"):
                row = b'<row r="3"><c r="C3"><f>A1</f><v></v></c></row></sheetData>'
                part = part.replace(b"</sheetData>", row)
            after.writestr(name, part)
    [found] = read_sheets(written.getvalue())
    assert [(row.number, row.kinds) for row in found.rows] == [(1, "t"), (3, "ttf")]


def test_what_was_decided_is_kept_for_rows_that_say_the_same_in_the_next_file():
    before = [sheet(HEADERS, ONE, (TWO, HIDDEN), (THREE, STRUCK), name="名单")]
    hidden, struck = account(*before).of(State.DOUBT)
    decisions = {hidden.key: "read", struck.key: "pass"}
    changed = ["", "140521-2026-0003", "31", ""]
    after = [sheet(["标题"], HEADERS, ONE, (changed, STRUCK), (TWO, HIDDEN), name="名单")]
    kept = carried(before, decisions, after, FIELDS)
    found = account_of(after, FIELDS, kept)
    assert [row.values["code"] for row in found.rows] == [ONE[1], TWO[1]]
    assert [entry.text for entry in found.of(State.DOUBT)] == ["140521-2026-0003　31"]


TEXTS = st.sampled_from(
    ["", *HEADERS, "合计", "沁水县小计", "注：x", "30", "x", ONE[1], TWO[1], "#N/A", "2026-01-01"]
)
ROWS = st.builds(
    lambda cells, kind, hidden, struck: (
        cells,
        {"kinds": kind * len(cells), "is_hidden": hidden, "is_struck": struck},
    ),
    st.lists(TEXTS, min_size=1, max_size=5),
    st.sampled_from("ttttndef"),
    st.booleans(),
    st.booleans(),
)
SHEETS = st.lists(
    st.builds(
        lambda rows, hidden: sheet(*rows, name="表", is_hidden=hidden),
        st.lists(st.one_of(st.just((HEADERS, {})), ROWS), max_size=12),
        st.booleans(),
    ),
    max_size=3,
)


@settings(deadline=None)
@given(SHEETS, st.randoms(use_true_random=False))
def test_every_row_of_any_file_is_in_the_account_once_whatever_is_decided(sheets, chance):
    decisions = {}
    for _ in range(4):
        found = account_of(sheets, FIELDS, decisions)
        told = [(entry.place.sheet, entry.place.number) for entry in found.entries]
        assert told == [(n, row.number) for n, own in enumerate(sheets) for row in own.rows]
        assert sum(found.counts.values()) == len(told)
        keys = [entry.key for entry in found.entries] + [table.key for table in found.tables]
        assert len(keys) == len(set(keys))
        for entry in found.entries:
            assert entry.why or entry.state in (State.READ, State.WRONG)
            assert entry.problems or entry.state != State.WRONG or found.of_file
            # What is hidden or struck through is read only where somebody chose so.
            row = next(
                row for row in sheets[entry.place.sheet].rows if row.number == entry.place.number
            )
            if entry.state == State.READ and (row.is_hidden or row.is_struck):
                assert decisions[entry.key] == "read"
        asked = [entry.key for entry in found.entries if entry.is_asked]
        asked += [table.key for table in found.undecided_tables]
        decisions |= {key: chance.choice(("read", "pass")) for key in asked}


LINES = (
    "申报编号,金额（万元）,凭证号,备注\n140521-2026-0001,30,支1,{}\n{}140521-2026-0003,30,支3,\n"
)
TWO_AND_REST = "140521-2026-0002,30,支2,\n"


@pytest.mark.parametrize(
    "remark",
    ['"漏了引号', '"漏了"一半', '"第一行\n第二行'],
    ids=["open", "early", "open, two lines"],
)
def test_a_csv_with_an_unpaired_quote_is_refused_as_rows_would_vanish_in_it(remark):
    with pytest.raises(SheetError, match="第 2 行起有一个引号没有配对"):
        read_sheets(LINES.format(remark, TWO_AND_REST).encode())


def test_a_cell_of_a_csv_that_holds_other_rows_is_shown_and_in_doubt():
    closed_late = TWO_AND_REST.replace("支2,", '支2,同上"')
    found = account(*read_sheets(LINES.format('"漏了引号', closed_late).encode()))
    assert states(found) == ["HEADERS", "DOUBT", "READ"]
    [entry] = found.of(State.DOUBT)
    assert entry.doubt == IS_SWALLOWING
    assert "140521-2026-0002" in entry.text


def test_a_remark_of_two_lines_is_no_doubt():
    found = account(*read_sheets(LINES.format('"第一行\n第二行"', TWO_AND_REST).encode()))
    assert states(found) == ["HEADERS", "READ", "READ", "READ"]


def test_what_is_merged_over_is_not_taken_for_empty():
    def fill(made):
        page = made.add_worksheet()
        for number, row in enumerate([HEADERS, ONE, TWO, ["合计", "", "60", ""]]):
            page.write_row(number, 0, row)
        page.merge_range(1, 3, 2, 3, "支1号")
        page.merge_range(3, 0, 3, 1, "合计")

    found = account(*read_sheets(workbook(fill)))
    assert states(found) == ["HEADERS", "READ", "WRONG", "PASSED"]
    assert [str(problem) for problem in found.problems] == [f"第 3 行“凭证号”：{IS_MERGED}"]


def test_a_second_list_beside_the_first_is_in_doubt():
    found = account(sheet(HEADERS, [*ONE, "", TWO[1], "30"], THREE))
    assert states(found) == ["HEADERS", "DOUBT", "READ"]
    assert found.of(State.DOUBT)[0].doubt == IS_BESIDE
