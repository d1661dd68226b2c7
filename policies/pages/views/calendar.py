"""When programmes take applications: a page by month and feeds for calendar programs.

Both are of all programmes, or of a county, a family or one programme, as the address says.
"""

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.pages.calendar_feed import NAME, calendar_feed
from policies.pages.forms import CalendarForm
from policies.pages.timetable import (
    calls_of,
    changed_calls,
    chosen_programmes,
    programmes_in_force,
    timetable,
    windows_of,
)
from portal.public_pages import cached


@require_safe
@cached
def calendar(request: HttpRequest) -> HttpResponse:
    today, known = timezone.localdate(), Catalogue()
    programmes = programmes_in_force(today)
    form = CalendarForm(request.GET, programmes=programmes, areas=known.areas)
    form.is_valid()  # what is not known is told beside its field, and the rest is answered
    programmes = chosen_programmes(programmes, form.chosen, known.areas)
    query = f"?{urlencode(form.chosen)}" if form.chosen else ""
    feed = request.build_absolute_uri(reverse("pages:calendar-feed") + query)
    context = {
        "form": form,
        "query": query,
        "chosen": form.in_words,
        "timetable": timetable(
            programmes,
            windows_of(programmes),
            today,
            calls_of(programmes, today, known.calls, form.chosen.get("county")),
        ),
        "feed": feed,
        "webcal": f"webcal:{feed.partition(':')[2]}",
        "today": today,
    }
    return render(request, "pages/calendar.html", context)


@require_safe
@cached
def feed(request: HttpRequest) -> HttpResponse:
    """What the address does not know is no calendar: an empty one would be believed."""
    today, known = timezone.localdate(), Catalogue()
    programmes = programmes_in_force(today)
    form = CalendarForm(request.GET, programmes=programmes, areas=known.areas)
    if not form.is_valid():
        raise Http404("没有这个县、类别或项目的日历")
    chosen = chosen_programmes(programmes, form.chosen, known.areas)
    address = request.build_absolute_uri(reverse("pages:calendar"))
    name = f"{NAME}：{form.in_words}" if form.in_words else NAME
    calls = changed_calls(chosen, today, form.chosen.get("county"))
    content = calendar_feed(windows_of(chosen), address, today, calls, name)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")
