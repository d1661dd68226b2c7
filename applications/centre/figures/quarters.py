"""Quarters of a year: counts of people are shown by whole ones only, which never overlap."""

from dataclasses import dataclass
from datetime import date

from applications.centre.figures.period import ONE_DAY, Period


@dataclass(frozen=True)
class Quarter:
    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year} 年第 {self.number} 季度"

    @property
    def key(self) -> str:
        return f"{self.year}-{self.number}"

    @property
    def period(self) -> Period:
        after = self.after
        last = date(after.year, 3 * after.number - 2, 1) - ONE_DAY
        return Period(date(self.year, 3 * self.number - 2, 1), last)

    @property
    def after(self) -> "Quarter":
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)


def quarters_until(day: date, count: int) -> list[Quarter]:
    """The last so many quarters that were over by the end of a day, the latest first."""
    latest = Quarter(day.year, (day.month + 2) // 3)
    if latest.period.last > day:
        latest = latest.before
    found = [latest]
    while len(found) < count:
        found.append(found[-1].before)
    return found
