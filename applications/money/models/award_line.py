"""Award lines: what one level pays for a recognised case in one tranche, and what became of it."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, ExpressionWrapper, F, Q, When

from applications.cases.models.application import Application
from applications.money.models.fund import Fund, FundPart
from applications.money.models.money_field import MoneyField
from applications.money.models.single_person_permit import SinglePersonPermit
from policies.catalogue.models.award import Level
from policies.presentation.words import money
from policies.rules.awards import LEVELS
from portal.models import Jurisdiction
from portal.scope import in_charge


def printed_amount(kind: str, low: Decimal | None, high: Decimal | None) -> str:
    """The amount as the documents print it, in words."""
    if kind == AwardLine.Kind.UNPUBLISHED:
        return "金额未公布"
    if low is None and high is None:
        return "资料不足，文件算不出金额"
    words = money([low or Decimal(0), high])
    return f"待核实：{words}" if kind == AwardLine.Kind.TO_SET else words


def net_paid() -> ExpressionWrapper:
    """What the firm was paid and still holds, in 万元."""
    return ExpressionWrapper(F("paid") - F("returned"), output_field=MoneyField())


def counted_amount() -> Case:
    """What a line counts for in lists and budgets, in 万元.

    A line that is over counts with what the firm still holds of it, one that is void not at all.
    """
    return Case(
        When(state=AwardLine.State.RETURNED, then=net_paid()),
        When(state=AwardLine.State.VOID, then=None),
        default=F("amount"),
        output_field=MoneyField(),
    )


class AwardLineQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "AwardLineQuerySet":
        """What a member of staff may see: lines of the cases of their jurisdiction."""
        return self.filter(in_charge(user, "application__county"))

    def handled_by(self, user: Any) -> "AwardLineQuerySet":
        """What they may act on: money that their own jurisdiction, or one below it, pays out."""
        visible = self.visible_to(user)
        if user.is_superuser and not user.jurisdiction_code:
            return visible
        return visible.filter(
            Q(fund=None) & in_charge(user, "payer") | in_charge(user, "fund__jurisdiction")
        )

    def due(self, year: int) -> "AwardLineQuerySet":
        """Lines of this year, or left over from an earlier one, that nobody confirmed yet."""
        return self.filter(state=AwardLine.State.PREPARED, year__lte=year, hold="")

    def to_approve(self) -> "AwardLineQuerySet":
        return self.filter(state=AwardLine.State.CONFIRMED, hold="")

    def to_schedule(self) -> "AwardLineQuerySet":
        """Approved, and not yet put into a batch whole."""
        rest = F("amount") - F("scheduled") - F("paid") + F("returned")
        return self.annotate(to_schedule=rest).filter(
            state=self.model.State.APPROVED, hold="", to_schedule__gt=0
        )

    def to_decide(self) -> "AwardLineQuerySet":
        """Held lines of which nobody has said what becomes of the rest, or of what was paid."""
        unpaid = Q(state__in=self.model.OPEN, paid=F("returned"))
        held = self.exclude(hold="").filter(unpaid | Q(paid__gt=F("returned")))
        return held.exclude(reclaims__state__in=["pending", "confirmed"])

    def without_year(self) -> "AwardLineQuerySet":
        return self.filter(state=AwardLine.State.PREPARED, year=None, hold="")


class AwardLine(models.Model):
    """One tranche of one level of a recognised case, made from its pinned assessment.

    `low` and `high` are as printed, in 万元; `amount` is what is granted. `scheduled` (payments
    in drafts), `paid` and `returned` are kept by the services beside the rows they sum.
    """

    class Kind(models.TextChoices):
        EXACT = "exact", "文件印明金额"
        RANGE = "range", "文件只印范围"
        UNPUBLISHED = "unpublished", "金额未公布"
        TO_SET = "to_set", "金额待核定"

    class State(models.TextChoices):
        PREPARED = "prepared", "待确认"
        CONFIRMED = "confirmed", "已确认"
        APPROVED = "approved", "已批准"
        PAID = "paid", "已付清"
        RETURNED = "returned", "已退回"
        VOID = "void", "不再给付"

    class Hold(models.TextChoices):
        REVOKED = "revoked", "认定已撤销"
        MOVED = "moved", "企业已迁出"
        MERGED = "merged", "企业已被合并"

    # Something is still to be granted or paid.
    OPEN = (State.PREPARED, State.CONFIRMED, State.APPROVED)
    # Money that is promised: it counts against the budget.
    COMMITTED = (State.CONFIRMED, State.APPROVED, State.PAID)

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="award_lines"
    )
    level = models.CharField("奖补级别", max_length=10, choices=Level.choices)
    payer = models.ForeignKey(
        Jurisdiction, verbose_name="支付地区", on_delete=models.PROTECT, related_name="+"
    )
    position = models.PositiveSmallIntegerField("次序")
    title = models.CharField("期次", max_length=100)
    year = models.PositiveSmallIntegerField(
        "给付年度", null=True, blank=True, help_text="空表示还不知道哪一年。"
    )
    kind = models.CharField("金额依据", max_length=11, choices=Kind.choices)
    low = MoneyField("文件印的下限（万元）", null=True, blank=True)
    high = MoneyField("文件印的上限（万元）", null=True, blank=True)
    amount = MoneyField("金额（万元）", null=True, blank=True)
    condition = models.CharField("给付条件", max_length=300, blank=True)
    sources = models.TextField("依据", blank=True)
    same_money = models.CharField("同一笔钱（口径编号）", max_length=10, blank=True)
    fund = models.ForeignKey(
        Fund,
        verbose_name="资金",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lines",
    )
    part = models.ForeignKey(
        FundPart,
        verbose_name="资金的部分",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lines",
    )
    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.PREPARED)
    scheduled = MoneyField("待付（万元）", default=Decimal(0))
    paid = MoneyField("已付（万元）", default=Decimal(0))
    returned = MoneyField("退回（万元）", default=Decimal(0))
    # While it holds, nothing more is granted or paid: somebody has to say what becomes of the line.
    hold = models.CharField(
        "暂停给付", max_length=7, choices=Hold.choices, blank=True, default="", editable=False
    )
    # Counts what was done, so that nobody acts on a page grown old.
    version = models.PositiveIntegerField(default=0, editable=False)

    objects = AwardLineQuerySet.as_manager()

    class Meta:
        verbose_name = "奖补"
        verbose_name_plural = "奖补"
        ordering = ["application", "level", "payer", "position"]
        permissions = [
            ("manage_awards", "可以核定、确认奖补和管理预算"),
            ("pay_awards", "可以批准和支付奖补"),
        ]
        indexes = [
            # What falls due, all, and one tranche, each in the order of its page.
            models.Index(name="award_line_due", fields=["state", "year", "id"]),
            models.Index(name="award_line_by_year", fields=["year", "id"]),
            models.Index(name="award_line_by_title", fields=["title", "year", "id"]),
            models.Index(name="award_line_by_fund_year", fields=["fund", "year", "state"]),
            models.Index(name="award_line_held", fields=["id"], condition=~Q(hold="")),
        ]
        constraints = [
            models.UniqueConstraint(
                name="award_line_is_made_once",
                fields=["application", "level", "payer", "position"],
                violation_error_message="这一级、这一期的奖补已有。",
            ),
            models.CheckConstraint(
                name="award_line_level_is_valid",
                condition=Q(level__in=LEVELS),
                violation_error_message="没有这种奖补级别。",
            ),
            models.CheckConstraint(
                name="award_line_kind_is_valid",
                condition=Q(kind="exact", low=F("high"), low__isnull=False)
                | Q(kind__in=["range", "to_set"])
                | Q(kind="unpublished", low=None, high=None),
                violation_error_message="金额依据和文件印的金额不相符。",
            ),
            models.CheckConstraint(
                name="award_line_amount_is_as_printed",
                condition=Q(amount=None)
                | Q(amount__gt=0)
                & (Q(low=None) | Q(amount__gte=F("low")))
                & (Q(high=None) | Q(amount__lte=F("high"))),
                violation_error_message="金额应大于 0，并在文件印的范围内。",
            ),
            models.CheckConstraint(
                name="award_line_is_whole_before_it_is_confirmed",
                condition=Q(state__in=["prepared", "void"])
                | Q(
                    state__in=["confirmed", "approved", "paid", "returned"],
                    amount__isnull=False,
                    year__isnull=False,
                    fund__isnull=False,
                ),
                violation_error_message="确认奖补前要有金额、给付年度和资金。",
            ),
            models.CheckConstraint(
                name="award_line_is_paid_when_approved_only",
                condition=Q(state__in=["approved", "paid", "returned"])
                | Q(scheduled=0, paid=F("returned")),
                violation_error_message="批准之后才能支付。",
            ),
            models.CheckConstraint(
                name="award_line_is_not_overpaid",
                condition=Q(amount=None, scheduled=0, paid=0, returned=0)
                | Q(
                    scheduled__gte=0,
                    returned__gte=0,
                    paid__gte=F("returned"),
                    amount__gte=F("scheduled") + F("paid") - F("returned"),
                ),
                violation_error_message="支付合计不能超过核定的金额。",
            ),
            models.CheckConstraint(
                name="award_line_part_needs_a_fund",
                condition=Q(part=None) | Q(fund__isnull=False),
                violation_error_message="先安排资金，再安排它的部分。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.get_level_display()} {self.title}"

    @property
    def printed(self) -> str:
        return printed_amount(self.kind, self.low, self.high)

    @property
    def net_paid(self) -> Decimal:
        return self.paid - self.returned

    @property
    def payable(self) -> Decimal:
        """What can still be put into a batch."""
        if self.state != self.State.APPROVED or self.hold or self.amount is None:
            return Decimal(0)
        return self.amount - self.scheduled - self.net_paid

    @property
    def rest(self) -> Decimal:
        """What is granted and not paid yet, in a batch or not."""
        return Decimal(0) if self.amount is None else self.amount - self.net_paid

    def is_due_on(self, day: date) -> bool:
        return self.year is not None and self.year <= day.year


class AwardEvent(models.Model):
    """Who did what with an award line and why; the database refuses to change or delete it."""

    class Action(models.TextChoices):
        PREPARE = "prepare", "认定时列出"
        SET_AMOUNT = "set_amount", "核定金额"
        SET_YEAR = "set_year", "定给付年度"
        ASSIGN_FUND = "assign_fund", "安排资金"
        CONFIRM = "confirm", "确认条件"
        REOPEN = "reopen", "退回待确认"
        APPROVE = "approve", "批准支付"
        SCHEDULE = "schedule", "列入支付批次"
        UNSCHEDULE = "unschedule", "移出支付批次"
        PAY = "pay", "支付"
        REFUND = "refund", "退回"
        VOID = "void", "不再给付"
        HOLD = "hold", "暂停给付"
        RELEASE = "release", "恢复给付"
        RECLAIM = "reclaim", "追回"
        DROP_RECLAIM = "drop_reclaim", "不再追回"

    line = models.ForeignKey(
        AwardLine, verbose_name="奖补", on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField("操作", max_length=12, choices=Action.choices)
    source = models.CharField("原状态", max_length=9, choices=AwardLine.State.choices, blank=True)
    target = models.CharField("新状态", max_length=9, choices=AwardLine.State.choices)
    reason = models.TextField("理由或说明", blank=True)
    document_number = models.CharField("文号或凭证号", max_length=60, blank=True)
    permit = models.ForeignKey(
        SinglePersonPermit,
        verbose_name="单人办理许可",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="由确认或批准的人自己支付的，按哪一份许可。",
    )
    # What changed, as text: {"amount": [before, after]}; amounts in 万元.
    changes = models.JSONField("变化", default=dict, blank=True)

    class Meta:
        verbose_name = "奖补记录"
        verbose_name_plural = "奖补记录"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="award_event_needs_a_permit_to_pay_only",
                condition=Q(permit=None) | Q(action="pay"),
                violation_error_message="单人办理许可只用于支付。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.get_action_display()}"
