"""Which question comes next: that of the programme that is nearest to settling money."""

import pytest

from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.questions import askable, next_question, open_facts
from policies.rules.topics import GATES
from tests.policies.packs import editions


def gate(code, fact):
    rule = {"fact": fact, "at_least": 1} if fact in ("revenue", "research") else None
    return {"code": code, "kind": "gate", "rule": rule or {"fact": fact, "is": True}}


@pytest.fixture
def asked(edition, facts, on):
    """The next question on programmes, each given by what it asks and what it pays."""

    def ask(*programmes, put_aside=(), **answers):
        firm = Firm(answers, on)
        editions = [
            edition(
                [gate(f"A.{place}", fact) for place, fact in enumerate(wanted)],
                [{"level": "city", "amount": amount}] if amount else [],
            )
            for wanted, amount in programmes
        ]
        return next_question([judge(each, firm) for each in editions], facts, put_aside)

    return ask


def test_it_says_what_it_may_settle(asked):
    found = asked((["library"], 20))
    assert found == {
        "fact": "library",
        "reason": "回答后可进一步判断“测试项目”",
        "settles": [0, 20],
    }
    found = asked((["library"], 20), (["library", "honest"], 5), (["honest"], 100))
    assert (found["fact"], found["settles"]) == ("honest", [0, 105])
    assert found["reason"].endswith("“测试项目”等 2 项")
    assert asked((["library"], 20), library=True) is None


@pytest.mark.parametrize(
    ("programmes", "fact"),
    [
        # What lacks least comes first, whatever the others pay.
        ([(["library", "honest"], 100), (["revenue"], 5)], "revenue"),
        # Of those that lack as much, what pays most.
        ([(["library"], 5), (["honest"], 100)], "honest"),
        # What pays nothing comes last.
        ([(["library"], 0), (["honest", "revenue"], 5)], "revenue"),
        ([(["library"], 0)], "library"),
        # Of one programme's facts, that which decides about most money elsewhere too.
        ([(["library", "honest"], 20), (["honest", "revenue", "research"], 90)], "honest"),
        # Else the order of the vocabulary.
        ([(["honest", "library"], 20)], "library"),
    ],
)
def test_the_nearest_programme_with_money_is_settled_first(asked, programmes, fact):
    assert asked(*programmes)["fact"] == fact


def test_what_waits_for_an_answer_nobody_has_comes_after_what_does_not(asked):
    programmes = [(["library", "honest"], 100), (["revenue", "research"], 5)]
    assert asked(*programmes)["fact"] == "library"
    assert asked(*programmes, put_aside=["library"])["fact"] == "revenue"
    every = ["library", "revenue", "research"]
    assert asked(*programmes, put_aside=every)["fact"] == "honest"
    assert asked(*programmes, put_aside=[*every, "honest"]) is None


def test_open_facts_are_those_that_change_something_in_the_order_of_the_vocabulary(
    edition, facts, on
):
    money = [{"level": "city", "amount": {"fact": "research"}}]
    editions = [edition([gate("A", "honest")], money), edition([gate("A", "library")])]
    assert open_facts(editions, {}, on, facts) == ["research", "library", "honest"]
    assert open_facts(editions, {"honest": False}, on, facts) == ["library"]
    assert open_facts(editions, {"honest": True, "library": False}, on, facts) == ["research"]


def test_whether_a_topic_concerns_the_firm_is_asked_before_the_rest_of_a_programme(on):
    judged = [judge(each, Firm({}, on)) for each in editions()]
    with_topic = [each for each in judged if not GATES.isdisjoint(askable(each))]
    assert all(GATES.issuperset(askable(each)) for each in with_topic)
    assert any(not GATES.issuperset(each.lacking) for each in with_topic)
    without = [each for each in judged if each.lacking and GATES.isdisjoint(each.lacking)]
    assert without
    assert all(askable(each) for each in without)
