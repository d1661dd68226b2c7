"""Whom a run concerns, in the admin: a list within the reader's jurisdiction, and its files."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html

from applications.centre.exports.pages import ListPage, ListPages
from applications.centre.impact.lists import AFFECTED, VERDICTS
from applications.centre.long_lists import LongList
from applications.impact.models import Affected, Run
from policies.presentation.words import money
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin


def run_of(request: HttpRequest) -> Run | None:
    """The finished run that the address names, read once."""
    if not hasattr(request, "impact_run"):
        rows = Run.objects.exclude(finished_at=None).exclude(edition=None)
        rows = rows.select_related("edition__programme")
        request.impact_run = rows.filter(pk=whole_number(request.GET.get("run", ""))).first()
    return request.impact_run


class RunFilter(admin.SimpleListFilter):
    """One run at a time."""

    title, parameter_name = "测算", "run"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        run = run_of(request)
        return [(f"{run.pk}", f"{run.edition}，按 {run.on}")] if run else []

    def choices(self, changelist: Any) -> Any:
        yield from list(super().choices(changelist))[1:]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(run=whole_number(self.value() or ""))


class PlanFilter(admin.SimpleListFilter):
    title, parameter_name = "方案", "plan"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        run = run_of(request)
        return [(f"{n}", title) for n, title in enumerate(run.titles) if n] if run else []

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        known = dict(self.lookup_choices)
        return queryset.filter(plan=self.value()) if self.value() in known else queryset


class OfFilter(admin.SimpleListFilter):
    title, parameter_name = "算的是", "of"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("firms", "企业"), ("cases", "申报")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() not in dict(self.lookup_choices):
            return queryset
        return queryset.filter(application__isnull=self.value() == "firms")


@admin.register(Affected)
class AffectedAdmin(ListPages, LongList, ReadOnlyAdmin):
    list_display_links = None
    list_filter = [
        RunFilter, PlanFilter, OfFilter, "change", ("county", admin.RelatedOnlyFieldListFilter),
    ]  # fmt: skip
    list_select_related = ["enterprise", "subject", "application", "county"]
    search_fields = ["enterprise__name", "enterprise__credit_code"]
    search_help_text = "企业名称或代码"
    list_pages: Sequence[ListPage] = [ListPage(AFFECTED, "导出名单")]

    def get_queryset(self, request: HttpRequest) -> Any:
        return Affected.objects.visible_to(request.user)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        """Not in the menu: what leads here is a figure of a run."""
        return {}

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("", self.changelist_view, "changelist"),
            self.own_page("lists/<slug:key>/", self.list_page, "list"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        run = run_of(request)
        if run is None and self.has_view_permission(request):
            return redirect("admin:impact_run_changelist")
        context = {"title": "受影响的企业", "run": run, **(extra_context or {})}
        return super().changelist_view(request, context)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """A firm's name leads to its page for who may open it; the plan has its title."""
        run = run_of(request)
        titles = run.titles if run else []
        may_open = request.user.has_perm("enterprises.view_enterprise")

        @admin.display(description="企业", ordering="enterprise__name")
        def firm(row: Affected) -> str:
            if not may_open:
                return row.enterprise.name
            page = reverse("admin:enterprises_enterprise_change", args=[row.enterprise_id])
            return format_html('<a href="{}">{}</a>', page, row.enterprise.name)

        @admin.display(description="方案", ordering="plan")
        def plan(row: Affected) -> str:
            return titles[row.plan] if row.plan < len(titles) else ""

        return [firm, "what", "county", plan, "change", "verdicts", "paid_now", "paid_later"]

    @admin.display(description="项目、基地或申报")
    def what(self, row: Affected) -> str:
        return str(row.application or row.subject or "")

    @admin.display(description="结论")
    def verdicts(self, row: Affected) -> str:
        after = VERDICTS[row.after]
        return after if row.before == row.after else f"{VERDICTS[row.before]} → {after}"

    @admin.display(description="本期")
    def paid_now(self, row: Affected) -> str:
        before, after = (row.now_least_before, row.now_most_before), (row.now_least, row.now_most)
        return told(before, after)

    @admin.display(description="以后各期")
    def paid_later(self, row: Affected) -> str:
        before = (row.later_least_before, row.later_most_before)
        return told(before, (row.later_least, row.later_most))


def told(before: Any, after: Any) -> str:
    return money(after) if before == after else f"{money(before)} → {money(after)}"
