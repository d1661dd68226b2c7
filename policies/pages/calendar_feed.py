"""The dated windows and the calls as an iCalendar feed (RFC 5545) that calendar programs subscribe to."""

import calendar
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Calendar, Event

from policies.catalogue.models import Call, Programme, Window

PRODUCT = "-//policy-eligibility-portal//calendar//ZH"
NAME = "惠企政策申报日历"
DOUBT = "时效待核实：文件没有印有效期，请以当年通知为准。"


def calendar_feed(
    windows: Iterable[Window],
    address: str,
    on: date,
    calls: Iterable[tuple[Programme, Call]] = (),
) -> bytes:
    """One all-day event for each dated window, yearly ones recur, and for each call."""
    feed = empty_feed(NAME)
    for window in windows:
        event = _event(window, address, on)
        if event:
            feed.add_component(event)
    for programme, call in calls:
        feed.add_component(_event_of_call(programme, call, address))
    return feed.to_ical()


def empty_feed(name: str) -> Calendar:
    """A calendar of that name, which programs read again every day."""
    feed = Calendar()
    feed.add("prodid", PRODUCT)
    feed.add("version", "2.0")
    feed.add("calscale", "GREGORIAN")
    feed.add("name", name)
    feed.add("x-wr-calname", name)
    feed.add("refresh-interval", timedelta(days=1), parameters={"VALUE": "DURATION"})
    return feed


def _event(window: Window, address: str, on: date) -> Event | None:
    span = window.span_in(window.year or _common_year(on.year))
    if span is None:
        return None
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, f"{window.programme_id}/{window.title}")))
    event.add("dtstamp", window.updated_at)
    event.add("last-modified", window.updated_at)
    event.add("dtstart", span.first)
    event.add("dtend", span.last + timedelta(days=1))  # the day after, as RFC 5545 has it
    if window.is_yearly:
        event.add("rrule", {"freq": "yearly"})
    event.add("summary", f"{window.programme.name}：{window.title}（{window.wording}）")
    event.add("description", _description(window))
    event.add("categories", [window.programme.family])
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def _event_of_call(programme: Programme, call: Call, address: str) -> Event:
    """From its first day to its last; of one that stays open the first day alone."""
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, f"{programme.pk}/call/{call.pk}")))
    moved = call.moved_at
    changed = moved[-1] if moved else call.opened_at
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", len(moved))
    event.add("dtstart", call.opens_on)
    event.add("dtend", (call.closes_on or call.opens_on) + timedelta(days=1))
    event.add("summary", f"{programme.name}：{call.title}")
    told = (
        call.when,
        *(
            f"{own.county}的企业到 {own.last_day:%Y-%m-%d} 截止：{own.reason}"
            for own in call.county_days.values()
        ),
        f"名额：{call.places_in_words}",
        f"问谁：{call.contact}",
        call.document_number,
    )
    event.add("description", "\n".join(line for line in told if line))
    event.add("categories", [programme.family])
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    return event


def _description(window: Window) -> str:
    source = f"依据：{window.document.number} {window.clause}"
    return "\n".join(line for line in (window.note, source, DOUBT) if line)


def _common_year(year: int) -> int:
    """A yearly event keeps its number of days: counted in a leap year it would end too late."""
    return year - 1 if calendar.isleap(year) else year
