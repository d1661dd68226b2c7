"""Answers carried from one application year to a later one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Said:
    """What was answered: the calendar year it speaks of, the key it was asked by, and the value."""

    year: int
    key: str
    value: Any


@dataclass(frozen=True)
class Carried:
    """Answers of one application year as they stand in a later one; each is in one part only.

    `lasting`: what has no year, by its key; it may have changed since, and is for the firm to confirm.
    `moved`: figures of a year, by the key that asks for that year now.
    `passed`: what held in its own year only, by its key.
    `gone`: figures of years that nothing asks for any more, by the key they had.
    `anew`: beside these, by key what has to be said anew, with the last that was said of it: of the
    years that nobody could speak of then, and what passed.
    """

    lasting: Mapping[str, Any]
    moved: Mapping[str, Said]
    passed: Mapping[str, Said]
    gone: Mapping[str, Said]
    anew: Mapping[str, Said]

    @property
    def answers(self) -> dict[str, Any]:
        """What is known in the later year."""
        return {**self.lasting, **{key: said.value for key, said in self.moved.items()}}


def carry(
    answers: Mapping[str, Any], from_year: int, to_year: int, facts: Mapping[str, Any]
) -> Carried:
    """Sort the answers of `from_year` by what becomes of them in `to_year`, which is not earlier.

    Keys that `facts` do not have are in no part.
    """
    years = to_year - from_year
    lasting: dict[str, Any] = {}
    moved, passed, gone = ({} for _ in range(3))
    latest: dict[str, Said] = {}
    for key, value in answers.items():
        if key not in facts:
            continue
        stem, year = dated(key, from_year)
        if year is None:
            lasting[key] = value
            continue
        said = Said(year, key, value)
        if _passes(key):
            (passed if years else moved)[key] = said
            continue
        later = f"{stem}.y{years_ago(key) + years}"
        if later in facts:
            moved[later] = said
        else:
            gone[key] = said
        if stem not in latest or latest[stem].year < year:
            latest[stem] = said
    # The last year that each figure could be said of then.
    sayable: dict[str, int] = {}
    for key in facts:
        stem, year = dated(key, from_year)
        if stem in latest and year is not None:
            sayable[stem] = max(sayable.get(stem, year), year)
    anew = dict(passed)
    for key in facts:
        stem, year = dated(key, to_year)
        if stem in sayable and year is not None and year > sayable[stem]:
            anew[key] = latest[stem]
    return Carried(lasting, moved, passed, gone, anew)


def carry_over(
    answers: Mapping[str, Any], from_year: int, to_year: int, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """The answers as they read in `to_year`: last year's `.y0` is now `.y1`.

    What falls out of the facts' years, or belongs to the year it was said in, is unknown again.
    """
    if to_year == from_year:
        return dict(answers)
    return carry(answers, from_year, to_year, facts).answers
