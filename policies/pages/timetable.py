"""Windows laid out in time: the twelve months ahead, rules without a month, and silence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from policies.catalogue.calls import in_county, not_over
from policies.catalogue.models import Call, Edition, Programme, Window
from policies.pages.listing import is_within
from portal.models import Jurisdiction

MONTHS_AHEAD = 12
# So long a feed tells programs of calendars to take away a call that was withdrawn.
WITHDRAWN_LATELY = timedelta(days=90)


@dataclass
class Month:
    first: date
    windows: list[Window] = field(default_factory=list)


@dataclass
class Timetable:
    months: list[Month]
    rules: dict[str, list[Window]]  # by kind, windows without a month
    silent: dict[str, list[Programme]]  # by family, programmes whose time nobody tells
    calls: list[tuple[Programme, Call]]  # that run or are to come, the first to close first


def windows_of(programmes: Iterable[Programme]) -> list[Window]:
    """In the order of the catalogue; one query."""
    return list(every_window().filter(programme__in=programmes))


def every_window() -> QuerySet[Window]:
    windows = Window.objects.select_related("programme", "document")
    return windows.order_by("programme__position", "programme_id", "position", "id")


def calls_of(
    programmes: Iterable[Programme],
    on: date,
    known: Mapping[str, Iterable[Call]],
    county: str | None = None,
) -> list[tuple[Programme, Call]]:
    """Of the `known` calls those that run or are to come, each with its programme, as `calls_to_come`."""
    by_key = {programme.pk: programme for programme in programmes}
    return [(by_key[call.programme_id], call) for call in calls_to_come(known, by_key, on, county)]


def calls_to_come(
    calls: Mapping[str, Iterable[Call]],
    programmes: Iterable[str],
    on: date,
    county: str | None = None,
) -> list[Call]:
    """Those of programmes that run or are to come, as a county's firms know them, the first to close
    first.
    """
    own = (call for programme in programmes for call in calls.get(programme, ()))
    return not_over(in_county(own, county), on)


def changed_calls(
    programmes: Iterable[Programme], on: date, county: str | None = None
) -> list[tuple[Programme, Call, datetime]]:
    """The calls that run, are to come or were withdrawn lately, as a county's firms know them, each with
    the time that it last changed; three queries."""
    by_key = {programme.pk: programme for programme in programmes}
    rows = Call.objects.exclude(status=Call.Status.DRAFT).filter(programme__in=by_key)
    rows = rows.prefetch_related("events", "county_last_days__county").order_by("opens_on", "pk")
    return [
        (by_key[call.programme_id], call, call.changed_at)
        for call in in_county(rows, county)
        if (call.is_open and not call.is_over_on(on))
        or (not call.is_open and timezone.localdate(call.changed_at) >= on - WITHDRAWN_LATELY)
    ]


def chosen_programmes(
    programmes: Iterable[Programme],
    chosen: Mapping[str, str],
    areas: Mapping[str, Jurisdiction],
) -> list[Programme]:
    """Those of a county with its city and province, of a family, or the one that is named."""
    place, family, one = (chosen.get(name) for name in ("county", "family", "programme"))
    return [
        programme
        for programme in programmes
        if (not place or is_within(areas[place], programme.area_id, areas))
        and family in (None, "", programme.family)
        and one in (None, "", programme.pk)
    ]


def programmes_in_force(on: date) -> list[Programme]:
    """What a firm can ask for on a day; a government's own duty has no window."""
    editions = Edition.objects.in_force(on)
    offered = Programme.objects.exclude(kind=Programme.Kind.DUTY)
    return list(offered.filter(pk__in=editions.values("programme")))


def timetable(
    programmes: Iterable[Programme],
    windows: Iterable[Window],
    on: date,
    calls: Iterable[tuple[Programme, Call]] = (),
) -> Timetable:
    windows, calls = list(windows), list(calls)
    applied_for = {w.programme_id for w in windows if w.kind == Window.Kind.APPLY}
    applied_for |= {programme.pk for programme, _ in calls}
    silent: dict[str, list[Programme]] = {}
    for programme in programmes:
        if programme.pk not in applied_for:
            silent.setdefault(programme.family, []).append(programme)
    rules: dict[str, list[Window]] = {}
    for window in windows:
        if not window.is_dated:
            rules.setdefault(window.get_kind_display(), []).append(window)
    return Timetable(_months(windows, on), rules, silent, calls)


def _months(windows: list[Window], on: date) -> list[Month]:
    """Of the months ahead, those in which a window is open."""
    found = [Month(_month_after(on, number)) for number in range(MONTHS_AHEAD)]
    for window in windows:
        spans = [window.span_in(on.year + offset) for offset in (-1, 0, 1)]
        for month in found:
            after = _month_after(month.first, 1)
            if any(span and span.first < after and span.last >= month.first for span in spans):
                month.windows.append(window)
    return [month for month in found if month.windows]


def _month_after(day: date, number: int) -> date:
    years, month = divmod(day.month - 1 + number, 12)
    return date(day.year + years, month + 1, 1)
