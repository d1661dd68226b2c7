"""What no firm's answer could be held against is refused where it is written, not when a firm answers."""

from datetime import date
from decimal import Decimal

import pytest

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


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule)[:60])
def test_such_a_rule_stands_with_its_fault(rule):
    assert entry(criteria=[{"code": "A", "kind": "gate", "rule": rule}]).fault


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_such_an_amount_stands_with_its_fault(amount):
    assert entry(awards=[{"level": "city", "amount": amount}]).fault


@pytest.mark.parametrize("name", ["same_money", "payer"])
def test_words_of_an_award_are_text(name):
    assert entry(awards=[{"level": "city", "amount": 5, name: ["C01"]}]).fault


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
