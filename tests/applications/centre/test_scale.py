"""Lists of the admin when there are many rows: by index, in as many queries, counted honestly."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ApplicationEvent
from applications.centre.figures.answer import answer
from applications.centre.figures.counted import Selection
from applications.centre.figures.period import month_before
from applications.money.models import AwardLine, Payment, PaymentBatch
from applications.money.services import payments
from portal.paging import CappedPaginator
from tests.factories import (
    ApplicationFactory,
    AwardFactory,
    AwardLineFactory,
    EditionFactory,
    EnterpriseFactory,
    FinanceFactory,
    FundFactory,
    JurisdictionFactory,
    TrancheFactory,
    UserFactory,
)
from tests.many import many_applications, many_award_lines

LIST = reverse("admin:cases_application_changelist")
AWARDS = reverse("admin:money_awardline_changelist")
BATCHES = reverse("admin:money_paymentbatch_changelist")
FIRMS = reverse("admin:enterprises_enterprise_changelist")
CASES = [
    {},
    {"queue": "all"},
    {"queue": "all", "status__exact": "approved", "county__code__exact": "140521"},
    {"queue": "all", "status__exact": "approved", "year": "2024"},
    {"queue": "all", "q": "140521-2025-0100"},
    {"queue": "all", "q": "TESTCODE0000005000"},
]
LINES = [
    {},
    {"due": "now"},
    {"due": "unknown"},
    {"due": "later"},
    {"state__exact": "approved"},
    {"year": "2024"},
    {"level__exact": "city"},
    {"title": "首次升规"},
    {"title": "没有这一期"},
    {"application__county__code__exact": "140521"},
    {"application__county__code__exact": "140521", "state__exact": "approved"},
    {"q": "140521-2025-0100"},
    {"q": "TESTCODE0000005000"},
]
PAID = [
    {},
    {"state__exact": "paid"},
    {"paid_on__year": "2025"},
    {"q": "140500-ZF"},
    {"q": "140521-2025-0100"},
]
# Where a page finds so many rows, any 10,001 of them are counted, in whatever order they lie.
A_LOT = 1000
# No line waits for its year; nothing is due later; that tranche is nowhere.
NOTHING = [{"due": "unknown"}, {"due": "later"}, {"title": "没有这一期"}]
pytestmark = pytest.mark.django_db


def scanned(plan):
    """The tables that a plan reads from end to end."""
    own = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return own.union(*(scanned(part) for part in plan.get("Plans", [])))


def explain(statement):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement}")
        found = cursor.fetchone()[0]
    return (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]


on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="SQLite plans otherwise"
)


def read_by_index(client, address, query, *tables):
    """Open the page; no statement about these tables reads one of them from end to end."""
    with CaptureQueriesContext(connection) as captured:
        page = client.get(address, query)
    assert page.status_code == 200, query
    statements = [
        row["sql"] for row in captured if any(f'"{name}"' in row["sql"] for name in tables)
    ]
    found = page.context["cl"].result_count
    for statement in statements:
        if found > A_LOT and "LIMIT 10001) subquery" in statement:
            continue
        assert not scanned(explain(statement)) & set(tables), statement
    return found


@on_postgresql
@pytest.mark.night
def test_lists_of_many_rows_are_read_by_index(client):
    many_applications(20_000)
    many_award_lines(28_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rights = ["view_application", "view_awardline", "manage_awards", "view_enterprise"]
    client.force_login(UserFactory(jurisdiction_code="140500", permissions=rights))
    client.get(LIST)
    for query in CASES:
        assert read_by_index(client, LIST, query, "cases_application"), query
    tables = ["cases_application", "money_awardline", "money_payment"]
    fund = AwardLine.objects.filter(state="paid", level="city").first().fund_id
    programme = Application.objects.first().edition.programme_id
    funds = [{"fund__id__exact": fund}, {"fund__id__exact": fund, "year": "2024"}]
    programmes = [{"application__edition__programme__id__exact": programme, "year": "2024"}]
    for query in [*LINES, *funds, *programmes]:
        found = read_by_index(client, AWARDS, query, "money_awardline")
        assert bool(found) == (query not in NOTHING), query
    for query in [*PAID, funds[0]]:
        assert read_by_index(client, BATCHES, query, *tables), query
    assert read_by_index(client, FIRMS, {"q": "TESTCODE0000005000"}, "enterprises_enterprise") == 1


@on_postgresql
@pytest.mark.night
def test_the_figures_of_a_month_are_read_by_index():
    many_applications(20_000)
    spread = timedelta(minutes=130)  # over five years
    cases = list(Application.objects.order_by("pk").only("pk", "submitted_at"))
    for number, case in enumerate(cases):
        case.submitted_at -= number * spread
    Application.objects.bulk_update(cases, ["submitted_at"], batch_size=2000)
    clerk = UserFactory(jurisdiction_code="140500")
    ApplicationEvent.objects.bulk_create(
        (
            ApplicationEvent(
                application=case,
                at=case.submitted_at,
                actor=clerk,
                action="submit",
                target="submitted",
            )
            for case in cases
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        answer(Selection(clerk), month_before(timezone.localdate()), "county")
    tables = {"cases_application", "cases_applicationevent"}
    asked = [row["sql"] for row in captured if 'FROM "cases_application' in row["sql"]]
    assert len(asked) >= 4
    for statement in asked:
        assert not scanned(explain(statement)) & tables, statement


@pytest.mark.parametrize("address", [LIST, AWARDS, BATCHES, FIRMS])
def test_a_list_of_many_rows_takes_as_many_queries_as_that_of_few(client, address):
    rights = ["view_application", "view_awardline", "view_enterprise"]
    user = UserFactory(jurisdiction_code="140500", permissions=rights)
    client.force_login(user)
    template = many_applications(100)
    many_award_lines(20)

    def count():
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address, {"queue": "all"} if address == LIST else {})
        return len(captured), page.context["cl"].result_count

    count()
    few, shown = count()
    for year in range(1990, 2020):
        firm = EnterpriseFactory(credit_code=f"TESTFIRM{year:010d}", county=template.county)
        case = ApplicationFactory(enterprise=firm, edition=template.edition, year=year)
        line = AwardLineFactory(application=case, year=year, fund__name=f"{year}年资金")
        Payment.objects.create(
            batch=PaymentBatch.objects.create(
                number=f"140500-ZF{year}-1",
                fund=line.fund,
                created_at=timezone.now(),
                created_by=user,
            ),
            line=line,
            amount=line.amount,
        )
    many, shown_then = count()
    assert many == few
    assert shown_then == shown + 30


def test_where_not_all_are_counted_the_page_says_so(client, monkeypatch):
    monkeypatch.setattr(CappedPaginator, "most", 60)
    client.force_login(UserFactory())
    edition = EditionFactory()
    for year in range(1960, 2020):
        ApplicationFactory(edition=edition, year=year)
    page = client.get(LIST, {"queue": "all"})
    assert "超过" not in page.content.decode()
    assert "选中所有的 60 个" in page.content.decode()
    ApplicationFactory(edition=edition, year=2020)
    page = client.get(LIST, {"queue": "all"})
    assert "超过 60 条" in page.content.decode()
    assert "选中所有的" not in page.content.decode()
    assert page.context["cl"].paginator.num_pages == 2
    assert "找到超过 60 条" in client.get(LIST, {"queue": "all", "q": "测试"}).content.decode()


def test_a_search_finds_codes_and_words(client):
    client.force_login(UserFactory())
    edition = EditionFactory()
    first = ApplicationFactory(edition=edition, number="140521-2025-0001", subject="一号基地")
    second = ApplicationFactory(
        edition=edition,
        number="140521-2026-0002",
        enterprise__credit_code="91140521MA0K00003X",
        subject="ABCDEFGHJKLMNPQRST",
    )

    def found(words):
        page = client.get(LIST, {"queue": "all", "q": words})
        return {row.number for row in page.context["cl"].result_list}

    assert found("140521-2025") == {first.number}
    assert found("2026-0002") == {second.number}
    assert found("91140521ma0k00003x") == {second.number}
    assert found("abcdefghjklmnpqrst") == {second.number}
    assert found("一号") == {first.number}
    assert found("140522-") == set()


@pytest.mark.parametrize("year", ["nonsense", "1234", "٢٠٢٦"])
def test_a_year_that_no_case_has_leads_back_to_the_list(client, year):
    client.force_login(UserFactory())
    ApplicationFactory()
    assert client.get(LIST, {"year": year}).status_code == 302


def test_a_search_of_awards_and_batches_finds_codes_and_words(client):
    clerk = FinanceFactory()
    client.force_login(clerk)
    fund = FundFactory()
    first, second = (
        AwardLineFactory(application__number=number, fund=fund, state="approved")
        for number in ("140521-2025-0001", "140521-2026-0002")
    )
    [batch], _ = payments.schedule(lines=[first], actor=clerk, now=timezone.now())

    def found(address, words):
        page = client.get(address, {"q": words})
        return set(page.context["cl"].result_list)

    credit_code = first.application.enterprise.credit_code.lower()
    for words, expected in (
        ("140521-2025", {first}), ("2026-0002", {second}), (credit_code, {first, second}),
        ("测试制造", {first, second}), ("140522-", set()),
    ):  # fmt: skip
        assert found(AWARDS, words) == expected
    for words, expected in (
        (batch.number[:10], {batch}), (batch.number[-4:], {batch}), ("140521-2025-0001", {batch}),
        ("140521-2026", set()), ("测试制造", {batch}),
    ):  # fmt: skip
        assert found(BATCHES, words) == expected


def test_the_filters_of_awards_offer_what_there_may_be(client):
    city = FundFactory(name="市级资金")
    county = JurisdictionFactory(
        code="140522", name="阳城县", level="county", parent=city.jurisdiction
    )
    FundFactory(name="邻县资金", level="county", jurisdiction=county)
    tranche = TrancheFactory(title="首次升规")
    AwardLineFactory(fund=city, title="自定一期", year=2024)
    client.force_login(FinanceFactory(jurisdiction_code="140521"))

    def offered(name, **query):
        specs = client.get(AWARDS, query).context["cl"].filter_specs
        [spec] = [spec for spec in specs if spec.title == name]
        return [choice["display"] for choice in spec.choices(client.get(AWARDS).context["cl"])]

    assert "市级资金" in offered("资金")
    assert "邻县资金" not in offered("资金")
    assert {"首次升规", "未分期"} <= set(offered("期次"))
    assert "自定一期" not in offered("期次")
    assert "自定一期" in offered("期次", title="自定一期")
    assert offered("给付年度")[1:] == ["2024"]
    EditionFactory(programme__name="没有奖补的项目")
    paying = [AwardFactory().edition.programme.name, tranche.award.edition.programme.name]
    assert sorted(offered("项目")[1:]) == sorted(paying)
