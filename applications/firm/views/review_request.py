"""A firm whose case was rejected asks another person to look at it once more."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from applications.cases.services.errors import ApplicationError
from applications.cases.services.review_requests import (
    ask_for_review,
    request_of,
    review_term,
)
from applications.firm.forms.review_request import ReviewRequestForm
from applications.firm.views.case import find_case
from portal.public_pages import private


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@private
def ask(request: HttpRequest, reference: UUID) -> HttpResponse:
    """What a review is and until when, then the reason; where none can be asked for, why."""
    application, now = find_case(request, reference), timezone.now()
    form = ReviewRequestForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            ask_for_review(
                application=application,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                now=now,
            )
        except ApplicationError as error:
            problem, application = str(error), find_case(request, reference)
        else:
            messages.success(request, "复核申请已提交，答复后会通知您。")
            return redirect("firm:case", application.reference)
    context = {
        "application": application,
        "review": request_of(application),
        "term": review_term(application, timezone.localdate(now)),
        "form": form,
        "problem": problem,
    }
    status = 400 if problem or form.errors else 200
    return render(request, "firm/review_request.html", context, status=status)
