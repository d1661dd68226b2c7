"""What is typed into an application is kept as a draft, and two who type at once are told."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.cases.services.drafts import AlreadySentError, DraftConflictError
from applications.cases.services.filling import Filling
from applications.firm.applicant import Applicant, for_applicants
from applications.firm.forms.application import Page
from applications.firm.forms.in_words import conflicts_in_words
from applications.firm.views.apply_closed import closed_page
from applications.firm.views.apply_page import (
    already_sent,
    apply_page,
    begin_new_year,
    find_filling,
    forms_of,
    page_context,
    save_page,
)


@for_applicants
def save(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    """Keep what is typed, right or wrong: a page for the button, its parts for htmx."""
    filling = find_filling(request, applicant, programme)
    address = applicant.address("apply", programme, filling.subject)
    if filling.closed:
        response = closed_page(request, applicant, filling)
        if _is_htmx(request) and response.status_code == 200:
            response = HttpResponse(headers={"HX-Redirect": address})
        return response
    if filling.needs_subject or request.method != "POST":
        return redirect(address)
    page = Page(request, filling, applicant.uploaded_by)
    now = timezone.now()
    are_kept = page.materials.keep_uploads(user=request.user, now=now)
    try:
        draft = save_page(applicant, filling, page, now)
    except AlreadySentError as error:
        if not _is_htmx(request):
            return already_sent(request, applicant, error)
        gone = {"sent": applicant.case(error.application), "error": error}
        return _fragment(request, "firm/_draft_conflict.html", gone, status=409)
    except DraftConflictError as error:
        return conflict_page(request, applicant, filling, page, error)
    if not page.is_of_this_year:
        response = begin_new_year(request, applicant, filling)
        return HttpResponse(headers={"HX-Redirect": address}) if _is_htmx(request) else response
    if not _is_htmx(request):
        if not are_kept:
            return apply_page(request, applicant, filling, forms_of(applicant, filling, page))
        messages.success(request, f"已保存 {timezone.localtime(now):%H:%M}。")
        return redirect(address)
    forms = forms_of(applicant, filling, page)
    context = {
        **page_context(applicant, filling, forms, draft.version),
        "saved_at": now,
        "with_materials": page.has_uploads,
    }
    return _fragment(request, "firm/_draft_saved.html", context)


def _is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Parts of the page; the header tells its script from any other page."""
    response = render(request, template, {**context, "is_part": True}, status=status)
    response["X-Draft"] = "saved" if status == 200 else "conflict"
    return response


def conflict_page(
    request: HttpRequest,
    applicant: Applicant,
    filling: Filling,
    page: Page,
    error: DraftConflictError,
) -> HttpResponse:
    conflict = {
        "conflicts": conflicts_in_words(error.conflicts, filling, page.choices),
        "error": error,
        "save_address": applicant.address("apply-save", filling.programme, filling.subject),
    }
    if _is_htmx(request):
        return _fragment(request, "firm/_draft_conflict.html", conflict, status=409)
    forms = forms_of(applicant, filling, page, {**filling.content, **page.content})
    return apply_page(request, applicant, filling, forms, conflict=conflict, version=page.version)
