"""Public notices as an iCalendar feed: from the day that one is posted to the last day to object."""

from collections.abc import Iterable
from datetime import datetime, time
from urllib.parse import urljoin

from django.urls import reverse
from django.utils import timezone

from applications.notices.models import Notice
from policies.pages.calendar_feed import all_day, empty_feed

NAME = "惠企政策公示日历"
TO_OBJECT = "含当天；有异议请在截止日以前提出。"


def notices_feed(notices: Iterable[Notice], site: str, place: str = "") -> bytes:
    """An event for each notice; one that was taken back is cancelled."""
    feed = empty_feed(f"{NAME}：{place}" if place else NAME)
    for notice in notices:
        is_withdrawn = notice.status == Notice.Status.WITHDRAWN
        changed_on = (notice.withdrawn_on if is_withdrawn else notice.ended_on) or notice.posted_on
        feed.add_component(
            all_day(
                f"notice/{notice.number}",
                notice.posted_on,
                notice.ends_on,
                summary=f"公示：{notice.title}",
                description=f"{notice.jurisdiction}，{notice.number}。{TO_OBJECT}",
                category=notice.programme.family,
                address=urljoin(site, reverse("notices:notice", args=[notice.number])),
                changed_at=timezone.make_aware(datetime.combine(changed_on, time.min)),
                is_cancelled=is_withdrawn,
            )
        )
    return feed.to_ical()
