"""What remains of self-checks and searches for statistics: numbers a day, and words without anybody."""

from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from policies.pages.fruitless import MOST_A_DAY
from policies.pages.models import FruitlessSearch
from policies.self_check.counting import TOPICS, count_days, counted_until
from policies.self_check.models import DailyCount, SelfCheck
from policies.self_check.standing import Standing
from tests.applying import at
from tests.factories import SelfCheckFactory
from tests.policies.packs import load_catalogue

DAY = date(2026, 11, 20)
TODAY = DAY + timedelta(days=8)
pytestmark = pytest.mark.django_db


@pytest.fixture
def catalogue():
    """The real one; and the numbers begin the day before."""
    load_catalogue()
    DailyCount.objects.create(day=DAY - timedelta(days=1), kind="started", count=0)


def begun(moment, **fields):
    check = SelfCheckFactory(on=DAY, **fields)
    SelfCheck.objects.filter(pk=check.pk).update(created_at=moment)
    return check


def numbers(kind, day=DAY):
    return dict(DailyCount.objects.filter(kind=kind, day=day).values_list("key", "count"))


def test_a_day_is_counted_once_when_it_is_old_enough(catalogue):
    begun(at(2026, 11, 20, 0, 0), steps=[["enterprise.county"]])
    begun(at(2026, 11, 20, 23, 59), steps=[["enterprise.county"]])
    begun(at(2026, 11, 21, 0, 0), steps=[["enterprise.county"]])
    assert counted_until(TODAY) == DAY
    assert DAY not in count_days(TODAY - timedelta(days=1))
    assert count_days(TODAY) == [DAY]
    assert numbers("started") == {"": 2}
    begun(at(2026, 11, 20, 12), steps=[["enterprise.county"]])
    assert count_days(TODAY) == []
    assert numbers("started") == {"": 2}
    assert count_days(TODAY + timedelta(days=1)) == [DAY + timedelta(days=1)]


def test_what_was_begun_before_anybody_was_told_is_not_counted():
    begun(at(2026, 11, 10, 12))
    begun(at(2026, 11, 19, 12))
    assert count_days(DAY) == []
    later = DAY + timedelta(days=9)
    assert count_days(later) == [DAY, DAY + timedelta(days=1)]
    assert sum(DailyCount.objects.values_list("count", flat=True)) == 0


def test_a_self_check_stops_at_the_question_that_comes_next(client, catalogue, time_machine):
    """The same page that its firm saw last tells which one that is."""
    time_machine.move_to(at(2026, 11, 20, 12), tick=False)
    answers = {"enterprise.county": "140521", "industry.section": "C"}
    first = [["enterprise.county", "enterprise.subject_type", "industry.section"]]
    begun(at(2026, 11, 20, 12), answers=answers, steps=first)
    further = begun(at(2026, 11, 20, 12), answers=answers, steps=first, topics=["specialised"])
    page = reverse("self_check:self-check-step", args=[further.token, 2])
    seen = next(iter(client.get(page).context["form"].fields))
    count_days(TODAY)
    assert numbers("stopped") == {TOPICS: 1, seen.replace("__", "."): 1}
    assert numbers("finished") == {}


def test_a_self_check_with_nothing_left_to_ask_is_finished(catalogue, time_machine):
    time_machine.move_to(at(2026, 11, 20, 12), tick=False)
    check = begun(at(2026, 11, 20, 12), topics=[], steps=[[], []])
    left = Standing(check).inquiry.left
    SelfCheck.objects.filter(pk=check.pk).update(unclear=sorted(left))
    assert not Standing(SelfCheck.objects.get(pk=check.pk)).inquiry.left
    count_days(TODAY)
    assert (numbers("finished"), numbers("stopped")) == ({"": 1}, {})


def test_a_clause_that_is_not_met_counts_once_a_self_check(catalogue):
    answers = SelfCheckFactory.build().answers
    for revenue in (100, 2000):
        begun(
            at(2026, 11, 20, 12), answers={**answers, "revenue.main_business.y0": revenue},
            steps=[["enterprise.county"]],
        )  # fmt: skip
    count_days(TODAY)
    failed = numbers("failed")
    assert failed
    assert max(failed.values()) <= 2


def test_numbers_hold_nothing_of_a_firm(catalogue):
    check = begun(at(2026, 11, 20, 12), steps=[["enterprise.county"]])
    count_days(TODAY)
    fields = {field.name for field in DailyCount._meta.get_fields()}
    assert fields == {"id", "day", "kind", "key", "count"}
    told = " ".join(str(row) for row in DailyCount.objects.values_list())
    for secret in (check.token, check.code, "140521", "沁水"):
        assert secret not in told


def test_a_deleted_self_check_is_not_counted(client, catalogue):
    check = begun(at(2026, 11, 20, 12))
    client.post(reverse("self_check:result-delete", args=[check.token]))
    count_days(TODAY)
    assert numbers("started") == {"": 0}


def test_days_are_counted_before_what_is_over_is_removed(catalogue, files_root, time_machine):
    time_machine.move_to(at(2026, 11, 28, 6), tick=False)
    begun(at(2026, 11, 20, 12))
    call_command("count_self_checks")
    assert numbers("started") == {"": 1}
    DailyCount.objects.create(day=date(2024, 11, 28), kind="stopped", key="topics", count=3)
    FruitlessSearch.objects.create(day=date(2024, 11, 28), words="太久")
    FruitlessSearch.objects.create(day=date(2024, 11, 29), words="还在")
    call_command("tidy")
    assert not DailyCount.objects.filter(day=date(2024, 11, 28)).exists()
    assert [row.words for row in FruitlessSearch.objects.all()] == ["还在"]


def search(client, words, page="pages:programmes", **more):
    assert client.get(reverse(page), {"q": words, **more}).status_code == 200


def kept():
    return sorted(FruitlessSearch.objects.values_list("words", flat=True))


def test_words_that_find_nothing_are_kept_once_a_day_in_one_form(client):
    for typed in ("光伏发电补贴", " 光伏发电补贴", "ＡＩ 算力", "ai  算力"):
        search(client, typed)
        search(client, typed, "pages:document-list")
    assert kept() == ["ai 算力", "光伏发电补贴"]


def test_what_is_found_or_filtered_away_is_not_kept(client, catalogue):
    search(client, "专精特新")
    search(client, "专精特新", county="140521", level="national", family="小升规")
    search(client, "")
    assert kept() == []


@pytest.mark.parametrize(
    "typed",
    ["沁水县宏达机械有限公司", "13912345678", "0356-7000000", "91140521MA0K000019", "a@b.cn",
     "宏达合作社", "张先生", "字", "很长的话" * 6],
)  # fmt: skip
def test_what_may_name_somebody_is_not_kept(client, typed):
    search(client, typed)
    assert kept() == []


def test_a_machine_fills_a_day_up_to_a_limit(client, time_machine):
    time_machine.move_to(at(2026, 11, 20, 12), tick=False)
    FruitlessSearch.objects.bulk_create(
        FruitlessSearch(day=DAY, words=f"没有的词{number}") for number in range(MOST_A_DAY)
    )
    search(client, "还有一个没有的词")
    assert len(kept()) == MOST_A_DAY
