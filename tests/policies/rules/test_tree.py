"""The tree of a rule, and that no reader of it forgets a kind of node."""

import pytest

from policies.rules import limits, one_firm, remedies, wording
from policies.rules.read_amount import read_amount
from policies.rules.read_rule import read_rule
from policies.rules.tree import (
    AMOUNTS,
    OPERATORS,
    QUANTITIES,
    RULES,
    Leaf,
    reader,
    reads,
    shows,
    walk,
)
from tests.policies.packs import editions, facts

TABLES = [
    (one_firm._READINGS, RULES),
    (one_firm._TESTS, OPERATORS),
    (one_firm._MONEY, AMOUNTS),
    (one_firm._ESTIMATES, QUANTITIES),
    (wording._QUANTITIES, QUANTITIES),
    (remedies._GAPS, RULES),
    (remedies._REMEDIES, RULES),
    (remedies._WAYS, OPERATORS),
    (wording._SENTENCES, RULES),
    (wording._OPERATORS, OPERATORS),
    (wording._AMOUNTS, AMOUNTS),
]


@pytest.mark.parametrize(("table", "kinds"), TABLES)
def test_a_reader_that_forgets_a_kind_cannot_be_made(table, kinds):
    assert set(table) == set(kinds)
    for kind in kinds:
        rest = {each: work for each, work in table.items() if each is not kind}
        with pytest.raises(TypeError, match=getattr(kind, "__name__", kind)):
            reader(kinds, rest)


def test_the_catalogue_uses_every_kind_that_there_is():
    trees = [tree for edition in editions() for tree in edition.trees]
    nodes = [node for tree in trees for node in walk(tree)]
    unused = {kind.__name__ for kind in (*RULES, *AMOUNTS)} - {
        type(node).__name__ for node in nodes
    }
    # What documents of other places say too, as `test_elsewhere` shows.
    elsewhere = {"Comparison", "Each", "Items", "Together", "Highest", "Times"}
    assert unused <= {"Open", "AtLeast", "Floor", *elsewhere}


RULE = {
    "all": [
        {"fact": "region.city", "is": "140500"},
        {"any": [{"fact": "stat.four_above", "is": True}, {"industry": ["C"]}]},
        {"not": {"ratio": ["rd.expense.y1", "revenue.operating.y1"], "at_least": 0.03}},
    ]
}


def test_a_rule_reads_what_its_leaves_name_and_what_derived_facts_rest_on():
    rule = read_rule(RULE, facts(), "rule")
    industry = ("industry.section", "industry.division", "industry.real_estate_kind")
    ratio = ("rd.expense.y1", "revenue.operating.y1")
    assert reads(rule) == (
        "enterprise.county", "enterprise.city", "stat.four_above", *industry, *ratio,
    )  # fmt: skip
    assert shows(rule) == ("region.city", "stat.four_above", *industry[:2], *ratio)


def test_equal_rules_are_equal_trees():
    assert read_rule(RULE, facts(), "one") == read_rule(RULE, facts(), "other")
    amount = {"ladder": {"fact": "project.total_investment", "steps": [[1000, 20], [2000, 40]]}}
    assert read_amount(amount, facts(), "one") == read_amount(amount, facts(), "other")


def test_limits_are_those_of_the_tree_whatever_the_depth():
    leaves = [node for node in walk(read_rule(RULE, facts(), "rule")) if isinstance(node, Leaf)]
    assert [leaf.fact for leaf in leaves] == ["region.city", "stat.four_above"]
    [limit] = limits.limits_of(read_rule(RULE, facts(), "rule"))
    assert (limit.fact, limit.whole) == ("rd.expense.y1", "revenue.operating.y1")
