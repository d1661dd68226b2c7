"""Answers carried into a later application year."""

from policies.rules.years import carry_over
from tests.policies.packs import facts

GIVEN = {
    "enterprise.county": "140521",
    "assets.total.y1": 900,
    "net_profit.y1": 10,
    "net_profit.y3": 8,
    "revenue.main_business.y0": 2000,
    "finance.new_equity_2y": 5,
    "recognition.new_this_year": ["x"],
    "stat.first_upgrade_year": 2026,
}


def test_in_the_same_year_nothing_changes():
    assert carry_over(GIVEN, 2026, 2026, facts()) == GIVEN


def test_last_year_is_now_the_year_before_and_the_rest_is_unknown():
    assert carry_over(GIVEN, 2026, 2027, facts()) == {
        "enterprise.county": "140521",
        "assets.total.y2": 900,
        "net_profit.y2": 10,
        "stat.first_upgrade_year": 2026,
    }
