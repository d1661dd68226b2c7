"""Programmes and editions that rest on a document whose place another one took: told until they do not.

Comparing an edition with its sources once more takes it off the list of what is to be checked
(policies.editors.source_checks); what it rests on stays superseded.
"""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from policies.catalogue.models import Document, Edition, Programme, Window
from policies.catalogue.source_checks import cited_clauses, rests_on_superseded
from policies.presentation.sources import superseded_in_words

FLAG = "依据的文件已被取代"


def programmes_resting_on_superseded(on: Any) -> Q:
    """By what is in force, or by when they take applications."""
    editions = Edition.objects.in_force(on).filter(rests_on_superseded())
    windows = Window.objects.exclude(document__superseded_by=None)
    return Q(pk__in=editions.values("programme")) | Q(pk__in=windows.values("programme"))


def superseded_of(row: Edition | Programme) -> list[Document]:
    """The documents that it rests on and others have superseded."""
    if isinstance(row, Edition):
        return [document for document in cited_clauses(row) if document.superseded_by]
    found = {
        document
        for edition in row.editions.in_force(timezone.localdate())
        for document in superseded_of(edition)
    }
    own = Document.objects.filter(windows__programme=row).exclude(superseded_by=None)
    return sorted(found.union(own.select_related("superseded_by")), key=str)


class SupersededFilter(admin.SimpleListFilter):
    title = "依据"
    parameter_name = "superseded"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", f"{FLAG}（现行）")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        today = timezone.localdate()
        if queryset.model is Programme:
            return queryset.filter(programmes_resting_on_superseded(today))
        in_force = Edition.objects.in_force(today).filter(rests_on_superseded())
        return queryset.filter(pk__in=in_force.values("pk"))


class FlagsSuperseded:
    """Mixed into the admin of editions and of programmes: a column, and a notice on each page."""

    def get_queryset(self, request: HttpRequest) -> Any:
        is_edition = self.model is Edition
        rests = (
            rests_on_superseded()
            if is_edition
            else programmes_resting_on_superseded(timezone.localdate())
        )
        flag = ExpressionWrapper(rests, output_field=BooleanField())
        return super().get_queryset(request).annotate(is_superseded=flag)

    @admin.display(description="依据")
    def superseded_flag(self, row: Any) -> str:
        return format_html('<strong class="warn">{}</strong>', FLAG) if row.is_superseded else ""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any
    ) -> Any:
        row = context.get("original")
        found = superseded_of(row) if getattr(row, "is_superseded", False) else []
        context["superseded"] = format_html_join(
            "",
            "<li>{}：{}</li>",
            [(document, superseded_in_words(document)) for document in found],
        )
        return super().render_change_form(request, context, *args, **options)
