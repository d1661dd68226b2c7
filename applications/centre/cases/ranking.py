"""The ranking page: cases by mean score, a limit of places, and deciding by it."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from applications.cases.services.errors import ApplicationError
from applications.cases.services.ranking import (
    Contest,
    Decided,
    Ranking,
    contests_of,
    decide_by_rank,
    ranking_of,
)
from applications.centre.cases.forms.ranking import RankingDecisionForm, RankingForm
from policies.catalogue.models import Call
from portal.scoped_admin import CHECK_BELOW

CHANGED = "名次或申报的状态在您打开页面之后有变化，没有办理；请看过现在的名次再办理。"
UNREADY_NOT_CONFIRMED = "还有 {count} 件没有评完；请勾选这次不排它们，或等评完再办理。"
REASON_MISSING = "请写明名额外的不予通过的理由，企业会看到。"


class RankingPages:
    """The part of the applications' admin that selects by rank."""

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("ranking/", self.ranking, "ranking"),
            self.own_page("decide-ranking/", self.decide_ranking, "decide_ranking"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"can_rank": self.has_decide_permission(request), **(extra_context or {})}
        return super().changelist_view(request, context)

    def _check_may_rank(self, request: HttpRequest) -> None:
        if not (self.has_view_permission(request) and self.has_decide_permission(request)):
            raise PermissionDenied

    @method_decorator(require_safe)
    def ranking(self, request: HttpRequest) -> HttpResponse:
        """The ranking chosen, with the line that the places draw, if any were typed."""
        self._check_may_rank(request)
        contests = {contest.key: contest for contest in contests_of(request.user)}
        form = RankingForm(request.GET.copy() if request.GET else None, contests=_choices(contests))
        if not form.is_valid():
            return self._ranking_page(request, form)
        contest, places = contests[form.cleaned_data["of"]], form.cleaned_data["places"]
        if places is None and contest.call and contest.call.places:
            form.data["places"] = places = contest.call.places
        ranking = ranking_of(contest, request.user)
        return self._ranking_page(request, form, ranking, places, call=contest.call)

    def _ranking_page(
        self,
        request: HttpRequest,
        form: RankingForm,
        ranking: Ranking | None = None,
        places: int | None = None,
        *,
        call: Call | None = None,
        decision: RankingDecisionForm | None = None,
        problem: str = "",
    ) -> HttpResponse:
        context = {
            "title": "专家评审排名",
            "form": form,
            "ranking": ranking,
            "places": places,
            "call": call,
            "decision": decision or RankingDecisionForm(contests=()),
            "problem": problem,
            **_preview(ranking, places),
        }
        status = 400 if problem or form.errors else 200
        return self.render(request, "admin/cases/application/ranking.html", context, status)

    @method_decorator(require_POST)
    def decide_ranking(self, request: HttpRequest) -> HttpResponse:
        """Recommend within the places and reject the others; what fails is named with its reason."""
        self._check_may_rank(request)
        contests = {contest.key: contest for contest in contests_of(request.user)}
        form = RankingDecisionForm(request.POST, contests=_choices(contests))
        is_valid = form.is_valid()
        if "of" in form.errors or "places" in form.errors:
            return self._ranking_page(request, form, decision=form, problem=CHECK_BELOW)
        contest, places = contests[form.cleaned_data["of"]], form.cleaned_data["places"]
        ranking = ranking_of(contest, request.user)
        try:
            problem = _problem(form, ranking) if is_valid else CHECK_BELOW
            if not problem:
                decided = decide_by_rank(
                    ranking=ranking,
                    places=places,
                    reason=form.cleaned_data["reason"],
                    actor=request.user,
                    now=timezone.now(),
                )
        except ApplicationError as error:
            problem = str(error)
        if problem:
            return self._ranking_page(
                request,
                form,
                ranking,
                places,
                call=contest.call,
                decision=form,
                problem=problem,
            )
        self._report(request, decided)
        query = urlencode({"of": contest.key, "places": places})
        return redirect(f"{reverse('admin:cases_application_ranking')}?{query}")

    def _report(self, request: HttpRequest, decided: Decided) -> None:
        for failure in decided.failures:
            self.message_user(request, failure, messages.ERROR)
        text = f"本环节通过 {decided.recommended} 件，不予通过 {decided.rejected} 件。"
        level = messages.WARNING if decided.failures else messages.SUCCESS
        self.message_user(request, text, level)


def _choices(contests: Mapping[str, Contest]) -> list[tuple[str, str]]:
    return [(key, contest.label) for key, contest in contests.items()]


def _problem(form: RankingDecisionForm, ranking: Ranking) -> str:
    """What forbids deciding by this ranking now; ApplicationError where no line can be drawn."""
    if form.cleaned_data["seen"] != ranking.fingerprint:
        return CHANGED
    _, beyond = ranking.cut(form.cleaned_data["places"])
    if beyond and not form.cleaned_data["reason"]:
        form.add_error("reason", REASON_MISSING)
        return REASON_MISSING
    if ranking.unready and not form.cleaned_data["without_unready"]:
        message = UNREADY_NOT_CONFIRMED.format(count=len(ranking.unready))
        form.add_error("without_unready", message)
        return message
    return ""


def _preview(ranking: Ranking | None, places: int | None) -> Mapping[str, Any]:
    """Who would be recommended and who rejected, or why the line cannot be drawn."""
    if ranking is None or places is None:
        return {}
    try:
        within, beyond = ranking.cut(places)
    except ApplicationError as error:
        return {"line_problem": str(error)}
    return {
        "within": {entry.application.pk for entry in within},
        "beyond": {entry.application.pk for entry in beyond},
    }
