"""The calendar of working days in the admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from applications.cases.models import CalendarDay, PublishedYear
from applications.cases.services.corrections import set_due_days
from applications.centre.cases.forms.calendar_days import PublishedYearForm, days_of
from policies.editors.shared import SharedAdmin


@admin.register(PublishedYear)
class PublishedYearAdmin(SharedAdmin):
    adds_alone = False
    change_form_template = "admin/catalogue/change_form.html"
    form = PublishedYearForm
    list_display = ["year", "document_number"]
    readonly_fields = ["days_off_in_lines", "days_worked_in_lines"]

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        if obj is None or self.has_change_permission(request, obj):
            return list(PublishedYearForm.Meta.fields)
        return ["year", "document_number", *self.readonly_fields]

    @admin.display(description="放假的日子")
    def days_off_in_lines(self, year: PublishedYear) -> str:
        return days_of(year, worked=False) or "—"

    @admin.display(description="调休上班的周末")
    def days_worked_in_lines(self, year: PublishedYear) -> str:
        return days_of(year, worked=True) or "—"

    def save_row(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_row(request, obj, form, change)
        form.save_days()
        # Corrections that waited for this year have their last day now.
        set_due_days(timezone.now())


@admin.register(CalendarDay)
class CalendarDayAdmin(SharedAdmin):
    adds_alone = False
    change_form_template = "admin/catalogue/change_form.html"
    list_display = ["date", "is_working_day", "note"]
    list_filter = ["is_working_day"]
    search_fields = ["note"]
    search_help_text = "说明"
    date_hierarchy = "date"
