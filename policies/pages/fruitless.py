"""Which words found nothing: kept by day, and only where they can name nobody."""

import re
from datetime import date, datetime, timedelta

from django.utils import timezone

from policies.pages.models import FruitlessSearch
from policies.search.text import normalised

SEARCHES_KEPT = timedelta(days=730)
SHORTEST, LONGEST = 2, 20
# Whoever searches for thousands of words is a machine.
MOST_A_DAY = 300
# Codes, telephones and addresses of mail; names of firms, by how they end.
NAMES_SOMEBODY = re.compile(
    r"\d{5}|@|[0-9A-Z]{9}"
    r"|公司|集团|有限|合作社|工厂|厂$|商行|商店|门市|经营部|事务所|个体|先生|女士|经理|老板",
    re.IGNORECASE,
)


def note_fruitless(typed: str, today: date) -> None:
    """Keep that these words found nothing today, once; not what may name a person or a firm."""
    words = normalised(typed)
    if not SHORTEST <= len(words) <= LONGEST or not words.isprintable():
        return
    if NAMES_SOMEBODY.search(words):
        return
    if FruitlessSearch.objects.filter(day=today).count() < MOST_A_DAY:
        FruitlessSearch.objects.bulk_create(
            [FruitlessSearch(day=today, words=words)], ignore_conflicts=True
        )


def forget_searches(now: datetime) -> int:
    """Remove the words of days that are over; how many there were."""
    last = timezone.localdate(now - SEARCHES_KEPT)
    return FruitlessSearch.objects.filter(day__lte=last).delete()[0]
