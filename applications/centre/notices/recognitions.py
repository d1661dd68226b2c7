"""Recognitions in the admin: the documents, the cases they recognise and the titles they bring."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html_join
from django.views.decorators.http import require_http_methods

from applications.cases.models import Application
from applications.centre.notices.case_actions import MOST_CASES, PERMISSION
from applications.centre.notices.forms import RecognitionForm
from applications.centre.notices.revocations import RevocationEntry
from applications.notices.models import Recognition, RecognitionLine
from applications.notices.services.errors import NoticeError
from applications.notices.services.recognitions import recognise
from portal.numbers import whole_number
from portal.scoped_admin import CHECK_BELOW


@admin.register(Recognition)
class RecognitionAdmin(RevocationEntry):
    list_display = ["document_number", "on", "programme", "jurisdiction", "notice"]
    list_filter = [("programme", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["programme", "jurisdiction", "notice"]
    search_fields = ["document_number", "lines__application__enterprise_name"]
    search_help_text = "文号、企业"
    fields = [
        "document_number", "on", "programme", "jurisdiction", "notice", "cases", "created_at",
        "created_by",
    ]  # fmt: skip
    readonly_fields = fields

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_manage_permission(request)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_urls(self) -> list[Any]:
        record = self.own_page("record/", self.record, "record")
        return [record, *super().get_urls()]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def record(self, request: HttpRequest) -> HttpResponse:
        """Record a document for the cases that the address names."""
        if not self.has_manage_permission(request):
            raise PermissionDenied
        chosen = [whole_number(number) for number in request.GET.getlist("case")]
        cases = Application.objects.visible_to(request.user).filter(pk__in=chosen[:MOST_CASES])
        if not cases:
            raise Http404("没有选中申报")
        form = RecognitionForm(request.POST if request.method == "POST" else None)
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            try:
                recognition = recognise(
                    applications=cases,
                    actor=request.user,
                    now=timezone.now(),
                    **form.cleaned_data,
                )
            except NoticeError as error:
                problem = str(error)
            else:
                message = f"已登记认定 {recognition}，共 {recognition.lines.count()} 件。"
                self.message_user(request, message, messages.SUCCESS)
                return redirect("admin:notices_recognition_change", recognition.pk)
        context = {
            "title": "登记认定",
            "cases": cases.select_related("county", "edition__programme"),
            "form": form,
            "problem": problem,
        }
        return self.render(request, "admin/notices/recognition/record.html", context)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Recognition.objects.visible_to(request.user)

    @admin.display(description="名单")
    def cases(self, recognition: Recognition) -> str:
        """Who is recognised, a line each, with what it brings and until when."""
        lines = recognition.lines.select_related("application").defer(
            "application__answers", "application__assessment"
        )
        lines = lines.prefetch_related("revocations")
        return format_html_join(
            "",
            "{} {}{}{}{}<br>",
            (
                (
                    line.application.number,
                    line.application.enterprise_name,
                    f"（{line.application.subject}）" if line.application.subject else "",
                    f"，有效期至 {line.valid_until:%Y-%m-%d}" if line.valid_until else "",
                    _revoked(line),
                )
                for line in lines
            ),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        context = {"may_revoke": self.has_manage_permission(request), **(extra_context or {})}
        return super().change_view(request, object_id, form_url, context)


def _revoked(line: RecognitionLine) -> str:
    """What became of a line since, in words."""
    for revocation in line.revocations.all():
        if revocation.is_confirmed:
            return f"，已撤销（{revocation.document_number}，{revocation.on:%Y-%m-%d} 起）"
        if revocation.is_pending:
            return "，已提出撤销，待复核"
    return ""
