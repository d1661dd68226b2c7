"""The calendar of working days in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from applications.forms.calendar_days import PublishedYearForm
from applications.models import CalendarDay, PublishedYear


@admin.register(PublishedYear)
class PublishedYearAdmin(admin.ModelAdmin):
    form = PublishedYearForm
    list_display = ["year", "document_number"]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        form.save_days()


@admin.register(CalendarDay)
class CalendarDayAdmin(admin.ModelAdmin):
    list_display = ["date", "is_working_day", "note"]
    list_filter = ["is_working_day"]
    search_fields = ["note"]
    search_help_text = "说明"
    date_hierarchy = "date"
