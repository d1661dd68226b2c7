"""Recognitions in the admin: the documents, the cases they recognise and the titles they bring."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join

from applications.admin.notices import PERMISSION
from applications.admin.read_only import ReadOnlyAdmin
from applications.models import Recognition


@admin.register(Recognition)
class RecognitionAdmin(ReadOnlyAdmin):
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

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Recognition.objects.visible_to(request.user)

    @admin.display(description="名单")
    def cases(self, recognition: Recognition) -> str:
        """Who is recognised, a line each, with what it brings and until when."""
        lines = recognition.lines.select_related("application").defer(
            "application__answers", "application__assessment"
        )
        return format_html_join(
            "",
            "{} {}{}{}<br>",
            (
                (
                    line.application.number,
                    line.application.enterprise_name,
                    f"（{line.application.subject}）" if line.application.subject else "",
                    f"，有效期至 {line.valid_until:%Y-%m-%d}" if line.valid_until else "",
                )
                for line in lines
            ),
        )
