"""Firms' bank accounts in the admin: entered for a firm, and confirmed by a second person."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.services.account_messages import tell_of_account
from applications.centre.enterprises.visible import enterprises_visible_to
from applications.centre.long_lists import CREDIT_CODE, LongList
from applications.enterprises.forms.bank_account import BankAccountForm
from applications.enterprises.models import BankAccount, Enterprise
from applications.enterprises.models.bank_account import may_see_whole
from applications.enterprises.services.bank_accounts import (
    BankAccountError,
    confirm_account,
    enter_account,
    refusal_of,
    refuse_account,
)
from portal.forms import reason_in
from portal.read_only_admin import ReadOnlyAdmin
from portal.second_factor.fresh import ask_for_factor, fresh_factor_required

DECISIONS = {"confirm": "核对无误，启用", "refuse": "不通过"}
ENTERED = "已代填收款账户，并已告知企业；由另一名财务人员核对后才使用。"
UNKNOWN = "没有这种结论，请重新选择。"


class AccountEntry(ReadOnlyAdmin):
    """For an admin of enterprises: the page on which staff enter a firm's account."""

    can_fill_in: Callable[[HttpRequest, Enterprise], bool]

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/account/", self.enter_account, "account"),
            *super().get_urls(),
        ]

    def can_enter_account(self, request: HttpRequest, enterprise: Enterprise) -> bool:
        """Who fills in for the firm, and finance."""
        return self.can_fill_in(request, enterprise) or may_see_whole(request.user)

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(fresh_factor_required)
    def enter_account(self, request: HttpRequest, object_id: str) -> HttpResponse:
        enterprise = self.find(request, object_id)
        if not self.can_enter_account(request, enterprise):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = BankAccountForm(data, enterprise=enterprise)
        if data is not None and form.is_valid():
            try:
                with transaction.atomic():
                    account = enter_account(
                        enterprise=enterprise,
                        actor=request.user,
                        now=timezone.now(),
                        by_staff=True,
                        **form.cleaned_data,
                    )
                    tell_of_account(account)
            except BankAccountError as error:
                form.add_error("number", str(error))
            else:
                self.message_user(request, ENTERED, messages.SUCCESS)
                return redirect("admin:enterprises_enterprise_change", enterprise.pk)
        context = {"title": "代填收款账户", "enterprise": enterprise, "form": form}
        template = "admin/enterprises/enterprise/account.html"
        return self.render(request, template, context, 400 if form.errors else 200)


@admin.register(BankAccount)
class BankAccountAdmin(LongList, ReadOnlyAdmin):
    """Numbers are shown whole to finance, to others their end."""

    list_filter = ["state"]
    list_select_related = ["enterprise", "entered_by", "decided_by"]
    codes = {CREDIT_CODE: "enterprise__credit_code"}
    search_fields = ["enterprise__name", "enterprise__credit_code"]
    search_help_text = "企业、信用代码"
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        firms = enterprises_visible_to(request.user)
        found = BankAccount.objects.filter(enterprise__in=firms.values("pk"))
        return found.select_related(*self.list_select_related)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        @admin.display(description="账号")
        def account_number(account: BankAccount) -> str:
            return account.shown_to(request.user)

        return [
            "enterprise", "bank", account_number, "state", "entered_at", "entered_by",
            "decided_at", "decided_by",
        ]  # fmt: skip

    def get_urls(self) -> list[Any]:
        return [
            self.own_page("<path:object_id>/decide/", self.decide, "decide"),
            *super().get_urls(),
        ]

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """What was entered beside what is used now, and what can be done with it."""
        account = self.find(request, object_id)
        asked = self._may_decide(request, account) and ask_for_factor(request)
        return asked or self._page(request, account)

    def _may_decide(self, request: HttpRequest, account: BankAccount) -> bool:
        return account.state == BankAccount.State.PENDING and may_see_whole(request.user)

    def _page(
        self, request: HttpRequest, account: BankAccount, problem: str = "", reason: str = ""
    ) -> HttpResponse:
        may_decide = self._may_decide(request, account)
        refusal = refusal_of(account, request.user) if may_decide else ""
        current = BankAccount.objects.current(account.enterprise_id)
        context = {
            "title": f"收款账户：{account.enterprise}",
            "account": account,
            "number": account.shown_to(request.user),
            "current": current,
            "current_number": current.shown_to(request.user) if current else "",
            "decisions": DECISIONS if may_decide and not refusal else {},
            "refusal": refusal,
            "problem": problem,
            "reason": reason,
        }
        return self.render(request, "admin/enterprises/bankaccount/account.html", context)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def decide(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Confirm it, or refuse it with a reason that the firm reads."""
        account = self.find(request, object_id)
        if not may_see_whole(request.user):
            raise PermissionDenied
        decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
        if decision not in DECISIONS:
            return self._page(request, account, UNKNOWN, reason)
        decided = {"account": account, "actor": request.user, "now": timezone.now()}
        try:
            with transaction.atomic():
                if decision == "confirm":
                    found = confirm_account(**decided)
                else:
                    found = refuse_account(reason=reason_in(request.POST), **decided)
                tell_of_account(found)
        except (BankAccountError, ValueError) as error:
            return self._page(request, self.find(request, object_id), str(error), reason)
        told = f"{found}：{found.get_state_display()}，已告知企业。"
        self.message_user(request, told, messages.SUCCESS)
        return redirect("admin:enterprises_bankaccount_change", found.pk)
