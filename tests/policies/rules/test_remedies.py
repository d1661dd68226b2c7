"""Remedies: which changes might meet a rule that failed, and how far it falls short."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.read_rule import read_rule
from policies.rules.remedies import MOST_COMBINATIONS, Change, combine, gap, remedies
from policies.rules.tree import FirstReached
from tests.policies.packs import facts as vocabulary

ROWS = [
    {"key": "amount", "type": "decimal", "changeable": True},
    {"key": "fixed", "type": "decimal"},
    {"key": "fine", "type": "decimal", "decimals": 4, "changeable": True},
    {"key": "count", "type": "int", "changeable": True},
    {"key": "yes", "type": "bool", "changeable": True},
    {"key": "code", "type": "enum", "choices": {"a": "甲", "b": "乙"}, "changeable": True},
    {"key": "titles", "type": "enum_set", "choices": {"a": "甲", "b": "乙"}, "changeable": True},
    {"key": "deals", "type": "money_list", "changeable": True},
    {"key": "day", "type": "date", "changeable": True},
]
FACTS = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in ROWS
}
ON = date(2026, 11, 20)


def ways(rule, facts=FACTS, **answers):
    """Each way out as the facts it changes and what to."""
    found = remedies(read_rule(rule, facts, "rule"), Firm(answers, ON), facts)
    return [{change.fact: change.to for change in changes} for changes in found]


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ({"fact": "count", "more_than": 3}, {"count": 1}, [{"count": 4}]),
        ({"fact": "count", "more_than": 3}, {"count": 3}, [{"count": 4}]),
        ({"fact": "count", "less_than": 3}, {"count": 9}, [{"count": 2}]),
        ({"fact": "count", "less_than": 3}, {"count": 3}, [{"count": 2}]),
        ({"fact": "fine", "more_than": 3}, {"fine": Decimal(1)}, [{"fine": Decimal("3.0001")}]),
        ({"fact": "amount", "at_least": 3}, {}, [{"amount": 3}]),
        ({"fact": "yes", "is": True}, {"yes": False}, [{"yes": True}]),
        ({"fact": "yes", "is": False}, {"yes": True}, []),  # nobody gives up what they have
        ({"fact": "code", "in": ["a", "b"]}, {}, [{"code": "a"}, {"code": "b"}]),
        ({"fact": "titles", "has": "b"}, {}, [{"titles": {"b"}}]),
        ({"fact": "titles", "has": "b"}, {"titles": frozenset("a")}, [{"titles": {"a", "b"}}]),
        (
            {"fact": "titles", "has_any": ["a", "b"]},
            {"titles": frozenset()},
            [{"titles": {"a"}}, {"titles": {"b"}}],
        ),
        ({"fact": "titles", "non_empty": True}, {}, [{"titles": {"a"}}, {"titles": {"b"}}]),
        ({"fact": "titles", "lacks": "a"}, {"titles": frozenset("ab")}, [{"titles": {"b"}}]),
        (
            {"fact": "titles", "lacks_all": ["a", "b"]},
            {"titles": frozenset("a")},
            [{"titles": set()}],
        ),
        ({"fact": "deals", "non_empty": True}, {"deals": ()}, []),
        ({"fact": "day", "full_years": 1}, {"day": ON}, []),
        ({"fact": "day", "is_year": -1}, {"day": ON}, []),
        ({"industry": ["C"]}, {}, []),
        ({"open": "C01"}, {}, []),
        ({"not": {"fact": "yes", "is": True}}, {"yes": True}, []),
        ({"presumed": {"fact": "count", "at_least": 3}}, {"count": 1}, [{"count": 3}]),
    ],
)
def test_what_a_firm_can_change(rule, answers, expected):
    found = ways(rule, **answers)
    assert found == expected
    # Heads are counted in whole numbers, in the answer document too.
    assert all(type(way["count"]) is int for way in found if "count" in way)


LOW, YES = {"fact": "count", "at_least": 3}, {"fact": "yes", "is": True}
FIXED = {"fact": "fixed", "at_least": 3}
FAILED = {"count": 1, "yes": False, "fixed": Decimal(1), "code": "a"}


@pytest.mark.parametrize(
    ("rule", "answers", "expected"),
    [
        ({"all": [LOW, YES]}, FAILED, [{"count": 3, "yes": True}]),
        ({"all": [LOW, YES]}, {**FAILED, "yes": True}, [{"count": 3}]),
        ({"all": [LOW, FIXED]}, FAILED, []),
        ({"any": [LOW, YES]}, FAILED, [{"count": 3}, {"yes": True}]),
        ({"any": [LOW, FIXED]}, FAILED, [{"count": 3}]),
        ({"n_of": 2, "of": [LOW, YES, FIXED]}, FAILED, [{"count": 3, "yes": True}]),
        ({"n_of": 2, "of": [LOW, YES, FIXED]}, {**FAILED, "yes": True}, [{"count": 3}]),
        ({"n_of": 3, "of": [LOW, YES, FIXED]}, FAILED, []),
        ({"n_of": 1, "of": [FIXED]}, FAILED, []),
    ],
)
def test_of_several_parts_as_many_change_as_are_needed(rule, answers, expected):
    assert ways(rule, **answers) == expected


def table(**rows):
    return {
        "cases": [
            {"when": {"fact": "code", "is": code}, "then": rule} for code, rule in rows.items()
        ]
    }


def test_of_a_table_the_row_that_speaks_of_the_firm_is_changed():
    assert ways(table(a=LOW, b=YES), **FAILED) == [{"count": 3}]
    assert ways(table(a=LOW, b=YES), **{**FAILED, "code": "b"}) == [{"yes": True}]
    assert ways({**table(b=YES), "otherwise": LOW}, **FAILED) == [{"count": 3}]
    assert ways(table(b=YES), **FAILED) == []
    unknown = {key: value for key, value in FAILED.items() if key != "code"}
    assert ways(table(a=LOW, b=YES), **unknown) == []
    for rule, answers, short in (
        (table(a=LOW), FAILED, 2),
        (table(b=LOW), FAILED, None),
        (table(a=LOW), unknown, None),
    ):
        assert gap(read_rule(rule, FACTS, "rule"), Firm(answers, ON)) == short


@pytest.mark.parametrize(
    ("rule", "short"),
    [
        ({"all": [LOW, {"fact": "code", "is": "a"}]}, 2),
        ({"all": [LOW, FIXED]}, None),  # gaps in two units do not add up
        ({"any": [{"fact": "fixed", "at_least": 3}]}, 2),
        ({"presumed": LOW}, 2),
        ({"not": {"fact": "code", "is": "a"}}, None),
    ],
)
def test_a_gap_is_that_of_the_only_part_that_fails(rule, short):
    assert gap(read_rule(rule, FACTS, "rule"), Firm(FAILED, ON)) == short


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        ("count", Decimal("50.5"), [{"count": 26}]),  # heads are whole
        ("amount", Decimal("50.5"), [{"amount": Decimal("25.25")}]),
        ("fixed", Decimal("50.5"), []),
        ("amount", Decimal(0), []),
        ("amount", None, []),
    ],
)
def test_of_a_ratio_the_part_is_raised(part, whole, expected):
    rule = {"ratio": [part, "fine"], "at_least": 0.5}
    answers = {part: 1} | ({} if whole is None else {"fine": whole})
    assert ways(rule, **answers) == expected


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({"base.tenants": 12}, [{"base.tenants": 20}]),
        ({"base.tenants": 12, "base.teams": 3}, [{"base.tenants": 17}]),
        ({"base.teams": 3}, []),
    ],
)
def test_of_what_is_counted_only_tenants_are_added(answers, expected):
    kind = "university" if "base.teams" in answers else "building"
    rule = {"fact": "base.counted_tenants", "at_least": 20}
    assert ways(rule, vocabulary(), **answers, **{"base.type": kind}) == expected
    fewer = {"fact": "base.counted_tenants", "at_most": 5}
    assert ways(fewer, vocabulary(), **answers, **{"base.type": kind}) == []
    assert ways({"fact": "net_profit.sum3", "at_least": 5}, vocabulary()) == []


def test_combinations_take_one_of_each_and_end_at_a_bound():
    one, other = [(Change("a", 1),), (Change("a", 2),)], [(Change("b", 1),)]
    assert combine([one, other]) == [
        (Change("a", 1), Change("b", 1)), (Change("a", 2), Change("b", 1)),
    ]  # fmt: skip
    assert combine([one, []]) == []
    assert combine([other, other]) == [(Change("b", 1),)]
    many = [(Change("c", n),) for n in range(9)]
    assert len(combine([many, many])) == MOST_COMBINATIONS


@pytest.mark.parametrize(
    ("now", "before", "missing"),
    [
        (8, 4, 2),
        (8, 10, 12),  # the first was reached before
        (12, 11, 8),
        (15, 4, None),
        (8, 25, None),
        (None, 4, None),
        (8, None, None),
    ],
)
def test_the_next_limit_is_the_lowest_that_was_never_reached(now, before, missing):
    rule = FirstReached("amount", "fine", (Decimal(10), Decimal(20)))
    given = {"amount": now, "fine": before}
    firm = Firm({key: Decimal(value) for key, value in given.items() if value is not None}, ON)
    assert gap(rule, firm) == missing
    ways_out = [] if missing is None else [(Change("amount", now + missing),)]
    assert remedies(rule, firm, FACTS) == ways_out
