"""Which cases have waited longer than their step allows, or soon will: asked of the database at once.

What the list tells of each case by counting its working days is found here by the days on which cases
must have arrived. Of a year whose days off are not known nothing is counted: what arrived before it is
late where the days after it alone make it so.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from operator import attrgetter

from django.db.models import Q
from django.utils import timezone

from applications.cases.models import CalendarDay
from applications.cases.workflow import REVIEW_KINDS, WITH_STAFF, chain_of
from applications.cases.working_days import ONE_DAY, CalendarUnknownError, WorkingCalendar
from policies.catalogue.models import Step

# Due soon is what has so many working days left, or fewer.
SOON = 3
DUE_SOON = f"{SOON} 个工作日内到期"
NONE = Q(pk__in=[])


@dataclass(frozen=True)
class Deadlines:
    """`steps`: by the working days that they may take, their steps as a condition.

    `latest[n]` is the last day since which n working days have passed, as far as any step goes and the
    calendar is known: from the day `known_from` on.
    """

    steps: Mapping[int, Q]
    latest: Sequence[date]
    known_from: date

    @classmethod
    def on(cls, today: date) -> "Deadlines":
        """As of a day; three queries."""
        steps = _limited_steps()
        calendar = CalendarDay.objects.calendar()
        return cls(steps, *_days_back(calendar, today, max(steps, default=0) + 1))

    @property
    def past(self) -> Q:
        """What has waited more working days than its step may take."""
        return self._of_each(lambda limit: self._arrived(limit + 1))

    @property
    def soon(self) -> Q:
        """What has SOON working days left or fewer, and is not late."""
        return self._of_each(lambda limit: self._arrived(max(limit - SOON, 0), limit))

    def _of_each(self, arrived: Callable[[int], Q]) -> Q:
        found = NONE
        for limit, here in self.steps.items():
            found |= here & arrived(limit)
        return Q(status__in=WITH_STAFF) & found

    def _arrived(self, fewest: int, most: int | None = None) -> Q:
        """Since whose arrival from `fewest` to `most` working days have passed."""
        if fewest >= len(self.latest):
            return NONE
        found = Q(arrived_at__lt=_begin(self.latest[fewest] + ONE_DAY))
        if most is None:
            return found
        is_known = most + 1 < len(self.latest)
        first = self.latest[most + 1] + ONE_DAY if is_known else self.known_from
        return found & Q(arrived_at__gte=_begin(first))


def _limited_steps() -> dict[int, Q]:
    """By working days, the steps of all editions; those without a limit left out."""
    editions: dict[tuple[int, int], list[int]] = defaultdict(list)
    steps = Step.objects.filter(kind__in=REVIEW_KINDS).order_by("edition_id", "position")
    for edition, own in groupby(steps, key=attrgetter("edition_id")):
        chain = chain_of((each.kind, each.level, each.title, each.working_days) for each in own)
        for place, step in enumerate(chain):
            if step.working_days is not None:
                editions[step.working_days, place].append(edition)
    found: dict[int, Q] = defaultdict(lambda: NONE)
    for (limit, place), known in sorted(editions.items()):
        found[limit] |= Q(step=place, edition__in=known)
    return dict(found)


def _days_back(calendar: WorkingCalendar, today: date, most: int) -> tuple[list[date], date]:
    """`latest` until `most` working days ago, and `known_from`."""
    latest, day = [today], today
    while len(latest) <= most:
        try:
            passes = calendar.is_working_day(day)
        except CalendarUnknownError:
            break
        day -= ONE_DAY
        if passes:
            latest.append(day)
    return latest, day


def _begin(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
