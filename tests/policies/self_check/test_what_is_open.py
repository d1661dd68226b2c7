"""What the result says of money that is not certain: whom it waits for, and where to answer."""

import pytest
from django.urls import reverse

from policies.self_check.standing import Standing
from tests.factories import SelfCheckFactory
from tests.policies.packs import load_catalogue, read_data

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FIRST = ["enterprise.county", "enterprise.subject_type", "industry.section"]
LISTED = {
    "enterprise.county": "140825",
    "enterprise.subject_type": "company",
    "industry.section": "M",
    "listing.board_this_year": "bse",
    "listing.previously_quoted": True,
}
TRAINEES = {
    "enterprise.employees": 40,
    "hr.hard_to_employ_hires": 0,
    "hr.new_hires_this_year": 0,
    "hr.trainees": 6,
    "hr.trainee_months": 6,
    "hr.trainee_is_graduate": True,
}


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


def made(answers, **fields):
    return SelfCheckFactory(answers=answers, **fields)


def headline(client, check):
    return client.get(reverse("self_check:result", args=[check.token])).context["page"]["headline"]


def group(client, check, name):
    url = reverse("self_check:result-group", args=[check.token, name])
    return client.get(url).content.decode()


def test_money_that_answers_and_the_office_decide_is_put_down_to_both(client):
    check = made(LISTED | TRAINEES, steps=[FIRST])
    assert "（再答 2 题，有的由主管部门确定）" in headline(client, check)["may_come"]


def test_what_the_firm_could_not_say_is_not_put_down_to_the_office(client):
    check = made(
        LISTED | TRAINEES | {"listing.board_this_year": "none"},
        steps=[FIRST, ["hr.trainee_months_since_school"]],
        unclear=["hr.trainee_months_since_school"],
    )
    assert headline(client, check)["may_come"].endswith("（补上 1 题“不清楚”）")
    page = group(client, check, "open")
    assert reverse("self_check:self-check-step", args=[check.token, 2]) in page


def test_what_no_answer_decides_says_which_condition_the_office_judges(client):
    check = made(LISTED, steps=[FIRST])
    assert "由主管部门确定" in headline(client, check)["may_come"]
    page = group(client, check, "up_to_office")
    assert "要由主管部门判断：</span>当年在主板、创业板或科创板上市" in page
    open_group = reverse("self_check:result-group", args=[check.token, "open"])
    assert client.get(open_group).status_code == 404


def test_nothing_is_left_to_ask_behind_what_the_firm_could_not_say(client):
    """The division waits for the section, which nobody asks for again."""
    asked = [FIRST, ["enterprise.founded_on", "tax.increase"]]
    asked += [["enterprise.employees", "revenue.operating.y1", "assets.total.y1"]]
    asked += [["enterprise.ownership"]]
    check = made({}, steps=asked, unclear=[key for step in asked for key in step])
    inquiry = Standing(check).inquiry
    assert inquiry.questions == []
    assert inquiry.left == set()
    assert "再答" not in headline(client, check)["may_come"]
    assert "补上" in headline(client, check)["may_come"]


def test_a_programme_that_lacks_one_answer_leads_back_to_its_question(client):
    steps = [FIRST, ["listing.board_this_year"], ["enterprise.employees"]]
    check = made(LISTED, steps=steps, unclear=["enterprise.employees"])
    page = client.get(reverse("self_check:result", args=[check.token]))
    rows = page.context["page"]["one_away"]
    assert {row["step"] for row in rows} == {3}
    there = reverse("self_check:self-check-step", args=[check.token, 3])
    assert f'href="{there}">去回答' in page.content.decode()


def test_an_amount_that_cannot_be_computed_yet_waits_for_its_figures(client):
    """The envoy's five 万元 and more are the office's; the tax that comes back is the firm's to say."""
    answers = read_data("firms.yaml")["阳城零部件厂，今年首次升规"]["answers"]
    check = made(
        {key: value for key, value in answers.items() if key != "zjtx.tiers"},
        topics=["above_scale"],
        steps=[FIRST, ["tax.local_share"]],
        unclear=["tax.local_share"],
    )
    assert headline(client, check)["may_come"] == (
        "还可能有金额未定的资金（补上 1 题“不清楚”，有的由主管部门确定）"
    )


def test_the_document_asks_nothing_that_the_firm_could_not_answer(client):
    check = made(LISTED | TRAINEES, steps=[FIRST])
    address = reverse("self_check:result-json", args=[check.token])
    asked = client.get(address).json()["next_question"]["fact"]
    check.unclear = [asked]
    check.save()
    document = client.get(address).json()
    assert (document["next_question"] or {"fact": None})["fact"] != asked


def test_what_comes_later_in_no_printed_year_comes_later_everywhere(client):
    """A city base is paid over three years; its headline, row and years say the same."""
    answers = read_data("firms.yaml")["城区楼宇型基地，入驻三十户"]["answers"]
    check = made(answers, topics=["base"], steps=[FIRST])
    page = client.get(reverse("self_check:result", args=[check.token])).context["page"]
    assert page["parts"] == "现在可申报 30 万元，以后分期 20 万元"
    assert [row["due"] for row in page["certain"]] == ["现在 30 万元；以后 20 万元"]
    assert [(item["when"], len(item["rows"])) for item in page["timeline"]] == [
        ("2026 年", 1),
        ("以后", 2),
    ]
