"""Figures for the head of a centre: what is counted, beside last year, and the list behind each figure."""

import re
import subprocess
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from applications.cases.models import Application, ApplicationEvent, CalendarDay
from applications.cases.workflow import Action, Status
from applications.centre.figures.answer import answer
from applications.centre.figures.counted import FIGURES, Selection
from applications.centre.figures.period import Period, month_before
from applications.centre.figures.steps import step_figures
from applications.centre.figures.tables import BREAKDOWNS, against, case_table, line_table
from applications.centre.models import ExportLog
from applications.money.models import AwardLine, Payment, PaymentBatch, Refund
from applications.notices.models import Recognition, RecognitionLine
from policies.rules.facts import plain
from portal.jobs.work import work_off
from portal.models import Job
from tests.applying import at
from tests.factories import (
    ApplicationFactory,
    AwardLineFactory,
    EditionFactory,
    EnterpriseFactory,
    FundFactory,
    JurisdictionFactory,
    StepFactory,
    UserFactory,
)
from tests.workbook import cells_of, rows_of

PAGE = reverse("admin:centre_figures_changelist")
YEAR = Period(date(2026, 1, 1), date(2026, 11, 28))
pytestmark = pytest.mark.django_db


def head(code="140500", role="负责人"):
    user = UserFactory(permissions=[], jurisdiction_code=code)
    user.groups.add(Group.objects.get(name=role))
    return user


MARCH = at(2026, 3, 10, 9)


def case_of(county="140521", submitted=MARCH, edition=None, **fields):
    """A case of one more firm of the county, handed in at that moment."""
    place = JurisdictionFactory(
        code=county, name=f"县{county}", level="county",
        parent=JurisdictionFactory(code=f"{county[:4]}00"),
    )  # fmt: skip
    number = Application.objects.count()
    firm = EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", county=place)
    edition = edition or EditionFactory()
    return ApplicationFactory(enterprise=firm, submitted_at=submitted, edition=edition, **fields)


def done(case, action, when, *, source="in_review", target="in_review", place=0, level="county"):
    return ApplicationEvent.objects.create(
        application=case, at=when, action=action, source=source, target=target,
        actor=UserFactory(permissions=[]), step="初审", step_level=level, step_place=place,
    )  # fmt: skip


def recognised(case, on):
    """The case in a document of that day; its award lines can be made then."""
    paper = Recognition.objects.create(
        document_number="测试〔2026〕9号", on=on, programme=case.edition.programme,
        jurisdiction=case.county, created_at=timezone.now(), created_by=UserFactory(permissions=[]),
    )  # fmt: skip
    Application.objects.filter(pk=case.pk).update(status=Status.RECOGNISED)
    RecognitionLine.objects.create(recognition=paper, application=case)
    return case


def paid(line, amount, on, *, is_draft=False):
    """A payment on a line that is approved already."""
    clerk, number = UserFactory(permissions=[]), PaymentBatch.objects.count()
    batch = PaymentBatch.objects.create(
        number=f"ZF{number:04d}", fund=line.fund, created_at=timezone.now(), created_by=clerk
    )  # fmt: skip
    payment = Payment.objects.create(batch=batch, line=line, amount=amount)
    if not is_draft:
        PaymentBatch.objects.filter(pk=batch.pk).update(
            state="paid", voucher_number=f"V{number}", paid_on=on, paid_at=timezone.now(),
            paid_by=clerk,
        )  # fmt: skip
        AwardLine.objects.filter(pk=line.pk).update(paid=line.paid + amount)
        line.refresh_from_db()
    return payment


def refunded(payment, amount, on):
    made = Refund.objects.create(
        payment=payment, amount=amount, on=on, reason="账号有误", pay_again=True,
        recorded_at=timezone.now(), recorded_by=UserFactory(permissions=[]),
    )  # fmt: skip
    line = payment.line
    AwardLine.objects.filter(pk=line.pk).update(returned=line.returned + amount)
    return made


def counts(table, row=None):
    """The figures of a row, or of all rows, by key."""
    chosen = table.total if row is None else next(each for each in table.rows if each.name == row)
    return {cell.figure.key: cell.count for cell in chosen.cells}


def amounts(table):
    return {
        cell.figure.key: (cell.count, cell.amount) for cell in table.total.cells if cell.is_money
    }


def cases(user, period=YEAR, by="county", **chosen):
    return case_table(Selection(user, **chosen), period, BREAKDOWNS[by])


def lines(user, period=YEAR, by="county", **chosen):
    return line_table(Selection(user, **chosen), period, BREAKDOWNS[by])


@pytest.fixture
def year():
    """Cases of two counties of one city and one of another, with what was done to them this year and last."""
    edition = EditionFactory()
    StepFactory(edition=edition, position=1, title="初审", working_days=5)
    first = case_of(edition=edition)
    done(first, Action.SUBMIT, at(2026, 3, 10, 9), source="", target="submitted")
    done(first, Action.ACCEPT, at(2026, 3, 11, 9), source="submitted")
    done(first, Action.RETURN, at(2026, 3, 12, 9), target="returned")
    done(first, Action.RESUBMIT, at(2026, 3, 20, 9), source="returned")
    done(first, Action.RETURN, at(2026, 4, 1, 9), target="returned")
    done(first, Action.RESUBMIT, at(2026, 4, 7, 9), source="returned")
    done(first, Action.RECOMMEND, at(2026, 4, 8, 9), target="approved")
    second = case_of(edition=edition, submitted=at(2026, 3, 31, 23, 59))
    done(second, Action.REJECT, at(2026, 4, 2, 9), source="submitted", target="rejected")
    third = case_of("140522", submitted=at(2026, 4, 1, 0, 0), status="withdrawn")
    done(third, Action.WITHDRAW, at(2026, 4, 3, 9), target="withdrawn")
    last_year = case_of(edition=edition, submitted=at(2025, 3, 10, 9))
    done(last_year, Action.RECOMMEND, at(2025, 4, 1, 9), target="approved")
    case_of("140423")
    recognised(first, date(2026, 5, 6))
    recognised(last_year, date(2025, 5, 6))
    fund = FundFactory()
    whole = AwardLineFactory(application=first, fund=fund, state="approved", amount=Decimal(30))
    paid(whole, Decimal(20), date(2026, 6, 1))
    wrong = paid(whole, Decimal(10), date(2026, 6, 2))
    refunded(wrong, Decimal(10), date(2026, 7, 1))
    paid(
        AwardLineFactory(application=first, fund=fund, state="approved"),
        Decimal(5),
        None,
        is_draft=True,
    )
    AwardLineFactory(application=first, fund=fund, kind="range", amount=None, low=10, high=25)
    AwardLineFactory(application=first, fund=fund, kind="unpublished", amount=None)
    AwardLineFactory(application=first, fund=fund, state="void")
    AwardLineFactory(application=last_year, fund=fund, state="approved", amount=Decimal(40))
    return edition


def test_cases_count_by_what_was_done_in_the_period_beside_the_year_before(year):
    table = cases(head())
    assert counts(table) == {
        "submitted": 3, "passed": 1, "returned": 1, "rejected": 1, "lapsed": 0, "withdrawn": 1,
        "recognised": 1, "revoked": 0,
    }  # fmt: skip
    assert [(row.name, row.cells[0].count) for row in table.rows] == [
        ("县140521", 2), ("县140522", 1)
    ]  # fmt: skip
    told = {cell.figure.key: (cell.count_before, cell.change) for cell in table.total.cells}
    assert told["submitted"] == (1, "+200%")
    assert told["passed"] == (1, "持平")
    assert told["returned"] == (0, "上年没有")


def test_a_case_that_is_handed_in_before_midnight_belongs_to_that_day(year):
    march = cases(head(), Period(date(2026, 3, 1), date(2026, 3, 31)))
    april = cases(head(), Period(date(2026, 4, 1), date(2026, 4, 30)))
    assert (counts(march)["submitted"], counts(april)["submitted"]) == (2, 1)
    by_month = cases(head(), by="month")
    assert counts(by_month, "2026 年 3 月")["submitted"] == 2
    assert counts(by_month, "2026 年 4 月")["submitted"] == 1


def test_a_month_counts_a_case_that_was_returned_in_two_and_the_whole_counts_it_once(year):
    table = cases(head(), by="month")
    returned = [counts(table, f"2026 年 {month} 月")["returned"] for month in (3, 4, 5)]
    assert returned == [1, 1, 0]
    assert counts(table)["returned"] == 1
    assert "每个月各算一次" in table.notes[0]
    assert len(table.rows) == 11


def test_years_stand_beside_the_year_before_each(year):
    both = Period(date(2025, 1, 1), date(2026, 11, 28))
    rows = {row.name: row.cells[0] for row in cases(head(), both, "year").rows}
    assert {name: (cell.count, cell.count_before) for name, cell in rows.items()} == {
        "2025 年": (1, 0), "2026 年": (3, 1)
    }  # fmt: skip


def test_programmes_and_cities_divide_the_same_cases(year):
    user = head("140000")
    JurisdictionFactory(code="140000", name="山西省", level="province")
    for code in ("140500", "140400"):
        type(JurisdictionFactory(code=code)).objects.filter(pk=code).update(parent_id="140000")
    assert [row.cells[0].count for row in cases(user, by="city").rows] == [1, 3]
    assert sum(row.cells[0].count for row in cases(user, by="programme").rows) == 4
    assert counts(cases(user, place="140500"))["submitted"] == 3
    assert counts(cases(user, programme=year.programme_id))["submitted"] == 2


def test_each_sees_their_own_place_and_below(year):
    assert counts(cases(head("140521")))["submitted"] == 2
    assert counts(cases(head("140423")))["submitted"] == 1
    assert counts(cases(head("140423"), place="140521"))["submitted"] == 0
    assert counts(cases(head("")))["submitted"] == 0


def test_money_says_what_is_granted_paid_and_left_and_leaves_out_what_has_no_amount(year):
    table = lines(head())
    assert amounts(table) == {
        "granted": (2, Decimal(50)),
        "paid_of_granted": (1, Decimal(20)),
        "left": (2, Decimal(30)),
        "paid": (1, Decimal(30)),
        "refunded": (1, Decimal(10)),
        "reclaimed": (0, None),
        "claimed": (0, None),
    }
    assert table.notes == [
        "核定奖补的合计没有算进：只印范围 1 项（文件印 10–25 万元），金额未公布 1 项，不再给付 1 项。"
    ]
    granted = table.total.cells[0]
    assert (granted.amount_before, granted.change) == (Decimal(40), "+25%")


def test_what_has_no_amount_is_no_zero(year):
    other = recognised(case_of("140522"), date(2026, 8, 1))
    AwardLineFactory(application=other, kind="range", amount=None, low=10, high=None)
    row = next(row for row in lines(head()).rows if row.name == "县140522")
    cells = {cell.figure.key: cell for cell in row.cells}
    assert (cells["granted"].count, cells["granted"].amount) == (0, None)
    assert cells["range"].printed == "文件印 10 万元以上"


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [
        (3, 2, "+50%"),
        (1, 3, "−66.7%"),
        (0, 3, "−100%"),
        (2, 2, "持平"),
        (100_001, 100_000, "几乎持平"),
        (0, 0, "上年没有"),
        (5, 0, "上年没有"),
        (None, None, "上年没有"),
        (Decimal("12.5"), Decimal(10), "+25%"),
    ],
)
def test_a_change_is_never_a_share_of_nothing(now, before, told):
    assert against(now, before) == told


@pytest.mark.parametrize(
    ("first", "last", "before"),
    [
        ("2025-02-01", "2025-02-28", ("2024-02-01", "2024-02-29")),
        ("2024-02-01", "2024-02-29", ("2023-02-01", "2023-02-28")),
        ("2024-02-01", "2024-02-28", ("2023-02-01", "2023-02-28")),
        ("2024-02-29", "2024-03-31", ("2023-03-01", "2023-03-31")),
        ("2025-03-01", "2025-12-31", ("2024-03-01", "2024-12-31")),
    ],
)
def test_the_year_before_holds_whole_months_and_no_day_twice(first, last, before):
    found = Period(date.fromisoformat(first), date.fromisoformat(last)).year_before
    assert (found.first.isoformat(), found.last.isoformat()) == before


def test_each_day_of_leap_years_is_in_one_month():
    period = Period(date(2023, 11, 15), date(2024, 3, 2))
    months = period.months()
    assert [str(month.first) for month in months][:2] == ["2023-11-15", "2023-12-01"]
    assert sum((month.last - month.first).days + 1 for month in months) == 109
    assert [month.is_month for month in months] == [False, True, True, True, False]
    assert month_before(date(2024, 3, 31)) == Period(date(2024, 2, 1), date(2024, 2, 29))


def test_days_at_a_step_begin_after_arrival_and_leave_out_what_lay_with_the_firm(year):
    """12 March is a working day after the 11th; 20 March to 1 April are eight; the limit is five."""
    [step] = step_figures(Selection(head()), YEAR)
    assert (step.name, step.limits, step.cases) == ("县级 · 初审", {5}, 2)
    assert sorted(step.days.values()) == [2, 8]
    assert step.median == 5
    assert (len(step.late), len(step.timed), step.late_share) == (1, 2, Decimal("0.5"))


def test_holidays_do_not_count_and_weekends_that_are_worked_do():
    """From 30 September to 10 October 2026 there are three: the 8th, the 9th and Saturday the 10th."""
    case = case_of(submitted=at(2026, 9, 30, 9))
    done(case, Action.RECOMMEND, at(2026, 10, 10, 9), target="approved")
    [step] = step_figures(Selection(head()), YEAR)
    assert step.median == 3
    CalendarDay.objects.create(date="2026-10-09", is_working_day=False, note="测试")
    [step] = step_figures(Selection(head()), YEAR)
    assert (step.median, step.late_share) == (2, None)


def test_a_stay_in_a_year_without_a_calendar_is_said_to_be_unknown():
    period = Period(date(2030, 1, 1), date(2030, 12, 31))
    case = case_of(submitted=at(2030, 1, 3, 9))
    done(case, Action.RECOMMEND, at(2030, 1, 10, 9), target="approved")
    [step] = step_figures(Selection(head()), period)
    assert (step.cases, step.median, step.late_share, len(step.unknown)) == (1, None, None, 1)


@pytest.mark.parametrize(("days", "middle"), [([3], 3), ([1, 2], Decimal("1.5")), ([1, 9, 2], 2)])
def test_the_median_is_the_same_on_both_databases(days, middle):
    for length in days:
        case = case_of(submitted=at(2026, 3, 2, 9))
        arrived = date(2026, 3, 2) + timedelta(days=length + 2 * (length > 4))
        done(
            case, Action.RECOMMEND, at(arrived.year, arrived.month, arrived.day), target="approved"
        )
    [step] = step_figures(Selection(head()), YEAR)
    assert step.median == middle


FIGURE = re.compile(r'<a href="([^"]+)">(.*?)</a>')
HOLDS = re.compile(r"\?queue=all&amp;counted=|\?counted=")


def links(page):
    """Every figure of the page that leads to a list: its address, and how many it says there are."""
    found = []
    for address, text in FIGURE.findall(page):
        if HOLDS.search(address):
            number = re.search(r"(\d+) 项", text) or re.fullmatch(r"(\d+)", text)
            found.append((address.replace("&amp;", "&"), int(number[1]) if number else 0))
    return found


@pytest.mark.parametrize("by", ["county", "programme", "month"])
def test_every_figure_leads_to_a_list_of_as_many(client, year, time_machine, by):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head())
    found = links(client.get(PAGE, {"by": by}).content.decode())
    assert len(found) > 30
    assert sum(bool(count) for _, count in found) > 15
    for address, count in found:
        response = client.get(address)
        assert response.status_code == 200, address
        assert response.context["cl"].result_count == count, address
        assert response.context["cl"].paginator.count == count, address


def test_the_amount_behind_a_figure_is_the_sum_of_its_list(client, year, time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head())
    table = lines(head())
    granted = next(cell for cell in table.total.cells if cell.figure.key == "granted")
    listed = client.get(granted.address).context["cl"].queryset
    assert sum(line.amount for line in listed) == granted.amount == 50
    page = client.get(granted.address).content.decode()
    assert "核定奖补，2026-01-01 至 2026-11-28" in page


@pytest.mark.parametrize(
    "query",
    [
        "counted=nothing&counted_first=2026-01-01&counted_last=2026-02-01",
        "counted=submitted",
        "counted_first=2026-01-01",
        "counted=submitted&counted_first=2026-02-01&counted_last=2026-01-01",
        "counted=submitted&counted_first=0001-01-01&counted_last=9999-12-31",
        "counted=submitted&counted_first=2026-01-01&counted_last=2026-02-01&counted_place=%00",
        "counted=submitted&counted_first=2026-01-01&counted_last=2026-02-01&counted_place=999999",
        "counted=late&counted_first=2026-01-01&counted_last=2026-02-01",
        "counted=granted&counted_first=2026-01-01&counted_last=2026-02-01",
    ],
)
def test_an_address_changed_by_hand_is_no_fault(client, query):
    client.force_login(head())
    page = client.get(f"{reverse('admin:cases_application_changelist')}?queue=all&{query}")
    assert (page.status_code, page.url.rpartition("?")[2]) == (302, "e=1")


def test_the_page_says_what_each_figure_counts_once(client, year, time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head())
    page = client.get(PAGE).content.decode()
    for figure in FIGURES.values():
        assert page.count(figure.words) == 1, figure.key
    assert "2026-01-01 至 2026-11-28；上年同期是 2025-01-01 至 2025-11-28" in page
    assert "文件印 10–25 万元" in page
    assert "上年没有" in page


def test_the_number_of_queries_does_not_grow(client, year, time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    user = head()

    def asked():
        with CaptureQueriesContext(connection) as context:
            answer(Selection(user), YEAR, "county")
        return len(context)

    few = asked()
    for number in range(8):
        other = recognised(case_of("140522" if number % 2 else "140524"), date(2026, 8, 1))
        done(other, Action.RECOMMEND, at(2026, 7, 1, 9), target="approved")
        paid(AwardLineFactory(application=other, state="approved"), Decimal(5), date(2026, 9, 1))
    assert asked() == few == 19


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"first": "2026-13-01"}, "没有 13 月"),
        ({"first": "2026-05-01", "last": "2026-04-01"}, "起始日不能晚于截止日"),
        ({"last": "2027-01-01"}, "截止日不能晚于今天"),
        ({"first": "1999-01-01"}, "2000 年以后"),
        ({"first": "2010-01-01"}, "一次最多看 10 年"),
        ({"by": "nonsense"}, "nonsense"),
        ({"place": "140423"}, "140423"),
    ],
)
def test_what_is_asked_wrongly_is_told_beside_its_field(client, year, time_machine, asked, told):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head())
    response = client.get(PAGE, asked)
    page = response.content.decode()
    assert response.status_code == 400
    assert told in page
    for typed in asked.values():
        assert typed in page
    answer = client.post(f"{reverse('admin:centre_figures_file', args=['cases'])}?first=x")
    assert answer.status_code == 302


@pytest.mark.parametrize("table", ["cases", "lines", "steps"])
def test_a_table_as_xlsx_holds_the_figures_of_the_page(client, year, time_machine, table):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head(role="审计"))
    response = client.post(reverse("admin:centre_figures_file", args=[table]))
    cells = cells_of(b"".join(response.streaming_content))
    texts = [[cell.value for cell in row] for row in rows_of(cells)]
    headers = next(row for row in texts if row and row[0] == "序号")
    whole = [row for row in texts if len(row) == len(headers) and isinstance(row[0], Decimal)]
    if table == "steps":
        assert whole[0][1:4] == ["县级 · 初审", "5", 2]
        assert whole[0][headers.index("超期（件）")] == 1
        assert whole[0][headers.index("用时的中位数（工作日）")] == "5"
        assert not any("万元" in str(value) for row in texts for value in row)
        return
    by_name = {row[1]: dict(zip(headers, row, strict=True)) for row in whole if row[1]}
    if table == "cases":
        assert by_name["全部"]["提交（件）"] == 3
        assert by_name["全部"]["提交上年同期"] == 1
        assert by_name["县140522"]["企业撤回（件）"] == 1
    else:
        assert by_name["全部"]["核定奖补（万元）"] == 50
        assert by_name["全部"]["只印范围：文件印的"] == "文件印 10–25 万元"
        assert by_name["全部"]["本期退回（万元）"] == 10
    assert "2026-01-01 至 2026-11-28；晋城市" in ExportLog.objects.get().filtered


def test_names_in_a_file_are_no_formulas(client, time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    case = case_of()
    type(case.edition.programme).objects.update(name="=1+1")
    client.force_login(head())
    address = reverse("admin:centre_figures_file", args=["cases"])
    response = client.post(f"{address}?by=programme")
    cells = cells_of(b"".join(response.streaming_content))
    [named] = [cell for cell in cells.values() if cell.value == "=1+1"]
    assert named.formula == ""


def test_who_may_not_see_figures_gets_none(client, year):
    for role in ("审核员", "财务", "评审专家", "政策编辑", "用户管理"):
        client.force_login(head(role=role))
        assert client.get(PAGE).status_code == 403
        assert client.post(reverse("admin:centre_figures_file", args=["cases"])).status_code == 403
    client.force_login(head())
    assert client.get(reverse("admin:centre_figures_file", args=["cases"])).status_code == 405
    assert client.post(reverse("admin:centre_figures_file", args=["other"])).status_code == 404


def test_the_first_page_and_the_menu_lead_to_the_figures(client):
    client.force_login(head())
    page = client.get(reverse("admin:index")).content.decode()
    assert page.count(f'<a href="{PAGE}"') == 2
    assert "统计" in strip_tags(page)


REPORT = reverse("admin:centre_figures_report")


def text_of(content):
    """The text of a PDF cell by cell, without spaces."""
    done = subprocess.run(
        ["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True
    )
    return "".join(done.stdout.decode().split())


def report(client, query):
    """The text of the report that the worker makes, without spaces, and its job."""
    page = client.post(f"{REPORT}?{query}").url
    work_off(timezone.now)
    response = client.get(f"{page}file/")
    assert response.status_code == 200, client.get(page).content.decode()
    return text_of(b"".join(response.streaming_content)), page


def test_the_report_of_a_month_has_the_figures_of_the_page(client, year, files_root, time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head())
    text, _ = report(client, "first=2026-05-01&last=2026-05-31")
    for told in (
        "2026年5月统计月报", "晋城市", "期间：2026-05-01至2026-05-31",
        "上年同期：2025-05-01至2025-05-31", "制表日期：2026年11月28日",
        "本年累计（2026-01-01至2026-05-31）", "核定奖补的合计没有算进：只印范围1项（文件印10–25万元）",
        *("".join(figure.words.split()) for figure in FIGURES.values()),
    ):  # fmt: skip
        assert told in text, told
    user = head()
    period = Period(date(2026, 5, 1), date(2026, 5, 31))
    for by in ("county", "programme"):
        for table in (cases(user, period, by), lines(user, period, by)):
            for row in (*table.rows, table.total):
                assert printed(row, table) in text, row.name
    page = client.get(f"{PAGE}?first=2026-05-01&last=2026-05-31").content.decode()
    whole = lines(user, period).total.cells[0]
    assert (whole.amount, whole.count, whole.change) == (50, 2, "+25%")
    assert "50（2项）上年40，+25%" in text
    assert '50<span class="items">2 项</span>' in page
    assert "上年 40，+25%" in page


def printed(row, table):
    """A row as the report prints it, without spaces."""
    told = [row.name]
    for column, cell in zip(table.columns, row.cells, strict=True):
        if not cell.is_money:
            told.append(str(cell.count))
        else:
            told.append(f"{plain(cell.amount)}（{cell.count}项）" if cell.count else "没有")
        told.append(cell.printed)
        if column.is_compared and cell.count_before:
            before = cell.amount_before if cell.is_money else cell.count_before
            told.append(f"上年{plain(before)}，{cell.change}")
        elif column.is_compared:
            told.append("上年没有")
    return "".join("".join(told).split())


def test_the_same_report_is_kept_until_a_figure_changes(client, year, files_root, time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    client.force_login(head())
    query = "first=2026-01-01&last=2026-10-31&programme=" + year.programme_id
    text, first = report(client, query)
    assert "统计报告" in text
    assert "按月份" in text
    assert client.post(f"{REPORT}?{query}").url == first
    case_of(submitted=at(2026, 10, 1, 8), edition=year)
    assert client.post(f"{REPORT}?{query}").url != first


def test_a_report_is_for_who_asked(client, year):
    client.force_login(head("140522"))
    page = client.post(REPORT).url
    html = Job.objects.get().parameters["html"]
    assert "县140522" in html
    assert "县140521" not in html
    client.force_login(head("140522"))
    assert client.get(page).status_code == 404
    for role in ("审核员", "财务"):
        client.force_login(head(role=role))
        assert client.post(REPORT).status_code == 403


def test_a_report_of_nonsense_leads_back_to_the_page_that_says_so(client):
    client.force_login(head())
    answered = client.post(f"{REPORT}?first=2026-13-01")
    assert client.get(answered.url).status_code == 400
    assert client.get(REPORT).status_code == 405
