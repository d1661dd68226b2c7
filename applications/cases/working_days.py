"""Working days by the State Council's calendar: which days count, and when a period is over.

Years that the library knows are taken from it; what staff entered overrides it, and makes known the
years they marked as published. A year that neither knows is never guessed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

import chinese_calendar
from chinese_calendar.constants import holidays

UNKNOWN = "{year} 年的放假安排还没有公布，或还没有登记，算不出工作日。"
LIBRARY_YEARS = range(min(holidays).year, max(holidays).year + 1)
ONE_DAY = timedelta(days=1)


class CalendarUnknownError(Exception):
    """A period reaches into `year`, whose days off are not known; the message is Chinese."""

    def __init__(self, year: int) -> None:
        self.year = year
        super().__init__(UNKNOWN.format(year=year))


@dataclass(frozen=True)
class WorkingCalendar:
    """`exceptions`: day to whether it is worked; `years`: published beyond what the library has."""

    exceptions: Mapping[date, bool] = field(default_factory=dict)
    years: frozenset[int] = frozenset()

    def is_working_day(self, day: date) -> bool:
        """Raise CalendarUnknownError where the day's year is not known."""
        if day.year not in LIBRARY_YEARS and day.year not in self.years:
            raise CalendarUnknownError(day.year)
        if day in self.exceptions:
            return self.exceptions[day]
        if day.year in LIBRARY_YEARS:
            return chinese_calendar.is_workday(day)
        return day.weekday() < 5

    def earliest_end(self, posted: date, working_days: int) -> date:
        """The last of `working_days` (1 or more) after the posting day, which does not count.

        The period is over when that day is.
        """
        if working_days < 1:
            raise ValueError("a period has at least one working day")
        day, left = posted, working_days
        while left:
            day += ONE_DAY
            left -= self.is_working_day(day)
        return day

    def earliest_end_if_known(self, posted: date, working_days: int) -> date | None:
        """The same, or None where the period reaches into a year that is not known."""
        try:
            return self.earliest_end(posted, working_days)
        except CalendarUnknownError:
            return None

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days passed after `start`, up to and with `end`; none before it."""
        days = (start + ONE_DAY * (number + 1) for number in range((end - start).days))
        return sum(self.is_working_day(day) for day in days)
