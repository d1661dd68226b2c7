"""Near misses propose only what a firm can change, the smallest first."""

from decimal import Decimal

import pytest

from policies.rules.assessment import assess
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.near_miss import near_miss as near_miss_of
from policies.rules.read_edition import compile_edition

SCALE = {
    "code": "A.1",
    "kind": "gate",
    "text": "规模",
    "rule": {"fact": "revenue", "at_least": 2000},
}
LIBRARY = {"code": "A.2", "kind": "gate", "text": "在库", "rule": {"fact": "library", "is": True}}
HONEST = {"code": "A.3", "kind": "gate", "text": "守信", "rule": {"fact": "honest", "is": True}}
RESEARCH = {
    "code": "A.4",
    "kind": "gate",
    "text": "研发占比",
    "rule": {"ratio": ["research", "revenue"], "at_least": 0.03},
}
AWARD = {"level": "city", "amount": 20}


@pytest.fixture
def near_miss(edition, facts, on):
    def find(criteria, **answers):
        programme = edition(criteria, [AWARD])
        return assess([programme], answers, on, facts)["programmes"][0]["near_miss"]

    return find


def test_it_says_how_far_and_what_it_unlocks(near_miss):
    found = near_miss([SCALE], revenue=Decimal("1999.99"))
    assert found["changes"] == [
        {"fact": "revenue", "from": Decimal("1999.99"), "to": 2000, "gap": Decimal("0.01")}
    ]
    assert found["unlocks"] == [20, 20]
    assert found["still_missing"] == []


def test_it_keeps_what_is_still_missing(near_miss):
    found = near_miss([SCALE, LIBRARY], revenue=Decimal(1))
    assert found["still_missing"] == ["library"]


def test_nothing_is_proposed_where_a_fact_cannot_change(near_miss):
    assert near_miss([SCALE, HONEST], revenue=Decimal(1), honest=False) is None


def test_an_eligible_firm_has_no_near_miss(near_miss):
    assert near_miss([SCALE], revenue=Decimal(2000)) is None


def test_the_nearest_of_two_ways_is_taken(near_miss):
    either = {"any": [SCALE["rule"], {"fact": "research", "at_least": 500}]}
    criterion = {"code": "A.5", "kind": "gate", "text": "任一", "rule": either}
    found = near_miss([criterion], revenue=Decimal(1900), research=Decimal(1))
    assert [change["fact"] for change in found["changes"]] == ["revenue"]


def test_what_is_to_stay_untouched_gives_way_to_the_next_best(edition, facts, on):
    either = {"any": [SCALE["rule"], {"fact": "research", "at_least": 500}]}
    criterion = {"code": "A.5", "kind": "gate", "text": "任一", "rule": either}
    programme = edition([criterion], [AWARD])
    firm = Firm({"revenue": Decimal(1900), "research": Decimal(1)}, on)

    def changed(*untouched):
        found = near_miss_of(judge(programme, firm), firm, facts, untouched)
        return found and [change["fact"] for change in found["changes"]]

    assert changed() == ["revenue"]
    assert changed("revenue") == ["research"]
    assert changed("revenue", "research") is None


def test_a_share_is_reached_exactly(near_miss):
    found = near_miss([RESEARCH], revenue=Decimal(500), research=Decimal("14.99"))
    assert found["changes"][0]["to"] == Decimal(15)


def test_a_zero_denominator_is_not_met(edition, facts, on):
    answers = {"revenue": Decimal(0), "research": Decimal(0)}
    document = assess([edition([RESEARCH])], answers, on, facts)
    assert document["programmes"][0]["verdict"] == "not_eligible"


def test_a_change_stays_within_the_bounds_of_its_fact(edition, on):
    """Nobody is told to reach what the form would refuse."""
    row = {"key": "score", "section": "测试", "label": "分", "type": "decimal", "changeable": True}
    limit = {"fact": "score", "at_least": 120}

    def found(rule=limit, **bounds):
        gate = {**SCALE, "rule": rule}
        other = Fact.from_data({**row, "key": "other"})
        facts = {"score": Fact.from_data({**row, **bounds}), "other": other}
        data = {"id": "p", "name": "n", "family": "f", "kind": "cash", "area": "140500"}
        data |= {"effective_from": "2021-01-01", "criteria": [gate], "awards": [AWARD]}
        programme = compile_edition(data, facts)
        answers = {"score": Decimal(60), "other": Decimal(1)}
        document = assess([programme], answers, on, facts)
        return document["programmes"][0]["near_miss"]

    assert found(maximum=120)["changes"][0]["to"] == 120
    assert found(maximum=119) is None
    assert found(minimum=120)["changes"][0]["to"] == 120
    assert found(minimum=121) is None
    both = {"all": [limit, {"fact": "other", "at_least": 5}]}
    assert len(found(both, maximum=120)["changes"]) == 2
    assert found(both, maximum=119) is None


def test_one_change_comes_before_two_and_the_smaller_before_the_larger(near_miss):
    either = {"any": [{"fact": "revenue", "at_least": 2000}, {"fact": "research", "at_least": 50}]}
    both = {"all": [{"fact": "library", "is": True}, {"fact": "research", "at_least": 11}]}
    gate = {**SCALE, "rule": either}
    answers = {"revenue": Decimal(1990), "research": Decimal(10), "library": False}
    found = near_miss([gate], **answers)
    assert [change["fact"] for change in found["changes"]] == ["revenue"]
    gate = {**SCALE, "rule": {"any": [both, {"fact": "revenue", "at_least": 5000}]}}
    found = near_miss([gate], **answers)
    assert [change["fact"] for change in found["changes"]] == ["revenue"]


def test_a_step_that_is_no_number_counts_as_the_whole_way(near_miss):
    rule = {"any": [{"fact": "library", "is": True}, {"fact": "revenue", "at_least": 2000}]}
    gate = {**SCALE, "rule": rule}
    found = near_miss([gate], revenue=Decimal(1000), library=False)
    [change] = found["changes"]
    assert (change["fact"], change["gap"]) == ("revenue", 1000)
    gate = {**SCALE, "rule": {"fact": "library", "is": True}}
    [change] = near_miss([gate], library=False)["changes"]
    assert (change["from"], change["to"], change["gap"]) == (False, True, None)


def test_two_conditions_that_want_one_fact_otherwise_have_no_near_miss(near_miss):
    less = {**SCALE, "code": "A.5", "rule": {"fact": "revenue", "at_most": 1000}}
    more = {**SCALE, "rule": {"fact": "revenue", "at_least": 2000}}
    assert near_miss([less, more], revenue=Decimal(1500)) is None


def test_only_what_decides_is_changed(near_miss):
    note = {**LIBRARY, "kind": "alternative"}
    found = near_miss([SCALE, note], revenue=Decimal(1999), library=False)
    assert [change["fact"] for change in found["changes"]] == ["revenue"]
