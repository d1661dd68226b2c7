"""How far self-checks came and what they failed, a number a day: what remains of them for statistics.

A self-check is counted once, some days after it was begun, as it stands then; what its firm deleted
before is not. The numbers hold no answer, no place and no token.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from policies.rules.judgement import NOT_ELIGIBLE
from policies.rules.readings import NOT_MET
from policies.self_check.models import DailyCount, SelfCheck
from policies.self_check.self_checks import KEPT, questions_of
from policies.self_check.standing import Standing

# Who has not gone on by then has stopped.
COUNTED_AFTER = timedelta(days=7)
COUNTS_KEPT = timedelta(days=730)
# The page between the first questions and all others.
TOPICS = "topics"
Kind = DailyCount.Kind
ONE_DAY = timedelta(days=1)


def counted_until(today: date) -> date:
    """The last day whose self-checks are counted by today."""
    return today - COUNTED_AFTER - ONE_DAY


def count_days(today: date) -> list[date]:
    """Count the days that are old enough and were not counted yet; which these were.

    The first time only marks where the numbers begin: whoever began a self-check before was not told
    that it would be counted. Each day holds by itself, also where several count at once.
    """
    counted = DailyCount.objects.filter(kind=Kind.STARTED)
    begin = counted.aggregate(begin=Min("day"))["begin"]
    if begin is None:
        counted.get_or_create(day=today - ONE_DAY, kind=Kind.STARTED, key="", defaults={"count": 0})
        return []
    last = counted_until(today)
    # Of earlier days the self-checks are removed already, or are about to be.
    first = max(begin, today - KEPT) + ONE_DAY
    known = set(counted.filter(day__gte=first).values_list("day", flat=True))
    days = [first + ONE_DAY * number for number in range((last - first).days + 1)]
    fresh = [day for day in days if day not in known]
    return [day for day in fresh if _count(day)]


@transaction.atomic
def _count(day: date) -> bool:
    """False where somebody else counted it meanwhile."""
    whole, is_mine = DailyCount.objects.get_or_create(
        day=day, kind=Kind.STARTED, key="", defaults={"count": 0}
    )
    if not is_mine:
        return False
    begun = SelfCheck.objects.filter(
        created_at__gte=_midnight(day), created_at__lt=_midnight(day + ONE_DAY)
    )
    found: Counter[tuple[str, str]] = Counter()
    for check in begun.order_by("pk").iterator(chunk_size=200):
        whole.count += 1
        found.update(_of(Standing(check)))
    whole.save(update_fields=["count"])
    DailyCount.objects.bulk_create(
        DailyCount(day=day, kind=kind, key=key, count=count)
        for (kind, key), count in sorted(found.items())
    )
    return True


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_default_timezone())


def _of(standing: Standing) -> Iterable[tuple[str, str]]:
    """What one self-check adds to the numbers of its day, each once."""
    check = standing.check
    asked = questions_of(check, len(check.steps) + 1, standing.inquiry)
    if len(check.steps) <= 1 and not check.topics:
        # Who ticked nothing and who left the list are not told apart by what is kept.
        yield Kind.STOPPED, TOPICS
    elif not standing.inquiry.left or not asked:
        yield Kind.FINISHED, ""
    else:
        yield Kind.STOPPED, asked[0]
    failed = {
        f"{judgement.edition.programme}:{entry.code}"
        for judgement in standing.local
        if judgement.verdict == NOT_ELIGIBLE
        for entry, reading in zip(judgement.edition.entries, judgement.readings, strict=True)
        if entry.is_deciding and reading is NOT_MET
    }
    for key in sorted(failed):
        yield Kind.FAILED, key


def forget_counts(now: datetime) -> int:
    """Remove the numbers of days that are over; how many rows there were."""
    last = timezone.localdate(now - COUNTS_KEPT)
    return DailyCount.objects.filter(day__lte=last).delete()[0]
