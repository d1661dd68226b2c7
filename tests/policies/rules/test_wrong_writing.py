"""What no firm's answer could be held against is refused where it is written, not when a firm answers."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.assessment import assess
from policies.rules.explanation import NO_VERDICT
from policies.rules.facts import Fact
from policies.rules.read_amount import read_amount
from policies.rules.read_edition import read_edition
from policies.rules.read_rule import RuleError, read_rule
from tests.policies.packs import facts as vocabulary

MONEY, COUNT, DAY = "revenue.operating.y1", "enterprise.employees", "enterprise.founded_on"
SET, LIST, CODE = "zjtx.tiers", "broker.deals", "base.type"


def deep(levels):
    rule = {"fact": MONEY, "at_least": 1}
    for _ in range(levels):
        rule = {"not": {"all": [rule]}}
    return rule


RULES = [
    {"fact": MONEY, "at_least": "NaN"},
    {"fact": MONEY, "at_least": "Infinity"},
    {"fact": MONEY, "at_least": 1e30},
    {"fact": MONEY, "at_least": 1e-30},
    {"fact": MONEY, "between": [2, 1]},
    {"fact": MONEY, "is": True},
    {"fact": DAY, "full_years": 2.5},
    {"fact": DAY, "full_months": 10**9},
    {"fact": DAY, "is_year": 10**9},
    {"fact": DAY, "full_years": 1, "open": {"more_than": 3}},
    {"fact": SET, "has_any": "little_giant"},
    {"fact": SET, "non_empty": False},
    {"fact": CODE, "is": "other_code", "open": ["no such code"]},
    {"fact": "size.class", "at_least": 3},
    {"fact": "size.class", "is": "enormous"},
    {"fact": "region.city", "full_years": 1},
    {"fact": "net_profit.sum3", "has": "x"},
    {"fact": "size.is_sme", "is": "yes"},
    {"fact": MONEY, "at_least": 1, "reason": ["C01"]},
    {"ratio": [DAY, MONEY], "at_least": 0.5},
    {"ratio": [MONEY, MONEY], "at_least": "NaN"},
    {"first_reached": {"fact": SET, "before": MONEY, "limits": [1]}},
    {"industry": []},
    {"industry": [""]},
    {"industry": "CD"},
    {"industry": ["Z99"]},
    {"n_of": True, "of": [{"open": "C01"}]},
    {"open": 5},
    {"open": ""},
    {"cases": [{"when": {"open": "C01"}, "then": {"open": "C01"}, "id": 5}]},
    deep(150),
]
AMOUNTS = [
    "NaN",
    "Infinity",
    1e30,
    -1,
    {"range": [1, "Infinity"]},
    {"cap": "NaN"},
    {"fact": CODE},
    {"fact": LIST},
    {"ladder": {"fact": SET, "steps": [[1, 2]]}},
    {"share": {"fact": DAY, "rate": 0.5}},
    {"per_head_month": {"yuan": 100, "heads": CODE, "months": COUNT}},
    {"per_head_month": {"yuan": 100, "heads": COUNT, "months": COUNT, "max_months": "6"}},
    {"milestones": {"fact": MONEY, "before": MONEY, "received": SET, "steps": [[1, 2]]}},
]


# What is just within its bounds, and what is just beyond.
BOUNDS = [
    ({"fact": MONEY, "at_least": 10**10}, {"fact": MONEY, "at_least": 10**10 + 1}),
    ({"fact": MONEY, "at_least": -(10**10)}, {"fact": MONEY, "at_least": -(10**10) - 1}),
    ({"fact": MONEY, "at_least": 1e-10}, {"fact": MONEY, "at_least": 9e-11}),
    ({"fact": MONEY, "at_least": 0}, {"fact": MONEY, "at_least": False}),
    ({"fact": MONEY, "between": [2, 2]}, {"fact": MONEY, "between": [2, 1.99]}),
    ({"fact": MONEY, "between": [1, 2]}, {"fact": MONEY, "between": [1, 2, 3]}),
    ({"fact": MONEY, "in": [1, 2]}, {"fact": MONEY, "in": [1, True]}),
    ({"fact": DAY, "full_years": 0}, {"fact": DAY, "full_years": -1}),
    ({"fact": DAY, "full_years": 100}, {"fact": DAY, "full_years": 101}),
    ({"fact": DAY, "full_years": 1}, {"fact": DAY, "full_years": True}),
    ({"fact": DAY, "full_months": 1200}, {"fact": DAY, "full_months": 1201}),
    ({"fact": DAY, "remaining_years": 100}, {"fact": DAY, "remaining_years": 101}),
    ({"fact": DAY, "is_year": -100}, {"fact": DAY, "is_year": -101}),
    ({"fact": DAY, "is_year": 100}, {"fact": DAY, "is_year": 101}),
    ({"fact": CODE, "answered": True}, {"fact": CODE, "answered": False}),
    ({"fact": CODE, "is": "university"}, {"fact": CODE, "is": 5}),
    ({"fact": CODE, "in": ["university"]}, {"fact": CODE, "in": ["university", "none"]}),
    ({"fact": "accounting.sound", "is": False}, {"fact": "accounting.sound", "is": 0}),
    ({"fact": "size.class", "is": "micro"}, {"fact": "size.class", "is": 5}),
    ({"fact": "region.city", "is": "140500"}, {"fact": "region.city", "is": 140500}),
    ({"fact": "region.city", "is": "140800"}, {"fact": "region.city", "is": "no such city"}),
    (
        {"fact": MONEY, "is": 1, "open": {"more_than": 3}},
        {"fact": MONEY, "is": 1, "open": {"more_than": 3, "less_than": 9}},
    ),
    ({"fact": CODE, "is": "university", "open": []}, {"fact": CODE, "open": ["university"]}),
    ({"fact": MONEY, "at_least": 1}, {"fact": MONEY, "at_least": 1, "at_most": 2}),
    ({"n_of": 1, "of": [{"open": "C01"}]}, {"n_of": 0, "of": [{"open": "C01"}]}),
    ({"n_of": 2, "of": [{"open": "C01"}] * 2}, {"n_of": 3, "of": [{"open": "C01"}] * 2}),
    ({"all": [{"open": "C01"}]}, {"all": []}),
    ({"any": [{"open": "C01"}]}, {"any": {"open": "C01"}}),
    ({"not": {"open": "C01"}}, {"not": {"open": "C01"}, "presumed": {"open": "C01"}}),
    (
        {"ratio": ["tax.paid.y0", MONEY], "at_least": 0.5},
        {"ratio": ["tax.paid.y0", MONEY, MONEY], "at_least": 0.5},
    ),
    ({"ratio": ["tax.paid.y0", MONEY], "at_least": 1}, {"ratio": ["tax.paid.y0", MONEY]}),
    (
        {"ratio": [COUNT, MONEY], "at_least": 1},
        {"ratio": ["net_profit.sum3", MONEY], "at_least": 1},  # derived, where it must be asked
    ),
    (
        {"first_reached": {"fact": MONEY, "before": MONEY, "limits": [1]}},
        {"first_reached": {"fact": MONEY, "before": MONEY, "limits": []}},
    ),
    ({"industry": ["C", "L72", "K7010"]}, {"industry": ["C", "L73"]}),
    ({"cases": [{"when": {"open": "C01"}, "then": {"open": "C01"}}]}, {"cases": []}),
    ({"not": {"not": deep(12)}}, {"not": {"not": {"not": deep(12)}}}),  # 40 levels of JSON
]


@pytest.mark.parametrize(("within", "beyond"), BOUNDS, ids=lambda rule: str(rule)[:60])
def test_a_bound_itself_can_be_written_and_nothing_beyond(within, beyond):
    assert not entry(criteria=[{"code": "A", "kind": "gate", "rule": within}]).fault
    assert entry(criteria=[{"code": "A", "kind": "gate", "rule": beyond}]).fault


STEP = {"fact": MONEY, "steps": [[1, 2], [3, 2]]}
HEADS = {"yuan": 100, "heads": COUNT, "months": COUNT}
AMOUNT_BOUNDS = [
    (0, -0.01),
    (1, True),
    ({"range": [1, 1]}, {"range": [1, 0.99]}),
    ({"range": [0, 1]}, {"range": [-1, 1]}),
    ({"cap": 0}, {"cap": -1}),
    ({"ladder": STEP}, {"ladder": {**STEP, "steps": [[3, 2], [1, 2]]}}),
    ({"ladder": STEP}, {"ladder": {**STEP, "steps": [[1, 2], [1, 3]]}}),
    ({"ladder": STEP}, {"ladder": {**STEP, "steps": []}}),
    ({"ladder": STEP}, {"ladder": {**STEP, "steps": [[1, -2]]}}),
    ({"share": {"fact": LIST, "rate": 0}}, {"share": {"fact": LIST, "rate": -0.1}}),
    (
        {"share": {"fact": MONEY, "rate": 1, "cap": 0}},
        {"share": {"fact": MONEY, "rate": 1, "cap": -1}},
    ),
    (
        {"per_head_month": {**HEADS, "max_months": 0}},
        {"per_head_month": {**HEADS, "max_months": -1}},
    ),
    (
        {"per_head_month": {**HEADS, "min_months": 1200}},
        {"per_head_month": {**HEADS, "min_months": 1201}},
    ),
    (
        {"cases": [{"when": {"open": "C01"}, "amount": 1}], "otherwise": 0},
        {"cases": [{"when": {"open": "C01"}, "amount": 1}], "otherwise": None},
    ),
    ({"fact": MONEY}, {"what": MONEY}),
]


@pytest.mark.parametrize(("within", "beyond"), AMOUNT_BOUNDS, ids=str)
def test_an_amount_at_its_bound_can_be_written_and_none_beyond(within, beyond):
    assert not entry(awards=[{"level": "city", "amount": within}]).fault
    assert entry(awards=[{"level": "city", "amount": beyond}]).fault


PAYS, OPENED = {"level": "city", "amount": 5}, {"open": "C01"}
AWARDS = [
    (PAYS, {**PAYS, "level": "village"}),
    (PAYS, {**PAYS, "status": "paid"}),
    (PAYS, {**PAYS, "status": "unpublished"}),
    ({**PAYS, "status": "to_verify"}, {**PAYS, "status": "none_listed"}),
    ({"level": "city", "status": "unpublished"}, {"level": "city"}),
    ({"level": "city", "fee_cap": 5}, {"level": "city", "fee_cap": 0}),
    ({"level": "city", "price_cut": 5}, {"level": "city", "price_cut": -5}),
    ({**PAYS, "headline": 0}, {**PAYS, "headline": -1}),
    ({"level": "city", "unsplit": {"amount": 5}}, {"level": "city", "unsplit": {"amount": -5}}),
    (
        {**PAYS, "undecided": [{"when": OPENED, "reason": "C01"}]},
        {**PAYS, "undecided": [{"when": OPENED}]},
    ),
    ({**PAYS, "conflicts": ["C01"]}, {**PAYS, "conflicts": [5]}),
]


@pytest.mark.parametrize(("within", "beyond"), AWARDS, ids=str)
def test_an_award_says_who_pays_and_whether_it_is_printed(within, beyond):
    assert not entry(awards=[within]).fault
    assert entry(awards=[beyond]).fault


def test_a_condition_has_a_known_kind_and_a_rule_unless_people_judge_it():
    fine = {"code": "A", "kind": "gate", "rule": OPENED}
    assert not entry(criteria=[fine, {"code": "B", "kind": "manual"}]).fault
    for wrong in (
        {**fine, "kind": "door"},
        {**fine, "kind": "manual"},
        {"code": "A", "kind": "gate"},
    ):
        assert entry(criteria=[wrong]).fault


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule)[:60])
def test_such_a_rule_stands_with_its_fault(rule):
    assert entry(criteria=[{"code": "A", "kind": "gate", "rule": rule}]).fault


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_such_an_amount_stands_with_its_fault(amount):
    assert entry(awards=[{"level": "city", "amount": amount}]).fault


@pytest.mark.parametrize("name", ["same_money", "payer"])
def test_words_of_an_award_are_text(name):
    assert entry(awards=[{"level": "city", "amount": 5, name: ["C01"]}]).fault


def test_nobody_is_judged_by_rules_that_stand_with_a_fault():
    faulty = entry(criteria=[{"code": "A", "kind": "gate", "rule": {"all": []}}])
    answers = {"enterprise.county": "140521"}
    (told,) = assess([faulty], answers, date(2026, 11, 20), vocabulary())["programmes"]
    assert (told["verdict"], told["criteria"]) == ("unknown", [])
    assert NO_VERDICT in told["notices"]


def test_the_fault_names_the_place_and_what_was_expected():
    with pytest.raises(RuleError, match=r"写法.all.0.：size.class 是 enum 型，不能用 at_least"):
        read_rule({"all": [{"fact": "size.class", "at_least": 3}]}, vocabulary(), "写法")
    with pytest.raises(RuleError, match=f"写法.fact：{CODE} 是 enum 型，应为数字"):
        read_amount({"fact": CODE}, vocabulary(), "写法")


def test_a_fact_whose_type_changes_leaves_what_reads_it_with_its_fault():
    rule = {"fact": "x", "at_least": 3}
    for kind, stands in (("decimal", True), ("date", False), ("enum", False), ("bool", False)):
        facts = {"x": Fact("x", "s", "x", kind, minimum=Decimal(0))}
        found = entry(criteria=[{"code": "A", "kind": "gate", "rule": rule}], facts=facts)
        assert bool(found.fault) is not stands


def entry(criteria=(), awards=(), facts=None):
    data = {"id": "p", "name": "n", "family": "f", "kind": "cash", "area": "140500"}
    data |= {"effective_from": date(2021, 1, 1), "criteria": criteria, "awards": awards}
    return read_edition(data, facts or vocabulary())


@pytest.mark.parametrize("said", [5, True, [[]], "C01"])
@pytest.mark.parametrize("name", ["notices", "conflicts"])
def test_what_is_said_of_a_programme_and_is_no_list_of_texts_is_a_fault(name, said):
    data = {
        "id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500",
        "effective_from": "2021-01-01", name: said,
    }  # fmt: skip
    edition = read_edition(data, vocabulary())
    assert edition.notices == edition.conflicts == ()
    assert edition.fault
