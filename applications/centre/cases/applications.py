"""Applications in the admin: staff see their own jurisdiction, decide, and export award lists."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Subquery, prefetch_related_objects
from django.db.models.fields.json import KT
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.functional import SimpleLazyObject
from django.utils.html import format_html
from django.views.decorators.http import require_POST, require_safe

from applications.cases.models import Application, CalendarDay, Correction
from applications.cases.services.corrections import close_unanswered
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import decide, request_correction
from applications.cases.services.review_requests import request_of
from applications.cases.workflow import WITH_STAFF, Action, Status
from applications.cases.working_days import CalendarUnknownError
from applications.centre.cases.assignees import (
    AssigneePages,
    assignee_context,
    covers_today,
    holder_in_words,
)
from applications.centre.cases.case_page import CHANGED_MEANWHILE, case_context
from applications.centre.cases.conversation import conversation_of, write_case_note
from applications.centre.cases.examples import ExamplePages
from applications.centre.cases.experts import ExpertPages, experts_context
from applications.centre.cases.file_search import FilesFound
from applications.centre.cases.findings import FindingPages, checklist_context
from applications.centre.cases.forms.review import DecisionForm
from applications.centre.cases.many import ManyCases
from applications.centre.cases.paper_pages import PaperPages
from applications.centre.cases.queue import STAYS, QueuePages
from applications.centre.cases.ranking import RankingPages
from applications.centre.cases.review_requests import ReviewRequestPages, review_context
from applications.centre.cases.transfer import TransferPages, transfer_context
from applications.centre.exports.applications import APPLICATIONS
from applications.centre.exports.pages import ListPage, ListPages
from applications.centre.figures.filters import CountedCases
from applications.centre.filters import (
    ApplicationYearFilter,
    CallFilter,
    CorrectionFilter,
    CountyFilter,
    DueFilter,
    ProgrammeFilter,
    QueueFilter,
    ReviewFilter,
    StepFilter,
    VerdictFilter,
)
from applications.centre.long_lists import CREDIT_CODE, NUMBER_BEGINS, LongList
from applications.centre.notices.case_actions import NoticeActions
from applications.centre.saved_filters import SavedFilters
from policies.catalogue.current import Catalogue
from policies.presentation.words import VERDICTS
from portal.quick_lists import QuickList
from portal.read_only_admin import ReadOnlyAdmin

# What a level above may have decided, by a document of its own.
OUTCOMES = (Action.RECOMMEND, Action.REJECT)


def waited_column() -> Any:
    """How long each case has been at its step, by the calendar read once for the list."""
    calendar: Any = SimpleLazyObject(CalendarDay.objects.calendar)
    today = timezone.localdate()

    @cache
    def days_since(arrived: date) -> int:
        return calendar.working_days_between(arrived, today)

    @admin.display(description="本环节时间", ordering="arrived_at")
    def waited(application: Application) -> str:
        if application.status == Status.RETURNED:
            return _correction_in_words(application.due_on, today)
        if application.status not in WITH_STAFF:
            return "—"
        arrived = timezone.localdate(application.arrived_at)
        try:
            days = days_since(arrived)
        except CalendarUnknownError:
            return f"{arrived:%Y-%m-%d} 到"
        limit = application.current_step.working_days
        if limit is None:
            return f"已等 {days} 个工作日"
        left = limit - days
        return f"剩 {left} 个工作日" if left >= 0 else f"超期 {-left} 个工作日"

    return waited


def state_column() -> Any:
    """The status, while it is reviewed at which step, and with whom; today's covers read once."""
    covers = covers_today()

    @admin.display(description="状态", ordering="status")
    def state(application: Application) -> str:
        label = application.get_status_display()
        if application.status == Status.IN_REVIEW:
            label = f"{label} · {application.current_step.title}"
        elif (review := request_of(application)) and review.is_waiting:
            label = f"{label} · 企业申请复核"
        holder = holder_in_words(application, covers, is_held=application.held)
        if not holder:
            return label
        return format_html('{}<br><small class="quiet">{}</small>', label, holder)

    return state


def _correction_in_words(due_on: date | None, today: date) -> str:
    """Until when the firm may correct, or since when it is late."""
    if due_on is None:
        return "补正截止日未定"
    if due_on < today:
        return f"补正逾期，{due_on} 截止"
    return f"补正到 {due_on}"


class CaseList(QuickList):
    """Reads of what was answered and judged, which is large, the verdict only."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown = self.result_list.with_held().annotate(verdict=KT("assessment__verdict"))
        self.result_list = shown.defer("answers", "assessment")


@admin.register(Application)
class ApplicationAdmin(
    QueuePages,
    ManyCases,
    AssigneePages,
    ReviewRequestPages,
    TransferPages,
    ExamplePages,
    FindingPages,
    ExpertPages,
    RankingPages,
    PaperPages,
    ListPages,
    NoticeActions,
    SavedFilters,
    LongList,
    FilesFound,
    ReadOnlyAdmin,
):
    list_filter = [
        CountedCases,
        QueueFilter,
        "status",
        StepFilter,
        DueFilter,
        CorrectionFilter,
        ReviewFilter,
        VerdictFilter,
        ("county", CountyFilter),
        ("edition__programme", ProgrammeFilter),
        ("call", CallFilter),
        ApplicationYearFilter,
        "submitted_at",
    ]
    codes = {NUMBER_BEGINS: "number__startswith", CREDIT_CODE: "enterprise__credit_code"}
    search_fields = [
        "number",
        "enterprise_name",
        "enterprise__name",
        "enterprise__credit_code",
        "subject",
        "contact_name",
        "contact_telephone",
        "edition__programme__name",
    ]
    search_help_text = "编号、企业、信用代码、项目或基地、申报项目、联系人、电话、材料或文件名"
    actions = [
        "accept_selected",
        "recommend_selected",
        "add_to_notice",
        "record_recognition",
        "assign_selected",
        "unassign_selected",
        "pack_selected",
    ]
    list_pages = [ListPage(APPLICATIONS, "导出申报名单")]
    # The oldest at its step first: that is what a queue is.
    ordering = ["arrived_at", "pk"]

    def get_queryset(self, request: HttpRequest) -> Any:
        asked = Correction.objects.filter(application=OuterRef("pk"), answered_at=None)
        visible = Application.objects.visible_to(request.user)
        return (
            visible.annotate(due_on=Subquery(asked.values("due_on")[:1]))
            .select_related(
                "enterprise", "county", "edition__programme", "call", "assignee", "review_request"
            )
            .prefetch_related("edition__steps")
        )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[QuickList]:
        return getattr(request, "changelist", CaseList)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["number", "firm", "programme", "county", state_column(), "verdict", waited_column()]

    @admin.display(description="企业", ordering="enterprise_name")
    def firm(self, application: Application) -> str:
        return format_html(
            '{}<br><small class="quiet">{}</small>',
            application.enterprise_name,
            application.enterprise.credit_code,
        )

    @admin.display(description="申报项目", ordering="edition__programme__name")
    def programme(self, application: Application) -> str:
        """With the call that it was handed in by, where it was by one."""
        name = application.edition.programme.name
        if application.call is None:
            return name
        return format_html('{}<br><small class="quiet">{}</small>', name, application.call)

    @admin.display(description="测算结论")
    def verdict(self, application: Application) -> str:
        return VERDICTS[application.verdict]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("cases.decide_application")

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/decide/", self.decide, "decide"),
            self.own_page("<path:object_id>/note/", self.write_note, "note"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The case: what the firm said, judged clause by clause, and what can be done."""
        return self._case_page(request, self.find(request, object_id))

    def _case_page(
        self,
        request: HttpRequest,
        application: Application,
        form: DecisionForm | None = None,
        problem: str = "",
        note: str = "",
        **other_forms: Any,
    ) -> HttpResponse:
        """The page of one case; `other_forms` are those that come back with their errors."""
        known = Catalogue()
        may_decide = self.has_decide_permission(request)
        # To choose from, and to read.
        prefetch_related_objects([application], "edition__materials")
        context = {
            "title": f"申报 {application.number}",
            "problem": problem,
            **case_context(
                request,
                application,
                known,
                may_decide=may_decide,
                form=form or self._decision_form(None, application, known),
            ),
            "can_write": may_decide,
            "note": note,
            **conversation_of(application),
            **checklist_context(
                request, application, may_decide=may_decide, form=other_forms.get("findings")
            ),
            **experts_context(request, application, form=other_forms.get("experts")),
            **assignee_context(
                request, application, may_decide=may_decide, form=other_forms.get("assignee")
            ),
            **review_context(
                request, application, may_decide=may_decide, form=other_forms.get("review")
            ),
            **transfer_context(
                request, application, may_decide=may_decide, form=other_forms.get("transfer")
            ),
            "waited": waited_column()(application),
        }
        return self.render(request, "admin/cases/application/case.html", context)

    def _decision_form(self, data: Any, application: Application, known: Catalogue) -> DecisionForm:
        today = timezone.localdate()
        return DecisionForm(data, application=application, facts=known.facts, today=today)

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """One action of staff on the case; the state that its page showed must still hold."""
        application = self.find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        form = self._decision_form(request.POST, application, Catalogue())
        if request.POST.get("seen") != str(application.version):
            message = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, form, message)
        if not form.is_valid():
            message = "；".join(text for texts in form.errors.values() for text in texts)
            return self._case_page(request, application, form, message)
        action = form.cleaned_data["action"]
        following = [] if action in STAYS else self.queue_of(request).after(application.pk)
        try:
            _act(application, request.user, form.cleaned_data)
        except ApplicationError as error:
            application.refresh_from_db()
            return self._case_page(request, application, form, str(error))
        if action not in STAYS:
            return self.on_to_next(request, application, action.label, following)
        self.message_user(request, f"{application.number}：{action.label}。", messages.SUCCESS)
        return redirect(self.address_of(request, application.pk))

    @method_decorator(require_POST)
    def write_note(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Write to the firm; an empty note comes back with what is wrong."""
        application = self.find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        if problem := write_case_note(request, application):
            note = request.POST.get("text", "")
            return self._case_page(request, application, problem=problem, note=note)
        self.message_user(request, "留言已发送。", messages.SUCCESS)
        return redirect(self.address_of(request, application.pk))


def _act(application: Application, actor: Any, data: Mapping[str, Any]) -> None:
    action, now = data["action"], timezone.now()
    if action is Action.RETURN:
        request_correction(
            application=application,
            actor=actor,
            facts=data["facts"],
            materials=data["materials"],
            reason=data["opinion"],
            now=now,
            working_days=data["working_days"],
        )
        return
    if action is Action.LAPSE:
        close_unanswered(application=application, actor=actor, reason=data["opinion"], now=now)
        return
    details = None
    if action is Action.VISIT:
        details = {"visited_on": data["visited_on"].isoformat()}
    elif action in OUTCOMES and data.get("document_number"):
        details = {"document_number": data["document_number"]}
    decide(
        application=application,
        action=action,
        actor=actor,
        opinion=data["opinion"],
        now=now,
        details=details,
    )
