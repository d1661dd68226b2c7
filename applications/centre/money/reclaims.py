"""Reclaims in the admin: claimed back, confirmed by a second person, booked as it comes, dropped."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.services.errors import ApplicationError
from applications.centre.exports.pages import ListPage, ListPages
from applications.centre.exports.reclaims import RECLAIMS
from applications.centre.filters import CountyFilter
from applications.centre.long_lists import CREDIT_CODE, NUMBER_BEGINS, LongList
from applications.centre.money.forms import DropForm, ReclaimForm, ReturnForm
from applications.centre.money.steps import MANAGE, PAY
from applications.centre.second_person import asking, decided
from applications.enterprises.models import Enterprise
from applications.money.models import AwardLine, Reclaim
from applications.money.services import reclaims
from policies.rules.facts import plain
from portal.acts_of_two import ActOfTwoError
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import fresh_factor_required

CLAIM = {
    "confirm": reclaims.confirm_reclaim,
    "refuse": reclaims.refuse_reclaim,
    "withdraw": reclaims.withdraw_reclaim,
}
DROP = {
    "confirm": reclaims.confirm_drop,
    "refuse": reclaims.refuse_drop,
    "withdraw": reclaims.withdraw_drop,
}
PROPOSED = "已提出追回 {amount} 万元，由另一人复核后通知企业。"
BOOKED = "已登记收回 {amount} 万元。"
DROP_PROPOSED = "已提出不再追回，由另一人复核。"


class StandingFilter(admin.SimpleListFilter):
    title, parameter_name = "追回", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("confirm", "待复核"),
            ("open", "正在追回"),
            ("overdue", "其中逾期"),
            ("over", "已收回或不再追回"),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "confirm":
            return queryset.to_confirm()
        if self.value() == "open":
            return queryset.open()
        if self.value() == "overdue":
            return queryset.overdue(timezone.localdate())
        if self.value() == "over":
            own = queryset.filter(state=Reclaim.State.CONFIRMED)
            return own.exclude(pk__in=Reclaim.objects.open().values("pk"))
        return queryset


@admin.register(Reclaim)
class ReclaimAdmin(ListPages, LongList, ReadOnlyAdmin):
    list_display = [
        "case", "enterprise", "tranche", "asked", "back", "out", "due_on", "standing",
    ]  # fmt: skip
    list_filter = [StandingFilter, ("line__application__county", CountyFilter)]
    codes = {
        NUMBER_BEGINS: "line__application__number__startswith",
        CREDIT_CODE: "line__application__enterprise__credit_code",
    }
    search_fields = [
        "document_number", "line__application__number", "line__application__enterprise_name",
        "line__application__enterprise__credit_code",
    ]  # fmt: skip
    search_help_text = "文号、编号、企业、信用代码"
    actions = None
    list_pages = [ListPage(RECLAIMS, "导出追回清单")]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rights = ("money.view_reclaim", MANAGE, PAY)
        return any(request.user.has_perm(right) for right in rights)

    def get_queryset(self, request: HttpRequest) -> Any:
        return (
            Reclaim.objects.visible_to(request.user)
            .select_related(
                "line__application__county", "line__application__edition__programme",
                "line__fund__jurisdiction", "line__payer", "proposed_by", "decided_by",
            )
            .defer("line__application__answers", "line__application__assessment")
        )  # fmt: skip

    @admin.display(description="申报", ordering="line__application__number")
    def case(self, claim: Reclaim) -> str:
        return claim.line.application.number

    @admin.display(description="企业和项目", ordering="line__application__enterprise_name")
    def enterprise(self, claim: Reclaim) -> str:
        own = claim.line.application
        return format_html("{}<br>{}", own.enterprise_name, own.edition.programme)

    @admin.display(description="级别和期次")
    def tranche(self, claim: Reclaim) -> str:
        return format_html("{}<br>{}", claim.line.get_level_display(), claim.line.title)

    @admin.display(description="追回（万元）", ordering="amount")
    def asked(self, claim: Reclaim) -> str:
        return plain(claim.amount)

    @admin.display(description="已收回（万元）", ordering="recovered")
    def back(self, claim: Reclaim) -> str:
        return plain(claim.recovered)

    @admin.display(description="未收回（万元）")
    def out(self, claim: Reclaim) -> str:
        return plain(claim.outstanding)

    @admin.display(description="状态")
    def standing(self, claim: Reclaim) -> str:
        return claim.standing(timezone.localdate())

    def get_urls(self) -> list[Any]:
        pages = {
            "decide": self.decide,
            "book": self.book,
            "drop": self.drop,
            "decide_drop": self.decide_drop,
        }
        return [
            self.own_page("propose/", self.propose, "propose"),
            *(
                self.own_page(f"<path:object_id>/{name}/", page, name)
                for name, page in pages.items()
            ),
            *super().get_urls(),
        ]

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(fresh_factor_required)
    def propose(self, request: HttpRequest) -> HttpResponse:
        """Claim back what the line that the address names was paid."""
        if not request.user.has_perm(MANAGE):
            raise PermissionDenied
        own = AwardLine.objects.handled_by(request.user).select_related(
            "application__county", "application__edition__programme", "payer", "fund__jurisdiction"
        )
        line = own.filter(pk=whole_number(request.GET.get("line", ""))).first()
        if line is None:
            raise Http404("没有这项奖补")
        data = request.POST if request.method == "POST" else None
        form = ReclaimForm(data, initial={"amount": plain(line.net_paid), "reason": _why(line)})
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            try:
                claim = reclaims.propose_reclaim(
                    line=line, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ApplicationError as error:
                form.add_error(error.field or None, str(error))
            else:
                return self._done(request, claim, PROPOSED.format(amount=plain(claim.amount)))
        context = {
            "title": f"追回 {line}",
            "line": line,
            "form": form,
            "problem": problem,
            "absorbed_by": _absorbed_by(line),
        }
        return self.render(request, "admin/money/reclaim/propose.html", context)

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        return self._page(request, self.find(request, object_id))

    def _page(
        self,
        request: HttpRequest,
        claim: Reclaim,
        problem: str = "",
        forms: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What is claimed back and came back, and what can be done about the rest."""
        today, may_handle = timezone.localdate(), self._may_handle(request, claim)
        drop, reason = reclaims.waiting_drop(claim), request.POST.get("reason", "")
        may_book = claim.is_open and may_handle and request.user.has_perm(PAY)
        context = {
            "title": f"追回 {claim.line}",
            "claim": claim,
            "line": claim.line,
            "absorbed_by": _absorbed_by(claim.line),
            "standing": claim.standing(today),
            "refunds": claim.refunds.select_related("payment__batch", "recorded_by"),
            "drops": claim.drops.select_related("proposed_by", "decided_by"),
            "act": claim if claim.is_pending else drop,
            "drop": drop,
            "return_form": ReturnForm(seen=claim.recovered) if may_book else None,
            "drop_form": DropForm() if claim.is_open and may_handle and not drop else None,
            **(forms or {}),
            "problem": problem,
        }
        if act := context["act"]:
            name = "decide" if claim.is_pending else "decide_drop"
            context["decide"] = reverse(f"admin:money_reclaim_{name}", args=[claim.pk])
            context |= asking(act, request.user, may_handle=may_handle, reason=reason)
        return self.render(request, "admin/money/reclaim/reclaim.html", context)

    def _may_handle(self, request: HttpRequest, claim: Reclaim) -> bool:
        own = Reclaim.objects.handled_by(request.user).filter(pk=claim.pk)
        return request.user.has_perm(MANAGE) and own.exists()

    def _find_to_handle(self, request: HttpRequest, object_id: str, right: str = MANAGE) -> Reclaim:
        claim = self.find(request, object_id)
        if not request.user.has_perm(right):
            raise PermissionDenied
        return claim

    def _done(self, request: HttpRequest, claim: Reclaim, message: str) -> HttpResponse:
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:money_reclaim_change", claim.pk)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whether the claim goes out."""
        return self._decide(request, object_id, CLAIM)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def decide_drop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Whether what is still out is not asked back."""
        return self._decide(request, object_id, DROP)

    def _decide(self, request: HttpRequest, object_id: str, services: Any) -> HttpResponse:
        claim = self._find_to_handle(request, object_id)
        what = {"reclaim": claim, "actor": request.user, "now": timezone.now()}
        try:
            decided(request.POST, services, **what)
        except (ApplicationError, ActOfTwoError, ValueError) as error:
            return self._page(request, self.find(request, object_id), str(error))
        found = self.find(request, object_id)
        return self._done(request, found, f"{found}：{found.standing(timezone.localdate())}。")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def book(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Money that came back."""
        claim = self._find_to_handle(request, object_id, PAY)
        form = ReturnForm(request.POST, seen=claim.recovered)
        if form.is_valid():
            try:
                booked = reclaims.book_return(
                    reclaim=claim, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ApplicationError as error:
                form.add_error(error.field or None, str(error))
            else:
                amount = plain(sum(refund.amount for refund in booked))
                return self._done(request, claim, BOOKED.format(amount=amount))
        claim = self.find(request, object_id)
        form.show_again(claim.recovered)
        return self._page(request, claim, CHECK_BELOW, {"return_form": form})

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def drop(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Propose that the rest is not asked back."""
        claim, form = self._find_to_handle(request, object_id), DropForm(request.POST)
        if form.is_valid():
            try:
                reclaims.propose_drop(
                    reclaim=claim, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ApplicationError as error:
                form.add_error(error.field or None, str(error))
            else:
                return self._done(request, claim, DROP_PROPOSED)
        return self._page(request, claim, CHECK_BELOW, {"drop_form": form})


def _absorbed_by(line: AwardLine) -> Enterprise | None:
    """Who absorbed the firm without going on with the case: nobody of theirs is told of the claim."""
    firms = line.application.current_firm.line_of_succession()
    return firms[-1] if len(firms) > 1 else None


def _why(line: AwardLine) -> str:
    """What the line is held for, as its record has it."""
    held = line.events.filter(action="hold").last() if line.hold else None
    return held.reason if held else ""
