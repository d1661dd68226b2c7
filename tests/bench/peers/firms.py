"""Invented firms for the eight programmes: a good part of them near what the rules ask."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from policies.rules.facts import Fact
from policies.rules.industry import SECTION_OF

# What most firms answer where the choice matters, and how many of ten do.
USUAL = {
    "enterprise.subject_type": ("company", 8), "enterprise.ownership": ("private", 6),
    "industry.section": ("C", 7), "conduct.violation_3y": ("none", 8),
    "project.kind": ("industrial", 8), "stat.entry_path": ("below_scale", 6),
    "reform.origin": ("first_reform", 8),
}  # fmt: skip
SELDOM = {
    "conduct.major_accident_3y", "product.prohibited", "project.received_city_funds",
    "zjtx.attracted_in_production", "status.agri_ecom_base",
}  # fmt: skip
LEAST_AND_MOST = {
    "revenue.main_business.y0": (500, 6000), "revenue.operating.y1": (100, 60000),
    "rd.expense.y1": (0, 1500), "rd.expense.y2": (0, 1500), "finance.new_equity_2y": (0, 4000),
    "net_profit.y1": (-50, 200), "net_profit.y2": (-50, 200), "net_profit.y3": (-50, 200),
    "assets.total.y1": (100, 130000), "assets.total.y2": (100, 2000), "zjtx.score": (40, 90),
    "project.total_investment": (300, 5000), "base.floor_area": (1000, 8000),
    "revenue.taxable.y0": (500, 6000), "base.lease_term_years": (2, 9),
    "enterprise.employees": (5, 1500), "base.tenants": (5, 330), "base.teams": (0, 20),
    "base.small_micro_tenants": (3, 300), "standards.lead_count_2y": (0, 2),
    "award.science_rank_2y": (1, 9), "stat.first_upgrade_year": (2021, 2026),
    "reform.completed_year": (2023, 2026), "project.filing_year": (2020, 2026),
    "library.listing_reserve_year": (2023, 2026),
}  # fmt: skip
COUNTIES = ["140521", "140522", "140502", "140581", "140802"]


def firms(
    keys: Iterable[str], facts: Mapping[str, Fact], on: date, count: int, unknown: float
) -> list[dict[str, Any]]:
    """Answers to `keys`, of which the share `unknown` is left out."""
    random, keys = Random(5), list(keys)
    return [_firm(keys, facts, on, random, unknown) for _ in range(count)]


def _firm(
    keys: list[str], facts: Mapping[str, Fact], on: date, random: Random, unknown: float
) -> dict[str, Any]:
    answers = {key: _answer(facts[key], on, random) for key in keys}
    county = answers["enterprise.county"] = random.choice(COUNTIES)
    answers["enterprise.city"] = county[:4] + "00"
    section = answers["industry.section"]
    divisions = [division for division, own in SECTION_OF.items() if own == section]
    answers["industry.division"] = random.choice(divisions)
    if section != "K":
        answers.pop("industry.real_estate_kind", None)
    answers["base.small_micro_tenants"] = min(
        answers["base.small_micro_tenants"], answers["base.tenants"]
    )
    return {key: value for key, value in answers.items() if random.random() >= unknown}


def _answer(fact: Fact, on: date, random: Random) -> Any:
    if fact.type == "bool":
        return random.random() < (0.06 if fact.key in SELDOM else 0.93)
    if fact.type == "enum":
        usual, of_ten = USUAL.get(fact.key, ("", 0))
        return usual if random.random() * 10 < of_ten else random.choice(list(fact.choices))
    if fact.type == "enum_set":
        most = random.choice((0, 0, 0, 1)) if "adverse" in fact.key else random.randrange(3)
        return frozenset(random.sample(list(fact.choices), most))
    if fact.type == "date":
        ahead = "term_end" in fact.key
        return on + timedelta(days=random.randrange(-100, 3000) * (1 if ahead else -1) - 100)
    if fact.type == "money_list":
        return tuple(Decimal(random.randrange(0, 40_000)) / 100 for _ in range(random.randrange(3)))
    if fact.type == "ratio":
        return Decimal(random.randrange(101)) / 100
    low, high = LEAST_AND_MOST.get(fact.key, (0, 400))
    if fact.type == "int":
        return random.randrange(low, high + 1)
    return Decimal(random.randrange(low * 100, high * 100)) / 100
