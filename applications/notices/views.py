"""Public notices: what anybody may read, and the form to object with."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Case, Count, OuterRef, Subquery, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from applications.notices.forms import ObjectionForm
from applications.notices.models import Notice, RecognitionLine, Revocation
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import contacts_for
from applications.notices.services.objections import record_objection, why_closed
from portal.public_pages import limited, private

NOTICES_A_PAGE = 20


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
    return render(request, "notices/notice_list.html", {"page": page})


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
