"""What one changed number would change, and the plan from near misses."""

import pytest
from django.urls import reverse

from tests.factories import SelfCheckFactory
from tests.policies.packs import load_catalogue

REVENUE, FIELD = "revenue.main_business.y0", "revenue__main_business__y0"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def packs(db):
    load_catalogue()


@pytest.fixture
def check(db):
    answers = SelfCheckFactory.build().answers | {REVENUE: 1900}
    return SelfCheckFactory(answers=answers)


def address(check):
    return reverse("self_check:what-if", args=[check.token])


def test_a_changed_number_shows_what_changes_and_is_not_kept(client, check):
    response = client.get(address(check), {"fact": REVENUE, FIELD: "2000"})
    rows = {row["programme"]: row for row in response.context["comparison"]["rows"]}
    assert rows["jc-xsg"]["before"] == "目前不符合"
    assert rows["jc-xsg"]["after"] == "符合申报条件，135 万元"
    check.refresh_from_db()
    assert check.answers[REVENUE] == 1900


def test_a_number_that_changes_nothing_says_so(client, check):
    page = client.get(address(check), {"fact": REVENUE, FIELD: "1950"}).content.decode()
    assert "没有项目因此改变" in page


def test_a_bad_number_is_named_and_kept(client, check):
    page = client.get(address(check), {"fact": REVENUE, FIELD: "很多"}).content.decode()
    assert "请填数字" in page
    assert 'value="很多"' in page


@pytest.mark.parametrize("fact", ["enterprise.county", "no.such", "<b>"])
def test_what_a_firm_cannot_change_is_not_tried(client, check, fact):
    response = client.get(address(check), {"fact": fact})
    assert "没有这个可以改变的数据" in response.content.decode()
    assert "form" not in response.context


def test_the_plan_says_how_far_what_it_unlocks_and_when(client, check):
    failed = reverse("self_check:result-group", args=[check.token, "failed"])
    near = client.get(failed).context["page"]["parts"][0]
    assert near["title"] == "差一点，可以争取"
    plan = {row["id"]: (row["near_miss"], row["year"]) for row in near["rows"]}
    near_miss, year = plan["jc-xsg"]
    assert near_miss["changes"][0]["gap"] == "差 100 万元"
    assert near_miss["unlocks"] == "135 万元"
    assert year == check.on.year


def test_the_what_if_stays_private(client, check):
    response = client.get(address(check))
    assert "noindex" in response["X-Robots-Tag"]
    assert client.post(address(check)).status_code == 405


def test_no_plan_tells_a_firm_to_win_a_title(client):
    """That it has none is said as what it lacks; what it may reach itself is a plan."""
    none = {"zjtx.tiers": [], "itss.new_level": "none", "recognition.new_this_year": []}
    for county, section in (("140522", "C"), ("140802", "I")):
        check = SelfCheckFactory(
            answers=none
            | {
                "enterprise.county": county,
                "enterprise.subject_type": "company",
                "industry.section": section,
                "revenue.operating.y1": 1850,
            }
        )
        failed = reverse("self_check:result-group", args=[check.token, "failed"])
        parts = client.get(failed).context["page"]["parts"]
        rows = [row for part in parts for row in part["rows"]]
        changed = [
            change["label"]
            for row in rows
            for change in (row["near_miss"] or {"changes": []})["changes"]
        ]
        assert not [label for label in changed if "称号" in label or "认定" in label]
        assert "申报年度新通过的 ITSS 运维成熟度等级" not in changed
        # Nor does a firm read what another city gives.
        assert not [
            row for row in rows if row["id"].startswith("jc-" if county > "1408" else "yun-")
        ]
        assert rows
