"""A firm's request for review on the page of its case, and the answer of another person."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from applications.cases.models import Application
from applications.cases.reviewers import name_of
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review_requests import (
    answer_review,
    answerers,
    may_answer,
    request_of,
)
from applications.centre.cases.case_page import CHANGED_MEANWHILE
from applications.centre.cases.forms.review_request import ReviewAnswerForm
from portal.scoped_admin import CHECK_BELOW

LEFT_TO_OTHERS = "要由没有办理、判断或评审过这件申报的人答复，本单位可以答复的：{names}。"
LEFT_TO_ABOVE = "本单位没有别人可以答复，由上一级答复，可以答复的：{names}。"
NOBODY = (
    "现在没有人可以答复：本单位和上一级的审核员都办理、判断或评审过这件申报，或者还没有审核员。"
)


def review_context(
    request: HttpRequest,
    application: Application,
    *,
    may_decide: bool,
    form: ReviewAnswerForm | None,
) -> dict[str, Any]:
    """The request and its answer; while it waits the form for those who may, and else who may."""
    review = request_of(application)
    if review is None or not review.is_waiting:
        return {"review": review}
    able = answerers(application)
    may = may_decide and may_answer(application, request.user, able)
    return {
        "review": review,
        "review_form": (form or ReviewAnswerForm()) if may else None,
        "review_hint": "" if may else _who_may(application, able),
        # Their answer is a decision of the county's step, and nobody decides for both levels.
        "review_from_above": may and not application.lies_with(request.user),
    }


def _who_may(application: Application, able: list[Any]) -> str:
    if not able:
        return NOBODY
    is_own = any(application.lies_with(user) for user in able[:1])
    told = LEFT_TO_OTHERS if is_own else LEFT_TO_ABOVE
    return told.format(names="、".join(name_of(user) for user in able))


class ReviewRequestPages:
    """The part of the case's admin that answers requests for review."""

    def get_urls(self) -> list[Any]:
        own = self.own_page("<path:object_id>/review/", self.answer_review, "review")
        return [own, *super().get_urls()]

    @method_decorator(require_POST)
    def answer_review(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Uphold or reopen; the state that the page showed must still hold."""
        application = self.find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = ReviewAnswerForm(request.POST)
        if request.POST.get("seen") != str(application.version):
            told = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, problem=told, review=form)
        if not form.is_valid():
            return self._case_page(request, application, problem=CHECK_BELOW, review=form)
        try:
            answer_review(
                application=application,
                outcome=form.cleaned_data["outcome"],
                actor=request.user,
                reason=form.cleaned_data["answer"],
                now=timezone.now(),
            )
        except ApplicationError as error:
            application = self.find(request, object_id)
            return self._case_page(request, application, problem=str(error), review=form)
        self.message_user(request, f"{application.number}：已答复复核申请。", messages.SUCCESS)
        return redirect(self.address_of(request, application.pk))
