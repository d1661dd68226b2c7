"""Stories told side by side: each says when it goes on, and they take turns in order of time."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from heapq import heappop, heappush
from itertools import count
from random import Random

import time_machine
from django.utils import timezone

# What a story waits for: so many days before today, or a day.
When = int | date
Story = Iterator[When]
LEAST = timedelta(minutes=7)


def tell(stories: Iterable[Story], now: datetime) -> None:
    """Let all stories run, the clock standing at the moment of each step; what lies after `now`
    does not happen.
    """
    queue: list[tuple[datetime, int, Story]] = []
    order, chance = count(), Random(7)

    def wait(story: Story, since: datetime | None) -> None:
        when = next(story, None)
        if when is None:
            return
        moment = _moment(when, now, chance)
        if since is not None:
            moment = max(moment, since + LEAST)
        if moment <= now:
            heappush(queue, (moment, next(order), story))

    for story in stories:
        wait(story, None)
    with time_machine.travel(now, tick=False) as clock:
        while queue:
            moment, _, story = heappop(queue)
            clock.move_to(moment)
            wait(story, moment)


def _moment(when: When, now: datetime, chance: Random) -> datetime:
    """Some office hour of the day, before the weekend where it falls on one; today: now."""
    today = timezone.localdate(now)
    day = when if isinstance(when, date) else today - timedelta(days=when)
    if not isinstance(when, date):
        day -= timedelta(days=max(day.weekday() - 4, 0))
    hour = time(chance.randrange(9, 17), chance.randrange(60))
    moment = datetime.combine(day, hour, timezone.get_current_timezone())
    return min(moment, now) if day == today else moment
