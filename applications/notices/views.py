"""Public notices: what anybody may read, and the form to object with."""

from datetime import timedelta

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, OuterRef, Subquery, Value, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from applications.notices.calendar_feed import notices_feed
from applications.notices.forms import ObjectionForm
from applications.notices.models import Notice, RecognitionLine, Revocation
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import contacts_for
from applications.notices.services.objections import record_objection, why_closed
from policies.catalogue.current import Catalogue
from policies.pages.listing import is_within
from portal.public_pages import cached, limited, private

NOTICES_A_PAGE = 20
FEED_REACHES_BACK = timedelta(days=365)


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Notices that run now first, then those that are over, the newest first."""
    notices = (
        Notice.objects.public()
        .select_related("programme", "jurisdiction")
        .annotate(cases=Count("lines"))
        .order_by(
            Case(When(status=Notice.Status.POSTED, then=Value(0)), default=Value(1)),
            "-posted_on",
            "-pk",
        )
    )
    page = Paginator(notices, NOTICES_A_PAGE).get_page(request.GET.get("page"))
    feed = request.build_absolute_uri(reverse("notices:feed"))
    context = {"page": page, "feed": feed, "webcal": f"webcal:{feed.partition(':')[2]}"}
    return render(request, "notices/notice_list.html", context)


@require_safe
@cached
def feed(request: HttpRequest) -> HttpResponse:
    """The notices of the last year; of a county also those of its city and province."""
    notices = Notice.objects.public().select_related("programme", "jurisdiction")
    notices = notices.filter(ends_on__gte=timezone.localdate() - FEED_REACHES_BACK)
    county, place = request.GET.get("county", ""), ""
    if county:
        areas = Catalogue().areas
        if county not in areas:
            raise Http404("没有这个县（市、区）")
        place = areas[county].name
        above = [code for code in areas if is_within(areas[county], code, areas)]
        notices = notices.filter(jurisdiction__in=above)
    site = request.build_absolute_uri("/")
    content = notices_feed(notices.order_by("pk"), site, place)
    return HttpResponse(content, content_type="text/calendar; charset=utf-8")


@require_safe
def notice(request: HttpRequest, number: str) -> HttpResponse:
    found = _find(number)
    recognised = RecognitionLine.objects.filter(application=OuterRef("application"))
    document = recognised.values("recognition__document_number")[:1]
    revoked = Revocation.objects.filter(
        line__application=OuterRef("application"), state=Revocation.State.CONFIRMED
    )
    context = {
        "notice": found,
        "lines": found.lines.annotate(
            document=Subquery(document),
            revoked_by=Subquery(revoked.values("document_number")[:1]),
            revoked_on=Subquery(revoked.values("on")[:1]),
        ),
        "recognitions": found.recognitions.all(),
        "contacts": contacts_for(found),
        "today": timezone.localdate(),
    }
    return render(request, "notices/notice.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def objection(request: HttpRequest, number: str) -> HttpResponse:
    found = _find(number)
    if request.method != "POST" and not found.is_posted:
        messages.info(request, why_closed(found))
        return redirect("notices:notice", found.number)
    form = ObjectionForm(request.POST if request.method == "POST" else None, notice=found)
    if form.is_valid():
        try:
            record_objection(notice=found, now=timezone.now(), **form.cleaned_data)
        except NoticeError as error:
            form.add_error(None, str(error))
        else:
            return redirect("notices:objection-thanks", found.number)
    context = {"notice": found, "form": form, "contacts": contacts_for(found)}
    return render(request, "notices/objection.html", context)


@require_safe
@private
def thanks(request: HttpRequest, number: str) -> HttpResponse:
    return render(request, "notices/objection_thanks.html", {"notice": _find(number)})


def _find(number: str) -> Notice:
    """A notice that was posted, over or not; drafts are not found."""
    public = Notice.objects.public().select_related("programme", "jurisdiction")
    return get_object_or_404(public, number=number)
