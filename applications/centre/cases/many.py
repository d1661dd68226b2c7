"""Passing many cases at once: each with what to look at, before anything is done."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import NOT_POSSIBLE, decide
from applications.cases.workflow import Action
from applications.centre.cases.case_page import CHANGED_MEANWHILE
from applications.centre.cases.warnings import warnings_of
from policies.catalogue.current import Catalogue

MOST = 200
TOO_MANY = f"一次最多办理 {MOST} 件，您选的不止这些；请先筛选或分几次选。"

GONE = "{count} 件在您看的时候已经办理，或不再在这个名单里，没有动。"


def act_on_each(
    model_admin: Any,
    request: HttpRequest,
    cases: Iterable[Application],
    act: Callable[[Application], Any],
) -> int:
    """How many were done; what fails is named with its reason, the others go through."""
    done = 0
    for case in cases:
        try:
            act(case)
        except ApplicationError as error:
            model_admin.message_user(request, f"{case.number}：{error}", messages.ERROR)
        else:
            done += 1
    return done


def act_on_seen(
    model_admin: Any,
    request: HttpRequest,
    cases: Sequence[Application],
    act: Callable[[Application], Any],
) -> int:
    """The same for those that stand as the page before showed them; of the others it is said why not."""
    gone = len(set(request.POST.getlist(ACTION_CHECKBOX_NAME))) - len(cases)
    if gone > 0:
        model_admin.message_user(request, GONE.format(count=gone), messages.WARNING)

    def act_if_seen(case: Application) -> None:
        if request.POST.get(f"seen_{case.pk}") != str(case.version):
            raise ApplicationError(CHANGED_MEANWHILE.format(status=case.get_status_display()))
        act(case)

    return act_on_each(model_admin, request, cases, act_if_seen)


class ManyCases:
    """The part of the case's admin that does the same to several cases.

    What should be looked at first is left out unless it is ticked.
    """

    @admin.action(description="受理所选申报", permissions=["decide"])
    def accept_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._ask_or_do(request, queryset, Action.ACCEPT)

    @admin.action(description="所选申报本环节通过", permissions=["decide"])
    def recommend_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        return self._ask_or_do(request, queryset, Action.RECOMMEND)

    def _ask_or_do(
        self, request: HttpRequest, queryset: Any, action: Action
    ) -> HttpResponse | None:
        papers = ("edition__materials", "call__materials")
        cases = list(queryset.prefetch_related(*papers, "findings")[: MOST + 1])
        if len(cases) > MOST:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return None
        if "confirmed" in request.POST:
            self._decide_each(request, cases, action)
            return None
        return self._ask(request, cases, action)

    def _ask(
        self, request: HttpRequest, cases: Sequence[Application], action: Action
    ) -> HttpResponse:
        facts, today = Catalogue().facts, timezone.localdate()
        warnings = warnings_of(cases, request.user, facts, today)
        rows = [
            {
                "case": case,
                "refusal": _refusal(case, action),
                "warnings": warnings[case.pk],
            }
            for case in cases
        ]
        context = {
            "title": f"{action.label} {len(cases)} 件",
            "action": action,
            "rows": rows,
            "left_out": sum(bool(row["refusal"] or row["warnings"]) for row in rows),
            "name": request.POST["action"],
            "ticked": ACTION_CHECKBOX_NAME,
        }
        return self.render(request, "admin/cases/application/many.html", context)

    def _decide_each(
        self, request: HttpRequest, cases: Sequence[Application], action: Action
    ) -> None:
        done = act_on_seen(
            self,
            request,
            cases,
            lambda case: decide(
                application=case, action=action, actor=request.user, now=timezone.now()
            ),
        )
        if done:
            self.message_user(request, f"{action.label} {done} 件。", messages.SUCCESS)


def _refusal(case: Application, action: Action) -> str:
    """Why it cannot be done in the status that the case has, or nothing."""
    if any(transition.action is action for transition in case.possible_actions):
        return ""
    return NOT_POSSIBLE.format(status=case.get_status_display(), action=action.label)
