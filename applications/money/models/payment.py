"""Payments: batches of one fund, what each pays on a line, and money that came back."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.enterprises.models import BankAccount
from applications.money.models.award_line import AwardLine
from applications.money.models.fund import Fund
from applications.money.models.money_field import MoneyField
from applications.money.models.reclaim import Reclaim
from applications.money.models.single_person_permit import SinglePersonPermit
from portal.scope import in_charge


class PaymentBatchQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "PaymentBatchQuerySet":
        """Batches of funds that are paid out in the user's jurisdiction or below it."""
        return self.filter(in_charge(user, "fund__jurisdiction"))


class PaymentBatch(models.Model):
    """Payments from one fund under one voucher; once paid it does not change."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        PAID = "paid", "已支付"

    number = models.CharField("批次编号", max_length=24, unique=True)
    fund = models.ForeignKey(
        Fund, verbose_name="资金", on_delete=models.PROTECT, related_name="batches"
    )
    state = models.CharField("状态", max_length=5, choices=State.choices, default=State.DRAFT)
    voucher_number = models.CharField("凭证号", max_length=60, blank=True)
    paid_on = models.DateField("支付日期", null=True, blank=True)
    created_at = models.DateTimeField("建立时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="建立人", on_delete=models.PROTECT, related_name="+"
    )
    paid_at = models.DateTimeField("登记支付时间", null=True, blank=True)
    paid_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="登记支付人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    permit = models.ForeignKey(
        SinglePersonPermit,
        verbose_name="单人办理许可",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="batches",
        help_text="由确认或批准的人自己支付的，按哪一份许可。",
    )

    objects = PaymentBatchQuerySet.as_manager()

    class Meta:
        verbose_name = "支付批次"
        verbose_name_plural = "支付批次"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="payment_batch_is_paid_whole",
                condition=Q(
                    state="draft",
                    voucher_number="",
                    paid_on=None,
                    paid_at=None,
                    paid_by=None,
                    permit=None,
                )
                | Q(
                    state="paid",
                    paid_on__isnull=False,
                    paid_at__isnull=False,
                    paid_by__isnull=False,
                )
                & ~Q(voucher_number=""),
                violation_error_message="支付要有凭证号和日期。",
            ),
            models.UniqueConstraint(
                name="voucher_is_used_once_a_fund",
                fields=["fund", "voucher_number"],
                condition=~Q(voucher_number=""),
                violation_error_message="这项资金已用过这个凭证号。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT


class Payment(models.Model):
    """What a batch pays on one line: all that is left of it, or a part."""

    batch = models.ForeignKey(
        PaymentBatch, verbose_name="批次", on_delete=models.CASCADE, related_name="payments"
    )
    line = models.ForeignKey(
        AwardLine, verbose_name="奖补", on_delete=models.PROTECT, related_name="payments"
    )
    amount = MoneyField("金额（万元）")
    # As it was when the line came into the batch, whatever the firm enters later.
    account = models.ForeignKey(
        BankAccount,
        verbose_name="收款账户",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="payments",
    )
    # Kept beside the refunds that it sums.
    refunded = MoneyField("已退回（万元）", default=Decimal(0))

    class Meta:
        verbose_name = "支付"
        verbose_name_plural = "支付"
        ordering = ["batch", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="payment_is_one_a_batch_and_line",
                fields=["batch", "line"],
                violation_error_message="这一项已在本批次中。",
            ),
            models.CheckConstraint(
                name="payment_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message="支付金额应大于 0。",
            ),
            models.CheckConstraint(
                name="payment_is_not_refunded_beyond_itself",
                condition=Q(refunded__gte=0, refunded__lte=F("amount")),
                violation_error_message="退回不能多于支付的金额。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch} {self.line}"

    @property
    def kept(self) -> Decimal:
        """What the firm still holds of it."""
        return self.amount - self.refunded


class Refund(models.Model):
    """Money of a payment that came back, and why; it does not change."""

    payment = models.ForeignKey(
        Payment, verbose_name="支付", on_delete=models.PROTECT, related_name="refunds"
    )
    amount = MoneyField("退回金额（万元）")
    on = models.DateField("退回日期")
    reason = models.TextField("原因", max_length=2000)
    document_number = models.CharField("凭证号", max_length=60, blank=True)
    # A transfer that failed is paid anew; money that the firm had to give back is not.
    pay_again = models.BooleanField("重新支付")
    reclaim = models.ForeignKey(
        Reclaim,
        verbose_name="追回",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="refunds",
        help_text="空表示不是追回的，如银行退票、企业主动退还。",
    )
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = "退回"
        verbose_name_plural = "退回"
        ordering = ["on", "pk"]
        constraints = [
            models.CheckConstraint(
                name="refund_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message="退回金额应大于 0。",
            ),
            models.CheckConstraint(
                name="refund_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="请写明退回的原因。",
            ),
            models.CheckConstraint(
                name="refund_of_a_claim_is_not_paid_again",
                condition=Q(reclaim=None) | Q(pay_again=False),
                violation_error_message="追回的钱不再支付。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payment} 退回"
