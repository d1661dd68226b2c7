"""Lists that come in as they were published: cases are found by code or by name and county, or asked."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.workflow import Status
from applications.centre.imports import finding
from applications.centre.imports.decisions import MOST_FOUND
from applications.centre.imports.details import Title, day_in, document_in
from applications.centre.imports.long import NO_RIGHT
from applications.centre.imports.places import Places
from applications.centre.imports.recognitions import RECOGNITIONS
from applications.centre.imports.recording import (
    SheetImportError,
    keep_decisions,
    keep_sheet,
    record_sheet,
    rehearse,
)
from applications.centre.models import SheetImport
from applications.notices.models import Recognition, RecognitionLine
from portal.jobs.work import work_off
from portal.models import Job
from portal.sheets.limits import SheetError
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    EnterpriseFactory,
    JurisdictionFactory,
    ManagerFactory,
    ProgrammeFactory,
    RenamingFactory,
)
from tests.published_lists import EVERY_FILE, EVERY_TEXT, as_csv, as_xlsx, page

SUBMITTED = datetime(2026, 5, 6, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW = datetime(2026, 11, 20, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
DOCUMENT, DAY = "晋测〔2026〕17号", date(2026, 10, 12)
UPLOAD = reverse("admin:centre_sheetimport_upload", args=["recognitions"])
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def counties():
    city = JurisdictionFactory()
    return {
        name: JurisdictionFactory(code=code, name=name, level="county", parent=city)
        for code, name in (("140521", "沁水县"), ("140522", "阳城县"), ("140502", "城区"))
    }


@pytest.fixture
def manager(counties):
    return ManagerFactory()


@pytest.fixture
def edition(counties):
    return EditionFactory(programme=ProgrammeFactory(name="市级专精特新中小企业认定"))


class Firms:
    """Approved cases of firms by name, each with a code of its own."""

    def __init__(self, counties, edition):
        self.counties, self.edition, self.count = counties, edition, 0

    def __call__(self, name, county="沁水县", status=Status.APPROVED, **fields):
        self.count += 1
        firm = fields.pop("enterprise", None) or EnterpriseFactory(
            credit_code=f"91{self.counties[county].pk}MADEM{self.count:04d}X",
            name=name,
            county=self.counties[county],
        )
        fields = {"edition": self.edition, "submitted_at": SUBMITTED, **fields}
        return ApplicationFactory(enterprise=firm, status=status, **fields)


@pytest.fixture
def firm(counties, edition):
    return Firms(counties, edition)


TITLE = f"关于市级“专精特新”中小企业认定名单的通知（{DOCUMENT}）"


def published(*rows, headers=("序号", "企业名称", "所属县区"), title=TITLE, **about):
    """A list with its title above and its day below."""
    return page(
        ["附件1"], [title], headers, *rows, ["注：排名不分先后"], ["2026年10月12日"], **about
    )


def keep(content, user, name="名单.xlsx"):
    return keep_sheet(kind=RECOGNITIONS, name=name, content=content, user=user, now=NOW)


def tried(sheet, user):
    sheet.refresh_from_db()
    return rehearse(kind=RECOGNITIONS, sheet=sheet, user=user, now=NOW)


def record(sheet, user):
    sheet.refresh_from_db()
    return record_sheet(kind=RECOGNITIONS, sheet=sheet, user=user, now=NOW)


def choose(sheet, **choices):
    keep_decisions(sheet, {}, {}, choices)


def told(sheet, **details):
    keep_decisions(sheet, {}, {}, details=details)


def recognised():
    return set(RecognitionLine.objects.values_list("application__number", flat=True))


def becomes(seen):
    """What each row stands for, or why it is asked."""
    return [match.found.key if match.found else match.why for match in seen.matches]


# Found


@pytest.mark.parametrize("kind", EVERY_FILE)
def test_a_published_list_is_recorded_as_it_is_in_every_kind_of_file(manager, firm, kind):
    """Headers on two rows, a county merged over its rows, subtotals, notes, no number of ours."""
    one, two, three = firm("甲（集团）有限公司"), firm("乙有限公司"), firm("丙有限公司", "阳城县")
    list_ = page(
        ["附件1", "", "", "", "", ""],
        [TITLE, "", "", "", "", ""],
        ["", "", "", "", "", "单位：万元"],
        ["序号", "县 区", "企业情况", "", "奖补资金", ""],
        ["", "", "企 业\n名 称", "法人", "省级", "市级"],
        [1, "沁水县", " 甲(集团)有限公司", "某", 10, "5万元"],
        [2, "", "乙　有限公司", "某", 20, 5],
        ["小　计", "", "2家", "", 30, 10],
        [],
        [3, "阳城县", "丙有限公司", "某", 1.5, 2],
        ["合　　计", "", "3家", "", 31.5, 12],
        ["注：1.排名不分先后。"],
        ["", "", "", "", "2026年10月12日", ""],
        merged=[(1, 0, 1, 5), (3, 0, 4, 0), (3, 1, 4, 1), (3, 2, 3, 3), (3, 4, 3, 5), (5, 1, 6, 1)],
    )
    sheet = keep(EVERY_FILE[kind](list_), manager)
    seen = tried(sheet, manager)
    assert (seen.problems, seen.open, seen.new) == ([], 0, 3)
    assert not seen.account.mismatches
    assert {match.by for match in seen.matches} == {finding.BY_NAME_AND_PLACE}
    assert record(sheet, manager).outcome == "已登记 3 行。"
    assert recognised() == {one.number, two.number, three.number}
    recognition = Recognition.objects.get()
    assert (recognition.document_number, recognition.on) == (DOCUMENT, DAY)


@pytest.mark.parametrize("kind", EVERY_TEXT)
def test_a_published_list_is_recorded_from_every_kind_of_text(manager, firm, kind):
    firm("甲有限公司"), firm("乙有限公司", "阳城县")
    rows = [["1", "甲有限公司", "沁水"], ["2", "乙有限公司", "晋城市阳城县"], ["合　计", "2家", ""]]
    sheet = keep(EVERY_TEXT[kind](published(*rows)), manager)
    assert record(sheet, manager).outcome == "已登记 2 行。"


@pytest.mark.parametrize(
    "spell",
    [str.lower, lambda code: f" {code[:8]} {code[8:]}", lambda code: code.translate({49: "１"})],
)
def test_a_code_finds_the_case_whatever_the_name_is_spaced_like(manager, firm, spell):
    case = firm("甲有限公司")
    headers = ["序号", "单位名称", "统一社会信用代码\n（或组织机构代码）"]
    code = spell(case.enterprise.credit_code)
    seen = tried(
        keep(as_xlsx(published([1, "甲 有限公司", code], headers=headers)), manager), manager
    )
    assert [(match.found.key, match.by) for match in seen.matches] == [(case.number, "信用代码")]


def test_the_name_at_the_time_of_the_application_is_known_too(manager, firm):
    case = firm("新名有限公司", enterprise_name="旧名有限公司")
    seen = tried(keep(as_xlsx(published([1, "旧名有限公司", "沁水县"])), manager), manager)
    assert becomes(seen) == [case.number]


def test_the_name_before_the_firm_was_renamed_is_known_too_and_said(manager, firm):
    """The case was handed in under the new name, the list was written from old papers."""
    case = firm("沁水县新材料有限公司")
    RenamingFactory(enterprise=case.enterprise, former_name="沁水县旧材料有限公司")
    sheet = keep(as_xlsx(published([1, "沁水县旧材料有限公司", "沁水县"])), manager)
    [match] = tried(sheet, manager).matches
    assert (match.found.key, match.by) == (case.number, "曾用名")


@pytest.mark.parametrize("where", ["column", "line above", "name of the sheet"])
def test_firms_of_one_name_are_told_apart_by_county_wherever_it_is_written(manager, firm, where):
    there, here = firm("甲有限公司", "阳城县"), firm("甲有限公司")
    pages = {
        "column": [published([1, "甲有限公司", "沁水县"])],
        "line above": [
            page(
                [TITLE],
                ["序号", "企业名称"],
                ["一、沁水县（1家）"],
                [1, "甲有限公司"],
                ["二、阳城县"],
            )
        ],
        "name of the sheet": [
            page(["序号", "企业名称"], [1, "甲有限公司"], name="沁水县"),
            page(["序号", "企业名称"], [1, "甲有限公司"], name="阳城县"),
        ],
    }[where]
    seen = tried(keep(as_xlsx(*pages), manager), manager)
    assert becomes(seen) == [here.number, there.number][: len(pages)]


def test_rows_of_several_programmes_are_told_apart_by_their_column(manager, firm):
    other = EditionFactory(programme=ProgrammeFactory(id="other", name="首次上规奖励"))
    enterprise = firm("甲有限公司").enterprise
    second = firm("甲有限公司", enterprise=enterprise, edition=other)
    row = [1, "甲有限公司", "首次上规奖励"]
    seen = tried(
        keep(as_xlsx(published(row, headers=["序号", "企业名称", "奖励项目"])), manager), manager
    )
    assert becomes(seen) == [second.number]


def test_of_two_projects_of_a_firm_the_one_that_is_named(manager, firm):
    case = firm("甲有限公司", subject="一号基地")
    firm("甲有限公司", enterprise=case.enterprise, subject="二号基地")
    headers = ["企业名称", "县区", "项目名称"]
    rows = [["甲有限公司", "沁水县", "一号 基地"]]
    assert becomes(tried(keep(as_xlsx(published(*rows, headers=headers)), manager), manager)) == [
        case.number
    ]


def test_a_firm_that_is_merged_over_its_projects_is_that_of_each(manager, firm):
    case = firm("甲有限公司", subject="一号基地")
    other = firm("甲有限公司", enterprise=case.enterprise, subject="二号基地")
    headers = ["企业名称", "统一社会信用代码", "项目名称"]
    rows = [["甲有限公司", case.enterprise.credit_code, "一号基地"], ["", "", "二号基地"]]
    list_ = published(*rows, headers=headers, merged=[(3, 0, 4, 0), (3, 1, 4, 1)])
    assert becomes(tried(keep(as_xlsx(list_), manager), manager)) == [case.number, other.number]


@pytest.mark.parametrize("code", ["/", "—", "无", "-"])
def test_a_code_that_says_there_is_none_says_nothing(manager, firm, code):
    case = firm("甲有限公司")
    headers = ["企业名称", "信用代码", "县"]
    list_ = published(["甲有限公司", code, "沁水县"], headers=headers)
    assert becomes(tried(keep(as_csv(list_), manager), manager)) == [case.number]


def test_what_this_document_recognised_before_is_known(manager, firm):
    firm("甲有限公司"), firm("乙有限公司")
    rows = [[1, "甲有限公司", "沁水县"], [2, "乙有限公司", "沁水县"]]
    record(keep(as_xlsx(published(rows[0])), manager), manager)
    sheet = keep(as_xlsx(published(*rows)), manager)
    done = record(sheet, manager)
    assert done.outcome == "已登记 1 行。另有 1 行以前已登记，没有改动。"


def test_tables_side_by_side_are_both_read(manager, firm):
    numbers = [firm(name).number for name in ("甲有限公司", "乙有限公司", "丙有限公司")]
    headers = ["序号", "企业名称", "县区", "", "序号", "企业名称", "县区"]
    rows = [
        [1, "甲有限公司", "沁水县", "", 2, "乙有限公司", "沁水县"],
        [3, "丙有限公司", "沁水县", "", "", "", ""],
    ]
    sheet = keep(as_xlsx(published(*rows, headers=headers)), manager)
    seen = tried(sheet, manager)
    assert [str(match.place) for match in seen.matches] == [
        "第 4 行",
        "第 4 行（E 列起）",
        "第 5 行",
    ]
    record(sheet, manager)
    assert recognised() == set(numbers)


# Told once


def test_what_the_list_says_once_is_found_in_its_titles_and_said_so(manager, firm, edition):
    firm("甲有限公司")
    details = tried(keep(as_xlsx(published([1, "甲有限公司", "沁水县"])), manager), manager).details
    assert details.values == {
        "programme": edition.programme_id, "document_number": DOCUMENT, "on": DAY, "valid_until": None,
    }  # fmt: skip
    helps = [str(each.help_text) for each in details.form.fields.values()]
    assert helps[1] == f"从第 2 行“{TITLE}”读出，请核对。"
    assert helps[2] == "从第 6 行“2026年10月12日”读出，请核对。"


def test_what_no_title_tells_is_asked_and_nothing_is_recorded_before(manager, firm, edition):
    firm("甲有限公司")
    sheet = keep(as_csv(page(["企业名称"], ["甲有限公司"])), manager)
    seen = tried(sheet, manager)
    assert seen.open == 1
    assert seen.details.form.errors.keys() == {"document_number", "on"}
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, manager)
    told(sheet, document_number=DOCUMENT, on="2026.10.12", valid_until="2029年10月11日")
    record(sheet, manager)
    assert RecognitionLine.objects.get().valid_until == date(2029, 10, 11)


def test_without_a_programme_unknown_firms_are_told_and_the_others_wait(manager, firm):
    firm("甲有限公司"), firm("乙有限公司", edition=EditionFactory())
    rows = [[1, "甲有限公司", "沁水县"], [2, "乙有限公司", "沁水县"], [3, "外地有限公司", "甲市"]]
    sheet = keep(as_xlsx(published(*rows, title="名单")), manager)
    seen = tried(sheet, manager)
    assert becomes(seen) == [finding.WAITS, finding.WAITS, finding.NOT_FOUND]
    assert (seen.open, seen.rows) == (2, [])


def test_two_documents_in_the_titles_are_not_guessed_between(manager, firm):
    firm("甲有限公司")
    list_ = published([1, "甲有限公司", "沁水县"], title=f"{DOCUMENT} 晋测〔2026〕18号")
    details = tried(keep(as_xlsx(list_), manager), manager).details
    assert "document_number" in details.form.errors


def test_a_column_counts_and_is_not_asked_once_more(manager, firm):
    case = firm("甲有限公司")
    list_ = page(
        ["申报编号", "统一社会信用代码", "文号", "认定日期"],
        [case.number, case.enterprise.credit_code, DOCUMENT, DAY],
    )
    seen = tried(keep(as_xlsx(list_), manager), manager)
    assert (seen.details.form, seen.matches, seen.new) == (None, (), 1)


@pytest.mark.parametrize(
    "day", [46307, "2026.10.12", "2026/10/12 0:00:00", "二〇二六年十月十二日", DAY]
)
def test_a_day_counts_in_whatever_form_it_is_kept(manager, firm, day):
    firm("甲有限公司")
    list_ = page(["企业名称", "认定文号", "认定时间"], ["甲有限公司", DOCUMENT, day])
    record(keep(as_xlsx(list_), manager), manager)
    assert Recognition.objects.get().on == DAY


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("关于公布名单的通知（晋市企促函〔2026〕17号）", "晋市企促函〔2026〕17号"),
        ("根据晋经信发[2026]3号，现将名单公布如下", "晋经信发[2026]3号"),
        ("文号：晋工信（2026） 第 5 号", "晋工信（2026）第5号"),
        ("2026年第一批名单", None),
        ("晋工信〔2026〕5号、晋工信〔2026〕6号", None),
    ],
)
def test_a_document_number_is_found_in_a_title(text, number):
    found = document_in([Title("第 1 行", text)])
    assert (found.value if found else None) == number


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026年3月5日", "2026-03-05"),
        ("二〇二六年三月五日", "2026-03-05"),
        ("公布日期：2026.3.5", "2026-03-05"),
        ("2026年3月", None),
        ("2026年3月5日至2026年3月9日", None),
        ("电话：0356-2026305", None),
    ],
)
def test_a_day_is_found_in_a_title(text, day):
    found = day_in([Title("第 9 行", text)])
    assert (found.value if found else None) == day


def test_a_place_is_known_by_its_short_and_its_long_name(counties):
    other = JurisdictionFactory(code="140200", name="大同市", level="city")
    JurisdictionFactory(code="140202", name="城区", level="county", parent=other)
    places = Places()
    said = {
        "沁水": {"140521"}, "晋城市沁水县": {"140521"}, "晋城市": {"140500"}, "甲市": set(), "": set(),
        "城区": {"140502", "140202"}, "晋城市城区": {"140502"}, "一、阳城县（3家）": {"140522"},
    }  # fmt: skip
    assert {text: places.meant_by(text) for text in said} == said


# Asked


def test_several_cases_are_asked_about_and_one_is_chosen(manager, firm):
    first = firm("甲有限公司", year=2025)
    second = firm("甲有限公司", enterprise=first.enterprise, year=2026)
    sheet = keep(as_xlsx(published([1, "甲有限公司", "沁水县"])), manager)
    seen = tried(sheet, manager)
    [match] = seen.matches
    assert (match.why, match.is_open, seen.open) == (finding.SEVERAL, True, 1)
    assert {each.key for each in match.candidates} == {first.number, second.number}
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, manager)
    choose(sheet, **{match.key: second.number})
    done = record(sheet, manager)
    assert recognised() == {second.number}
    assert [each["by"] for each in done.decisions["matches"]] == ["您选定"]


def test_a_choice_holds_in_the_next_file_though_the_row_moved(manager, firm):
    first = firm("甲有限公司", year=2025)
    firm("甲有限公司", enterprise=first.enterprise, year=2026)
    sheet = keep(as_xlsx(published([1, "甲有限公司", "沁水县"])), manager)
    choose(sheet, **{tried(sheet, manager).matches[0].key: first.number})
    told(sheet, document_number="晋测〔2026〕99号")
    firm("乙有限公司")
    rows = [[1, "乙有限公司", "沁水县"], [2, "甲有限公司", "沁水县"]]
    seen = tried(keep(as_xlsx(published(*rows)), manager), manager)
    assert (seen.open, becomes(seen)[1]) == (0, first.number)
    assert seen.details.values["document_number"] == "晋测〔2026〕99号"
    told_of = seen.details.form.fields["document_number"].help_text
    assert told_of == f"与表里的不同：“{DOCUMENT}”，从第 2 行“{TITLE}”读出，请核对。"


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (["甲有限公司", "阳城县", ""], finding.OTHER_PLACE),
        (["甲有限公司", "外省某县", ""], finding.OTHER_PLACE),
        (["甲有限公司", "", "91140521MADEM9999X"], finding.OTHER_CODE),
        (["乙有限公司", "", "91140521MADEM0001X"], finding.OTHER_NAME),
        (["甲有限公司", "", "9.11405E+17"], finding.BAD_CODE),
        (["甲有限公司", "", 911405210000123456], finding.OTHER_CODE),
        (["甲有限公司", "", "9114****0001X"], finding.BAD_CODE),
    ],
)
def test_what_speaks_against_the_one_that_fits_is_asked(manager, firm, row, why):
    case = firm("甲有限公司")
    headers = ["企业名称", "县（市、区）", "统一社会信用代码"]
    sheet = keep(as_xlsx(published(row, headers=headers)), manager)
    [match] = tried(sheet, manager).matches
    assert (match.why, [each.key for each in match.candidates]) == (why, [case.number])
    choose(sheet, **{match.key: case.number})
    assert record(sheet, manager).outcome == "已登记 1 行。"


def test_firms_that_are_not_here_are_listed_and_passed_over(manager, firm):
    firm("甲有限公司")
    EnterpriseFactory(credit_code="91140521MADEM7777X", name="没有申报有限公司")
    rows = [
        [1, "甲有限公司", "沁水县"],
        [2, "外地有限公司", "甲市"],
        [3, "没有申报有限公司", "沁水县"],
    ]
    sheet = keep(as_xlsx(published(*rows)), manager)
    seen = tried(sheet, manager)
    _, unknown, without = seen.matches
    assert (unknown.why, without.why, seen.open) == (finding.NOT_FOUND, finding.KNOWN_FIRM, 2)
    choose(sheet, **{unknown.key: "pass", without.key: "pass"})
    done = record(sheet, manager)
    assert done.outcome == "已登记 1 行。另有 2 行选定略过。"
    assert [each["found"] == "" for each in done.decisions["matches"]] == [False, True, True]


@pytest.mark.parametrize("name", ["3、甲有限公司", "（3）甲 有限公司★", "甲有限公司*"])
def test_a_name_is_known_with_its_number_in_the_list_or_a_star(manager, firm, name):
    case = firm("甲有限公司")
    assert becomes(tried(keep(as_csv(published(["", name, "沁水县"])), manager), manager)) == [
        case.number
    ]


def test_a_name_that_is_written_wrong_is_found_by_the_number_that_somebody_types(
    client, manager, firm
):
    client.force_login(manager)
    case, elsewhere = firm("甲有限公司"), firm("乙有限公司", edition=EditionFactory())
    content = as_xlsx(published([1, "甲有限责任公司", "沁水县"]))
    [number] = names_in(text_of(post(client, content)), "number")
    for wrong in ("140521-2099-0001", elsewhere.number):
        text = text_of(client.post(address("record"), {number: wrong}))
        assert finding.NO_SUCH_NUMBER.format(number=wrong) in text
        assert f'value="{wrong}"' in text
    text = text_of(client.post(address("decide"), {number: f" {case.number} "}, follow=True))
    assert "登记这 1 行" in text
    text = text_of(client.post(address("decide"), {number: ""}, follow=True))
    assert f"{finding.NOT_FOUND}（1 行，1 行待定）" in text
    text = text_of(client.post(address("record"), {number: case.number}, follow=True))
    assert "已登记 1 行。" in text
    assert finding.BY_TYPED in text


def test_a_case_that_cannot_be_recognised_yet_says_why(manager, firm):
    firm("甲有限公司", status=Status.SUBMITTED)
    [match] = tried(keep(as_xlsx(published([1, "甲有限公司", "沁水县"])), manager), manager).matches
    assert match.why == finding.NOT_READY
    assert match.candidates[0].refusal == "现在是“待受理”，审核通过以后才能认定"


def test_the_same_firm_twice_is_asked_with_both_places(manager, firm):
    firm("甲有限公司"), firm("乙有限公司")
    rows = [[1, "甲有限公司", "沁水县"], [2, "乙有限公司", "沁水县"], [3, "甲有限公司", "沁水县"]]
    sheet = keep(as_xlsx(published(*rows)), manager)
    *_, last = tried(sheet, manager).matches
    assert last.why == finding.TAKEN.format(place="第 4 行")
    choose(sheet, **{last.key: "pass"})
    assert record(sheet, manager).outcome == "已登记 2 行。另有 1 行选定略过。"


def test_firms_of_another_place_are_as_unknown_as_none(counties, firm):
    firm("甲有限公司"), firm("乙有限公司", "阳城县")
    clerk = ManagerFactory(jurisdiction_code="140521")
    rows = [[1, "甲有限公司", "沁水县"], [2, "乙有限公司", "阳城县"]]
    seen = tried(keep(as_xlsx(published(*rows)), clerk), clerk)
    assert [match.why for match in seen.matches] == ["", finding.NOT_FOUND]


@pytest.mark.parametrize("place", ["140521", ""])
def test_the_programme_of_the_city_is_there_for_its_counties_and_for_who_has_all(firm, place):
    case = firm("甲有限公司")
    clerk = ManagerFactory(jurisdiction_code=place, is_superuser=not place)
    seen = tried(keep(as_xlsx(published([1, "甲有限公司", "沁水县"])), clerk), clerk)
    assert becomes(seen) == [case.number]


def test_a_case_that_was_taken_back_meanwhile_is_asked_anew(manager, firm):
    case = firm("甲有限公司")
    sheet = keep(as_xlsx(published([1, "甲有限公司", "沁水县"])), manager)
    assert tried(sheet, manager).open == 0
    Application.objects.filter(pk=case.pk).update(status=Status.REJECTED)
    with pytest.raises(SheetImportError, match="还有 1 处待定"):
        record(sheet, manager)
    assert not Recognition.objects.exists()


def test_a_number_beside_a_name_is_held_against_it(manager, firm):
    one, two = firm("甲有限公司"), firm("乙有限公司")
    headers = ["申报编号", "企业名称"]
    rows = [[one.number, "甲(有限公司)"], [two.number, "丙有限公司"]]
    seen = tried(keep(as_xlsx(published(*rows, headers=headers)), manager), manager)
    assert [str(found) for found in seen.problems] == [
        "第 5 行“企业名称”：与这件申报的企业名称“乙有限公司”不一致，请核对申报编号"
    ]
    assert seen.problems[0].cell == "B5"


def test_a_document_that_some_rows_lack_is_told_by_its_cell(manager, firm):
    firm("甲有限公司"), firm("乙有限公司")
    headers = ["企业名称", "文号", "认定日期"]
    rows = [["甲有限公司", DOCUMENT, DAY], ["乙有限公司", "", "明天"]]
    seen = tried(keep(as_xlsx(published(*rows, headers=headers)), manager), manager)
    assert [(each.cell, each.message[:6]) for each in seen.problems] == [
        ("B5", "没有填"), ("C5", "“明天”不是"),
    ]  # fmt: skip


def test_the_number_of_queries_does_not_grow_with_the_rows(manager, firm):
    def reads(count):
        rows = []
        for number in range(count):
            name = f"第{firm.count}有限公司"
            firm(name, status=Status.SUBMITTED if number else Status.APPROVED)
            rows.append([number, name, "沁水县"])
        sheet = keep(as_xlsx(published(*rows)), manager)
        with CaptureQueriesContext(connection) as captured:
            tried(sheet, manager)
        return len(captured)

    reads(1)
    assert reads(2) == reads(20)


# The pages


def post(client, content, name="名单.xlsx"):
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)}, follow=True)


def address(name):
    return reverse(f"admin:centre_sheetimport_{name}", args=[SheetImport.objects.latest("pk").pk])


def text_of(response):
    return response.content.decode()


@pytest.fixture
def doubtful(firm):
    """A list of one that is found, one with two cases, one unknown; its total is wrong."""
    firm("甲有限公司")
    case = firm("乙有限公司", year=2025)
    firm("乙有限公司", enterprise=case.enterprise, year=2026)
    rows = [[1, "甲有限公司", "沁水县"], [2, "乙有限公司", "沁水县"], [3, "外地有限公司", "甲市"]]
    return case, as_xlsx(published(*rows, ["合计", "4家", ""], title="名单"))


def test_the_page_tells_of_every_row_what_it_stands_for_or_asks(client, manager, doubtful):
    client.force_login(manager)
    _, content = doubtful
    text = text_of(post(client, content))
    assert "按名单找到的（1 行）" in text
    assert "名称和县" in text
    assert f"{finding.SEVERAL}（1 行，1 行待定）" in text
    assert f"{finding.NOT_FOUND}（1 行，1 行待定）" in text
    assert "B7 写的是 4家，读出的是 3 行" in text
    assert "名单里的企业，只有这个项目有审核通过的申报；请核对。" in text
    assert "从第 9 行“2026年10月12日”读出" in text
    assert "<strong>还有 3 处待定</strong>" in text


def test_what_is_typed_and_chosen_stays_and_is_told_beside_its_field(client, manager, doubtful):
    client.force_login(manager)
    case, content = doubtful
    several, *_ = names_in(text_of(post(client, content)), "found")
    sent = {several: case.number, "document_number": "", "on": "后天<b>"}
    text = text_of(client.post(address("record"), sent))
    assert f'value="{case.number}" checked' in text
    assert "后天&lt;b&gt;" in text
    assert "请填认定文件的文号。" in text
    assert "不是日期" in text
    assert not Recognition.objects.exists()
    again = text_of(post(client, content))
    assert f'value="{case.number}" checked' in again
    assert "后天&lt;b&gt;" in again


def test_a_list_is_completed_on_the_page_and_recorded(client, manager, doubtful, edition):
    client.force_login(manager)
    case, content = doubtful
    several, unknown, _ = names_in(text_of(post(client, content)), "found")
    sent = {
        several: case.number, unknown: "pass", "programme": edition.programme_id,
        "document_number": DOCUMENT, "on": "2026-10-12", "valid_until": "",
    }  # fmt: skip
    text = text_of(client.post(address("decide"), sent, follow=True))
    assert "将登记 2 行" in text
    assert "选定略过 1 行。" in text
    text = text_of(client.post(address("record"), sent, follow=True))
    assert "已登记 2 行。另有 1 行选定略过。" in text
    assert "这份文件的" in text
    assert "您选定" in text
    assert "外地有限公司" in text
    assert case.number in recognised()


def test_what_is_refused_is_shown_with_its_cell_and_what_stands_there(client, manager, firm):
    client.force_login(manager)
    firm("甲有限公司")
    headers = ["企业名称", "文号", "认定日期"]
    list_ = published(["甲有限公司", DOCUMENT, "<明天>"], headers=headers)
    text = text_of(post(client, as_xlsx(list_)))
    told = ["第 4 行", "C4", "认定日期", "&lt;明天&gt;"]
    assert all(f">{each}</td>" in text for each in told)


def test_a_hidden_column_that_is_read_is_told(client, manager, firm):
    client.force_login(manager)
    firm("甲有限公司")
    list_ = page(["企业名称", "县区"], ["甲有限公司", "沁水县"], away=(1,))
    assert "有隐藏的列，照样读：县（市、区）。" in text_of(post(client, as_xlsx(list_)))


def test_all_that_are_unknown_are_passed_over_at_once(client, manager, firm):
    client.force_login(manager)
    firm("甲有限公司")
    strangers = [[n, f"外地{n}号有限公司", "甲市"] for n in range(300)]
    text = text_of(post(client, as_xlsx(published([0, "甲有限公司", "沁水县"], *strangers))))
    [group] = re.findall('name="pass-found" value="([^"]+)"', text)
    assert len(names_in(text, "found")) == MOST_FOUND + 1  # and the one that was found
    text = text_of(client.post(address("decide"), {"pass-found": group}, follow=True))
    assert "登记这 1 行" in text
    assert "选定略过 300 行" in text


def test_what_was_found_can_be_passed_over_and_taken_again(client, manager, firm):
    client.force_login(manager)
    case, other = firm("甲有限公司"), firm("乙有限公司")
    rows = [[1, "甲有限公司", "沁水县"], [2, "乙有限公司", "沁水县"]]
    first, _ = names_in(text_of(post(client, as_xlsx(published(*rows)))), "found")
    text = text_of(client.post(address("decide"), {first: "pass"}, follow=True))
    assert "登记这 1 行" in text
    assert "选定略过 1 行。" in text
    text = text_of(client.post(address("decide"), {first: case.number}, follow=True))
    assert "登记这 2 行" in text
    client.post(address("record"), {first: "pass"})
    assert recognised() == {other.number}


def test_only_what_is_on_the_page_can_be_chosen(client, manager, firm, doubtful):
    client.force_login(manager)
    stranger = firm("丙有限公司")
    several, unknown, _ = names_in(text_of(post(client, doubtful[1])), "found")
    client.post(address("decide"), {several: stranger.number, unknown: "x", "found:x": "pass"})
    assert "found" not in SheetImport.objects.get().decisions


def names_in(text, prefix):
    """Names of the fields that begin so, in the order of the page."""
    return list(dict.fromkeys(re.findall(rf'name="({prefix}:[^"]+)"', text)))


# Many rows


def test_many_rows_are_recorded_by_a_worker_whole_or_not_at_all(client, manager, firm, monkeypatch):
    monkeypatch.setattr("applications.centre.imports.recording.MOST_AT_ONCE", 2)
    client.force_login(manager)
    cases = [firm(name) for name in ("甲有限公司", "乙有限公司", "丙有限公司")]
    rows = [[n, case.enterprise.name, "沁水县"] for n, case in enumerate(cases, start=1)]
    text = text_of(post(client, as_xlsx(published(*rows))))
    assert "将登记 3 行" in text
    assert "由后台登记：要么全部登记，要么一行也不登记" in text
    page_of_job = client.post(address("record"), follow=True)
    assert "正在排队" in text_of(page_of_job) or "后台程序" in text_of(page_of_job)
    assert not recognised()
    Application.objects.filter(pk=cases[0].pk).update(status=Status.REJECTED)
    assert work_off(timezone.now) == 1
    job = Job.objects.get()
    assert (job.state, job.words) == (
        Job.State.FAILED,
        "没有登记：还有 1 处待定，请在下面选定或回答。",
    )
    assert not recognised()
    Application.objects.filter(pk=cases[0].pk).update(status=Status.APPROVED)
    client.post(address("record"))
    client.post(address("record"))
    assert work_off(timezone.now) == 1
    assert recognised() == {case.number for case in cases}
    assert "已登记 3 行。" in text_of(client.get(address("change")))
    assert address("change") in text_of(client.get(Job.objects.latest("pk").get_absolute_url()))


def test_a_worker_records_for_nobody_who_may_not_any_more(client, manager, firm, monkeypatch):
    monkeypatch.setattr("applications.centre.imports.recording.MOST_AT_ONCE", 0)
    client.force_login(manager)
    firm("甲有限公司")
    post(client, as_xlsx(published([1, "甲有限公司", "沁水县"])))
    client.post(address("record"))
    manager.user_permissions.clear()
    assert work_off(timezone.now) == 1
    assert Job.objects.get().words == NO_RIGHT
    assert not recognised()


@pytest.mark.night
def test_a_list_of_a_whole_province_is_read_and_what_is_not_here_is_passed_over(manager, firm):
    case = firm("甲有限公司")
    strangers = [[n, f"外地{n}号有限公司", "甲市"] for n in range(4_999)]
    seen = tried(
        keep(as_xlsx(published([0, "甲有限公司", "沁水县"], *strangers)), manager), manager
    )
    assert seen.matches[0].found.key == case.number
    assert (len(seen.matches), seen.open, seen.problems) == (5_000, 4_999, [])
    with pytest.raises(SheetError, match="超过 6000 行"):
        keep(as_csv(page(*([[n, "公司"] for n in range(6_001)]))), manager)
    with pytest.raises(SheetError, match="第 20000 行以下"):
        keep(as_csv(page(*([[n, "公司"] for n in range(20_001)]))), manager)
