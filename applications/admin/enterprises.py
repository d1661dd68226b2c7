"""Enterprises in the admin, as far as their applications may be seen."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from applications.admin.read_only import ReadOnlyAdmin
from applications.models import Application, Enterprise
from portal.history_admin import HistoryAdmin


@admin.register(Enterprise)
class EnterpriseAdmin(ReadOnlyAdmin, HistoryAdmin):
    list_display = ["name", "credit_code", "county", "created_at"]
    list_filter = [("county", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["county"]
    search_fields = ["name", "credit_code"]

    def get_queryset(self, request: HttpRequest) -> Any:
        visible = Application.objects.visible_to(request.user)
        return super().get_queryset(request).filter(applications__in=visible).distinct()
