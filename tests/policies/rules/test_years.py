"""Answers carried into a later application year."""

import pytest

from policies.rules.plans import PACES
from policies.rules.years import OF_ITS_YEAR, carry_over, dated, year_asked
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


def test_what_is_kept_with_its_year_reads_later_as_if_it_were_carried_over():
    kept = {dated(key, 2026): value for key, value in GIVEN.items()}
    for year in range(2026, 2031):
        read = {key: kept[dated(key, year)] for key in facts() if dated(key, year) in kept}
        assert read == {
            key: value
            for key, value in carry_over(GIVEN, 2026, year, facts()).items()
            if key in facts()
        }


def test_a_year_ago_is_absolute_and_a_lasting_fact_has_no_year():
    assert dated("net_profit.y1", 2026) == ("net_profit", 2025)
    assert dated("conduct.violation_3y", 2026) == ("conduct.violation_3y", 2026)
    assert dated("stat.first_upgrade_year", 2026) == ("stat.first_upgrade_year", None)


@pytest.mark.parametrize(
    ("key", "year"),
    [
        ("revenue.main_business.y0", 2026),
        ("net_profit.y3", 2023),
        ("recognition.new_this_year", 2026),
        ("finance.new_equity_2y", None),
        ("enterprise.founded_on", None),
    ],
)
def test_a_question_asks_for_a_calendar_year(key, year):
    assert year_asked(key, 2026) == year


def test_no_two_facts_share_a_place_in_time():
    places = [dated(key, 2026) for key in facts()]
    assert len(set(places)) == len(places)


def test_what_belongs_to_its_year_or_takes_its_time_is_a_fact():
    assert {*OF_ITS_YEAR, *PACES} <= facts().keys()
