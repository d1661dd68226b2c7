"""Single rules: a test read against one firm."""

from datetime import date

import pytest

from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.rule import compile_rule

ROWS = [
    {"key": "founded", "type": "date"},
    {"key": "paid", "type": "enum", "choices": {"none": "没有", "two": "二级", "one": "一级"}},
]
FACTS = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in ROWS
}


def outcome_of(rule, **answers):
    compiled = compile_rule(rule, FACTS, "rule")
    return compiled.read(Firm(answers, date(2026, 11, 20))).outcome


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
