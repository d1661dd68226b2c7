"""Single rules: a test read against one firm."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.one_firm import read
from policies.rules.read_rule import RuleError, read_rule
from policies.rules.remedies import Change, gap, remedies
from policies.rules.wording import requires

ROWS = [
    {"key": "founded", "type": "date"},
    {"key": "now", "type": "decimal", "unit": "万元", "changeable": True},
    {"key": "before", "type": "decimal", "unit": "万元"},
    {"key": "paid", "type": "enum", "choices": {"none": "没有", "two": "二级", "one": "一级"}},
]
FACTS = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in ROWS
}


def outcome_of(rule, **answers):
    return read(read_rule(rule, FACTS, "rule"), Firm(answers, date(2026, 11, 20))).outcome


@pytest.mark.parametrize(
    ("founded", "outcome"),
    [
        (date(2024, 12, 31), "not_met"),
        (date(2025, 1, 1), "met"),
        (date(2025, 12, 31), "met"),
        (date(2026, 1, 1), "not_met"),
    ],
)
def test_a_date_is_in_the_year_before(founded, outcome):
    assert outcome_of({"fact": "founded", "is_year": -1}, founded=founded) == outcome


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [({}, "met"), ({"paid": "two"}, "met"), ({"paid": "one"}, "not_met")],
)
def test_what_is_presumed_stands_until_it_is_known_to_fail(answers, outcome):
    rule = {"presumed": {"fact": "paid", "in": ["none", "two"]}}
    assert outcome_of(rule, **answers) == outcome


MILESTONE = {"first_reached": {"fact": "now", "before": "before", "limits": [500, 1000, 3000]}}


@pytest.mark.parametrize(
    ("now", "before", "outcome"),
    [
        ("499.99", "0", "not_met"),
        ("500", "499.99", "met"),
        ("999.99", "500", "not_met"),
        ("1000", "999.99", "met"),
        ("3000", "400", "met"),
        ("9000", "3000", "not_met"),
        (None, "3000", "not_met"),
        ("499.99", None, "not_met"),
        (None, "2999.99", "unknown"),
        ("500", None, "unknown"),
    ],
)
def test_a_milestone_counts_the_first_time_only(now, before, outcome):
    answers = {"now": now, "before": before}
    known = {key: Decimal(value) for key, value in answers.items() if value is not None}
    assert outcome_of(MILESTONE, **known) == outcome


@pytest.mark.parametrize(
    ("now", "before", "limit"),
    [("990", "700", 1000), ("400", "1200", 3000), ("9000", "9000", None)],
)
def test_the_next_milestone_is_what_a_firm_misses(now, before, limit):
    rule = read_rule(MILESTONE, FACTS, "rule")
    firm = Firm({"now": Decimal(now), "before": Decimal(before)}, date(2026, 11, 20))
    assert requires(rule, FACTS).endswith("首次达到 500、1000、3000 万元之一")
    assert remedies(rule, firm, FACTS) == (
        [] if limit is None else [(Change("now", Decimal(limit)),)]
    )
    assert gap(rule, firm) == (None if limit is None else limit - Decimal(now))


@pytest.mark.parametrize(
    ("now", "outcome"), [("2", "not_met"), ("3", "met"), ("4", "unknown"), (None, "unknown")]
)
def test_values_beyond_a_number_may_stay_open(now, outcome):
    rule = {"fact": "now", "is": 3, "open": {"more_than": 3}, "reason": "O11"}
    assert outcome_of(rule, **({"now": Decimal(now)} if now else {})) == outcome


def test_what_stays_open_is_a_list_or_one_comparison():
    with pytest.raises(RuleError, match="取值列表"):
        outcome_of({"fact": "now", "is": 3, "open": {"above": 3}})


RATIO = {"ratio": ["now", "before"], "at_least": 0.03}


@pytest.mark.parametrize(
    ("now", "before", "outcome", "missing"),
    [
        ("3", "100", "met", ()),
        ("2.99", "100", "not_met", ()),
        ("0", "100", "not_met", ()),
        ("3", "0", "not_met", ()),  # of nothing it is never a share
        (None, "0", "not_met", ()),
        ("3", None, "unknown", ("before",)),
        (None, "100", "unknown", ("now",)),
        (None, None, "unknown", ("now", "before")),
    ],
)
def test_a_ratio_lacks_either_of_its_facts(now, before, outcome, missing):
    answers = {"now": now, "before": before}
    known = {key: Decimal(value) for key, value in answers.items() if value is not None}
    reading = read(read_rule(RATIO, FACTS, "rule"), Firm(known, date(2026, 11, 20)))
    assert (reading.outcome, reading.missing) == (outcome, missing)


@pytest.mark.parametrize(
    ("now", "before", "missing_part"),
    [("2.5", "100", Decimal("0.5")), ("3", "100", None), ("3", "0", None), (None, "100", None)],
)
def test_the_gap_of_a_ratio_is_what_its_part_lacks(now, before, missing_part):
    answers = {"now": now, "before": before}
    known = {key: Decimal(value) for key, value in answers.items() if value is not None}
    rule, firm = read_rule(RATIO, FACTS, "rule"), Firm(known, date(2026, 11, 20))
    assert gap(rule, firm) == missing_part
    if missing_part:
        assert remedies(rule, firm, FACTS) == [(Change("now", Decimal(3)),)]


@pytest.mark.parametrize(
    ("operator", "operand", "value", "outcome", "short"),
    [
        ("at_least", 3, "2.9", "not_met", "0.1"),
        ("at_least", 3, "3", "met", None),
        ("at_most", 3, "3", "met", None),
        ("at_most", 3, "3.1", "not_met", "0.1"),
        ("more_than", 3, "3", "not_met", "0"),
        ("more_than", 3, "3.1", "met", None),
        ("less_than", 3, "3", "not_met", "0"),
        ("less_than", 3, "2.9", "met", None),
        ("between", [3, 5], "2.9", "not_met", "0.1"),
        ("between", [3, 5], "3", "met", None),
        ("between", [3, 5], "5", "met", None),
        ("between", [3, 5], "5.5", "not_met", "0.5"),
        ("is", 3, "3", "met", None),
        ("is", 3, "4", "not_met", None),
        ("in", [3, 5], "4", "not_met", None),
        ("in", [3, 5], "5", "met", None),
    ],
)
def test_a_comparison_turns_at_its_limit(operator, operand, value, outcome, short):
    rule, answers = {"fact": "now", operator: operand}, {"now": Decimal(value)}
    assert outcome_of(rule, **answers) == outcome
    tree, firm = read_rule(rule, FACTS, "rule"), Firm(answers, date(2026, 11, 20))
    assert gap(tree, firm) == (None if short is None else Decimal(short))


@pytest.mark.parametrize(
    ("operator", "operand", "value", "to"),
    [
        ("at_least", 3, "1", "3"),
        ("more_than", 3, "1", "3.01"),
        ("at_most", 3, "5", "3"),
        ("less_than", 3, "5", "2.99"),
        ("between", [3, 5], "1", "3"),
        ("between", [3, 5], "9", "5"),
        ("is", 3, "9", "3"),
    ],
)
def test_the_smallest_change_goes_to_the_limit(operator, operand, value, to):
    rule = read_rule({"fact": "now", operator: operand}, FACTS, "rule")
    firm = Firm({"now": Decimal(value)}, date(2026, 11, 20))
    assert remedies(rule, firm, FACTS) == [(Change("now", Decimal(to)),)]
    fixed = read_rule({"fact": "before", operator: operand}, FACTS, "rule")
    assert remedies(fixed, firm, FACTS) == []  # nobody can change that one


DAYS = [
    ("full_years", 1, date(2025, 11, 20), date(2025, 11, 21)),
    ("full_years", 0, date(2026, 11, 20), date(2026, 11, 21)),
    ("full_months", 6, date(2026, 5, 20), date(2026, 5, 21)),
    ("remaining_years", 1, date(2027, 11, 20), date(2027, 11, 19)),
    ("remaining_years", 0, date(2026, 11, 20), date(2026, 11, 19)),
]


@pytest.mark.parametrize(("operator", "term", "at", "beside"), DAYS)
def test_a_term_is_over_on_its_day(operator, term, at, beside):
    rule = {"fact": "founded", operator: term}
    assert outcome_of(rule, founded=at) == "met"
    assert outcome_of(rule, founded=beside) == "not_met"
