"""Payment batches in the admin: drafted from approved lines, paid, and what came back."""

import re
from decimal import Decimal
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from applications.cases.services.errors import ApplicationError
from applications.centre.exports.office import layouts_for, office_list
from applications.centre.exports.pages import ListPage, ListPages
from applications.centre.exports.payments import PAYMENTS, payments_for
from applications.centre.filters import FundFilter
from applications.centre.long_lists import NUMBER_BEGINS, LongList
from applications.centre.money.awards import may_see
from applications.centre.money.forms import PayForm, PaymentForm, RefundForm
from applications.centre.money.steps import PAY
from applications.centre.saved_filters import SavedFilters
from applications.enterprises.models import BankAccount
from applications.money.models import Payment, PaymentBatch
from applications.money.models.money_field import MoneyField
from applications.money.services import payments, refunds
from applications.money.services.permits import permit_for
from applications.money.services.two_people import answered_for
from policies.rules.facts import plain
from portal.numbers import whole_number
from portal.read_only_admin import ReadOnlyAdmin
from portal.scoped_admin import CHECK_BELOW
from portal.second_factor.fresh import ask_for_factor, fresh_factor_required

BATCH_BEGINS = re.compile(r"\d{6}-ZF[\d-]*")


@admin.register(PaymentBatch)
class PaymentBatchAdmin(ListPages, SavedFilters, LongList, ReadOnlyAdmin):
    list_display = [
        "number", "fund", "place", "state", "lines", "total", "voucher_number", "paid_on",
        "created_by",
    ]  # fmt: skip
    list_filter = ["state", ("fund", FundFilter), "paid_on"]
    codes = {
        BATCH_BEGINS: "number__startswith",
        NUMBER_BEGINS: "payments__line__application__number__startswith",
    }
    search_fields = [
        "number", "voucher_number", "payments__line__application__enterprise_name",
        "payments__line__application__number",
    ]  # fmt: skip
    search_help_text = "批次、凭证号、企业、申报编号"
    actions = None
    list_pages = [ListPage(PAYMENTS, "导出支付清单")]

    def offered_lists(self, user: Any) -> list[ListPage]:
        """The list with all that is on record, and those that are handed on."""
        papers = [office_list(layout, user) for layout in layouts_for(user, PAYMENTS.key)]
        return [
            ListPage(payments_for(user), "导出支付清单"),
            *(ListPage(paper, paper.title) for paper in papers),
        ]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_see(request)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Batches with count and sum of their payments, which only those of a page are asked for."""
        own = Payment.objects.filter(batch=OuterRef("pk")).order_by().values("batch")
        total = Sum("amount", output_field=MoneyField())
        return (
            PaymentBatch.objects.visible_to(request.user)
            .select_related("fund__jurisdiction", "created_by", "paid_by", "permit__granted_by")
            .annotate(
                count=Coalesce(Subquery(own.values(found=Count("pk"))), 0),
                sum=Coalesce(
                    Subquery(own.values(found=total)), Value(0), output_field=MoneyField()
                ),
            )
        )

    @admin.display(description="支付地区", ordering="fund__jurisdiction")
    def place(self, batch: PaymentBatch) -> str:
        return batch.fund.jurisdiction.name

    @admin.display(description="项数")
    def lines(self, batch: Any) -> int:
        return batch.count

    @admin.display(description="合计（万元）")
    def total(self, batch: Any) -> str:
        return plain(batch.sum)

    def get_urls(self) -> list[Any]:
        pages = {
            "pay": self.pay,
            "amount": self.change_amount,
            "remove": self.remove,
            "discard": self.discard,
            "refund": self.refund,
        }
        return [
            *(
                self.own_page(f"<int:object_id>/{name}/", page, name)
                for name, page in pages.items()
            ),
            *super().get_urls(),
        ]

    def _find_to_pay(self, request: HttpRequest, object_id: int) -> PaymentBatch:
        batch = self.find(request, object_id)
        if not request.user.has_perm(PAY):
            raise PermissionDenied
        return batch

    def _payment(self, request: HttpRequest, batch: PaymentBatch) -> Payment:
        number = request.POST.get("payment") or request.GET.get("payment") or ""
        chosen = batch.payments.select_related(
            "batch__fund__jurisdiction", "line__application", "line__payer", "line__fund"
        )
        return get_object_or_404(chosen, pk=whole_number(number))

    @method_decorator(require_safe)
    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        batch = self.find(request, object_id)
        asked = batch.is_draft and request.user.has_perm(PAY) and ask_for_factor(request)
        return asked or self._page(request, batch)

    def _page(
        self,
        request: HttpRequest,
        batch: PaymentBatch,
        problem: str = "",
        form: PayForm | None = None,
        typed: tuple[int, str] | None = None,
    ) -> HttpResponse:
        """`typed` is an amount that was refused, by the key of its payment: shown again."""
        rows = list(
            batch.payments.select_related(
                "line__application__county", "line__application__edition__programme",
                "line__application__enterprise", "line__fund", "account",
            )
            .annotate(
                account_now=BankAccount.objects.current_field("pk", "line__application__")
            )
            .defer("line__application__answers", "line__application__assessment")
            .prefetch_related("refunds")
        )  # fmt: skip
        for row in rows:
            is_typed = typed is not None and typed[0] == row.pk
            row.number = row.account.shown_to(request.user) if row.account else ""
            row.shown = typed[1] if typed is not None and is_typed else plain(row.amount)
        may_pay = request.user.has_perm(PAY)
        to_pay = [row.line for row in rows] if batch.is_draft and may_pay else []
        own = answered_for(to_pay, request.user) if to_pay else set()
        office = batch.fund.jurisdiction
        context = {
            "title": f"支付批次 {batch}",
            "batch": batch,
            "rows": rows,
            "total": sum((row.amount for row in rows), Decimal(0)),
            "refunded": sum((row.refunded for row in rows), Decimal(0)),
            "form": form or PayForm(),
            "may_pay": may_pay,
            "own": own,
            "without_account": sum(row.account is None for row in rows),
            "permit": permit_for(request.user, office, timezone.now()) if own else batch.permit,
            "problem": problem,
        }
        return self.render(request, "admin/money/paymentbatch/batch.html", context)

    def _done(self, request: HttpRequest, batch: PaymentBatch, message: str) -> HttpResponse:
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:money_paymentbatch_change", batch.pk)

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def pay(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record the payment of what the page showed; what changed since is asked again."""
        batch, form = self._find_to_pay(request, object_id), PayForm(request.POST)
        if not form.is_valid():
            return self._page(request, batch, CHECK_BELOW, form)
        seen: dict[int, Decimal] = {}
        accounts: dict[int, int | None] = {}
        for text in request.POST.getlist("seen"):
            line, amount, account = (*text.split(":"), "", "")[:3]
            if amount.replace(".", "", 1).isdecimal():
                seen[whole_number(line)] = Decimal(amount)
                accounts[whole_number(line)] = whole_number(account) if account else None
        try:
            payments.pay_batch(
                batch=batch, seen=seen, accounts=accounts, actor=request.user, now=timezone.now(),
                **form.cleaned_data,
            )  # fmt: skip
        except ApplicationError as error:
            return self._page(request, self._find_to_pay(request, object_id), str(error), form)
        return self._done(request, batch, f"已登记支付 {batch}。")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def change_amount(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Pay a part of a line now."""
        batch = self._find_to_pay(request, object_id)
        payment, form = self._payment(request, batch), PaymentForm(request.POST)
        typed = payment.pk, request.POST.get("amount", "")
        if not form.is_valid():
            problem = "；".join(form.errors.get("amount", []))
            return self._page(request, batch, f"{payment.line}：{problem}", typed=typed)
        try:
            payments.change_payment(
                payment=payment, actor=request.user, now=timezone.now(), **form.cleaned_data
            )
        except ApplicationError as error:
            return self._page(request, batch, f"{payment.line}：{error}", typed=typed)
        return self._done(request, batch, f"{payment.line}：本次支付金额已改。")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def remove(self, request: HttpRequest, object_id: int) -> HttpResponse:
        batch = self._find_to_pay(request, object_id)
        payment = self._payment(request, batch)
        try:
            payments.remove_payment(payment=payment, actor=request.user, now=timezone.now())
        except ApplicationError as error:
            return self._page(request, self._find_to_pay(request, object_id), str(error))
        return self._done(request, batch, f"{payment.line}：已移出。")

    @method_decorator(require_POST)
    @method_decorator(fresh_factor_required)
    def discard(self, request: HttpRequest, object_id: int) -> HttpResponse:
        batch = self._find_to_pay(request, object_id)
        try:
            payments.discard_batch(batch=batch, actor=request.user, now=timezone.now())
        except ApplicationError as error:
            return self._page(request, self._find_to_pay(request, object_id), str(error))
        self.message_user(request, f"批次 {batch.number} 已删除。", messages.SUCCESS)
        return redirect("admin:money_paymentbatch_changelist")

    @method_decorator(require_http_methods(["GET", "HEAD", "POST"]))
    @method_decorator(fresh_factor_required)
    def refund(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Record that money of one payment came back."""
        batch = self._find_to_pay(request, object_id)
        payment = self._payment(request, batch)
        if batch.is_draft:
            raise Http404("还没有支付")
        data = request.POST if request.method == "POST" else None
        form = RefundForm(data, seen=payment.refunded)
        problem = CHECK_BELOW if form.is_bound else ""
        if form.is_valid():
            try:
                refunds.refund(
                    payment=payment, actor=request.user, now=timezone.now(), **form.cleaned_data
                )
            except ApplicationError as error:
                problem = str(error)
                payment = self._payment(request, batch)
                form.show_again(payment.refunded)
            else:
                return self._done(request, batch, f"{payment.line}：已登记退回。")
        context = {
            "title": f"登记退回 {payment.line}",
            "batch": batch,
            "payment": payment,
            "form": form,
            "problem": problem,
        }
        return self.render(request, "admin/money/paymentbatch/refund.html", context)
