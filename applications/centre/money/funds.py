"""Funds and budgets in the admin: what there is, what is promised of it, and what is left."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_safe

from applications.cases.services.errors import ApplicationError
from applications.centre.money.awards import may_see
from applications.centre.money.budget_chart import bars
from applications.centre.money.forms import BudgetForm, year_asked
from applications.centre.money.steps import MANAGE
from applications.money.models import Budget, Fund, FundPart
from applications.money.services.budgets import set_budget
from applications.money.services.figures import budget_rows, rows_by, total_of
from portal.history_admin import HistoryAdmin
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import fresh_factor_required

FAMILY = "application__edition__programme__family"
COUNTY = "application__county__name"


class FundPartInline(admin.StackedInline):
    model = FundPart
    fields = ["position", "name", "clause", "yearly", "programmes"]
    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE)


@admin.register(Fund)
class FundAdmin(HistoryAdmin):
    list_display = ["name", "level", "jurisdiction", "document_number", "yearly"]
    list_filter = ["level", ("jurisdiction", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["jurisdiction"]
    list_per_page = 50
    search_fields = ["name", "document_number"]
    search_help_text = "名称、文号"
    fields = ["name", "level", "jurisdiction", "document_number", "yearly", "programmes"]
    inlines = [FundPartInline]
    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_see(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(MANAGE)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> Any:
        return Fund.objects.visible_to(request.user)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Whose money it is stays, once something was granted or drafted from it."""
        is_used = obj is not None and (obj.lines.exists() or obj.batches.exists())
        return ["level", "jurisdiction"] if is_used else []

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **options: Any) -> Any:
        if db_field.name == "jurisdiction":
            options["queryset"] = Jurisdiction.objects.filter(in_charge(request.user, "code"))
        return super().formfield_for_foreignkey(db_field, request, **options)

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("figures/", self.figures, "figures"),
            self.own_page("<int:object_id>/budget/", self.budget, "budget"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def figures(self, request: HttpRequest) -> HttpResponse:
        """The figures of a year, by fund, family and county."""
        if not may_see(request):
            raise PermissionDenied
        typed = request.GET.get("year")
        year, problem = year_asked(typed, timezone.localdate())
        funds = budget_rows(request.user, year)
        sections = [
            ("按资金", funds),
            ("按类别", rows_by(request.user, year, FAMILY)),
            ("按县（市、区）", rows_by(request.user, year, COUNTY)),
        ]
        context = {
            "title": f"{year} 年预算执行",
            "year": year,
            "typed_year": typed if problem else year,
            "year_problem": problem,
            "sections": [
                {
                    "title": title,
                    "rows": rows,
                    "total": total_of(rows),
                    "bars": bars(rows),
                    "has_budgets": rows is funds,
                }
                for title, rows in sections
            ],
            "may_manage": request.user.has_perm(MANAGE),
        }
        status = 400 if problem else 200
        return self.render(request, "admin/money/fund/figures.html", context, status=status)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(fresh_factor_required)
    def budget(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Set what the fund holds in a year; what its document prints is filled in."""
        fund = self.find(request, object_id)
        if not request.user.has_perm(MANAGE):
            raise PermissionDenied
        year, _ = year_asked(request.GET.get("year"), timezone.localdate())
        parts = list(fund.parts.all())
        data = request.POST if request.method == "POST" else None
        form = BudgetForm(data, parts=parts, initial=_known(fund, parts, year))
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            given = form.cleaned_data
            try:
                set_budget(
                    fund=fund,
                    year=given["year"],
                    amount=given["amount"],
                    parts=form.parts_by_amount,
                    document_number=given["document_number"],
                    reason=given["reason"],
                    actor=request.user,
                    now=timezone.now(),
                )
            except ApplicationError as error:
                problem = f"{error}。"
            else:
                message = f"{fund} {given['year']} 年预算已登记。"
                self.message_user(request, message, messages.SUCCESS)
                return redirect("admin:money_fund_budget", fund.pk)
        context = {
            "title": f"登记预算 {fund}",
            "fund": fund,
            "form": form,
            "budgets": fund.budgets.select_related("part"),
            "events": fund.budget_events.select_related("actor"),
            "problem": problem,
        }
        return self.render(request, "admin/money/fund/budget.html", context)


def _known(fund: Fund, parts: list[FundPart], year: int) -> dict[str, Any]:
    """The budget of the year as it is; where there is none, what the document prints."""
    held = dict(Budget.objects.filter(fund=fund, year=year).values_list("part", "amount"))
    known = {"year": year, "amount": held.get(None) if held else fund.yearly}
    for part in parts:
        known[f"part-{part.pk}"] = held.get(part.pk) if held else part.yearly
    return known
