"""A firm on a day: its answers, and estimates of the facts derived from them."""

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

# As far as pages look ahead where nothing else changes.
YEARS_AHEAD = 5


class Estimate(NamedTuple):
    """What is known of a derived value: `value` where it is known, None where it is not.

    Of a number that is not, what is: at least `low`, at most `high`; None is an open end. `missing`
    are the asked facts that would narrow it.
    """

    value: Any = None
    low: Decimal | None = None
    high: Decimal | None = None
    missing: tuple[str, ...] = ()


def bounded(low: Decimal, high: Decimal | None, missing: tuple[str, ...]) -> Estimate:
    return exactly(low) if low == high else Estimate(None, low, high, missing)


def exactly(number: Decimal | int) -> Estimate:
    # Estimate(number, number, number) in half the time: each judgement makes several.
    return tuple.__new__(Estimate, (number, number, number, ()))


@dataclass(frozen=True)
class Firm:
    """Answers (absent = unknown) as they stand on the day `on`."""

    answers: Mapping[str, Any]
    on: date
    derived: dict[str, Estimate] = field(default_factory=dict, compare=False, repr=False)

    @property
    def year(self) -> int:
        """The application year Y (年)."""
        return self.on.year

    def in_coming_years(self, count: int = YEARS_AHEAD) -> Iterator["Firm"]:
        """The same firm at the end of each of the next years, if nothing else changes."""
        for year in range(self.year + 1, self.year + 1 + count):
            yield Firm(self.answers, date(year, 12, 31))

    def answer(self, key: str) -> Any:
        return self.answers.get(key)

    def derive(self, key: str, formula: "Formula") -> Estimate:
        """The estimate of a derived fact, computed once."""
        found = self.derived.get(key)
        if found is None:
            found = self.derived[key] = formula(self)
        return found


Formula = Callable[[Firm], Estimate]


def latest_reaching(day: date, months: int) -> date:
    """The latest day whose `months` months are over on `day`."""
    latest = add_months(day, -months)
    while add_months(latest + timedelta(days=1), months) <= day:
        latest += timedelta(days=1)
    return latest


def add_months(day: date, months: int) -> date:
    """The same day of the month later on; the month's last day where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def full_months(since: date, on: date) -> int:
    """How many months are over on a day; none of a day that lies ahead."""
    months = 12 * (on.year - since.year) + on.month - since.month
    if months > 0 and add_months(since, months) > on:
        months -= 1
    return max(months, 0)
