"""A firm's dates as an iCalendar feed (RFC 5545) that calendar programs subscribe to."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event

from applications.firm.dates import FirmDate
from policies.pages.calendar_feed import empty_feed

NAME = "{enterprise}：惠企申报日历"
OF_YEAR = "{year} 年度（具体日期文件没有印）"


def firm_feed(enterprise: str, dates: Iterable[FirmDate], site: str, now: datetime) -> bytes:
    """One all-day event for each date; `site` is where its addresses lead."""
    feed: Calendar = empty_feed(NAME.format(enterprise=enterprise))
    for each in dates:
        if each.last is not None:
            feed.add_component(_event(each, each.last, site, now))
    return feed.to_ical()


def _event(each: FirmDate, last: date, site: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, each.key)))
    event.add("dtstamp", now)
    event.add("sequence", each.moved)
    # Of a year that nobody dates its first day: a year's bar would hide all other events.
    day = date(last.year, 1, 1) if each.of_year else last
    event.add("dtstart", day)
    # The day after, as RFC 5545 has it; the last of all days, which stands for no end, has none.
    if day < date.max:
        event.add("dtend", day + timedelta(days=1))
    when = OF_YEAR.format(year=last.year) if each.of_year else each.kind.label
    event.add("summary", f"{when}：{each.what}")
    event.add("description", each.note)
    event.add("categories", [each.kind.label])
    event.add("url", f"{site}{each.address}")
    event.add("transp", "TRANSPARENT")
    return event
