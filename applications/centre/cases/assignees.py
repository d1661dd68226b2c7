"""Who of the office has a case: said, changed from its page, and for many from the list."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_POST

from applications.cases.models import Application, Cover
from applications.cases.models.application import desk_of_user, is_above_all
from applications.cases.reviewers import name_of
from applications.cases.services.assignment import assign, colleagues_for, unassign, why_not_held
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import NOT_YOUR_LEVEL
from applications.cases.workflow import OPEN, WITHIN_THE_OFFICE
from applications.centre.cases.case_page import CHANGED_MEANWHILE
from applications.centre.cases.forms.assignee import AssigneeForm
from applications.centre.cases.many import MOST, TOO_MANY, act_on_each, act_on_seen
from portal.scoped_admin import CHECK_BELOW

NO_CHANGE = "没有改动：经办人还是原来的。"
NO_COLLEAGUES = "所选的申报没有一件能由您分配：要是本级正在办理的申报，本级也要有审核员。"
NOTHING_ASSIGNED = "所选的申报里，没有一件取消了分配。"
NOT_UNDER_WAY = "“{status}”的申报不用分配。"


def covers_today() -> Mapping[int, Cover]:
    """Today's covers by who is away; read when the first case asks."""
    rows = Cover.objects.on(timezone.localdate()).working().select_related("person", "substitute")
    return SimpleLazyObject(lambda: {cover.person_id: cover for cover in rows})


def holder_in_words(application: Application, covers: Mapping[int, Cover], *, is_held: bool) -> str:
    """Who has a case and who stands in for them, or why who had it does not any more;
    empty where nobody does.
    """
    assignee = application.assignee
    if assignee is None:
        return ""
    if is_held and (cover := covers.get(assignee.pk)):
        until = f"{cover.last:%Y年%-m月%-d日}"
        return f"{name_of(assignee)}（{name_of(cover.substitute)}代办，至{until}）"
    if is_held:
        return name_of(assignee)
    return f"没有人经办：原由{name_of(assignee)}办理，{why_not_held(assignee)}"


def assignee_context(
    request: HttpRequest,
    application: Application,
    *,
    may_decide: bool,
    form: AssigneeForm | None,
) -> dict[str, Any]:
    """Who has the case, since when and why; the form only for those who may change that."""
    may_assign = may_decide and application.status in OPEN and application.lies_with(request.user)
    is_held, newest, covers = application.is_held, None, covers_today()
    stead = covers.get(application.assignee_id) if application.assignee_id else None
    if application.assignee_id is not None:
        # What is told of earlier assignments stands in the record.
        newest = application.events.filter(action__in=("assign", "take_over")).last()
    return {
        "holder": holder_in_words(application, covers, is_held=is_held),
        "is_held": is_held,
        "stead": stead if stead and stead.substitute_id == request.user.pk else None,
        "assigned": newest if newest and newest.action in WITHIN_THE_OFFICE else None,
        "assignee_form": (form or _form(application, is_held=is_held)) if may_assign else None,
    }


def _form(application: Application, data: Any = None, *, is_held: bool = False) -> AssigneeForm:
    return AssigneeForm(
        data,
        colleagues=colleagues_for([application]),
        assignee=application.assignee if is_held else None,
        nobody=True,
    )


def _refusals(cases: Sequence[Application], user: Any) -> dict[int, str]:
    """Of each case, by row, why the user cannot assign it as it is, or nothing."""
    desk = desk_of_user(user)
    told = {}
    for case in cases:
        if case.status not in OPEN:
            told[case.pk] = NOT_UNDER_WAY.format(status=case.get_status_display())
        elif case.desk != desk and not is_above_all(user):
            told[case.pk] = NOT_YOUR_LEVEL.format(desk=case.get_desk_display())
        else:
            told[case.pk] = ""
    return told


class AssigneePages:
    """The part of the case's admin that says who of the office has it."""

    def get_urls(self) -> list[Any]:
        own = self.own_page("<path:object_id>/assignee/", self.change_assignee, "assignee")
        return [own, *super().get_urls()]

    @method_decorator(require_POST)
    def change_assignee(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Give the case to a colleague, or to nobody; the state that the page showed must still hold."""
        application = self.find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = _form(application, request.POST)
        if request.POST.get("seen") != str(application.version):
            message = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, problem=message, assignee=form)
        if not form.is_valid():
            return self._case_page(request, application, problem=CHECK_BELOW, assignee=form)
        chosen, reason = form.cleaned_data["colleague"], form.cleaned_data["reason"]
        told, actor, now = NO_CHANGE, request.user, timezone.now()
        try:
            if chosen is None and application.assignee_id is not None:
                unassign(application=application, actor=actor, reason=reason, now=now)
                told = f"{application.number}：已取消分配。"
            elif chosen is not None and chosen.pk != application.assignee_id:
                assign(
                    application=application, assignee=chosen, actor=actor, reason=reason, now=now
                )
                told = f"{application.number}：已分给{name_of(chosen)}。"
        except ApplicationError as error:
            fresh = self.find(request, object_id)
            return self._case_page(request, fresh, problem=str(error), assignee=form)
        self.message_user(request, told, messages.SUCCESS)
        return redirect(self.address_of(request, application.pk))

    @admin.action(description="分配所选申报", permissions=["decide"])
    def assign_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        cases = list(queryset.with_held()[: MOST + 1])
        if len(cases) > MOST:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return None
        refusals = _refusals(cases, request.user)
        possible = [case for case in cases if not refusals[case.pk]]
        colleagues = colleagues_for(possible)
        if not possible or not colleagues.exists():
            self.message_user(request, NO_COLLEAGUES, messages.ERROR)
            return None
        is_confirmed = "confirmed" in request.POST
        form = AssigneeForm(
            request.POST if is_confirmed else None, colleagues=colleagues, nobody=False
        )
        if is_confirmed and form.is_valid():
            self._assign_each(request, cases, form)
            return None
        covers = covers_today()
        context = {
            "title": f"分配 {len(cases)} 件",
            "problem": CHECK_BELOW if is_confirmed else "",
            "rows": [
                {
                    "case": case,
                    "refusal": refusals[case.pk],
                    "holder": holder_in_words(case, covers, is_held=case.held),
                }
                for case in cases
            ],
            "form": form,
            "name": request.POST["action"],
            "ticked": ACTION_CHECKBOX_NAME,
        }
        return self.render(request, "admin/cases/application/assign.html", context)

    @admin.action(description="取消所选申报的分配", permissions=["decide"])
    def unassign_selected(self, request: HttpRequest, queryset: Any) -> None:
        """Leave each to its whole desk; of those that nobody has nothing is said."""
        cases = list(queryset.exclude(assignee=None)[: MOST + 1])
        if len(cases) > MOST:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return
        done = act_on_each(
            self,
            request,
            cases,
            lambda case: unassign(
                application=case, actor=request.user, reason="", now=timezone.now()
            ),
        )
        told = f"已取消 {done} 件的分配。" if done else NOTHING_ASSIGNED
        self.message_user(request, told, messages.SUCCESS if done else messages.WARNING)

    def _assign_each(
        self, request: HttpRequest, cases: Sequence[Application], form: AssigneeForm
    ) -> None:
        colleague = form.cleaned_data["colleague"]
        done = act_on_seen(
            self,
            request,
            cases,
            lambda case: assign(
                application=case,
                assignee=colleague,
                actor=request.user,
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            ),
        )
        if done:
            self.message_user(
                request, f"已把 {done} 件分给{name_of(colleague)}。", messages.SUCCESS
            )
