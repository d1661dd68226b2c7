"""The days that figures are counted for, and the same days a year before."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

ONE_DAY = timedelta(days=1)
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)


def _year_before(day: date) -> date:
    """The same day of the year before; of 29 February 1 March, so that no day is counted twice."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return date(day.year - 1, 3, 1)


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both within it, in the time zone of the site."""

    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} 至 {self.last}"

    @property
    def begin(self) -> datetime:
        return _midnight(self.first)

    @property
    def end(self) -> datetime:
        """The moment after the last day, which does not belong to it."""
        return _midnight(self.last + ONE_DAY)

    @property
    def year_before(self) -> "Period":
        """Neighbours stay neighbours: whole months lead to whole months, leap year or not."""
        return Period(_year_before(self.first), _year_before(self.last + ONE_DAY) - ONE_DAY)

    def months(self) -> "list[Period]":
        """The months that it touches, the first and the last as far as they lie within it."""
        return list(self._parts(_next_month))

    def years(self) -> "list[Period]":
        return list(self._parts(lambda day: date(day.year + 1, 1, 1)))

    def _parts(self, following: Callable[[date], date]) -> "Iterator[Period]":
        first = self.first
        while first <= self.last:
            after = following(first)
            yield Period(first, min(after - ONE_DAY, self.last))
            first = after

    @property
    def is_month(self) -> bool:
        return self.first.day == 1 and self.last + ONE_DAY == _next_month(self.first)


def _next_month(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def year_to(day: date) -> Period:
    """The year as far as it is over."""
    return Period(day.replace(month=1, day=1), day)


def month_before(day: date) -> Period:
    """The last whole month."""
    last = day.replace(day=1) - ONE_DAY
    return Period(last.replace(day=1), last)
