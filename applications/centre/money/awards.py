"""Award lines in the admin: what falls due, and each step from the amount to the payment."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from applications.cases.services.errors import ApplicationError
from applications.centre.exports.awards import AWARDS
from applications.centre.exports.office import layouts_for, office_list
from applications.centre.exports.pages import ListPage, ListPages
from applications.centre.figures.filters import CountedLines
from applications.centre.filters import (
    CountyFilter,
    FundFilter,
    HandledFilter,
    PayingProgrammeFilter,
    PaymentYearFilter,
    TitleFilter,
)
from applications.centre.long_lists import CREDIT_CODE, NUMBER_BEGINS, LongList
from applications.centre.money.steps import MANAGE, PAY, STEPS, Step
from applications.centre.saved_filters import SavedFilters
from applications.money.models import AwardLine, Refund
from applications.money.services import payments
from applications.money.services.figures import forecasts
from policies.rules.facts import plain
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import ask_for_factor

VIEW = "money.view_awardline"
State, Kind = AwardLine.State, AwardLine.Kind
MOST_LINES = 200
TOO_MANY = f"一次最多办理 {MOST_LINES} 项，请分几次选。"


def may_see(request: HttpRequest) -> bool:
    return any(request.user.has_perm(permission) for permission in (VIEW, MANAGE, PAY))


class DueFilter(admin.SimpleListFilter):
    """What has to be looked at this year; the rest is one click away."""

    title = "到期"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("now", "本年到期，待确认"),
            ("unknown", "年度未定"),
            ("later", "以后年度"),
            ("to_approve", "已确认，待批准"),
            ("to_schedule", "已批准，待列入批次"),
            ("held", "暂停给付，待决定"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        year = timezone.localdate().year
        if self.value() == "now":
            return queryset.due(year)
        if self.value() == "unknown":
            return queryset.without_year()
        if self.value() == "later":
            return queryset.filter(year__gt=year)
        if self.value() == "to_approve":
            return queryset.to_approve()
        if self.value() == "to_schedule":
            return queryset.to_schedule()
        if self.value() == "held":
            return queryset.to_decide()
        return queryset


@admin.register(AwardLine)
class AwardLineAdmin(ListPages, SavedFilters, LongList, ReadOnlyAdmin):
    list_display = [
        "case", "enterprise", "tranche", "state_shown", "year", "condition", "granted", "paid_so_far",
        "fund_shown",
    ]  # fmt: skip
    list_filter = [
        CountedLines,
        HandledFilter,
        DueFilter,
        "state",
        "level",
        TitleFilter,
        "kind",
        PaymentYearFilter,
        ("fund", FundFilter),
        ("application__county", CountyFilter),
        ("application__edition__programme", PayingProgrammeFilter),
    ]
    codes = {
        NUMBER_BEGINS: "application__number__startswith",
        CREDIT_CODE: "application__enterprise__credit_code",
    }
    search_fields = [
        "application__number", "application__enterprise_name",
        "application__enterprise__credit_code",
    ]  # fmt: skip
    search_help_text = "编号、企业、信用代码"
    actions = [*(f"step_{name}" for name in STEPS), "schedule_selected"]
    # Of a year case by case, as they were recognised.
    ordering = ["year", "pk"]
    list_pages = [ListPage(AWARDS, "导出奖补名单")]

    def offered_lists(self, user: Any) -> list[ListPage]:
        """The list with all that is on record, and those that are handed on."""
        papers = [office_list(layout, user) for layout in layouts_for(user, AWARDS.key)]
        return [*self.list_pages, *(ListPage(paper, paper.title) for paper in papers)]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request)

    def has_manage_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(MANAGE)

    def has_pay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(PAY)

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            AwardLine.objects.visible_to(request.user)
            .select_related(
                "application__county", "application__edition__programme", "payer", "part",
                "fund__jurisdiction",
            )
            .defer("application__answers", "application__assessment")
        )  # fmt: skip

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        visible, year = self.get_queryset(request), timezone.localdate().year
        context = {
            "due": visible.due(year).count(),
            "without_year": visible.without_year().count(),
            "year": year,
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)

    @admin.display(description="申报", ordering="application__number")
    def case(self, line: AwardLine) -> str:
        return line.application.number

    @admin.display(description="企业和项目", ordering="application__enterprise_name")
    def enterprise(self, line: AwardLine) -> str:
        case = line.application
        subject = f"（{case.subject}）" if case.subject else ""
        return format_html(
            "{}，{}<br>{}{}", case.enterprise_name, case.county, case.edition.programme, subject
        )

    @admin.display(description="级别和期次", ordering="level")
    def tranche(self, line: AwardLine) -> str:
        return format_html("{}<br>{}", line.get_level_display(), line.title)

    @admin.display(description="状态", ordering="state")
    def state_shown(self, line: AwardLine) -> str:
        if not line.hold:
            return line.get_state_display()
        return format_html("{}<br>暂停：{}", line.get_state_display(), line.get_hold_display())

    @admin.display(description="万元", ordering="amount")
    def granted(self, line: AwardLine) -> str:
        return line.printed if line.amount is None else plain(line.amount)

    @admin.display(description="已付净额", ordering="paid")
    def paid_so_far(self, line: AwardLine) -> str:
        return plain(line.net_paid)

    @admin.display(description="资金", ordering="fund__name")
    def fund_shown(self, line: AwardLine) -> str:
        return f"{line.fund} · {line.part}" if line.part else str(line.fund or "未安排")

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("act/<slug:name>/", self.act, "act"),
            *super().get_urls(),
        ]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions = super().get_actions(request)
        for name, step in STEPS.items():
            if not request.user.has_perm(step.permission):
                actions.pop(f"step_{name}", None)
        return actions

    def _choose(self, request: HttpRequest, queryset: Any, name: str) -> HttpResponse | None:
        chosen = list(queryset.values_list("pk", flat=True)[: MOST_LINES + 1])
        if len(chosen) > MOST_LINES:
            self.message_user(request, TOO_MANY, messages.ERROR)
            return None
        return redirect(act_address(name, chosen))

    @admin.action(description="列入支付批次", permissions=["pay"])
    def schedule_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse | None:
        """Put the chosen lines into drafts; what is refused is named with its reason."""
        batches, refusals = payments.schedule(
            lines=queryset[:MOST_LINES], actor=request.user, now=timezone.now()
        )
        for refusal in refusals:
            self.message_user(request, str(refusal), messages.ERROR)
        for batch in batches:
            message = f"已列入支付批次 {batch}（{batch.fund}），核对后再登记支付。"
            self.message_user(request, message, messages.SUCCESS)
        if len(batches) == 1:
            return redirect("admin:money_paymentbatch_change", batches[0].pk)
        return None

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The line, where it comes from, what was done with it, and what can be done."""
        line, today = self.find(request, object_id), timezone.localdate()
        is_own = AwardLine.objects.handled_by(request.user).filter(pk=line.pk).exists()
        steps = [
            (act_address(name, [line.pk]), step.title)
            for name, step in STEPS.items()
            if step.fits(line)
            and request.user.has_perm(step.permission)
            and (is_own or (name == "fund" and line.fund is None))
            and not (name == "amount" and line.kind == Kind.EXACT)
        ]
        context = {
            "title": f"奖补 {line}",
            "line": line,
            "steps": steps,
            "is_own": is_own,
            "events": line.events.select_related("actor"),
            "payments": line.payments.select_related("batch"),
            "refunds": Refund.objects.filter(payment__line=line).select_related("payment__batch"),
            "reclaims": [(claim, claim.standing(today)) for claim in line.reclaims.all()],
            "may_claim": is_own and line.net_paid > 0 and request.user.has_perm(MANAGE),
        }
        return self.render(request, "admin/money/awardline/line.html", context)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    def act(self, request: HttpRequest, name: str) -> HttpResponse:
        """One step for the lines that the address names; each that fails is named, others go on."""
        step = STEPS.get(name)
        if step is None:
            raise Http404("没有这种操作")
        if not request.user.has_perm(step.permission):
            raise PermissionDenied
        chosen = [whole_number(text) for text in request.GET.getlist("line")]
        lines = list(self.get_queryset(request).filter(pk__in=chosen[:MOST_LINES]).order_by("pk"))
        if not lines:
            raise Http404("没有选中奖补")
        # Approving is half of paying.
        if step.permission == PAY and (asked := ask_for_factor(request)):
            return asked
        is_sent = request.method == "POST"
        form = step.form(request.POST if is_sent else None, user=request.user)
        problems: list[str] = []
        if is_sent and not form.is_valid():
            problems = [CHECK_BELOW]
        elif is_sent:
            failed, problems = _act_on_each(request, step, lines, form.cleaned_data)
            if done := len(lines) - len(failed):
                self.message_user(request, f"{step.title} {done} 项。", messages.SUCCESS)
            if not failed:
                return redirect(_after(lines))
            lines = list(self.get_queryset(request).filter(pk__in=failed).order_by("pk"))
        context = {
            "title": step.title,
            "lines": lines,
            "form": form,
            "address": act_address(name, [line.pk for line in lines]),
            "problems": problems,
            "forecasts": forecasts(lines) if name == "confirm" else [],
        }
        status = 400 if problems else 200
        return self.render(request, "admin/money/awardline/act.html", context, status)


def _step_action(name: str, step: Step) -> Any:
    @admin.action(description=step.title)
    def choose(model_admin: AwardLineAdmin, request: HttpRequest, queryset: Any) -> Any:
        return model_admin._choose(request, queryset, name)

    choose.__name__ = f"step_{name}"
    return choose


for _name, _step in STEPS.items():
    setattr(AwardLineAdmin, f"step_{_name}", _step_action(_name, _step))


def act_address(name: str, lines: Sequence[int]) -> str:
    query = urlencode({"line": lines}, doseq=True)
    return f"{reverse('admin:money_awardline_act', args=[name])}?{query}"


def _after(lines: Sequence[AwardLine]) -> str:
    if len(lines) == 1:
        return reverse("admin:money_awardline_change", args=[lines[0].pk])
    return reverse("admin:money_awardline_changelist")


def _act_on_each(
    request: HttpRequest, step: Step, lines: Sequence[AwardLine], data: dict[str, Any]
) -> tuple[list[int], list[str]]:
    """Do the step with each line as its page showed it; the keys and reasons of what failed."""
    failed, problems = [], []
    for line in lines:
        seen = request.POST.get(f"seen-{line.pk}", "")
        line.version = whole_number(seen, otherwise=-1)
        try:
            step.act(line=line, actor=request.user, now=timezone.now(), **data)
        except ApplicationError as error:
            failed.append(line.pk)
            problems.append(f"{line.application.enterprise_name} {line}：{error}。")
    return failed, problems
