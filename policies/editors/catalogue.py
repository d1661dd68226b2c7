"""Jurisdictions, documents, conflicts, facts and programmes in the admin."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from policies.catalogue.models import Conflict, Contact, Document, Fact, Programme, Window
from policies.editors.consequences import FILL, gaps_of
from policies.editors.fields import PairsField
from policies.editors.jurisdiction import WithinJurisdiction, own_reach
from policies.editors.shared import SharedAdmin
from portal.guarded_admin import GuardedAdmin, GuardedForm
from portal.history_admin import HistoryAdmin
from portal.models import Jurisdiction


@admin.register(Jurisdiction)
class JurisdictionAdmin(SharedAdmin, GuardedAdmin):
    adds_alone = False
    change_form_template = "admin/catalogue/change_form.html"
    list_display = ["code", "name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    search_help_text = "代码或名称"
    list_select_related = ["parent"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        # Where a place lies decides who sees its firms and cases: the province's editors move it.
        moved = [] if own_reach(request).is_whole else ["level", "parent"]
        return ["code", *moved] if obj else []


@admin.register(Document)
class DocumentAdmin(SharedAdmin, GuardedAdmin, HistoryAdmin):
    list_display = ["number", "title", "issuer", "issued_on"]
    list_filter = ["issuer"]
    search_fields = ["number", "title", "issuer"]
    search_help_text = "文号、标题或发文机关"
    autocomplete_fields = ["superseded_by"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["number"] if obj else []


@admin.register(Conflict)
class ConflictAdmin(SharedAdmin, GuardedAdmin, HistoryAdmin):
    list_display = ["code", "text"]
    search_fields = ["code", "text"]
    search_help_text = "编号或内容"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


class FactForm(GuardedForm):
    class Meta:
        model = Fact
        fields = "__all__"
        field_classes = {"choices": PairsField}
        help_texts = {"choices": "一行一个：代码、空格、文字。单选、多选才填。"}


@admin.register(Fact)
class FactAdmin(SharedAdmin, GuardedAdmin, HistoryAdmin):
    form = FactForm
    list_display = ["label", "key", "section", "type", "unit", "changeable"]
    list_filter = ["section", "type", "changeable"]
    search_fields = ["key", "label", "question"]
    search_help_text = "指标、提问或键"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["key"] if obj else []


class ContactInline(admin.StackedInline):
    model = Contact
    extra = 0


class WindowInline(admin.StackedInline):
    model = Window
    fields = [
        ("position", "kind", "year"), "title", "wording",
        ("starts_month", "starts_day", "ends_month", "ends_day"), "note", "document", "clause",
    ]  # fmt: skip
    autocomplete_fields = ["document"]
    extra = 0


@admin.register(Programme)
class ProgrammeAdmin(WithinJurisdiction, GuardedAdmin, HistoryAdmin):
    list_display = ["name", "family", "area", "kind", "screened"]
    list_filter = ["family", "area", "kind", "screened"]
    search_fields = ["id", "name", "family", "summary"]
    search_help_text = "名称、类别或编号"
    list_select_related = ["area"]
    filter_horizontal = ["conflicts"]
    inlines = [ContactInline, WindowInline]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["id", "editions_in_time"] if obj else []

    @admin.display(description="版本和没有版本的日子")
    def editions_in_time(self, programme: Programme) -> str:
        """What counts when, and the days from today on of which nothing counts."""
        rows = list(programme.editions.order_by("effective_from", "pk"))
        links = format_html_join(
            mark_safe("<br>"),
            '<a href="{}">{} 起{}</a>（{}）',
            [
                (
                    reverse("admin:catalogue_edition_change", args=[row.pk]),
                    row.effective_from,
                    f"，{row.ends} 前" if row.ends else "",
                    row.get_status_display(),
                )
                for row in rows
            ],
        )
        gaps = [f"{gap}。{FILL}" for gap in gaps_of(programme, timezone.localdate())]
        if not any(row.is_standing for row in rows):
            gaps = ["没有有效的版本，企业查不到这个项目，也不能申报。"]
        warnings = format_html_join(
            "", '<br><strong class="warn">{}</strong>', [(g,) for g in gaps]
        )
        return links + warnings
