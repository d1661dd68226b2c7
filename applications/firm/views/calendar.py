"""A firm's own calendar: a page by month, and a feed at a secret address."""

from collections.abc import Iterable
from itertools import groupby

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from applications.enterprises.models import CalendarAddress, Enterprise, Membership
from applications.enterprises.services.calendar_addresses import (
    make_address,
    membership_of_token,
    revoke_address,
)
from applications.enterprises.services.profile import Profile
from applications.firm.calendar_feed import firm_feed
from applications.firm.current_enterprise import for_members
from applications.firm.dates import FirmDate, dates_of
from policies.catalogue.current import Catalogue
from portal.public_pages import limited, private


@require_safe
@for_members
def calendar(request: HttpRequest, membership: Membership) -> HttpResponse:
    return _page(request, membership)


def _page(request: HttpRequest, membership: Membership, token: str = "") -> HttpResponse:
    """By month; with `token`, the address that was made just now, shown this once."""
    today = timezone.localdate()
    dates = _dates(membership.enterprise)
    dated = [each for each in dates if each.last and not each.of_year]
    years = [each for each in dates if each.last and each.of_year]
    context = {
        "membership": membership,
        "enterprise": membership.enterprise,
        "today": today,
        "overdue": [each for each in dated if each.is_over_on(today)],
        "months": _by_month(each for each in dated if not each.is_over_on(today)),
        "years": [
            (year, list(rows)) for year, rows in groupby(years, key=lambda each: each.last.year)
        ],
        "undated": [each for each in dates if each.last is None],
        "address": CalendarAddress.objects.filter(membership=membership).first(),
        "feed": request.build_absolute_uri(reverse("firm:calendar-feed", args=[token]))
        if token
        else "",
    }
    return render(request, "firm/calendar.html", context)


def _by_month(dates: Iterable[FirmDate]) -> list[tuple[FirmDate, list[FirmDate]]]:
    """Each month, told by its first date, with its dates."""
    months = [
        list(rows) for _, rows in groupby(dates, key=lambda each: (each.last.year, each.last.month))
    ]
    return [(rows[0], rows) for rows in months]


def _dates(enterprise: Enterprise) -> list[FirmDate]:
    known, today = Catalogue(), timezone.localdate()
    profile = Profile(enterprise, None, known.facts, today)
    return dates_of(profile, known)


@require_POST
@limited
@for_members
def make_feed(request: HttpRequest, membership: Membership) -> HttpResponse:
    """A new address for this member; it is told on this answer only."""
    return _page(request, membership, make_address(membership, timezone.now()))


@require_POST
@limited
@for_members
def revoke_feed(request: HttpRequest, membership: Membership) -> HttpResponse:
    if revoke_address(membership):
        messages.success(request, "订阅网址已停用，用它订阅的日历不再更新。")
    return redirect("firm:calendar")


@require_safe
@private
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """For calendar programs, which do not log in: whoever holds the address reads it."""
    membership = membership_of_token(token)
    if membership is None:
        raise Http404("没有这个日历")
    enterprise = membership.enterprise
    site = request.build_absolute_uri("/").rstrip("/")
    content = firm_feed(enterprise.name, _dates(enterprise), site, timezone.now())
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return response
