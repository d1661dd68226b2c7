"""Going back: nothing typed is lost, and what a change leaves no room for is named and restored."""

import pytest
from django.urls import reverse

from policies.self_check.models import SelfCheck
from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
FIRST = ["enterprise.county", "enterprise.subject_type", "industry.section"]
ESTATE = {
    "enterprise.county": "140521",
    "enterprise.subject_type": "company",
    "industry.section": "K",
    "industry.division": "70",
    "industry.real_estate_kind": "development",
}
BASE = {
    "enterprise.county": "140502",
    "enterprise.subject_type": "company",
    "industry.section": "L",
    "base.is_operator": True,
    "base.type": "building",
    "base.tenants": 30,
}


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def estate():
    steps = [FIRST, ["industry.division"], ["industry.real_estate_kind"]]
    return SelfCheckFactory(answers=ESTATE, steps=steps)


@pytest.fixture
def base():
    steps = [FIRST, ["base.is_operator"], ["base.type", "base.tenants"]]
    return SelfCheckFactory(answers=BASE, steps=steps, topics=["base"])


def step(check, number):
    return reverse("self_check:self-check-step", args=[check.token, number])


def first_page(**changes):
    typed = {
        "enterprise__county": "140521", "enterprise__subject_type": "company",
        "industry__section": "K",
    }  # fmt: skip
    return typed | changes


def test_another_section_drops_the_division_and_says_so(client, estate):
    response = client.post(step(estate, 1), first_page(industry__section="C"), follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert "您改了“主行业门类”" in page
    assert "主行业大类：房地产业" in page
    assert "房地产业的具体类别：7010 房地产开发经营" in page
    estate.refresh_from_db()
    assert estate.answers == {key: ESTATE[key] for key in FIRST} | {"industry.section": "C"}


@pytest.mark.parametrize(("where", "to"), [("2", "self-check-step"), ("", "result")])
def test_one_click_puts_all_back_as_it_was(client, estate, where, to):
    client.post(step(estate, 1), first_page(industry__section="C"))
    address = reverse("self_check:self-check-restore", args=[estate.token])
    assert client.get(address).status_code == 405
    response = client.post(address, {"step": where})
    arguments = [estate.token, int(where)] if where else [estate.token]
    assert response.url == reverse(f"self_check:{to}", args=arguments)
    estate.refresh_from_db()
    assert estate.answers == ESTATE
    assert estate.dropped == {}
    assert "不再适用" not in client.get(step(estate, 2)).content.decode()


def test_an_unchanged_page_drops_nothing(client, estate):
    client.post(step(estate, 1), first_page())
    estate.refresh_from_db()
    assert (estate.answers, estate.dropped) == (ESTATE, {})


def test_the_result_names_what_was_dropped_until_it_is_answered_anew(client, base):
    client.post(step(base, 2), {"base__is_operator": "false"})
    result = reverse("self_check:result", args=[base.token])
    page = client.get(result).content.decode()
    assert "基地类型：楼宇型" in page
    assert "入驻（带动、地址落户）企业户数：30 户" in page
    base.refresh_from_db()
    assert base.answers.keys().isdisjoint({"base.type", "base.tenants"})
    client.post(step(base, 2), {"base__is_operator": "true"})
    client.post(step(base, 3), {"base__type": "building", "base__tenants": "31"})
    page = client.get(result).content.decode()
    assert "不再适用" not in page


def test_a_follow_up_that_a_changed_answer_still_asks_for_stays(client, base):
    client.post(step(base, 3), {"base__type": "industrial_park", "base__tenants": "30"})
    base.refresh_from_db()
    assert base.answers == {**BASE, "base.type": "industrial_park"}
    assert base.dropped == {}


def test_a_topic_unticked_drops_what_was_said_of_it(client, base):
    topics = reverse("self_check:self-check-topics", args=[base.token])
    page = client.post(topics, {"topics": []}, follow=True).content.decode()
    assert "您改了与您有关的事项" in page
    assert "是否运营小微企业创业创新基地：是" in page
    base.refresh_from_db()
    assert base.topics == []
    assert not [key for key in base.answers if key.startswith("base.")]
    client.post(reverse("self_check:self-check-restore", args=[base.token]), {"step": "2"})
    base.refresh_from_db()
    assert base.answers == BASE
    assert client.get(topics).context["form"].initial["topics"] == ["base"]


def test_only_the_divisions_of_the_section_are_offered(client, base):
    base.answers = {**BASE, "industry.section": "I"}
    base.steps = [FIRST, ["industry.division"]]
    base.unclear = ["industry.division"]
    base.save()
    form = client.get(step(base, 2)).context["form"]
    assert [code for code, _ in form.fields["industry__division"].choices] == ["", "63", "64", "65"]
    response = client.post(step(base, 2), {"industry__division": "34"})
    assert response.context["form"].errors.keys() == {"industry__division"}


def test_an_error_stands_beside_the_field_that_is_on_the_page(client, base):
    base.steps = [FIRST, ["base.small_micro_tenants"]]
    base.unclear = ["base.small_micro_tenants"]
    base.save()
    response = client.post(step(base, 2), {"base__small_micro_tenants": "31"})
    assert response.context["form"].errors == {
        "base__small_micro_tenants": ["不能多于入驻企业户数"]
    }
    assert 'value="31"' in response.content.decode()


def test_fewer_tenants_than_small_ones_drop_these_and_not_the_page(client, base):
    base.answers = {**BASE, "base.small_micro_tenants": 28}
    base.save()
    response = client.post(step(base, 3), {"base__type": "building", "base__tenants": "20"})
    assert response.status_code == 302
    base.refresh_from_db()
    assert "base.small_micro_tenants" not in base.answers
    assert base.dropped == {"base.tenants": 30, "base.small_micro_tenants": 28}


def test_a_step_of_which_nothing_applies_any_more_is_passed_over(client, base):
    client.post(step(base, 2), {"base__is_operator": "false"})
    response = client.get(step(base, 3))
    assert response.status_code == 302
    assert response.url == step(base, 4)


def test_what_was_typed_is_still_there_after_going_back(client):
    client.post(reverse("self_check:self-check"), first_page(industry__section="C"))
    check = SelfCheck.objects.get()
    topics = reverse("self_check:self-check-topics", args=[check.token])
    client.post(topics, {"topics": ["above_scale", "base"]})
    keys = client.get(step(check, 2)).context["form"].keys
    client.post(step(check, 2), {keys[0].replace(".", "__"): "true"})
    assert client.get(topics).context["form"].initial["topics"] == ["above_scale", "base"]
    form = client.get(step(check, 2)).context["form"]
    assert form.keys == keys
    assert form.initial[keys[0].replace(".", "__")] == "true"
    assert client.get(step(check, 1)).context["form"].initial["industry__section"] == "C"


def test_answers_from_a_window_that_is_out_of_date_are_named_and_never_read_as_unclear(client):
    """A second window changed the industry: the first sends what is not asked there any more."""
    check = SelfCheckFactory(
        answers={"enterprise.county": "140521", "industry.section": "C"},
        topics=["above_scale"],
        steps=[["enterprise.county", "industry.section"]],
    )
    second = reverse("self_check:self-check-step", args=[check.token, 2])
    page = client.get(second)
    shown = page.context["form"].keys
    assert f'name="asked" value="{",".join(shown)}"' in page.content.decode()
    assert "stat.direct_reporting" in shown
    SelfCheck.objects.update(
        answers={"enterprise.county": "140802", "industry.section": "K"}, topics=["listing"]
    )
    sent = {"asked": ",".join(shown), "stat__direct_reporting": "true"}
    page = client.post(second, sent)
    assert page.context["form"].keys == ["listing.board_this_year"]
    told = page.content.decode()
    assert "没有记下" in told
    label = facts()["stat.direct_reporting"].label
    assert f"<li>{label}：是</li>" in told
    check.refresh_from_db()
    assert check.unclear == []
    assert len(check.steps) == 1


def test_a_question_of_the_result_that_was_answered_elsewhere_answers_no_other(client):
    firm = {FIRST[0]: "140521", FIRST[1]: "company", FIRST[2]: "C"}
    check = SelfCheckFactory(answers=firm, topics=["above_scale"], steps=[FIRST])
    url = reverse("self_check:result", args=[check.token])
    assert client.get(url).context["question"].keys == ["stat.direct_reporting"]
    sent = {"asked": "stat.direct_reporting", "stat__direct_reporting": "true"}
    assert client.post(url, sent).status_code == 302
    check.refresh_from_db()
    answers, steps = check.answers, check.steps
    again = client.post(url, sent)  # a second click: recorded, nothing to tell
    assert again.context["not_kept"] == []
    assert again.context["question"].keys != ["stat.direct_reporting"]
    other = client.post(url, sent | {"stat__direct_reporting": "false"})
    assert other.context["not_kept"] == [(facts()["stat.direct_reporting"].label, "否")]
    check.refresh_from_db()
    assert (check.answers, check.unclear, check.steps) == (answers, [], steps)


def test_going_back_from_a_page_keeps_what_was_typed_on_it(client):
    """What was not answered yet is asked on the way forward, not read as unclear."""
    firm = {FIRST[0]: "140522", FIRST[1]: "company", FIRST[2]: "C", "stat.direct_reporting": True}
    check = SelfCheckFactory(
        answers=firm, topics=["above_scale"], steps=[FIRST, ["stat.direct_reporting"]]
    )
    third, second = (
        reverse("self_check:self-check-step", args=[check.token, step]) for step in (3, 2)
    )
    asked = client.get(third).context["form"].keys
    assert asked == ["revenue.main_business.y0", "stat.first_time_above_scale"]
    typed = {"asked": ",".join(asked), "revenue__main_business__y0": "2300万", "back": "1"}
    assert client.post(third, typed).url == second
    check.refresh_from_db()
    assert check.answers["revenue.main_business.y0"] == 2300
    assert check.unclear == []
    form = client.get(third).context["form"]
    assert form.keys == asked
    assert form["revenue__main_business__y0"].value() == "2300"
    refused = client.post(third, typed | {"revenue__main_business__y0": "很多"})
    assert 'value="很多"' in refused.content.decode()
    topics = reverse("self_check:self-check-topics", args=[check.token])
    assert client.post(second, {"stat__direct_reporting": "true", "back": "1"}).url == topics
    ticked = {"topics": ["above_scale", "project"], "back": "1"}
    first = reverse("self_check:self-check-step", args=[check.token, 1])
    assert client.post(topics, ticked).url == first
    check.refresh_from_db()
    assert check.topics == ["above_scale", "project"]


def test_going_back_leaves_what_was_said_to_be_unclear(client):
    check = SelfCheckFactory(
        answers={FIRST[0]: "140522", FIRST[1]: "company", FIRST[2]: "C"},
        topics=["above_scale"],
        steps=[FIRST, ["stat.direct_reporting"]],
        unclear=["stat.direct_reporting"],
    )
    url = reverse("self_check:self-check-step", args=[check.token, 2])
    client.post(url, {"back": "1"})
    check.refresh_from_db()
    assert check.unclear == ["stat.direct_reporting"]
