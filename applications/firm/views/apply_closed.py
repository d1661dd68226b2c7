"""The page of a programme for which nobody can apply now: why, and what was typed for it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.cases.services.drafts import AlreadySentError, DraftConflictError, discard_draft
from applications.cases.services.errors import ApplicationError
from applications.cases.services.filling import Filling
from applications.firm.applicant import Applicant, for_applicants
from applications.firm.forms.application import Page
from applications.firm.forms.in_words import content_in_words
from applications.firm.views.apply_page import already_sent, find_filling, save_page
from policies.presentation.offices import offices_near
from portal.forms import sent_again
from portal.numbers import whole_number

OTHERS_TYPED = "没有保存：同事也改过同样的内容。草稿里现在的和您刚才填的都列在下面。"


def closed_page(
    request: HttpRequest, applicant: Applicant, filling: Filling, problem: str = ""
) -> HttpResponse:
    """What a page that was open meanwhile sends is kept as well."""
    typed = {}
    if filling.is_faulty and request.method == "POST" and not problem:
        # Nothing can be saved without rules: the page itself holds what was typed.
        context = {"told": filling.closed, **sent_again(request)}
        return render(request, "409.html", context, status=409)
    if request.method == "POST" and "seen" in request.POST and not filling.needs_subject:
        page, now = Page(request, filling, applicant.uploaded_by), timezone.now()
        page.materials.keep_uploads(user=request.user, now=now)
        try:
            save_page(applicant, filling, page, now)
        except AlreadySentError as error:
            return already_sent(request, applicant, error)
        except DraftConflictError:
            problem, typed = OTHERS_TYPED, page.content
    context = {
        "applicant": applicant,
        "filling": filling,
        "problem": problem,
        "draft": filling.draft,
        "content": content_in_words(filling, filling.content),
        "typed": content_in_words(filling, typed),
        "contacts": offices_near(filling.programme, applicant.enterprise.county),
        "discard": applicant.address("apply-discard", filling.programme, filling.subject),
    }
    return render(request, "firm/apply_closed.html", context, status=409 if problem else 200)


@for_applicants
def discard(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    """Delete a draft that cannot be handed in; of an open programme it stays."""
    filling = find_filling(request, applicant, programme)
    if request.method != "POST" or not filling.closed or filling.draft is None:
        return redirect(applicant.address("apply", programme, filling.subject))
    try:
        discard_draft(filling.draft, whole_number(request.POST.get("version")))
    except ApplicationError as error:
        return closed_page(request, applicant, filling, str(error))
    messages.success(request, "草稿已删除。")
    return redirect(applicant.address("apply-index"))
