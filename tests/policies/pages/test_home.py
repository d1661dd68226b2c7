"""The first page: what a county pays, what an industry is asked, what opens next; ties to the rules."""

import re

import pytest
import time_machine
from django.core.cache import caches
from django.urls import reverse

from policies.catalogue.models import Window
from policies.rules.firm import Firm
from portal.models import Jurisdiction
from tests.policies.catalogue.faulty import publish_faulty
from tests.policies.packs import editions, load_catalogue

HOME, LIST = reverse("pages:home"), reverse("pages:programmes")
QINSHUI, ZEZHOU, YANHU = "140521", "140525", "140802"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


def level(response, name):
    return next(row for row in response.context["levels"] if row["level"] == name)


def text(response):
    return response.content.decode()


def test_without_a_county_no_money_is_claimed(client):
    response = client.get(HOME)
    assert response.context["levels"] == []
    assert "万元" not in text(response)
    assert "开始自测" in text(response)


@pytest.mark.parametrize("query", [{}, {"section": "C"}, {"section": "J"}])
@pytest.mark.parametrize("county", [QINSHUI, ZEZHOU, YANHU])
def test_every_count_is_that_of_the_list_it_leads_to(client, county, query):
    query = {"county": county, **query}
    response = client.get(HOME, query)

    def listed(**more):
        caches["pages"].clear()
        return client.get(LIST, {**query, **more}).context["page"].paginator.count

    assert len(response.context["entries"]) == listed()
    counts = response.context["counts"]
    assert sum(row["count"] for row in counts) == listed()
    for row in counts:
        assert row["count"] == listed(status=row["status"])
    for row in response.context["levels"]:
        assert row["count"] == listed(level=row["level"])
        assert row["count"] == sum(said["count"] for said in row["said"])
    for family, count in response.context["families"]:
        assert count == listed(family=family)


def test_the_largest_come_first_with_what_the_rules_pay(client):
    with time_machine.travel("2026-11-28T10:00:00+08:00"):
        response = client.get(HOME, {"county": QINSHUI})
    bars = [row["bar"] for row in level(response, "county")["picture"]]
    assert [(bar.label, bar.text) for bar in bars] == [
        ("小升规奖励（首次升规及稳规）", "最高 50 万元"),
        ("中小微企业规范化股份制改造奖补", "20 万元"),
    ]
    assert dict(bars[0].shares) == {"now": 30, "later": 20}
    for row in response.context["levels"]:
        lengths = [each["bar"].length for each in row["picture"]]
        assert lengths == sorted(lengths, reverse=True)
    # As the rules have it, for every bar of the city.
    compiled = {reverse("pages:programme", args=[each.programme]): each for each in editions()}
    firm = Firm({"enterprise.county": QINSHUI}, response.context["today"])
    for row in level(response, "city")["picture"]:
        paid = compiled[row["bar"].link].levels["city"].pay(firm)
        assert row["bar"].length == paid.total.high


def test_what_is_unpublished_is_said_and_never_zero(client):
    response = client.get(HOME, {"county": ZEZHOU})
    said = {row["word"]: row["count"] for row in level(response, "county")["said"]}
    assert set(said) == {"未公布"}
    assert not level(response, "county")["picture"]
    assert "项未公布" in text(response)
    assert not re.search(r"(?<!\d)0 (项|万元)", text(response))


def test_an_industry_names_what_speaks_of_it_and_counts_what_rules_it_out(client):
    every = client.get(HOME, {"county": QINSHUI}).context["entries"]
    response = client.get(HOME, {"county": QINSHUI, "section": "J"})
    names = [entry.edition.programme for entry in response.context["naming"]]
    assert "jc-share" not in [entry.edition.programme for entry in response.context["entries"]]
    assert "jc-xsg" not in names
    assert len(every) == len(response.context["entries"]) + response.context["ruled_out"]
    assert len(response.context["entries"]) == len(names) + response.context["not_naming"]
    assert "不是哪家企业申报过什么" in text(response)
    assert "写明不含金融业" in text(response)


def test_a_choice_that_does_not_exist_is_told_beside_its_field_and_the_other_is_answered(client):
    response = client.get(HOME, {"county": "999999", "section": "C"})
    assert "没有这个县" in text(response)
    assert response.context["section"] == "C"
    assert not response.context["levels"]


def test_what_is_open_this_month_and_what_comes_next(client):
    def shown(day):
        with time_machine.travel(f"{day}T10:00:00+08:00"):
            context = client.get(HOME, {"county": QINSHUI, "q": day}).context
        turns = [(turn.day.isoformat(), turn.word) for turn in context["next"]]
        return [window.title for window in context["open"]], turns

    title = Window.objects.get(starts_month=10).title
    assert shown("2026-09-30") == ([], [("2026-10-01", "开始")])
    assert shown("2026-10-15") == ([title], [("2026-10-31", "截止")])
    assert shown("2026-10-31") == ([title], [("2027-10-01", "开始")])
    assert shown("2026-11-28") == ([], [("2027-10-01", "开始")])


def test_windows_are_those_of_the_county(client):
    with time_machine.travel("2026-10-15T10:00:00+08:00"):
        assert client.get(HOME, {"county": YANHU}).context["open"] == []
        assert "没有落在这个月" in text(client.get(HOME, {"county": YANHU}))


@pytest.mark.parametrize("query", [{}, {"county": QINSHUI}, {"county": QINSHUI, "section": "C"}])
def test_the_page_takes_constant_queries_and_is_kept(client, query, django_assert_num_queries):
    client.get(HOME, {"q": "使目录编译好"})
    with django_assert_num_queries(2):
        first = client.get(HOME, query)
    with django_assert_num_queries(0):
        assert client.get(HOME, query).content == first.content
    assert client.get(HOME, query, headers={"If-None-Match": first["ETag"]}).status_code == 304


def test_what_does_not_compile_is_counted_apart(client):
    publish_faulty(area=Jurisdiction.objects.get(pk="140500"))
    response = client.get(HOME, {"county": QINSHUI, "section": "C"})
    counts = {row["label"]: row["count"] for row in response.context["counts"]}
    assert counts["暂不能测算"] == 1
