"""Reclaims: money that was paid and is asked back, and until when."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q

from applications.money.models.award_line import AwardLine
from applications.money.models.money_field import MoneyField
from portal.models import ActOfTwo
from portal.scope import in_charge


def outstanding() -> ExpressionWrapper:
    """What a claim still asks for, in 万元."""
    return ExpressionWrapper(F("amount") - F("recovered"), output_field=MoneyField())


def _is_open() -> Q:
    return Q(state="confirmed", dropped_at=None, recovered__lt=F("amount"))


class ReclaimQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ReclaimQuerySet":
        return self.filter(in_charge(user, "line__application__county"))

    def handled_by(self, user: Any) -> "ReclaimQuerySet":
        """What they may act on: money that their own jurisdiction, or one below it, has paid out."""
        return self.filter(line__in=AwardLine.objects.handled_by(user).values("pk"))

    def open(self) -> "ReclaimQuerySet":
        """Confirmed, and neither back whole nor dropped."""
        return self.filter(_is_open())

    def overdue(self, today: date) -> "ReclaimQuerySet":
        return self.open().filter(due_on__lt=today)

    def to_confirm(self) -> "ReclaimQuerySet":
        """What waits for a second person: the claim itself, or that it be dropped."""
        dropping = ReclaimDrop.objects.filter(reclaim=OuterRef("pk"), state=ActOfTwo.State.PENDING)
        return self.filter(Q(state=Reclaim.State.PENDING) | _is_open() & Exists(dropping))


class Reclaim(ActOfTwo):
    """A part of what one line was paid, claimed back by a last day.

    `recovered` is kept beside the refunds that it sums.
    """

    line = models.ForeignKey(
        AwardLine, verbose_name="奖补", on_delete=models.PROTECT, related_name="reclaims"
    )
    amount = MoneyField("追回金额（万元）")
    reason = models.TextField("原因")
    document_number = models.CharField("文号", max_length=60)
    due_on = models.DateField("最后期限")
    recovered = MoneyField("已收回（万元）", default=Decimal(0))
    dropped_at = models.DateTimeField("不再追回时间", null=True, blank=True)

    objects = ReclaimQuerySet.as_manager()

    class Meta:
        verbose_name = "追回"
        verbose_name_plural = "追回"
        ordering = ["-proposed_at", "-pk"]
        default_permissions = ["view"]
        indexes = [
            models.Index(
                name="reclaim_open",
                fields=["due_on"],
                condition=_is_open(),
            )
        ]
        constraints = [
            *ActOfTwo.Meta.constraints,
            models.CheckConstraint(
                name="reclaim_is_of_money_and_not_beyond_itself",
                condition=Q(amount__gt=0, recovered__gte=0, recovered__lte=F("amount")),
                violation_error_message="追回金额应大于 0，收回不能多于追回的金额。",
            ),
            models.CheckConstraint(
                name="reclaim_says_why",
                condition=~Q(reason="") & ~Q(document_number=""),
                violation_error_message="请填文号和原因。",
            ),
            models.CheckConstraint(
                name="reclaim_moves_when_confirmed_only",
                condition=Q(state="confirmed") | Q(recovered=0, dropped_at=None),
                violation_error_message="复核以后才能收回。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} 追回"

    @property
    def outstanding(self) -> Decimal:
        return self.amount - self.recovered

    @property
    def is_open(self) -> bool:
        return self.is_confirmed and self.dropped_at is None and self.outstanding > 0

    def days_late(self, today: date) -> int:
        """How many days past its last day an open claim is; 0 for others."""
        return max((today - self.due_on).days, 0) if self.is_open else 0

    def standing(self, today: date) -> str:
        """How far it is, in words."""
        if not self.is_confirmed:
            return self.get_state_display()
        if self.dropped_at is not None:
            return "不再追回"
        if not self.outstanding:
            return "已收回"
        late = self.days_late(today)
        return f"逾期 {late} 天" if late else "正在追回"


class ReclaimDrop(ActOfTwo):
    """That what is still out of a claim is not asked back any more, and why."""

    reclaim = models.ForeignKey(
        Reclaim, verbose_name="追回", on_delete=models.PROTECT, related_name="drops"
    )
    reason = models.TextField("原因")

    class Meta:
        verbose_name = "不再追回"
        verbose_name_plural = "不再追回"
        ordering = ["proposed_at", "pk"]
        default_permissions = []
        constraints = [
            *ActOfTwo.Meta.constraints,
            models.CheckConstraint(
                name="reclaim_drop_says_why",
                condition=~Q(reason=""),
                violation_error_message="请写明原因。",
            ),
            models.UniqueConstraint(
                name="reclaim_drop_stands_once",
                fields=["reclaim"],
                condition=Q(state__in=["pending", "confirmed"]),
                violation_error_message="已有人提出不再追回。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reclaim} 不再追回"
