"""A firm on a day: its answers, and estimates of the facts derived from them."""

import calendar
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any


@dataclass(frozen=True)
class Estimate:
    """What is known of a value: exact when `low == high`, `None` is an open end.

    `value` holds what is not a number; `missing` the asked facts that would narrow it.
    """

    low: Decimal | None = None
    high: Decimal | None = None
    value: Any = None
    missing: tuple[str, ...] = ()

    @property
    def is_exact(self) -> bool:
        return self.value is not None or (self.low is not None and self.low == self.high)

    @property
    def exact(self) -> Any:
        """The value if it is known, else None."""
        if self.value is not None:
            return self.value
        return self.low if self.is_exact else None


def exactly(number: Decimal | int) -> Estimate:
    return Estimate(low=Decimal(number), high=Decimal(number))


@dataclass(frozen=True)
class Firm:
    """Answers (absent = unknown) as they stand on the day `on`."""

    answers: Mapping[str, Any]
    on: date
    _derived: dict[str, Estimate] = field(default_factory=dict, compare=False, repr=False)

    @property
    def year(self) -> int:
        """The application year Y (年)."""
        return self.on.year

    def in_coming_years(self, count: int) -> Iterator["Firm"]:
        """The same firm at the end of each of the next years, if nothing else changes."""
        for year in range(self.year + 1, self.year + 1 + count):
            yield Firm(self.answers, date(year, 12, 31))

    def answer(self, key: str) -> Any:
        return self.answers.get(key)

    def derive(self, key: str, formula: "Formula") -> Estimate:
        if key not in self._derived:
            self._derived[key] = formula(self)
        return self._derived[key]


Formula = Callable[[Firm], Estimate]


def add_months(day: date, months: int) -> date:
    """The same day of the month later on; the month's last day where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
