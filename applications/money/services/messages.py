"""What a firm is told about its money: amounts that staff set, payments, and what came back."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from django.template.loader import render_to_string

from applications.cases.models import Application, Message
from applications.cases.services.messages import Announcement, members_of, notify, tell_firm
from applications.enterprises.models import Enterprise
from applications.money.models import AwardEvent, Payment, PaymentBatch, Reclaim, Refund
from portal.models import Delivery

MONEY = Message.Kind.MONEY
AMOUNT = Announcement(MONEY, "奖补金额已核定", "money/messages/award_amount.txt")
END = Announcement(MONEY, "奖补不再给付", "money/messages/award_end.txt", by_sms=True)
FAILURE = Announcement(MONEY, "奖补支付没有成功", "money/messages/award_failure.txt", by_sms=True)
RETURN = Announcement(MONEY, "奖补资金退回", "money/messages/award_return.txt", by_sms=True)
RECLAIM = Announcement(MONEY, "奖补资金要退回", "money/messages/award_reclaim.txt", by_sms=True)
DROPPED = Announcement(MONEY, "奖补资金不再追回", "money/messages/award_reclaim_dropped.txt")
PAID = "奖补已支付"
SEVERAL = "{count} 项"


def tell_of_amount(event: AwardEvent) -> None:
    """What staff granted where the documents left it open."""
    _tell_of_event(event, AMOUNT)


def tell_of_end(event: AwardEvent) -> None:
    """That a line is void, and why."""
    _tell_of_event(event, END)


def tell_of_failure(event: AwardEvent, amount: Decimal) -> None:
    """That so many 万元 did not leave: most often the firm has to put its account right."""
    _tell_of_event(event, FAILURE, amount=amount)


def _tell_of_event(event: AwardEvent, announcement: Announcement, **more: object) -> None:
    application = event.line.application
    context = {"event": event, "line": event.line, **more}
    key = f"award-event-{event.pk}"
    tell_firm(application, announcement, context, key=key, now=event.at)


def tell_of_return(refund: Refund) -> None:
    line = refund.payment.line
    context = {"refund": refund, "line": line}
    key = f"refund-{refund.pk}"
    tell_firm(line.application, RETURN, context, key=key, now=refund.recorded_at)


def tell_of_reclaim(reclaim: Reclaim) -> None:
    """How much the firm has to give back, why and until when."""
    _tell_of_reclaim(reclaim, RECLAIM, "confirmed", reclaim.decided_at)


def tell_of_drop(reclaim: Reclaim, reason: str) -> None:
    """That what is still out need not be given back."""
    _tell_of_reclaim(reclaim, DROPPED, "dropped", reclaim.dropped_at, reason=reason)


def _tell_of_reclaim(
    reclaim: Reclaim, announcement: Announcement, step: str, now: datetime, **more: object
) -> None:
    context = {"reclaim": reclaim, "line": reclaim.line, **more}
    key = f"reclaim-{reclaim.pk}-{step}"
    tell_firm(reclaim.line.application, announcement, context, key=key, now=now)


def tell_of_payments(batch: PaymentBatch) -> None:
    """What a batch paid: one message for each firm, however many payments are its own."""
    payments = (
        batch.payments.select_related(
            "line__application__enterprise", "line__application__successor",
            "line__application__edition__programme",
        )
        .defer("line__application__answers", "line__application__assessment")
        .order_by("line__application__number", "line_id")
    )  # fmt: skip
    in_order = sorted(payments, key=lambda each: each.line.application.current_firm.pk)
    for enterprise, own in groupby(in_order, key=lambda each: each.line.application.current_firm):
        _tell_of_payments(batch, enterprise, list(own))


def _tell_of_payments(
    batch: PaymentBatch, enterprise: Enterprise, payments: Sequence[Payment]
) -> None:
    application = _only_case(payments)
    what = (
        application.edition.programme.name if application else SEVERAL.format(count=len(payments))
    )
    context = {
        "batch": batch,
        "enterprise": enterprise,
        "payments": payments,
        "total": sum((payment.amount for payment in payments), Decimal(0)),
    }
    notify(
        recipients=members_of(enterprise),
        kind=MONEY,
        subject=f"{PAID}：{what}",
        text=render_to_string("money/messages/award_paid.txt", context).strip(),
        key=f"batch-{batch.pk}-{enterprise.pk}",
        now=batch.paid_at,
        application=application,
        enterprise=enterprise,
        channels=[Delivery.Channel.EMAIL],
    )


def _only_case(payments: Sequence[Payment]) -> Application | None:
    cases = {payment.line.application_id for payment in payments}
    return payments[0].line.application if len(cases) == 1 else None
