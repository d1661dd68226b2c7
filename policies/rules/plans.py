"""Plans: in which year at the earliest what a near miss proposes can be so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm, add_months
from policies.rules.judgement import NOT_ELIGIBLE, judge
from policies.rules.years import carry_over, years_ago


@dataclass(frozen=True)
class Pace:
    """One more takes so many months after the one before; `taken` is the fact and the code that
    say that one was reached in this very year."""

    months: int
    taken: tuple[str, str] | None = None


# A certificate as 高新技术企业 is renewed every three years, a place in the library of
# 科技型中小企业 every year; months of an internship pass one by one.
PACES = {
    "hte.consecutive_count": Pace(36, ("recognition.new_this_year", "hte")),
    "tech_sme.consecutive_passes": Pace(12, ("recognition.new_this_year", "tech_sme_first")),
    "hr.trainee_months": Pace(1),
}


def earliest_year(
    edition: Edition,
    near_miss: Mapping[str, Any],
    answers: Mapping[str, Any],
    on: date,
    facts: Mapping[str, Fact],
) -> int | None:
    """The first year in which the changes can be made and still help; None where the other
    conditions cannot hold any more by then."""
    changes = near_miss["changes"]
    year = max(_year_of(change, answers, on) for change in changes)
    if year == on.year:
        return year
    changed = {change["fact"]: change["to"] for change in changes}
    later = carry_over(answers, on.year, year, facts) | changed
    verdict = judge(edition, Firm(later, date(year, 12, 31))).verdict
    return None if verdict == NOT_ELIGIBLE else year


def _year_of(change: Mapping[str, Any], answers: Mapping[str, Any], on: date) -> int:
    """What a firm does now shows in what is said of a year before so much later."""
    pace = PACES.get(change["fact"])
    if pace is None:
        return on.year + years_ago(change["fact"])
    steps = change["to"] - (change["from"] or 0)
    if pace.months >= 12 and not _taken_this_year(pace, answers):
        steps -= 1  # the first of them may still come this year
    return add_months(on, int(steps) * pace.months).year


def _taken_this_year(pace: Pace, answers: Mapping[str, Any]) -> bool:
    if pace.taken is None:
        return False
    fact, code = pace.taken
    return code in answers.get(fact, ())
