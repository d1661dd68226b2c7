"""Recognitions in the admin: the documents, the cases they recognise and the titles they bring."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from applications.admin.notices import PERMISSION
from applications.admin.read_only import ReadOnlyAdmin
from applications.models import Recognition, RecognitionLine


class RecognitionLineInline(admin.TabularInline):
    model = RecognitionLine
    fields = ["application", "enterprise", "title_code", "valid_until"]
    readonly_fields = fields
    can_delete = False
    extra = 0

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("application")

    @admin.display(description="企业")
    def enterprise(self, line: RecognitionLine) -> str:
        return line.application.enterprise_name

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Recognition)
class RecognitionAdmin(ReadOnlyAdmin):
    list_display = ["document_number", "on", "programme", "jurisdiction", "notice"]
    list_filter = [("programme", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["programme", "jurisdiction", "notice"]
    search_fields = ["document_number", "lines__application__enterprise_name"]
    search_help_text = "文号、企业"
    inlines = [RecognitionLineInline]

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(PERMISSION)

    def get_queryset(self, request: HttpRequest) -> Any:
        return Recognition.objects.visible_to(request.user)
