"""Derived facts: known where the answers settle them, else their bounds and what they lack."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.derived import DERIVED
from policies.rules.firm import Estimate, Firm, add_months, bounded, exactly, latest_reaching
from policies.rules.one_firm import read
from policies.rules.readings import MET, NOT_MET, unknown
from policies.rules.tree import Leaf

ON = date(2026, 11, 20)


def derived(key, answers, on=ON):
    return DERIVED[key].formula(Firm(answers, on))


TENANTS = {"type": "base.type", "tenants": "base.tenants", "teams": "base.teams"}


@pytest.mark.parametrize(
    ("answers", "low", "high", "missing"),
    [
        ({}, 0, None, ["base.tenants", "base.type"]),
        ({"type": "building"}, 0, None, ["base.tenants"]),
        ({"type": "university"}, 0, None, ["base.tenants", "base.teams"]),
        ({"type": "university", "teams": 3}, 0, None, ["base.tenants"]),
        ({"type": "building", "tenants": 20}, 20, 20, []),
        ({"type": "building", "tenants": 20, "teams": 3}, 20, 20, []),
        ({"type": "university", "tenants": 20, "teams": 3}, 23, 23, []),
        ({"type": "university", "tenants": 20}, 20, None, ["base.teams"]),
        ({"tenants": 20, "teams": 3}, 20, 23, ["base.type"]),
        ({"tenants": 20, "teams": 0}, 20, 20, []),
        ({"tenants": 20}, 20, None, ["base.type", "base.teams"]),
    ],
)
def test_teams_count_as_tenants_where_the_base_type_says_so(answers, low, high, missing):
    found = derived("base.counted_tenants", {TENANTS[key]: each for key, each in answers.items()})
    assert found == Estimate(low if low == high else None, low, high, tuple(missing))


def test_three_years_of_profit_are_lacking_one_by_one():
    keys = [f"net_profit.y{n}" for n in (1, 2, 3)]
    known = dict(zip(keys, map(Decimal, (5, -7, 3)), strict=True))
    assert derived("net_profit.sum3", known) == exactly(Decimal(1))
    for key in keys:
        rest = {each: value for each, value in known.items() if each != key}
        assert derived("net_profit.sum3", rest) == Estimate(missing=(key,))
    assert derived("net_profit.sum3", {}).missing == tuple(keys)


@pytest.mark.parametrize(
    ("founded", "years"),
    [(date(2020, 1, 1), 5), (date(2020, 1, 2), 4), (date(2020, 2, 1), 4), (date(2020, 12, 31), 4)],
)
def test_the_year_of_founding_is_a_full_one_from_its_first_day_only(founded, years):
    answers = {"enterprise.founded_on": founded, "reform.completed_year": 2025}
    assert derived("reform.full_fiscal_years", answers) == exactly(years)


def test_full_fiscal_years_lack_what_is_not_answered():
    for key in ("enterprise.founded_on", "reform.completed_year"):
        answers = {"enterprise.founded_on": date(2020, 1, 1), "reform.completed_year": 2025}
        del answers[key]
        assert derived("reform.full_fiscal_years", answers) == Estimate(missing=(key,))


@pytest.mark.parametrize(
    ("key", "asked", "value"),
    [
        ("project.filing_age", "project.filing_year", 3),
        ("stat.years_since_upgrade", "stat.first_upgrade_year", 3),
        ("stat.full_years_after_entry", "stat.first_upgrade_year", 2),
    ],
)
def test_years_are_counted_up_to_the_application_year(key, asked, value):
    assert derived(key, {asked: 2023}) == exactly(value)
    assert derived(key, {}) == Estimate(missing=(asked,))
    assert derived(key, {asked: 2023}, date(2027, 1, 1)) == exactly(value + 1)


TAX = {"paid": "tax.paid.y0", "base": "tax.base_paid", "share": "tax.local_share"}


@pytest.mark.parametrize(
    ("answers", "value", "missing"),
    [
        ({"paid": 10, "base": 4, "share": "0.5"}, 3, ()),
        ({"paid": 4, "base": 10, "share": "0.5"}, 0, ()),
        ({"paid": 4, "base": 4}, 0, ()),
        ({"paid": 5, "base": 4}, None, ("share",)),
        ({"share": "0"}, 0, ()),
        ({"share": "0.5", "paid": 5}, None, ("base",)),
        ({"share": "0.5", "base": 5}, None, ("paid",)),
        ({}, None, ("paid", "base", "share")),
    ],
)
def test_local_tax_that_was_added_is_never_below_nothing(answers, value, missing):
    found = derived("tax.new_local", {TAX[key]: Decimal(each) for key, each in answers.items()})
    assert (found.value, found.low) == (value, value or 0)
    assert found.missing == tuple(TAX[key] for key in missing)


def test_a_place_lies_in_the_city_of_its_county():
    assert derived("region.city", {"enterprise.county": "140521"}).value == "140500"
    assert derived("region.city", {"enterprise.city": "140800"}).value == "140800"
    assert derived("region.city", {}) == Estimate(missing=("enterprise.county",))


@pytest.mark.parametrize(
    ("subject", "is_one"), [("company", True), ("university", True), ("individual_business", False)]
)
def test_some_subjects_are_legal_persons(subject, is_one):
    answers = {"enterprise.subject_type": subject}
    assert derived("enterprise.is_legal_person", answers).value is is_one
    assert derived("enterprise.is_legal_person", {}).missing == ("enterprise.subject_type",)


@pytest.mark.parametrize(
    ("operator", "operand", "reading"),
    [
        ("at_least", 20, MET),
        ("at_least", 21, unknown(["base.type"])),
        ("at_least", 23, unknown(["base.type"])),
        ("at_least", 24, NOT_MET),
        ("more_than", 19, MET),
        ("more_than", 20, unknown(["base.type"])),
        ("more_than", 22, unknown(["base.type"])),
        ("more_than", 23, NOT_MET),
        ("at_most", 30, unknown(["base.type"])),
    ],
)
def test_a_number_between_bounds_is_held_against_a_limit(operator, operand, reading):
    firm = Firm({"base.tenants": 20, "base.teams": 3}, ON)
    rule = Leaf("base.counted_tenants", operator, Decimal(operand))
    assert read(rule, firm) == reading


def test_an_open_end_decides_nothing():
    lowest = Firm({"base.type": "university", "base.tenants": 20}, ON)
    assert read(Leaf("base.counted_tenants", "at_least", Decimal(10**6)), lowest) == unknown(
        ["base.teams"]
    )
    nothing = Firm({}, ON)
    assert read(Leaf("net_profit.sum3", "at_least", Decimal(0)), nothing).missing == tuple(
        f"net_profit.y{n}" for n in (1, 2, 3)
    )


def test_bounds_that_meet_are_a_number():
    assert bounded(Decimal(3), Decimal(3), ("a",)) == exactly(Decimal(3)) == Estimate(3, 3, 3)
    assert bounded(Decimal(3), None, ("a",)) == Estimate(None, Decimal(3), None, ("a",))


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 20), 1, date(2026, 12, 20)),
        (date(2026, 11, 20), 2, date(2027, 1, 20)),
        (date(2026, 1, 20), -1, date(2025, 12, 20)),
        (date(2026, 11, 20), 36, date(2029, 11, 20)),
    ],
)
def test_months_end_on_the_same_day_or_the_last(day, months, later):
    assert add_months(day, months) == later


def test_what_began_on_the_last_days_of_a_month_is_over_on_the_last_of_a_shorter_one():
    assert latest_reaching(date(2026, 2, 28), 1) == date(2026, 1, 31)
    assert latest_reaching(date(2026, 2, 27), 1) == date(2026, 1, 27)
    assert latest_reaching(date(2026, 11, 20), 36) == date(2023, 11, 20)


def test_a_firm_goes_on_to_the_end_of_each_coming_year():
    firm = Firm({"a": 1}, ON)
    assert [later.on for later in firm.in_coming_years(2)] == [
        date(2027, 12, 31), date(2028, 12, 31),
    ]  # fmt: skip
    assert next(firm.in_coming_years(1)).answers == {"a": 1}
