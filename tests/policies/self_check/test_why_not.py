"""Why a programme is out of reach: what fails it, in the firm's own figures, and nothing else."""

import pytest
from django.urls import reverse

from tests.factories import SelfCheckFactory
from tests.policies.packs import load_catalogue, read_data

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PARTS_MAKER = read_data("firms.yaml")["阳城零部件厂，今年首次升规"]["answers"]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def rows_of(client, answers):
    check = SelfCheckFactory(answers=answers)
    address = reverse("self_check:result-group", args=[check.token, "failed"])
    parts = client.get(address).context["page"]["parts"]
    return check, {row["id"]: row for part in parts for row in part["rows"]}


def test_a_row_says_the_condition_that_fails_with_the_firms_share(client):
    """The many ways round the score that it has not taken fail it in nothing."""
    check, rows = rows_of(client, PARTS_MAKER | {"rd.expense.y1": 48})
    assert rows["jc-zjtx-city"]["tally"] == "13 项条件符合 11 项"
    assert rows["jc-zjtx-city"]["why"] == (
        "上年度研发费用占营业收入3%以上（您的情况：2.59%。要求：上年度研发费用占营业收入的3%以上）"
    )
    ladder = reverse("self_check:result-group", args=[check.token, "ladders"])
    page = client.get(ladder).content.decode()
    assert "上年度研发费用占营业收入3%以上，差 7.5 万元" in page
    assert "创客中国" not in page


def test_a_share_just_below_is_never_rounded_up_to_what_is_asked(client):
    _, rows = rows_of(client, PARTS_MAKER | {"rd.expense.y1": 55.49})
    assert "您的情况：2.99%" in rows["jc-zjtx-city"]["why"]


def test_a_yes_or_no_is_told_as_the_firms_own(client):
    _, rows = rows_of(client, PARTS_MAKER)
    assert "您的情况：没有。要求：有仍在有效期的专精特新" in rows["jc-zjtx-techup"]["why"]


def test_what_is_out_of_reach_is_no_plan(client):
    """From 1850 to 5000 万元 is a long way; to a 亿 is none, nor is 1000 from 30."""
    check, rows = rows_of(client, PARTS_MAKER)
    assert rows["jc-zjtx-giant-prov"]["reach"] == "far"
    assert rows["jc-zjtx-giant-nat"]["reach"] == ""
    page = reverse("self_check:result-programme", args=[check.token, "jc-zjtx-giant-nat"])
    assert "改变这些就有机会" not in client.get(page).content.decode()
    _, rows = rows_of(client, PARTS_MAKER | {"revenue.operating.y1": 30, "rd.expense.y1": 5})
    assert rows["jc-zjtx-giant-prov"]["reach"] == ""


def test_a_few_more_of_what_is_counted_are_a_plan_even_from_none(client):
    answers = {"enterprise.county": "140802", "tech_sme.consecutive_passes": 0}
    _, rows = rows_of(client, answers)
    assert rows["yun-tsme-3"]["year"] == 2028
    assert rows["yun-tsme-3"]["reach"] == "far"
