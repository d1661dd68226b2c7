"""One letter a day at most to each follower, with all that is new: in the outbox and noted as told at once.

A letter that failed for good told nothing: its news stand in the next one, for two weeks.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from applications.following.models import Follower, Subscription, Told
from applications.following.news import News, news_of_programmes
from applications.following.subscriptions import NEWS, settle
from applications.following.wanted import programmes_found
from policies.catalogue.current import Catalogue
from portal.models import Delivery
from portal.outbox.sending import post

TOLD_AGAIN = timedelta(days=14)
# A letter is read, not searched: the rest stands on the pages.
NEWS_MOST = 40
# By firm, what comes near for it.
NewsOfFirms = Callable[[Collection[int]], Mapping[int, list[News]]]


def post_news(now: datetime, news_of_firms: NewsOfFirms) -> int:
    """Put today's letters into the outbox; how many there are of now."""
    settle(now)
    failed = Told.objects.filter(delivery__state=Delivery.State.FAILED, at__gte=now - TOLD_AGAIN)
    failed.delete()
    known, today = Catalogue(), timezone.localdate(now)
    rows = list(Subscription.objects.order_by("follower", "pk"))
    found = programmes_found((row.query for row in rows if row.query), known, today)
    programmes = {row.programme_id for row in rows if row.programme_id}
    programmes.update(*found.values())
    of_programmes = news_of_programmes(programmes, known, now)
    of_firms = news_of_firms({row.enterprise_id for row in rows if row.enterprise_id})
    by_follower: dict[int, dict[str, News]] = {}
    for row in rows:
        own = by_follower.setdefault(row.follower_id, {})
        for each in _news_of(row, of_programmes, of_firms, found):
            if each.since is None or each.since >= row.since:
                own.setdefault(each.key, each)
    followers = Follower.objects.in_bulk([key for key, news in by_follower.items() if news])
    return sum(
        _post(follower, list(by_follower[key].values()), now) for key, follower in followers.items()
    )


def _news_of(
    row: Subscription,
    of_programmes: Mapping[str, list[News]],
    of_firms: Mapping[int, list[News]],
    found: Mapping[str, list[str]],
) -> Iterable[News]:
    if row.enterprise_id:
        yield from of_firms.get(row.enterprise_id, ())
    for programme in found[row.query] if row.query else [row.programme_id]:
        yield from of_programmes.get(programme, ())


@transaction.atomic
def _post(follower: Follower, news: list[News], now: datetime) -> bool:
    """Write what the follower was not told yet, unless they were written to today."""
    if not Follower.objects.select_for_update().filter(pk=follower.pk).exists():
        return False
    key = f"{NEWS}{timezone.localdate(now)}:{follower.pk}"
    if Delivery.objects.filter(key=key).exists():
        return False
    told = set(follower.told.values_list("key", flat=True))
    news = [each for each in news if each.key not in told]
    if not news:
        return False
    [letter] = post([_letter(key, follower, news, now)])
    Told.objects.bulk_create(
        Told(follower=follower, key=each.key, at=now, delivery=letter) for each in news
    )
    return True


def _letter(key: str, follower: Follower, news: list[News], now: datetime) -> Delivery:
    headings: dict[str, list[News]] = {}
    for each in news[:NEWS_MOST]:
        headings.setdefault(each.heading, []).append(each)
    first, *others = dict.fromkeys(each.heading for each in news)
    rest = f"等 {len(others) + 1} 个项目" if others else ""
    text = render_to_string(
        "following/mail/news.txt",
        {
            "headings": [(heading, rows, rows[0].address) for heading, rows in headings.items()],
            "more": max(len(news) - NEWS_MOST, 0),
            "site": settings.SITE_URL,
            "page": settings.SITE_URL + reverse("following:following", args=[follower.token]),
        },
    )
    return Delivery(
        key=key,
        channel=Delivery.Channel.EMAIL,
        address=follower.address,
        subject=" ".join(f"您订阅的政策有变化：{first}{rest}".split())[:200],
        text=text.strip(),
        unsubscribe_address=settings.SITE_URL + reverse("following:end", args=[follower.token]),
        is_secret=True,
        posted_at=now,
        due_at=now,
    )
