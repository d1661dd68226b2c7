"""The dated windows and the calls as an iCalendar feed (RFC 5545) that calendar programs subscribe to.

Each event keeps its UID for good, and its SEQUENCE grows when its row changes. A day that no source
prints has no event: of a window that prints a month only, the month is one.
"""

import calendar
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from uuid import NAMESPACE_URL, uuid5

from icalendar import Alarm, Calendar, Event

from policies.catalogue.models import Call, Programme, Window

PRODUCT = "-//policy-eligibility-portal//calendar//ZH"
NAME = "惠企政策申报日历"
DOUBT = "时效待核实：文件没有印有效期，请以当年通知为准。"
# At nine in the morning: of the day itself, and of a week before.
ON_THE_DAY, A_WEEK_BEFORE = timedelta(hours=9), timedelta(days=-7, hours=9)
# SEQUENCE has 31 bits: seconds since then.
BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)


def calendar_feed(
    windows: Iterable[Window],
    address: str,
    on: date,
    calls: Iterable[tuple[Programme, Call, datetime]] = (),
    name: str = NAME,
) -> bytes:
    """All-day events for each dated window, yearly ones recur, and for each call with the time that it
    changed last; for a last day that is printed, one of its own."""
    feed = empty_feed(name)
    for window in windows:
        for event in _events_of_window(window, address, on):
            feed.add_component(event)
    for programme, call, changed_at in calls:
        for event in _events_of_call(programme, call, changed_at, address):
            feed.add_component(event)
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


def all_day(
    key: str,
    first: date,
    last: date,
    *,
    summary: str,
    description: str,
    category: str,
    address: str,
    changed_at: datetime,
    alarm: timedelta | None = None,
    is_cancelled: bool = False,
) -> Event:
    """An event from the first day to the last, both included; `key` makes its UID."""
    event = Event()
    event.add("uid", str(uuid5(NAMESPACE_URL, key)))
    event.add("dtstamp", changed_at)
    event.add("last-modified", changed_at)
    event.add("sequence", max(int((changed_at - BEGINNING).total_seconds()), 0))
    event.add("dtstart", first)
    event.add("dtend", last + timedelta(days=1))  # the day after, as RFC 5545 has it
    event.add("summary", summary)
    event.add("description", description)
    event.add("categories", [category])
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    if is_cancelled:
        event.add("status", "CANCELLED")
    elif alarm is not None:
        reminder = Alarm()
        reminder.add("action", "DISPLAY")
        reminder.add("description", summary)
        reminder.add("trigger", alarm)
        event.add_component(reminder)
    return event


def _events_of_window(window: Window, address: str, on: date) -> Iterable[Event]:
    span = window.span_in(window.year or _common_year(on.year))
    if span is None:
        return
    programme = window.programme
    said = {
        "description": _description(window),
        "category": programme.family,
        "address": address,
        "changed_at": window.updated_at,
    }
    key = f"{window.programme_id}/{window.title}"
    summary = f"{programme.name}：{window.title}（{window.wording}）"
    events = [all_day(key, *span, summary=summary, alarm=ON_THE_DAY, **said)]
    if window.ends_day and span.first < span.last:
        summary = f"截止：{programme.name}：{window.title}（{window.wording}）"
        events.append(
            all_day(
                f"{key}/last",
                span.last,
                span.last,
                summary=summary,
                alarm=A_WEEK_BEFORE,
                **said,
            )
        )
    for event in events:
        if window.is_yearly:
            event.add("rrule", {"freq": "yearly"})
        yield event


def _events_of_call(
    programme: Programme, call: Call, changed_at: datetime, address: str
) -> Iterable[Event]:
    """From its first day to its last; of one that stays open the first day alone. What was withdrawn
    stands there as cancelled, so that programs take it away."""
    told = (
        call.when,
        *_county_lines(call),
        f"名额：{call.places_in_words}",
        f"问谁：{call.contact}",
        call.document_number,
    )
    said = {
        "description": "\n".join(line for line in told if line),
        "category": programme.family,
        "address": address,
        "changed_at": changed_at,
        "is_cancelled": not call.is_open,
    }
    key, summary = f"{programme.pk}/call/{call.pk}", f"{programme.name}：{call.title}"
    last = call.last_day or call.opens_on
    yield all_day(key, call.opens_on, last, summary=summary, alarm=ON_THE_DAY, **said)
    if call.opens_on < last:
        yield all_day(
            f"{key}/last", last, last, summary=f"截止：{summary}", alarm=A_WEEK_BEFORE, **said
        )


def _county_lines(call: Call) -> list[str]:
    """What counties set of their own: of one that the call is told to, else of all."""
    if call.of_county:
        return [call.county_words]
    return [
        f"{own.county}的企业到 {own.last_day:%Y-%m-%d} 截止：{own.reason}"
        for own in call.county_days.values()
    ]


def _description(window: Window) -> str:
    source = f"依据：{window.document.number} {window.clause}"
    return "\n".join(line for line in (window.note, source, DOUBT) if line)


def _common_year(year: int) -> int:
    """A yearly event keeps its number of days: counted in a leap year it would end too late."""
    return year - 1 if calendar.isleap(year) else year
