"""What is followed, of the whole site: how many addresses, never which."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count

from applications.centre.figures.small_counts import FEWEST, in_words
from applications.following.models import Follower, Subscription

MOST_ROWS = 30


@dataclass(frozen=True)
class Followed:
    """`addresses` and `searches` in words; the programmes that FEWEST addresses follow at least."""

    addresses: str
    searches: str
    programmes: Sequence[tuple[str, int]]


def followed() -> Followed:
    """As of now; three queries."""
    rows = Subscription.objects.filter(programme__isnull=False).order_by()
    counts = rows.values_list("programme__name").annotate(count=Count("pk"))
    return Followed(
        in_words(Follower.objects.count()),
        in_words(Subscription.objects.exclude(query="").count()),
        list(counts.filter(count__gte=FEWEST).order_by("-count", "programme__name")[:MOST_ROWS]),
    )
