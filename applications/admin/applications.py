"""Applications in the admin: staff see their own jurisdiction, decide, and export award lists."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST, require_safe

from applications.admin.notices import NoticeActions
from applications.admin.read_only import ReadOnlyAdmin
from applications.award_list import COLUMNS, award_lines
from applications.models import Application
from applications.services import DECISIONS, ApplicationError, accept_application
from applications.workflow import Action, Status
from policies.catalogue import Catalogue
from policies.models import Jurisdiction
from policies.presentation import Guide, programme_row
from portal.spreadsheets import csv_response

CHANGED_MEANWHILE = "这件申报现在是“{status}”，在您打开页面之后已被他人处理；您的操作没有生效。"


@admin.register(Application)
class ApplicationAdmin(NoticeActions, ReadOnlyAdmin):
    list_display = [
        "number",
        "enterprise_name",
        "credit_code",
        "programme",
        "county",
        "status",
        "submitted_at",
    ]
    list_filter = [
        "status",
        ("county", admin.RelatedOnlyFieldListFilter),
        ("edition__programme", admin.RelatedOnlyFieldListFilter),
        "year",
    ]
    list_per_page = 50
    search_fields = ["number", "enterprise_name", "enterprise__credit_code", "subject"]
    search_help_text = "编号、企业、信用代码、项目或基地"
    date_hierarchy = "submitted_at"
    actions = ["accept_selected", "add_to_notice"]

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Application.objects.visible_to(request.user)
        return visible.select_related("enterprise", "county", "edition__programme")

    @admin.display(description="统一社会信用代码", ordering="enterprise__credit_code")
    def credit_code(self, application: Application) -> str:
        return application.enterprise.credit_code

    @admin.display(description="申报项目", ordering="edition__programme__name")
    def programme(self, application: Application) -> str:
        return application.edition.programme.name

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("applications.decide_application")

    def has_export_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("applications.export_awards")

    def get_urls(self) -> list[Any]:
        protect = self.admin_site.admin_view
        return [
            path(
                "award-list/",
                protect(self.award_list),
                name="applications_application_award_list",
            ),
            path(
                "<path:object_id>/decide/",
                protect(self.decide),
                name="applications_application_decide",
            ),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {
            "can_export": self.has_export_permission(request),
            "query": request.GET.urlencode(),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: Any = None,
    ) -> HttpResponse:
        """The case: what the firm said, judged clause by clause, and what can be done."""
        return self._case_page(request, self._find(request, object_id))

    def _find(self, request: HttpRequest, object_id: str) -> Application:
        """The application within the user's scope; strangers get 404."""
        application = self.get_object(request, unquote(object_id))
        if application is None:
            raise Http404("没有这件申报")
        if not self.has_view_permission(request, application):
            raise PermissionDenied
        return application

    def _case_page(
        self,
        request: HttpRequest,
        application: Application,
        problem: str = "",
        opinion: str = "",
    ) -> HttpResponse:
        known = Catalogue()
        others = (
            Application.objects.visible_to(request.user)
            .filter(enterprise=application.enterprise_id)
            .exclude(pk=application.pk)
            .select_related("edition__programme")
            .defer("answers", "assessment")
        )
        guide = Guide(
            materials=application.edition.materials.all(), steps=application.edition.steps.all()
        )
        context = {
            **self.admin_site.each_context(request),
            "title": f"申报 {application.number}",
            "opts": self.opts,
            "application": application,
            "row": programme_row(application.assessment, known.vocabulary, guide, application.on),
            "answers": _answers_in_words(application, known.facts),
            "events": application.events.select_related("actor"),
            "others": others,
            "actions": application.possible_actions if self.has_decide_permission(request) else (),
            "problem": problem,
            "opinion": opinion,
        }
        status = 400 if problem else 200
        template = "admin/applications/application/case.html"
        return TemplateResponse(request, template, context, status=status)

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Accept, reject or reopen; the page's own status must still hold."""
        application = self._find(request, object_id)
        if not self.has_decide_permission(request):
            raise PermissionDenied
        opinion = request.POST.get("opinion", "")
        try:
            act = DECISIONS[Action(request.POST.get("action", ""))]
        except (KeyError, ValueError):
            return self._case_page(request, application, "没有这种操作，请重新选择。", opinion)
        if request.POST.get("seen") != application.status:
            message = CHANGED_MEANWHILE.format(status=application.get_status_display())
            return self._case_page(request, application, message, opinion)
        try:
            act(
                application=application,
                actor=request.user,
                opinion=opinion,
                now=timezone.now(),
            )
        except ApplicationError as error:
            application.refresh_from_db()
            return self._case_page(request, application, str(error), opinion)
        label = Status(application.status).label
        self.message_user(request, f"{application.number}：{label}。", messages.SUCCESS)
        return redirect("admin:applications_application_change", application.pk)

    @admin.action(description="审核通过所选申报", permissions=["decide"])
    def accept_selected(self, request: HttpRequest, queryset: Any) -> None:
        """Accept each; what fails is named with its reason, the others go through."""
        accepted = 0
        for application in queryset:
            try:
                accept_application(application=application, actor=request.user, now=timezone.now())
            except ApplicationError as error:
                self.message_user(request, f"{application.number}：{error}", messages.ERROR)
            else:
                accepted += 1
        if accepted:
            self.message_user(request, f"已审核通过 {accepted} 件。", messages.SUCCESS)

    @method_decorator(require_safe)
    def award_list(self, request: HttpRequest) -> HttpResponse:
        """The accepted applications of the list as it is filtered now, as CSV."""
        if not (self.has_view_permission(request) and self.has_export_permission(request)):
            raise PermissionDenied
        listed = self.get_changelist_instance(request).get_queryset(request)
        accepted = listed.accepted().order_by("county", "number")
        payers = dict(Jurisdiction.objects.values_list("code", "name"))
        name = f"奖补名单-{timezone.localdate():%Y%m%d}.csv"
        lines = award_lines(accepted.iterator(chunk_size=200), payers)
        return csv_response(name, COLUMNS, lines)


def _answers_in_words(application: Application, facts: Any) -> list[tuple[str, str]]:
    """What the firm filled in: label and value, in the order of the questionnaire."""
    answers = application.answers
    known = [(fact.label, fact.show(answers[key])) for key, fact in facts.items() if key in answers]
    return known + [(key, str(answers[key])) for key in answers if key not in facts]
