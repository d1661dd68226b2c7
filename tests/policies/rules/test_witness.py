"""Witnesses: answers that make a reading come out as wanted, found by trying."""

from datetime import date

from policies.rules.one_firm import reads_by
from policies.rules.readings import MET, NOT_MET, unknown
from policies.rules.tree import AllOf, AnyOf, Leaf, Not, Open
from policies.rules.witness import Witnesses

ON = date(2026, 11, 20)
YES, NO = Leaf("yes", "is", True), Leaf("no", "is", False)
TRIED = {"yes": [False, True], "no": [True, False], "industry.division": ["35", "51"]}


def witnesses():
    return Witnesses(TRIED, ON)


def test_answers_that_meet_a_rule_are_found_one_fact_after_the_other():
    assert witnesses().find(reads_by(AllOf((YES, NO)))) == {"yes": True, "no": False}
    assert witnesses().find(reads_by(AnyOf((YES, NO))))["yes"] in (True, False)
    assert witnesses().find(reads_by(AllOf((YES, Not(YES))))) is None


def test_what_is_given_stays():
    either = reads_by(AnyOf((YES, NO)))
    assert witnesses().find(either, {"yes": False}) == {"yes": False, "no": False}
    assert witnesses().find(reads_by(YES), {"yes": False}) is None


def test_nothing_more_is_asked_once_it_is_decided():
    assert witnesses().find(lambda firm: MET) == {}
    assert witnesses().find(lambda firm: NOT_MET) is None


def test_a_rule_stays_open_where_nothing_more_can_be_asked():
    assert witnesses().stays_open(reads_by(Open("C01")))
    assert witnesses().stays_open(reads_by(AnyOf((YES, Open("C01")))))
    assert not witnesses().stays_open(reads_by(YES))
    assert not witnesses().stays_open(lambda firm: unknown(["nobody knows it"]))


def test_answers_that_contradict_each_other_are_not_tried():
    given = {"industry.section": "C"}
    for division, found in (
        ("35", {"industry.section": "C", "industry.division": "35"}),
        ("51", None),
    ):
        rule = reads_by(Leaf("industry.division", "is", division))
        assert witnesses().find(rule, given) == found
