"""The experts' own pages: what waits for them, the case without contacts, and their answer."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from applications.cases.models import Application, ExpertAssignment
from applications.cases.services.errors import ApplicationError
from applications.cases.services.experts import declare_conflict, score_application
from applications.cases.services.panels import panel_of
from applications.cases.submitted import answers_in_words
from applications.centre.cases.case_page import with_proofs
from applications.centre.cases.forms.experts import ConflictForm, ScoreForm
from applications.centre.cases.proofs import Proofs
from applications.centre.filters import ScoreFilter
from policies.catalogue.current import Catalogue
from policies.presentation.programme import Guide, programme_row
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW

PERMISSION = "cases.score_application"
SCORED = "{number}：评分已记下，不能再改。"
CONFLICT_DECLARED = "{number}：已声明回避，经办人会另请专家；您不再看到这件申报。"


@admin.register(ExpertAssignment)
class ExpertAssignmentAdmin(ReadOnlyAdmin):
    list_display = ["number", "enterprise_name", "programme", "county", "step_title", "state", "assigned_at"]  # fmt: skip
    list_filter = [ScoreFilter]
    list_per_page = 50
    search_fields = ["application__number", "application__enterprise_name", "application__subject"]
    search_help_text = "编号、企业、项目或基地"
    # The oldest first: that is what a queue is.
    ordering = ["assigned_at", "pk"]
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = ExpertAssignment.objects.open_to(request.user).select_related(
            "application__county", "application__edition__programme", "application__call", "score"
        )
        return rows.defer("application__answers", "application__assessment")

    @admin.display(description="申报编号", ordering="application__number")
    def number(self, assignment: ExpertAssignment) -> str:
        return assignment.application.number

    @admin.display(description="企业", ordering="application__enterprise_name")
    def enterprise_name(self, assignment: ExpertAssignment) -> str:
        return assignment.application.enterprise_name

    @admin.display(description="申报项目", ordering="application__edition__programme__name")
    def programme(self, assignment: ExpertAssignment) -> str:
        return assignment.application.edition.programme.name

    @admin.display(description="县（市、区）", ordering="application__county")
    def county(self, assignment: ExpertAssignment) -> str:
        return assignment.application.county.name

    @admin.display(description="状态")
    def state(self, assignment: ExpertAssignment) -> str:
        if own_score := getattr(assignment, "score", None):
            return f"已评 {own_score.points} 分"
        return "待评" if assignment.waits_for_score else "环节已结束或正在补正"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/score/", self.score, "score"),
            self.own_page("<path:object_id>/conflict/", self.declare_conflict, "conflict"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": "待我评审", **(extra_context or {})})

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The case as an expert needs it, and the forms of their answer."""
        return self._page(request, self.find(request, object_id))

    def _page(
        self,
        request: HttpRequest,
        assignment: ExpertAssignment,
        problem: str = "",
        score_form: ScoreForm | None = None,
        conflict_form: ConflictForm | None = None,
    ) -> HttpResponse:
        application = assignment.application
        context = {
            "title": f"评审 {application.number}",
            "problem": problem,
            "assignment": assignment,
            "application": application,
            "score_form": score_form or ScoreForm(),
            "conflict_form": conflict_form or ConflictForm(),
            "others": _other_scores(assignment),
            **_case_for_expert(application),
        }
        return self.render(request, "admin/cases/expertassignment/page.html", context)

    @method_decorator(require_POST)
    def score(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Keep the expert's score; it cannot be changed afterwards."""
        assignment = self.find(request, object_id)
        form = ScoreForm(request.POST)
        if not form.is_valid():
            return self._page(request, assignment, CHECK_BELOW, score_form=form)
        try:
            score_application(
                assignment=assignment,
                points=form.cleaned_data["points"],
                reason=form.cleaned_data["reason"],
                now=timezone.now(),
            )
        except ApplicationError as error:
            assignment = self.find(request, object_id)
            return self._page(request, assignment, str(error), score_form=form)
        return self._back(request, assignment, SCORED)

    @method_decorator(require_POST)
    def declare_conflict(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The expert withdraws from a case whose firm they have ties with."""
        assignment = self.find(request, object_id)
        form = ConflictForm(request.POST)
        if not form.is_valid():
            return self._page(request, assignment, CHECK_BELOW, conflict_form=form)
        try:
            declare_conflict(
                assignment=assignment,
                reason=form.cleaned_data["conflict_reason"],
                now=timezone.now(),
            )
        except ApplicationError as error:
            assignment = self.find(request, object_id)
            return self._page(request, assignment, str(error), conflict_form=form)
        return self._back(request, assignment, CONFLICT_DECLARED)

    def _back(
        self, request: HttpRequest, assignment: ExpertAssignment, message: str
    ) -> HttpResponse:
        text = message.format(number=assignment.application.number)
        self.message_user(request, text, messages.SUCCESS)
        return redirect("admin:cases_expertassignment_changelist")


def _case_for_expert(application: Application) -> Mapping[str, Any]:
    """What is needed to judge: answers, assessment and what to hand in; no contacts."""
    known = Catalogue()
    edition = application.edition
    guide = Guide(materials=list(application.materials), steps=edition.steps.all())
    attachments = list(application.attachments.select_related("material", "library_file"))
    return {
        "attachments": attachments,
        **with_proofs(
            programme_row(application.assessment, known.vocabulary, guide),
            answers_in_words(application.answers, known.facts, application.year),
            Proofs(known.rules_of(edition), guide.materials, attachments),
        ),
    }


def _other_scores(assignment: ExpertAssignment) -> list[Any]:
    """What the other experts gave, without names; nothing until one's own is in."""
    if getattr(assignment, "score", None) is None:
        return []
    rows = assignment.application.assignments.select_related("score")
    panel = panel_of(assignment.step, assignment.step_title, rows)
    return [score for score in panel.scores if score.pk != assignment.score.pk]
