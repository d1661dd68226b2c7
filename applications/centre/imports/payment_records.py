"""What is on record of the batches that payment results name: their payments, and what failed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from applications.centre.imports.payment_columns import KEY
from applications.enterprises.models import Enterprise
from applications.money.models import AwardEvent, AwardLine, Payment, PaymentBatch
from applications.money.services.payments import locked_batches
from portal.lists.canonical import clean_text
from portal.sheets.columns import SheetRow


@dataclass(frozen=True)
class Records:
    """What is on record of the batches that a file names, locked until the transaction ends.

    `payments` and `failures` by batch, case, level and tranche; `firms` by number of the case: who
    handed it in, and who goes on with it.
    """

    batches: Mapping[str, PaymentBatch]
    payments: Mapping[tuple[str, ...], Sequence[Payment]]
    failures: Mapping[tuple[str, ...], str]
    firms: Mapping[str, Sequence[Enterprise]]

    def of_batch(self, number: str) -> list[Payment]:
        return [each for key, own in self.payments.items() if key[0] == number for each in own]


def line_key(batch: str, line: AwardLine) -> tuple[str, ...]:
    return batch, line.application.number, line.get_level_display(), clean_text(line.title)


def row_key(row: SheetRow) -> tuple[str, ...]:
    return tuple(row.values[key] for key in KEY)


def records_of(rows: Sequence[SheetRow], user: Any) -> Records:
    named = {row.values["batch"] for row in rows}
    batches = {batch.number: batch for batch in locked_batches(named, user)}
    paid = (
        Payment.objects.filter(batch__in=batches.values())
        .select_related(
            "batch__fund__jurisdiction", "line__application__enterprise",
            "line__application__successor", "line__payer", "line__fund__jurisdiction",
        )
        .defer("line__application__answers", "line__application__assessment")
        .prefetch_related("refunds")
        .order_by("line_id")
    )  # fmt: skip
    payments: dict[tuple[str, ...], list[Payment]] = defaultdict(list)
    firms = {}
    for payment in paid:
        payments[line_key(payment.batch.number, payment.line)].append(payment)
        firms[payment.line.application.number] = _firms_of(payment.line)
    failures = {}
    for event in _failures(named, {row.values["number"] for row in rows}, user):
        failures[line_key(event.document_number, event.line)] = clean_text(event.reason)
        firms[event.line.application.number] = _firms_of(event.line)
    return Records(batches, payments, failures, firms)


def _firms_of(line: AwardLine) -> list[Enterprise]:
    return list(filter(None, (line.application.enterprise, line.application.successor)))


def _failures(batches: set[str], numbers: set[str], user: Any) -> Any:
    """What left these batches with a reason: its payment failed."""
    own = AwardLine.objects.handled_by(user).filter(application__number__in=numbers)
    return (
        AwardEvent.objects.filter(
            line__in=own, action=AwardEvent.Action.UNSCHEDULE, document_number__in=batches
        )
        .exclude(reason="")
        .select_related("line__application__enterprise", "line__application__successor")
        .defer("line__application__answers", "line__application__assessment")
        .order_by("pk")
    )
