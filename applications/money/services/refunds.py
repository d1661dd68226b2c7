"""Refunds: money that was paid and came back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.money.models import AwardEvent, AwardLine, Payment, Reclaim, Refund
from applications.money.services.awards import STILL_SCHEDULED, locked_line, record
from applications.money.services.messages import tell_of_return
from applications.money.services.payments import IN_FUTURE, PaymentError
from policies.rules.facts import plain

Action, State = AwardEvent.Action, AwardLine.State
NOT_PAID = "这个批次还没有支付，不能登记退回。"
REFUND_TOO_MUCH = "最多能退回 {left} 万元。"
REFUND_EARLY = "退回日期不能早于支付日期 {day}。"
REFUND_NOT_POSITIVE = "退回金额应大于 0。"
REASON_MISSING = "请写明退回的原因。"
BOOKED_MEANWHILE = (
    "您打开页面以后，已有人登记退回 {amount} 万元：请核对是不是同一笔，不是的再登记一次。"
)
CLAIMED_BACK = "这一项正在追回：收回的钱请在追回里登记。"


@transaction.atomic
def refund(
    *,
    payment: Payment,
    amount: Decimal,
    on: date,
    reason: str,
    document_number: str,
    pay_again: bool,
    actor: Any,
    now: datetime,
    seen: Decimal | None = None,
) -> Refund:
    """Record money that came back; to be paid again it is due once more, else the line is over.

    What is claimed back is booked with its claim. `seen` is how much the clerk saw that had come back.
    """
    own = locked_line(payment.line, actor)
    check_seen(seen, Payment.objects.get(pk=payment.pk).refunded)
    if own.reclaims.open().exists():
        raise PaymentError(CLAIMED_BACK)
    return book(
        own, payment, amount=amount, on=on, reason=reason, document_number=document_number,
        pay_again=pay_again, actor=actor, now=now,
    )  # fmt: skip


def check_seen(seen: Decimal | None, booked: Decimal) -> None:
    """PaymentError where more was booked since the page was opened: by a second click, or by another."""
    if seen is not None and seen != booked:
        raise PaymentError(BOOKED_MEANWHILE.format(amount=plain(booked - seen)))


def book(
    own: AwardLine,
    payment: Payment,
    *,
    amount: Decimal,
    on: date,
    reason: str,
    document_number: str,
    pay_again: bool,
    actor: Any,
    now: datetime,
    reclaim: Reclaim | None = None,
) -> Refund:
    """Book what came back of one payment of a locked line, in the caller's transaction."""
    kept = (
        Payment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("batch")
        .get(pk=payment.pk)
    )
    if kept.batch.is_draft:
        raise PaymentError(NOT_PAID)
    if not reason.strip():
        raise PaymentError(REASON_MISSING, "reason")
    if amount <= 0:
        raise PaymentError(REFUND_NOT_POSITIVE)
    if amount > kept.kept:
        raise PaymentError(REFUND_TOO_MUCH.format(left=plain(kept.kept)))
    if on > timezone.localdate(now):
        raise PaymentError(IN_FUTURE, "on")
    if on < kept.batch.paid_on:
        raise PaymentError(REFUND_EARLY.format(day=f"{kept.batch.paid_on:%Y-%m-%d}"), "on")
    if own.scheduled and not pay_again:
        raise PaymentError(STILL_SCHEDULED)
    is_over = own.state == State.RETURNED or not pay_again
    kept.refunded += amount
    kept.save(update_fields=["refunded"])
    made = Refund.objects.create(
        payment=kept,
        amount=amount,
        on=on,
        reason=reason.strip(),
        document_number=document_number.strip(),
        pay_again=not is_over,
        reclaim=reclaim,
        recorded_at=now,
        recorded_by=actor,
    )
    record(
        own, Action.REFUND, actor=actor, now=now, reason=reason.strip(),
        document_number=document_number.strip(), returned=own.returned + amount,
        state=State.RETURNED if is_over else State.APPROVED,
    )  # fmt: skip
    tell_of_return(made)
    return made
