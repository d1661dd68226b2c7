"""Answers carried from one application year to a later one."""

import re
from collections.abc import Mapping
from typing import Any

_YEARS_AGO = re.compile(r"\.y(\d)$")
_SINCE = re.compile(r"(_\dy|_this_year)$")
# What is said of the year or of the last one, though the key does not say so.
OF_ITS_YEAR = frozenset(
    {
        "enterprise.employees",
        "enterprise.rankings",
        "revenue.main_business.max_before",
        "library.xsg_cultivation",
        "zjtx.score",
        "tech_sale.received",
        "tech_buy.paid",
        "broker.deals",
        "tech_sme.consecutive_passes",
        "itss.new_level",
        "itss.previous_level",
        "soft.award_received",
        "hr.hard_to_employ_months",
        "hr.social_insurance_amount",
        "hr.trainees",
        "hr.trainee_months",
        "hr.trainee_is_graduate",
        "hr.trainee_months_since_school",
        "hr.trainee_age",
        "report.annual_filed",
        "tax.increase",
    }
)


def years_ago(key: str) -> int:
    """How many years before the application year a fact looks back."""
    found = _YEARS_AGO.search(key)
    return int(found.group(1)) if found else 0


def year_asked(key: str, year: int) -> int | None:
    """The calendar year that a question asks for in `year`; None where it names none or several."""
    if _YEARS_AGO.search(key):
        return year - years_ago(key)
    return year if key.endswith("_this_year") else None


def _passes(key: str) -> bool:
    """Whether the answer holds in the year only that it was given in."""
    return key in OF_ITS_YEAR or bool(_SINCE.search(key))


def dated(key: str, year: int) -> tuple[str, int | None]:
    """The key without its place in time, and the absolute year it speaks of in `year`.

    In 2026 `net_profit.y1` is ("net_profit", 2025). What counts the years up to now, or speaks of
    the year, belongs to the year it was said in; a lasting fact has no year.
    """
    if found := _YEARS_AGO.search(key):
        return key[: found.start()], year - int(found.group(1))
    return key, year if _passes(key) else None


def carry_over(
    answers: Mapping[str, Any], from_year: int, to_year: int, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers as they read in `to_year`: last year's `.y0` is now `.y1`.

    What falls out of the facts' years, or belongs to the year it was said in, is unknown again.
    """
    years = to_year - from_year
    if years == 0:
        return dict(answers)
    carried: dict[str, Any] = {}
    for key, value in answers.items():
        if _passes(key):
            continue
        found = _YEARS_AGO.search(key)
        if found:
            key = f"{key[: found.start()]}.y{int(found.group(1)) + years}"
        if key in facts:
            carried[key] = value
    return carried
