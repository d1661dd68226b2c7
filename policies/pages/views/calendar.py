"""When programmes take applications: a page by month and a feed for calendar programs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.pages.calendar_feed import calendar_feed
from policies.pages.timetable import calls_of, programmes_in_force, timetable, windows_of
from portal.public_pages import cached


@require_safe
@cached
def calendar(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    programmes = programmes_in_force(today)
    context = {
        "timetable": timetable(
            programmes, windows_of(programmes), today, calls_of(programmes, today)
        ),
        "feed": request.build_absolute_uri(reverse("pages:calendar-feed")),
        "today": today,
    }
    return render(request, "pages/calendar.html", context)


@require_safe
def feed(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    address = request.build_absolute_uri(reverse("pages:calendar"))
    programmes = programmes_in_force(today)
    calls = calls_of(programmes, today)
    content = calendar_feed(windows_of(programmes), address, today, calls)
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="calendar.ics"'
    return response
