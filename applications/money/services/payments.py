"""Payments: batches drafted and paid.

A line is locked while a payment of it is written, so that several clerks never pay it twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.cases.services.errors import ApplicationError
from applications.enterprises.models import BankAccount
from applications.money.models import AwardEvent, AwardLine, Fund, Payment, PaymentBatch, Reclaim
from applications.money.services.awards import (
    AwardError,
    check_not_held,
    locked_line,
    record,
)
from applications.money.services.budgets import check_left, locked_budgets
from applications.money.services.messages import tell_of_failure, tell_of_payments
from applications.money.services.permits import locked_permit_for
from applications.money.services.two_people import answered_for, refusal_of_own
from policies.rules.facts import plain

Action, State = AwardEvent.Action, AwardLine.State
NOT_YOURS = "“{fund}”由{place}支付，不归您办理"
NOT_APPROVED = "现在是“{status}”，批准后才能支付"
NOTHING_LEFT = "没有可付的余额：核定 {amount} 万元，已付 {paid} 万元，已列入批次 {scheduled} 万元"
TOO_MUCH = "最多还能付 {left} 万元"
NOT_POSITIVE = "支付金额应大于 0"
OTHER_FUND = "安排的资金是“{fund}”，不能列入这个批次"
IN_BATCH = "已在批次 {number} 里"
NO_DRAFT = "这个批次已经不是草稿，您的操作没有生效；请刷新后再看。"
LEFT_MEANWHILE = "这一项已不在批次里，请刷新后再看。"
EMPTY = "批次里没有支付。"
VOUCHER_MISSING = "请填凭证号。"
VOUCHER_USED = "这项资金已用过凭证号 {number}，请核对。"
IN_FUTURE = "日期不能晚于今天。"
HELD = "{line}：暂停给付（{why}），先决定不再给付或恢复给付，或者移出批次"
CLAIMED = "{line}：付过的正在追回，收齐或决定不再追回以后才能再付；已在批次里的请移出"
STATE_CHANGED = "{line}：现在是“{status}”，不能支付；请移出批次"
CHANGED_MEANWHILE = "名单、金额或收款账户在您打开页面之后变了，请再核对一次。"


class PaymentError(AwardError):
    """A payment that cannot be made; the message says why, in Chinese."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def make_batch(*, fund: Fund, actor: Any, now: datetime) -> PaymentBatch:
    """A new draft for payments from this fund; numbers run on within place and year.

    The number of a draft that was thrown away stands in the records of its lines: it is not given
    to another batch.
    """
    if not Fund.objects.visible_to(actor).filter(pk=fund.pk).exists():
        raise PaymentError(NOT_YOURS.format(fund=fund, place=fund.jurisdiction))
    place = fund.jurisdiction
    type(place).objects.select_for_update(no_key=True).get(pk=place.pk)
    prefix = f"{place.pk}-ZF{timezone.localdate(now).year}-"
    kept = PaymentBatch.objects.filter(number__startswith=prefix).values_list("number")
    gone = AwardEvent.objects.filter(
        action=Action.UNSCHEDULE, document_number__startswith=prefix
    ).values_list("document_number")
    used = kept.order_by().union(gone.order_by())
    last = max((int(number.removeprefix(prefix)) for (number,) in used), default=0)
    return PaymentBatch.objects.create(
        number=f"{prefix}{last + 1:04d}", fund=fund, created_at=now, created_by=actor
    )


def locked_batches(numbers: Iterable[str], actor: Any) -> list[PaymentBatch]:
    """The actor's batches of these numbers, locked with their lines.

    Locked in one order, so that several clerks who work on several batches never block each other.
    """
    batches = list(
        PaymentBatch.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("fund__jurisdiction")
        .filter(number__in=set(numbers))
        .order_by("pk")
    )
    own = Payment.objects.filter(batch__in=[batch.pk for batch in batches]).values("line")
    lines = AwardLine.objects.select_for_update(no_key=True).filter(pk__in=own).order_by("pk")
    list(lines.values_list("pk"))
    return batches


def _locked_draft(batch: PaymentBatch, actor: Any) -> PaymentBatch:
    found = (
        PaymentBatch.objects.visible_to(actor)
        .select_for_update(of=("self",), no_key=True)
        .select_related("fund__jurisdiction")
        .filter(pk=batch.pk)
        .first()
    )
    if found is None or not found.is_draft:
        raise PaymentError(NO_DRAFT)
    return found


@transaction.atomic
def add_payment(
    *,
    batch: PaymentBatch,
    line: AwardLine,
    actor: Any,
    now: datetime,
    amount: Decimal | None = None,
) -> Payment:
    """Put a line into a draft: all that is left of it, or `amount` 万元 for a partial payment.

    It is paid on the account that the firm has confirmed now, if there is one.
    """
    draft = _locked_draft(batch, actor)
    own = locked_line(line, actor)
    if own.state != State.APPROVED:
        raise PaymentError(NOT_APPROVED.format(status=own.get_state_display()))
    check_not_held(own)
    _check_not_claimed([own])
    if own.fund_id != draft.fund_id:
        raise PaymentError(OTHER_FUND.format(fund=own.fund))
    if draft.payments.filter(line=own).exists():
        raise PaymentError(IN_BATCH.format(number=draft))
    left = own.payable
    if left <= 0:
        raise PaymentError(
            NOTHING_LEFT.format(
                amount=plain(own.amount), paid=plain(own.net_paid), scheduled=plain(own.scheduled)
            )
        )
    amount = left if amount is None else amount
    _check_amount(amount, left)
    account = BankAccount.objects.current(own.application.current_firm)
    payment = Payment.objects.create(batch=draft, line=own, amount=amount, account=account)
    record(
        own, Action.SCHEDULE, actor=actor, now=now,
        document_number=draft.number, scheduled=own.scheduled + amount,
    )  # fmt: skip
    return payment


def _check_not_claimed(lines: Iterable[AwardLine]) -> None:
    """PaymentError while the firm is asked to give back what it was paid on one of these lines."""
    claims = Reclaim.objects.open().filter(line__in=[line.pk for line in lines])
    if claim := claims.select_related("line__application").order_by("line_id").first():
        raise PaymentError(CLAIMED.format(line=claim.line))


@dataclass(frozen=True)
class LineRefusal:
    """A line that was left out, and why."""

    line: AwardLine
    reason: str

    def __str__(self) -> str:
        return f"{self.line}：{self.reason}"


def schedule(
    *, lines: Iterable[AwardLine], actor: Any, now: datetime
) -> tuple[list[PaymentBatch], list[LineRefusal]]:
    """Put lines into the actor's drafts, one a fund; what cannot be paid is named with its reason."""
    drafts: dict[int, PaymentBatch] = {}
    refusals = []
    for line in lines:
        try:
            with transaction.atomic():
                draft = drafts.get(line.fund_id) or _own_draft(line, actor, now)
                add_payment(batch=draft, line=line, actor=actor, now=now)
        except ApplicationError as error:
            refusals.append(LineRefusal(line, str(error)))
        else:
            drafts[draft.fund_id] = draft
    return list(drafts.values()), refusals


def _own_draft(line: AwardLine, actor: Any, now: datetime) -> PaymentBatch:
    if line.fund is None:
        raise PaymentError(NOT_APPROVED.format(status=line.get_state_display()))
    own = PaymentBatch.objects.filter(
        fund=line.fund, state=PaymentBatch.State.DRAFT, created_by=actor
    )
    return own.first() or make_batch(fund=line.fund, actor=actor, now=now)


def _check_amount(amount: Decimal, left: Decimal) -> None:
    if amount <= 0:
        raise PaymentError(NOT_POSITIVE)
    if amount > left:
        raise PaymentError(TOO_MUCH.format(left=plain(left)))


@transaction.atomic
def change_payment(*, payment: Payment, amount: Decimal, actor: Any, now: datetime) -> None:
    """Pay another amount than was drafted: a part now, the rest in a later batch."""
    draft = _locked_draft(payment.batch, actor)
    own = locked_line(payment.line, actor)
    check_not_held(own)
    kept = _payment_in(draft, payment)
    _check_amount(amount, own.payable + kept.amount)
    scheduled = own.scheduled - kept.amount + amount
    kept.amount = amount
    kept.save(update_fields=["amount"])
    record(
        own, Action.SCHEDULE, actor=actor, now=now,
        document_number=draft.number, scheduled=scheduled,
    )  # fmt: skip


def _payment_in(draft: PaymentBatch, payment: Payment) -> Payment:
    """The payment as it is now; another clerk may have taken it out meanwhile."""
    kept = draft.payments.filter(pk=payment.pk).first()
    if kept is None:
        raise PaymentError(LEFT_MEANWHILE)
    return kept


@transaction.atomic
def remove_payment(*, payment: Payment, actor: Any, now: datetime, reason: str = "") -> None:
    """Take a line out of a draft; it may join another.

    With a `reason` its payment was tried and failed, which the firm is told.
    """
    draft = _locked_draft(payment.batch, actor)
    _take_out(draft, payment, actor, now, reason.strip())


def _take_out(
    draft: PaymentBatch, payment: Payment, actor: Any, now: datetime, reason: str = ""
) -> None:
    own = locked_line(payment.line, actor)
    kept = _payment_in(draft, payment)
    kept.delete()
    event = record(
        own, Action.UNSCHEDULE, actor=actor, now=now, reason=reason,
        document_number=draft.number, scheduled=own.scheduled - kept.amount,
    )  # fmt: skip
    if reason:
        tell_of_failure(event, kept.amount)


@transaction.atomic
def discard_batch(*, batch: PaymentBatch, actor: Any, now: datetime) -> None:
    """Throw a draft away; its lines can be paid in another."""
    draft = _locked_draft(batch, actor)
    for payment in draft.payments.select_related("line__payer", "line__fund").order_by("line_id"):
        _take_out(draft, payment, actor, now)
    draft.delete()


@transaction.atomic
def pay_batch(
    *,
    batch: PaymentBatch,
    voucher_number: str,
    paid_on: date,
    seen: Mapping[int, Decimal] | None = None,
    accounts: Mapping[int, int | None] | None = None,
    actor: Any,
    now: datetime,
) -> PaymentBatch:
    """Record that the batch was paid, all of it or nothing; it does not change afterwards.

    `seen` are the amounts and `accounts` the keys of the accounts, by line, that the clerk had before
    their eyes. Of a line that the actor
    confirmed or approved, another registers the payment, unless their office has a permit.
    """
    draft = _locked_draft(batch, actor)
    voucher_number = voucher_number.strip()
    if not voucher_number:
        raise PaymentError(VOUCHER_MISSING, "voucher_number")
    if paid_on > timezone.localdate(now):
        raise PaymentError(IN_FUTURE, "paid_on")
    payments = list(draft.payments.select_related("line__payer", "line__fund").order_by("line_id"))
    if not payments:
        raise PaymentError(EMPTY)
    if seen is not None and dict(seen) != {each.line_id: each.amount for each in payments}:
        raise PaymentError(CHANGED_MEANWHILE)
    paid_on_now = {each.line_id: each.account_id for each in payments}
    if accounts is not None and dict(accounts) != paid_on_now:
        raise PaymentError(CHANGED_MEANWHILE)
    lines = {payment.pk: locked_line(payment.line, actor) for payment in payments}
    for line in lines.values():
        if line.state != State.APPROVED:
            raise PaymentError(STATE_CHANGED.format(line=line, status=line.get_state_display()))
        if line.hold:
            raise PaymentError(HELD.format(line=line, why=line.get_hold_display()))
    _check_not_claimed(lines.values())
    own = answered_for(lines.values(), actor)
    permit = locked_permit_for(actor, draft.fund.jurisdiction, now) if own else None
    if own and permit is None:
        raise PaymentError(refusal_of_own([line for line in lines.values() if line.pk in own]))
    budgets = {
        budget.pk: budget
        for part, year in sorted(
            {(line.part, line.year) for line in lines.values()}, key=lambda pair: str(pair)
        )
        for budget in locked_budgets(draft.fund, part, year)
    }
    check_left(budgets.values(), Decimal(0))
    for payment in payments:
        line = lines[payment.pk]
        paid = line.paid + payment.amount
        is_whole = paid - line.returned == line.amount
        record(
            line, Action.PAY, actor=actor, now=now, document_number=voucher_number,
            paid=paid, scheduled=line.scheduled - payment.amount,
            state=State.PAID if is_whole else State.APPROVED,
            permit=permit if line.pk in own else None,
        )  # fmt: skip
    draft.state, draft.voucher_number, draft.paid_on = draft.State.PAID, voucher_number, paid_on
    draft.paid_at, draft.paid_by, draft.permit = now, actor, permit
    try:
        draft.save()
    except IntegrityError as error:
        message = VOUCHER_USED.format(number=voucher_number)
        raise PaymentError(message, "voucher_number") from error
    tell_of_payments(draft)
    return draft
