"""What is asked and what is not: on the real catalogue for any firm, and on programmes made up."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.rules.answers import contradictions
from policies.rules.follow_ups import FOLLOW_UPS, held_back, is_gate_of, with_implied
from policies.rules.inquiry import inquire, no_longer_asked
from policies.rules.questions import next_question, open_facts
from policies.rules.topics import GATES, TOPICS, denied, is_yes
from tests.generated import TIMES, examples
from tests.policies.packs import editions, facts
from tests.policies.rules.test_properties import FIRMS, values_of

ON = date(2026, 11, 20)
CODES = [topic.code for topic in TOPICS]
many = settings(
    max_examples=examples(40),
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TICKS = st.lists(st.sampled_from(CODES), unique=True)
UNCLEAR = st.lists(st.sampled_from(sorted(facts())), max_size=3, unique=True)
PARTS_MAKER = {
    "enterprise.county": "140522",
    "enterprise.subject_type": "company",
    "industry.section": "C",
}


def inquiry_for(answers, topics=(), unclear=()):
    return inquire(editions(), answers, ON, facts(), topics, unclear)


@many
@given(FIRMS, TICKS, UNCLEAR)
def test_whatever_is_asked_can_change_a_verdict_or_an_amount(answers, topics, unclear):
    inquiry = inquiry_for(answers, topics, [key for key in unclear if key not in answers])
    can_change = set(open_facts(editions(), inquiry.answers, ON, facts()))
    page = inquiry.page(2, 5)
    assert set(page) <= set(inquiry.questions) <= inquiry.left <= can_change
    assert bool(page) == bool(inquiry.questions)
    assert held_back(page) == set()
    question = inquiry.next_question
    assert (question["fact"] if question else None) in (*inquiry.questions, None)


@many
@given(FIRMS, TICKS, UNCLEAR)
def test_what_is_not_asked_cannot_change_a_verdict_or_is_put_aside_and_said_so(
    answers, topics, unclear
):
    unclear = [key for key in unclear if key not in answers]
    inquiry = inquiry_for(answers, topics, unclear)
    said = {each.edition.programme for each in inquiry.not_asked}
    for result in inquiry.judgements:
        if result.verdict == "unknown" and result.lacking:
            is_asked = not set(result.lacking).isdisjoint(inquiry.questions)
            is_unclear = not set(result.lacking).isdisjoint(unclear)
            assert is_asked or is_unclear or result.edition.programme in said, (
                result.edition.programme
            )
        if result.edition.programme in said:
            assert [topic for topic in TOPICS if result in inquiry.waiting_for(topic)]


@many
@given(FIRMS)
def test_with_all_topics_ticked_nothing_is_put_aside(answers):
    inquiry = inquiry_for(answers, CODES)
    assert inquiry.not_asked == []
    assert inquiry.left == set(open_facts(editions(), inquiry.answers, ON, facts()))


def fitting(key, answers):
    """Answers to a question that do not contradict those before it."""
    fact = facts()[key]
    if fact.type == "enum":
        every = [{**answers, key: code} for code in fact.choices]
        return st.sampled_from([each[key] for each in every if not contradictions(each, ON)])
    return values_of(fact).filter(lambda value: not contradictions({**answers, key: value}, ON))


@many
@given(st.data())
def test_every_question_leads_on_until_none_is_left(data):
    """Whatever is said: no follow-up waits for ever, and nothing is asked twice."""
    answers = {}
    while questions := inquiry_for(answers, CODES).questions:
        assert questions[0] not in answers
        answers |= {questions[0]: data.draw(fitting(questions[0], answers))}
    assert not open_facts(editions(), with_implied(answers), ON, facts())


# Other ways to the same end: after a no to one the next is asked. What is asked of a project inside
# a park differs from what is asked of one outside.
ALTERNATIVES = {
    "project.in_park",    "project.plan_145", "field.industrial_four_bases", "field.made_in_china_2025_ten",
    "base.service.training", "stat.four_above", "heritage.listed", "hr.trainee_is_graduate",
}  # fmt: skip
YES_OR_NO = {gate for gate in FOLLOW_UPS if facts()[gate].type == "bool"} - ALTERNATIVES


@pytest.mark.parametrize("gate", sorted(YES_OR_NO))
@pytest.mark.parametrize("county", ["140521", "140522", "140802"])
@pytest.mark.parametrize("section", ["B", "C"])
def test_after_a_no_nothing_that_stands_behind_is_asked(gate, county, section):
    answers = {"enterprise.county": county, "industry.section": section, gate: False}
    answers["zjtx.tiers"] = frozenset()  # which asks some of the same
    behind = {key for key in facts() if is_gate_of(gate, key)} - GATES
    assert behind
    assert behind.isdisjoint(open_facts(editions(), answers, ON, facts()))


def test_the_tables_name_facts_that_there_are():
    names = {name for gate, follow_ups in FOLLOW_UPS.items() for name in (gate, *follow_ups)}
    for name in names | set(GATES):
        assert [key for key in facts() if key == name or key.startswith(name)], name


def test_no_gate_waits_for_itself():
    def behind(key, seen=()):
        assert key not in seen
        for gate in FOLLOW_UPS:
            if is_gate_of(gate, key):
                behind(gate, (*seen, key))

    for key in facts():
        behind(key)


def test_every_gate_of_a_topic_can_be_denied_or_closes_nothing():
    assert set(denied(GATES, facts())) == GATES - {"revenue.main_business.max_before"}
    for gate, no in denied(GATES, facts()).items():
        assert not is_yes(no), gate


def test_yes_is_what_says_that_a_topic_concerns_the_firm():
    assert [is_yes(value) for value in (True, "main", 3, frozenset({"hte"}))] == [True] * 4
    assert [is_yes(value) for value in (None, False, 0, "none", frozenset(), ())] == [False] * 6


def test_whoever_holds_no_title_is_not_asked_which_one_was_new():
    assert with_implied({"zjtx.tiers": frozenset()})["zjtx.first_this_year"] == frozenset()
    assert "zjtx.first_this_year" not in with_implied({"zjtx.tiers": frozenset({"city"})})
    assert "zjtx.first_this_year" not in with_implied({})


def test_the_nearest_money_comes_first_and_no_rare_title_to_everybody():
    inquiry = inquiry_for(PARTS_MAKER, ["above_scale"])
    assert inquiry.questions[0] == "stat.direct_reporting"
    assert "enterprise.rankings" not in inquiry.left
    assert not [key for key in inquiry.left if key.startswith("base.")]
    # The document that other systems read knows of no ticks: there such titles come last.
    document = next_question(inquiry.judgements, facts())
    assert document["fact"] not in GATES
    assert document["settles"][1] > 0 or document["settles"] == [Decimal(0), Decimal(0)]


def test_a_programme_of_an_editor_is_asked_of_everybody_where_no_tick_leads_to_it(edition):
    made_up = edition(
        criteria=[
            {"code": "P.1", "kind": "gate", "rule": {"fact": "library", "is": True}},
            {"code": "P.2", "kind": "gate", "rule": {"fact": "revenue", "at_least": 5}},
        ],
        awards=[{"level": "city", "amount": 7}],
    )
    own = {key: replace(facts()["accounting.sound"], key=key) for key in ("library", "revenue")}
    vocabulary = {**facts(), **own}
    inquiry = inquire([*editions(), made_up], {}, ON, vocabulary, ())
    assert set(own) <= inquiry.left
    assert "p" not in {each.edition.programme for each in inquiry.not_asked}
    answers = {"enterprise.county": "140521", "industry.section": "C"}
    inquiry = inquire([*editions(), made_up], answers, ON, vocabulary, ())
    assert set(inquiry.page(2, 5)) <= set(own) | {"enterprise.ownership", "tax.increase"}


def test_services_wait_until_nothing_with_money_has_a_question_left(edition):
    money = edition(
        criteria=[{"code": "P.1", "kind": "gate", "rule": {"fact": "revenue", "at_least": 5}}],
        awards=[{"level": "city", "amount": 7}],
    )
    service = edition(
        criteria=[{"code": "S.1", "kind": "gate", "rule": {"fact": "library", "is": True}}]
    )
    both = [replace(service, programme="service"), money]
    own = {key: replace(facts()["accounting.sound"], key=key) for key in ("library", "revenue")}
    vocabulary = {**facts(), **own}
    assert inquire(both, {}, ON, vocabulary, ()).page(2, 5) == ["revenue"]
    assert inquire(both, {"revenue": Decimal(6)}, ON, vocabulary, ()).page(2, 5) == ["library"]


def test_a_changed_gate_ends_only_what_nobody_would_ask_any_more():
    park = PARTS_MAKER | {
        "project.kind": "industrial", "project.in_park": True, "project.park_approved": True,
        "project.total_investment": Decimal(2000), "project.stage": "started",
    }  # fmt: skip
    outside = {**park, "project.in_park": False}
    gone = no_longer_asked({"project.in_park"}, editions(), outside, ON, facts(), ["project"])
    assert gone == {"project.park_approved", "project.stage"}
    none = {**park, "project.kind": "none"}
    gone = no_longer_asked({"project.kind"}, editions(), none, ON, facts(), ["project"])
    assert gone == {key for key in park if key.startswith("project.")} - {"project.kind"}
    assert no_longer_asked({"project.in_park"}, editions(), park, ON, facts(), ["project"]) == set()
