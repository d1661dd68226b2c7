"""Reports of errors in the admin: of one's own programmes, unhandled ones first; a note says what was done."""

from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.text import Truncator

from policies.editors.jurisdiction import Reach, own_reach
from policies.pages.models import ErrorReport
from portal.scoped_admin import ScopedAdmin


def own_reports(reach: Reach) -> Q:
    """Reports on the editor's programmes; of those whose programme is gone, the province's."""
    return Q() if reach.is_whole else reach.within("programme__area")


@admin.register(ErrorReport)
class ErrorReportAdmin(ScopedAdmin):
    list_display = ["subject", "what_is_wrong", "created_at", "handled"]
    list_filter = ["handled", "programme__family", "created_at"]
    search_fields = ["subject", "problem", "seen_text", "note"]
    search_help_text = "项目、内容或处理说明"
    fields = [
        "subject", "edition_link", "seen_text", "problem", "contact", "created_at", "handled", "note",
    ]  # fmt: skip
    readonly_fields = fields[:-2]
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        own = super().get_queryset(request).filter(own_reports(own_reach(request)))
        return own.select_related("edition__programme", "programme")

    @admin.display(description="哪里不对")
    def what_is_wrong(self, report: ErrorReport) -> str:
        return Truncator(report.problem).chars(60)

    @admin.display(description="版本")
    def edition_link(self, report: ErrorReport) -> str:
        if report.edition:
            url = reverse("admin:catalogue_edition_change", args=[report.edition_id])
            return format_html('<a href="{}">{}</a>', url, report.edition)
        if report.programme:
            url = reverse("admin:catalogue_programme_change", args=[report.programme_id])
            return format_html('原版本已换掉，看项目：<a href="{}">{}</a>', url, report.programme)
        return "项目已删除"
