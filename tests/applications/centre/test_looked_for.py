"""What firms look for and do not find, as the head of a centre sees it."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.centre.figures.looked_for import looked_for
from applications.centre.figures.period import Period
from policies.pages.models import FruitlessSearch
from policies.self_check.models import DailyCount
from tests.applications.centre.test_figures import head
from tests.applying import at
from tests.factories import CriterionFactory, EnterpriseFactory, FactFactory

PAGE = reverse("admin:centre_figures_looked_for")
QUARTER = Period(date(2026, 7, 1), date(2026, 9, 30))
pytestmark = pytest.mark.django_db


def count(kind, number, key="", day=date(2026, 8, 1)):
    return DailyCount.objects.create(kind=kind, key=key, count=number, day=day)


def searched(words, days, first=date(2026, 8, 1)):
    FruitlessSearch.objects.bulk_create(
        FruitlessSearch(day=first + timedelta(days=number), words=words) for number in range(days)
    )


@pytest.fixture
def quarter(time_machine):
    time_machine.move_to(at(2026, 11, 28, 12), tick=False)
    FactFactory(key="revenue.main_business.y0", label="主营业务收入")
    criterion = CriterionFactory(text="主营业务收入达到2000万元", code="T.1")
    programme = criterion.edition.programme_id
    count("started", 40)
    count("started", 20, day=date(2026, 9, 30))
    count("started", 900, day=date(2026, 10, 1))
    count("finished", 35)
    count("stopped", 12, "revenue.main_business.y0")
    count("stopped", 9, "topics")
    count("stopped", 4, "enterprise.employees")
    count("failed", 30, f"{programme}:T.1")
    count("failed", 57, f"{programme}:T.2")
    count("failed", 4, f"{programme}:T.3")
    return criterion


def test_counts_of_a_whole_quarter_are_shown_and_few_are_not(quarter):
    found = looked_for(QUARTER)
    assert (found.checks.whole, found.checks.first, found.checks.second) == ("60", "35", "25")
    assert [(stop.question, stop.count) for stop in found.stops] == [("主营业务收入", 12)]
    # 4 alone would follow from the whole: 9 stays with it.
    assert (found.parts.rest, found.parts.rest_parts) == (13, 2)
    assert [(row.clause, row.count) for row in found.failed] == [
        ("T.2（现在的政策里没有了）", "几乎全部"), ("主营业务收入达到2000万元", "30")
    ]  # fmt: skip


def test_where_few_finished_nobody_adds_up_who_did_not(quarter):
    DailyCount.objects.filter(kind="finished").update(count=3)
    DailyCount.objects.filter(kind="stopped", key="topics").update(count=41)
    found = looked_for(QUARTER)
    assert (found.checks.first, found.checks.second) == ("少于 5", "不显示")
    assert found.parts.rest is None
    assert sum(stop.count for stop in found.stops) <= 57 - 5


def test_words_are_shown_that_were_looked_for_on_five_days_and_name_no_firm(quarter):
    EnterpriseFactory(name="沁水县宏图机械制造有限公司")
    searched("光伏发电", 5)
    searched("算力", 4)
    searched("宏图机械", 30)
    for number in range(5):
        EnterpriseFactory(credit_code=f"TESTCODE{number:010d}", name=f"第{number}无人机有限公司")
    searched("无人机", 6)
    searched("氢能", 4, first=date(2026, 9, 27))
    searched("氢能", 4, first=date(2026, 10, 1))
    assert looked_for(QUARTER).words == [("无人机", 6), ("光伏发电", 5)]


def test_the_page_shows_whole_quarters_that_are_counted_and_no_others(
    client, quarter, time_machine
):
    client.force_login(head("140521", "审计"))
    page = client.get(PAGE)
    assert page.context["quarter"].key == "2026-3"
    text = page.content.decode()
    for told in ("主营业务收入", "其余 2 题合计", "几乎全部", "2026 年第 3 季度"):
        assert told in text
    for key in ("2026-4", "2027-1", "x"):
        assert client.get(PAGE, {"quarter": key}).status_code == 404
    assert client.get(PAGE, {"quarter": "2026-2"}).context["found"].checks.whole == "少于 5"
    # The last day of the quarter is counted eight days later.
    time_machine.move_to(at(2026, 10, 7, 12), tick=False)
    assert client.get(PAGE).context["quarter"].key == "2026-2"
    time_machine.move_to(at(2026, 10, 8, 12), tick=False)
    assert client.get(PAGE).context["quarter"].key == "2026-3"


def test_the_number_of_queries_does_not_grow(quarter):
    def asked():
        with CaptureQueriesContext(connection) as context:
            looked_for(QUARTER)
        return len(context)

    searched("光伏发电", 5)
    few = asked()
    for number in range(20):
        count("stopped", 6, f"fact.{number}")
        count("failed", 6, f"programme-{number}:T.1")
        searched(f"词语{number}", 5)
    assert asked() == few == 6


def test_who_may_not_see_figures_does_not_see_it(client, quarter):
    for role in ("审核员", "财务", "评审专家", "政策编辑", "用户管理"):
        client.force_login(head(role=role))
        assert client.get(PAGE).status_code == 403
