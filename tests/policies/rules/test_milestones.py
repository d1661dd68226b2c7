"""Money for limits passed for the first time, between the readings that are open."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.awards import Level
from policies.rules.explanation import level_fields
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.read_award import read_award

KEYS = ("now", "before", "received")
FACTS = {
    key: Fact.from_data({"section": "测试", "label": key, "key": key, "type": "decimal"})
    for key in KEYS
}
AMOUNT = {
    "milestones": {
        "fact": "now",
        "before": "before",
        "received": "received",
        "steps": [[500, 10], [1000, 20], [3000, 30]],
    }
}


def paid(*values):
    answers = {
        key: Decimal(value) for key, value in zip(KEYS, values, strict=True) if value is not None
    }
    award = read_award({"level": "city", "amount": AMOUNT}, FACTS, "award")
    firm = Firm(answers, date(2026, 11, 20))
    level = Level("city", (award,)).pay(firm)
    return level, level_fields(level, firm)


@pytest.mark.parametrize(
    ("now", "before", "received", "due", "headline"),
    [
        ("1000", "990", "10", [10, 20], 20),
        ("1000", "990", "0", [20, 20], 20),
        ("500", "0", "0", [10, 10], 10),
        ("3000", "400", "0", [30, 60], 30),
        ("3000", "990", "10", [20, 50], 30),
        ("1000", "990", "60", [0, 20], 20),
        ("1000", "990", None, [0, 20], 20),
        ("1000", None, "0", [20, 30], 20),
        (None, "990", "10", [10, 50], None),
        (None, None, None, [0, 60], None),
    ],
)
def test_between_the_difference_and_the_sum(now, before, received, due, headline):
    _, fields = paid(now, before, received)
    assert fields["now"] == due
    assert fields.get("headline") == headline
    assert ("headline" in fields) is (headline is not None)


def test_what_would_narrow_it_is_told():
    level, _ = paid("1000", "990", None)
    assert level.missing == ("received",)
