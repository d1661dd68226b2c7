"""The list of what concerns a firm: what is not ticked is put aside, named, and opened by a click."""

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import recompute_on
from tests.factories import SelfCheckFactory
from tests.policies.packs import facts, load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def check():
    answers = {
        "enterprise.county": "140522",
        "enterprise.subject_type": "company",
        "industry.section": "C",
    }
    return SelfCheckFactory(answers=answers, steps=[list(answers)], topics=["above_scale"])


def address(name, check, *more):
    return reverse(f"self_check:{name}", args=[check.token, *more])


def offered(client, check):
    form = client.get(address("self-check-topics", check)).context["form"]
    return dict(form.fields["topics"].choices)


def test_the_list_names_what_the_firms_place_has_with_number_and_money(client, check):
    choices = offered(client, check)
    assert "technology" not in choices
    assert "（4 项，最多 " in choices["base"]
    assert choices["titles"].endswith("（2 项，其中有 1 项金额不定）")
    assert "rankings" in choices
    check.answers["enterprise.county"] = "140802"
    check.save()
    choices = offered(client, check)
    assert "technology" in choices
    assert choices.keys().isdisjoint({"base", "rankings"})


def test_the_result_says_apart_what_was_not_asked(client, check):
    page = client.get(address("result", check))
    aside = page.context["page"]["not_asked"]
    text = page.content.decode()
    assert f"<h2>未问 {aside.whole}</h2>" in text
    assert "，最多 " in aside.whole
    codes = {topic.code for topic, _ in aside.rows}
    assert {"base", "share_reform", "rankings", "project"} <= codes
    assert "above_scale" not in codes
    folded = reverse("self_check:result-group", args=[check.token, "not_asked"])
    [part] = client.get(folded).context["page"]["parts"]
    waiting = {row["id"] for row in part["rows"]}
    assert {"jc-base-city", "yang-top", "jc-share"} <= waiting
    assert int(aside.whole.split()[0]) == len(waiting)
    assert not page.context["page"]["has_ladders"]
    printed = client.get(address("result-print", check)).content.decode()
    assert f"未问 {aside.whole}，没有计入" in printed
    # What stands in two rows makes their sum more than the whole, and both say why.
    listed = sum(int(words.split()[0]) for _, words in aside.rows)
    assert listed > len(waiting)
    told = "有的项目列在几件事下面，合计只算一次。"
    assert told in text
    assert told in printed
    check.answers["industry.section"] = "P"
    check.topics = ["specialised"]
    check.save()
    page = client.get(address("result", check))
    aside = page.context["page"]["not_asked"]
    listed = sum(int(words.split()[0]) for _, words in aside.rows)
    assert (listed > int(aside.whole.split()[0])) == (told in page.content.decode())


def test_what_is_not_ticked_stays_unknown(client, check):
    document = client.get(address("result-json", check)).json()
    verdicts = {each["programme"]: each["verdict"] for each in document["programmes"]}
    assert verdicts["jc-base-city"] == verdicts["yang-top"] == "unknown"
    check.refresh_from_db()
    assert set(check.answers) == set(check.steps[0])


def test_one_click_ticks_the_topic_and_goes_on_asking(client, check):
    assert client.get(address("self-check-tick", check)).status_code == 405
    response = client.post(address("self-check-tick", check), {"topic": "rankings"})
    assert response.url == address("self-check-step", check, 2)
    check.refresh_from_db()
    assert check.topics == ["above_scale", "rankings"]
    asked = set()
    for number in range(2, 20):
        page = client.get(address("self-check-step", check, number))
        if page.status_code == 302:
            break
        asked.update(page.context["form"].keys)
        client.post(address("self-check-step", check, number), {})
    assert "enterprise.rankings" in asked
    assert not [key for key in asked if key.startswith("base.")]


def test_a_topic_that_nobody_could_answer_can_be_opened_again(client, check):
    check.topics = ["above_scale", "base"]
    check.unclear = ["base.is_operator"]
    check.save()
    aside = client.get(address("result", check)).context["page"]["not_asked"]
    assert "base" in {topic.code for topic, _ in aside.rows}
    client.post(address("self-check-tick", check), {"topic": "base"})
    check.refresh_from_db()
    assert check.unclear == []
    assert "base" in check.topics


@pytest.mark.parametrize("topic", ["", "no such topic", "<b>"])
def test_a_topic_that_is_none_changes_nothing(client, check, topic):
    client.post(address("self-check-tick", check), {"topic": topic})
    check.refresh_from_db()
    assert check.topics == ["above_scale"]


def test_a_tick_that_was_not_offered_is_refused_beside_the_list(client, check):
    response = client.post(address("self-check-topics", check), {"topics": ["technology"]})
    assert response.context["form"].errors.keys() == {"topics"}
    check.refresh_from_db()
    assert check.topics == ["above_scale"]


def test_a_topic_that_the_answers_speak_of_counts_as_ticked(client):
    check = SelfCheckFactory()
    assert check.topics == []
    page = client.get(address("result", check)).context["page"]
    assert "above_scale" not in {topic.code for topic, _ in page["not_asked"].rows}
    assert page["question"]


def test_ticks_last_when_the_result_is_computed_anew(check, time_machine):
    time_machine.move_to("2027-02-01 12:00+08:00")
    assert recompute_on(check, facts(), timezone.now()).topics == ["above_scale"]


def test_the_list_comes_after_the_first_page_and_before_the_questions(client):
    typed = {"enterprise__county": "140522", "industry__section": "C"}
    response = client.post(reverse("self_check:self-check"), typed)
    check = SelfCheck.objects.get()
    assert response.url == address("self-check-topics", check)
    response = client.post(response.url, {"topics": ["base"]})
    assert response.url == address("self-check-step", check, 2)
    assert client.get(response.url).context["form"].keys == ["base.is_operator"]


def test_the_pages_of_questions_ask_few_queries(client, check, django_assert_max_num_queries):
    for name, more in (("self-check-topics", ()), ("self-check-step", (2,))):
        client.get(address(name, check, *more))
        with django_assert_max_num_queries(2):
            client.get(address(name, check, *more))
