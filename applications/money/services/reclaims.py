"""Reclaims: what was paid is claimed back, comes back in parts, or is dropped."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.money.models import (
    AwardEvent,
    AwardLine,
    Payment,
    PaymentBatch,
    Reclaim,
    ReclaimDrop,
    Refund,
)
from applications.money.services.awards import locked_line, record
from applications.money.services.messages import tell_of_drop, tell_of_reclaim
from applications.money.services.payments import VOUCHER_MISSING, PaymentError
from applications.money.services.refunds import REFUND_NOT_POSITIVE, book, check_seen
from policies.rules.facts import plain
from portal import acts_of_two

Action = AwardEvent.Action
NOTHING_PAID = "这一项没有付过、企业没有留下的钱，不用追回。"
TOO_MUCH = "企业现在留下 {kept} 万元，最多追回这么多。"
NOT_POSITIVE = "追回金额应大于 0。"
IN_HAND = "这一项已有追回在办，请先办完那一份。"
REASON_MISSING = "请写明原因，企业看得到。"
DOCUMENT_MISSING = "请填文号。"
DUE_IN_PAST = "最后期限不能早于今天。"
NOT_OPEN = "这份追回现在是“{standing}”，您的操作没有生效；请刷新后再看。"
COMES_TOO_MUCH = "还要收回 {left} 万元，收到的不能多于它。"
KEPT_LESS = "企业现在只留下 {kept} 万元，请退回重提。"
DROP_WAITS = "已有人提出不再追回，等复核。"
NO_DROP = "没有等复核的“不再追回”，请刷新后再看。"
ASKED_BACK = "追回 {amount} 万元，{due_on} 前退回：{reason}"
OF_CLAIM = "追回：{reason}"


class ReclaimError(PaymentError):
    """A claim that cannot be made or booked; `field` is what to put right, in a form."""


@transaction.atomic
def propose_reclaim(
    *,
    line: AwardLine,
    amount: Decimal,
    reason: str,
    document_number: str,
    due_on: date,
    actor: Any,
    now: datetime,
) -> Reclaim:
    """Claim back a part of what the firm still holds of a line; another person confirms it."""
    own = locked_line(line, actor)
    if own.net_paid <= 0:
        raise ReclaimError(NOTHING_PAID)
    if own.reclaims.open().exists() or own.reclaims.to_confirm().exists():
        raise ReclaimError(IN_HAND)
    if amount <= 0:
        raise ReclaimError(NOT_POSITIVE, "amount")
    if amount > own.net_paid:
        raise ReclaimError(TOO_MUCH.format(kept=plain(own.net_paid)), "amount")
    if not reason.strip():
        raise ReclaimError(REASON_MISSING, "reason")
    if not document_number.strip():
        raise ReclaimError(DOCUMENT_MISSING, "document_number")
    if due_on < timezone.localdate(now):
        raise ReclaimError(DUE_IN_PAST, "due_on")
    return Reclaim.objects.create(
        line=own,
        amount=amount,
        reason=reason.strip(),
        document_number=document_number.strip(),
        due_on=due_on,
        proposed_at=now,
        proposed_by=actor,
    )


def _locked(reclaim: Reclaim, actor: Any) -> tuple[AwardLine, Reclaim]:
    """Both as they are now, the line first, if the actor may act on it."""
    own = locked_line(reclaim.line, actor)
    rows = Reclaim.objects.select_for_update(of=("self",), no_key=True)
    found = rows.get(pk=reclaim.pk)
    found.line = own
    return own, found


def _locked_open(reclaim: Reclaim, actor: Any, now: datetime) -> tuple[AwardLine, Reclaim]:
    own, found = _locked(reclaim, actor)
    if not found.is_open:
        raise ReclaimError(NOT_OPEN.format(standing=found.standing(timezone.localdate(now))))
    return own, found


@transaction.atomic
def confirm_reclaim(*, reclaim: Reclaim, actor: Any, now: datetime) -> Reclaim:
    """From now on the firm owes it, and is told."""
    own, found = _locked(reclaim, actor)
    if found.is_pending and found.amount > own.net_paid:
        raise ReclaimError(KEPT_LESS.format(kept=plain(own.net_paid)))
    confirmed = acts_of_two.confirm(found, actor=actor, now=now)
    confirmed.line = own
    told = ASKED_BACK.format(amount=plain(found.amount), due_on=found.due_on, reason=found.reason)
    record(
        own, Action.RECLAIM, actor=actor, now=now, reason=told,
        document_number=found.document_number,
    )  # fmt: skip
    tell_of_reclaim(confirmed)
    return confirmed


@transaction.atomic
def refuse_reclaim(*, reclaim: Reclaim, reason: str, actor: Any, now: datetime) -> Reclaim:
    _, found = _locked(reclaim, actor)
    return acts_of_two.refuse(found, reason=reason, actor=actor, now=now)


@transaction.atomic
def withdraw_reclaim(*, reclaim: Reclaim, actor: Any, now: datetime) -> Reclaim:
    _, found = _locked(reclaim, actor)
    return acts_of_two.withdraw(found, actor=actor, now=now)


@transaction.atomic
def book_return(
    *,
    reclaim: Reclaim,
    amount: Decimal,
    on: date,
    document_number: str,
    actor: Any,
    now: datetime,
    seen: Decimal | None = None,
) -> list[Refund]:
    """Book money of a claim that came back, with the payments of its line, the oldest first.

    `seen` is how much the clerk saw that had come back.
    """
    own, found = _locked_open(reclaim, actor, now)
    check_seen(seen, found.recovered)
    if not document_number.strip():
        raise ReclaimError(VOUCHER_MISSING, "document_number")
    if amount <= 0:
        raise ReclaimError(REFUND_NOT_POSITIVE, "amount")
    if amount > found.outstanding:
        raise ReclaimError(COMES_TOO_MUCH.format(left=plain(found.outstanding)), "amount")
    left, booked = amount, []
    for payment in _payments_of(own):
        part = min(left, payment.kept)
        if not part:
            continue
        refund = book(
            own, payment, amount=part, on=on, reason=OF_CLAIM.format(reason=found.reason),
            document_number=document_number, pay_again=False, actor=actor, now=now, reclaim=found,
        )  # fmt: skip
        found.recovered += part
        found.save(update_fields=["recovered"])
        booked.append(refund)
        left -= part
    return booked


def _payments_of(line: AwardLine) -> list[Payment]:
    paid = Payment.objects.filter(line=line, batch__state=PaymentBatch.State.PAID)
    return list(paid.select_related("batch").order_by("batch__paid_on", "pk"))


@transaction.atomic
def propose_drop(*, reclaim: Reclaim, reason: str, actor: Any, now: datetime) -> ReclaimDrop:
    """Say that what is still out is not asked back any more; another person confirms it."""
    _, found = _locked_open(reclaim, actor, now)
    if not reason.strip():
        raise ReclaimError(REASON_MISSING, "reason")
    if found.drops.filter(state=ReclaimDrop.State.PENDING).exists():
        raise ReclaimError(DROP_WAITS)
    return ReclaimDrop.objects.create(
        reclaim=found, reason=reason.strip(), proposed_at=now, proposed_by=actor
    )


def waiting_drop(reclaim: Reclaim) -> ReclaimDrop | None:
    return (
        reclaim.drops.filter(state=ReclaimDrop.State.PENDING).select_related("proposed_by").first()
    )


def _locked_drop(reclaim: Reclaim, actor: Any) -> tuple[AwardLine, Reclaim, ReclaimDrop]:
    own, found = _locked(reclaim, actor)
    drop = waiting_drop(found)
    if drop is None:
        raise ReclaimError(NO_DROP)
    return own, found, drop


@transaction.atomic
def confirm_drop(*, reclaim: Reclaim, actor: Any, now: datetime) -> Reclaim:
    """What came back stays booked; the rest is not asked back, and the firm is told."""
    own, found, drop = _locked_drop(reclaim, actor)
    if not found.is_open:
        raise ReclaimError(NOT_OPEN.format(standing=found.standing(timezone.localdate(now))))
    acts_of_two.confirm(drop, actor=actor, now=now)
    found.dropped_at = now
    found.save(update_fields=["dropped_at"])
    record(own, Action.DROP_RECLAIM, actor=actor, now=now, reason=drop.reason)
    tell_of_drop(found, drop.reason)
    return found


@transaction.atomic
def refuse_drop(*, reclaim: Reclaim, reason: str, actor: Any, now: datetime) -> Reclaim:
    _, found, drop = _locked_drop(reclaim, actor)
    acts_of_two.refuse(drop, reason=reason, actor=actor, now=now)
    return found


@transaction.atomic
def withdraw_drop(*, reclaim: Reclaim, actor: Any, now: datetime) -> Reclaim:
    _, found, drop = _locked_drop(reclaim, actor)
    acts_of_two.withdraw(drop, actor=actor, now=now)
    return found
