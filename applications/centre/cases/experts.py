"""The experts of a case, as staff see them: asked, awaited, in conflict, and what they gave."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.services.experts import assign_experts, experts_for, withdraw_assignment
from applications.cases.services.panels import Panel, is_at_expert_step, may_see_scores, panels
from applications.cases.services.ranking import Contest, contest_of
from applications.centre.cases.case_page import CHANGED_MEANWHILE
from applications.centre.cases.forms.experts import AssignmentForm
from portal.numbers import whole_number
from portal.scoped_admin import CHECK_BELOW

PERMISSION = "cases.assign_experts"


def experts_context(
    request: HttpRequest, application: Application, *, form: AssignmentForm | None
) -> dict[str, Any]:
    """A panel for each expert step reached; scores only for those who may see them now."""
    may_assign = (
        request.user.has_perm(PERMISSION)
        and is_at_expert_step(application)
        and application.may_be_decided_by(request.user, timezone.localdate())
    )
    return {
        "panels": [
            {
                "panel": panel,
                "shows_scores": may_see_scores(application, panel, request.user),
                "ranking": urlencode({"of": _contest(application, panel).key}),
                "is_now": panel.step == application.step and is_at_expert_step(application),
            }
            for panel in panels(application)
        ],
        "may_assign": may_assign,
        "assignment_form": (form or AssignmentForm(candidates=experts_for(application)))
        if may_assign
        else None,
    }


def _contest(application: Application, panel: Panel) -> Contest:
    programme = application.edition.programme
    return contest_of(programme, application.year, panel.title, application.call)


class ExpertPages:
    """The part of the case's admin that asks experts, and takes it back."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/experts/assign/", self.assign, "assign"),
            self.own_page(
                "<path:object_id>/experts/withdraw/",
                self.withdraw_assignment,
                "withdraw_assignment",
            ),
            *super().get_urls(),
        ]

    def _find_to_assign(self, request: HttpRequest, object_id: str) -> Application:
        application = self.find(request, object_id)
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        return application

    @method_decorator(require_POST)
    def assign(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask the chosen experts; the state that the page showed must still hold."""
        application = self._find_to_assign(request, object_id)
        form = AssignmentForm(request.POST, candidates=experts_for(application))
        if request.POST.get("seen") != str(application.version):
            message = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, problem=message, experts=form)
        if not form.is_valid():
            return self._case_page(request, application, problem=CHECK_BELOW, experts=form)
        try:
            asked = assign_experts(
                application=application,
                experts=form.cleaned_data["experts"],
                actor=request.user,
                now=timezone.now(),
            )
        except ApplicationError as error:
            application.refresh_from_db()
            return self._case_page(request, application, problem=str(error), experts=form)
        return self._back(request, application, f"已指派 {len(asked)} 位专家。")

    @method_decorator(require_POST)
    def withdraw_assignment(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """No longer ask one expert."""
        application = self._find_to_assign(request, object_id)
        number = request.POST.get("assignment", "")
        rows = application.assignments.select_related("expert")
        assignment = rows.filter(pk=whole_number(number)).first()
        if assignment is None:
            raise Http404("没有这项指派")
        try:
            withdraw_assignment(assignment=assignment, actor=request.user, now=timezone.now())
        except ApplicationError as error:
            return self._case_page(request, application, problem=str(error))
        return self._back(request, application, f"已撤销对 {assignment.expert} 的指派。")

    def _back(self, request: HttpRequest, application: Application, message: str) -> HttpResponse:
        self.message_user(request, message, messages.SUCCESS)
        return redirect(self.address_of(request, application.pk, "#experts"))
