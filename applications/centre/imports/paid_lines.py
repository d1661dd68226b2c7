"""The payments that the rows of a list without our numbers may mean."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.db.models.functions import Right

from applications.centre.exports.payments import CAME_BACK
from applications.centre.imports.finding import Candidate, Match, Search, said_by
from applications.centre.imports.firm_names import (
    firms_on_record,
    former_names,
    formerly_named,
    plain_name_of,
    spellings,
)
from applications.centre.imports.payment_records import line_key, row_key
from applications.centre.imports.places import Places
from applications.money.models import AwardLine, Payment, PaymentBatch
from policies.rules.facts import plain
from portal.lists.canonical import clean_text
from portal.sheets.columns import Place, SheetRow

ALREADY_PAID = "已登记支付（{day}，凭证号 {voucher}）"
BY_ACCOUNT = "名称对不上，账号尾号和金额对得上，请核对是不是这一笔"
DIGITS_SHOWN = 4
NOT_YET_PAID = "还没有登记支付，不会有退回"
HAS_COME_BACK = "已登记退回"


class PaymentSearch:
    """The payments of the firms that some rows name, in the user's batches, and those of cases whose
    numbers were `typed`; few queries, however many rows.
    """

    def __init__(self, rows: Sequence[SheetRow], user: Any, typed: Collection[str] = ()) -> None:
        self.rows = rows
        codes, names = said_by(rows)
        tails = {row.values["account"] for row in rows} - {None}
        numbers = {*typed, *(row.values["number"] for row in rows)} - {None}
        found = (
            Payment.objects.filter(
                batch__in=PaymentBatch.objects.visible_to(user).order_by().values("pk"),
                line__in=AwardLine.objects.visible_to(user).order_by().values("pk"),
            )
            .alias(
                name_now=plain_name_of("line__application__enterprise__name"),
                name_then=plain_name_of("line__application__enterprise_name"),
                name_of_successor=plain_name_of("line__application__successor__name"),
                name_of_account=plain_name_of("account__holder"),
                end_of_account=Right("account__number", DIGITS_SHOWN),
            )
            .filter(
                Q(line__application__enterprise__credit_code__in=codes)
                | Q(line__application__number__in=numbers)
                | Q(name_now__in=names)
                | Q(name_then__in=names)
                | Q(line__application__successor__credit_code__in=codes)
                | Q(name_of_successor__in=names)
                | Q(line__application__enterprise__in=formerly_named(names))
                | Q(name_of_account__in=names)
                | Q(end_of_account__in=tails)
            )
            .select_related(
                "account", "batch", "line__application__enterprise",
                "line__application__successor", "line__application__county",
                "line__application__edition__programme",
            )
            .defer("line__application__answers", "line__application__assessment")
            .prefetch_related("refunds")
            .order_by("-batch_id", "line_id")
        )  # fmt: skip
        self._payments = {str(payment.pk): payment for payment in found}
        firms = {each.line.application.current_firm.pk for each in self._payments.values()}
        former = former_names(firms)
        self._candidates = [
            _candidate(each, former.get(each.line.application.current_firm.pk, set()))
            for each in self._payments.values()
        ]
        self._firms = firms_on_record(codes, names, user)

    @property
    def batches(self) -> dict[str, str]:
        """By number, those that pay any of the firms."""
        batches = {payment.batch.number: payment.batch for payment in self._payments.values()}
        return {
            number: f"{number}（{batch.get_state_display()}）" for number, batch in batches.items()
        }

    def keys_of(self, rows: Sequence[SheetRow]) -> dict[str, Place]:
        """Which of the payments rows with all our numbers stand for."""
        places = {row_key(row): row.place for row in rows}
        found = {}
        for key, payment in self._payments.items():
            place = places.get(line_key(payment.batch.number, payment.line))
            if place is not None:
                found[key] = place
        return found

    def matches(
        self,
        rows: Sequence[SheetRow],
        told: Mapping[str, Any],
        choices: Mapping[str, str],
        taken: Mapping[str, Place],
    ) -> list[Match]:
        """What the rows stand for, in the batch `told` where they name none."""
        search = Search(
            self._candidates,
            Places(),
            lambda row, found: self._narrowed(row, found, told.get("batch") or ""),
            self._firms,
            otherwise=self._by_account,
        )
        return search.matches(rows, choices, taken)

    def _by_account(self, row: SheetRow) -> tuple[list[Candidate], str]:
        """Those of just that sum whose account ends as the row says, whatever the payee is called."""
        tail, sums = row.values["account"], _sums(row)
        if not tail or not sums:
            return [], ""
        found = [
            each
            for each in self._candidates
            if (payment := self._payments[each.key]).account
            and payment.account.number.endswith(tail)
            and payment.amount in sums
        ]
        return found, BY_ACCOUNT

    def _narrowed(self, row: SheetRow, found: Sequence[Candidate], batch: str) -> list[Candidate]:
        """Those that say what the row says of batch, case, level and tranche; of several, by amount."""
        values = row.values
        said = {**values, "batch": values["batch"] or batch}
        own = [
            each
            for each in found
            if all(
                not said[key] or said[key] == each.values[key]
                for key in ("batch", "number", "level", "title")
            )
        ]
        known = [each for each in own if self._is_recorded(row, each)]
        if known:
            return known
        own = [replace(each, refusal=self._refusal(row, each)) for each in own]
        sums = _sums(row)
        ready = [each for each in own if not each.refusal]
        same = [each for each in ready if self._payments[each.key].amount in sums]
        return same if len(ready) > 1 and same else own

    def _is_recorded(self, row: SheetRow, candidate: Candidate) -> bool:
        """Whether just what the row says is on record of it already."""
        payment, values = self._payments[candidate.key], row.values
        if payment.batch.is_draft or not values["result"]:
            return False
        if values["result"] == CAME_BACK:
            return any(
                (refund.on, clean_text(refund.reason)) == (values["on"], values["reason"])
                for refund in payment.refunds.all()
            )
        recorded = payment.batch.paid_on, clean_text(payment.batch.voucher_number)
        return recorded == (values["paid_on"], values["voucher_number"])

    def _refusal(self, row: SheetRow, candidate: Candidate) -> str:
        """Why the result of the row cannot be that of this payment."""
        payment = self._payments[candidate.key]
        batch = payment.batch
        if row.values["result"] == CAME_BACK:
            if batch.is_draft:
                return NOT_YET_PAID
            return HAS_COME_BACK if payment.refunded else ""
        if row.values["result"] and not batch.is_draft:
            return ALREADY_PAID.format(day=batch.paid_on, voucher=batch.voucher_number)
        return ""


def _sums(row: SheetRow) -> set[Any]:
    """What the row says was paid, or came back."""
    values = row.values
    told = values["returned"] if values["result"] == CAME_BACK else values["amount"]
    return {values["transfer"] if told is None else told} - {None}


def _candidate(payment: Payment, former: Collection[str]) -> Candidate:
    line, case = payment.line, payment.line.application
    firm, number = case.current_firm, payment.batch.number
    told = [
        number, payment.batch.get_state_display(), case.number, firm.name, case.county.name,
        case.edition.programme.name, line.get_level_display(), clean_text(line.title),
        f"{plain(payment.amount)} 万元",
    ]  # fmt: skip
    batch, case_number, level, title = line_key(number, line)
    return Candidate(
        key=str(payment.pk),
        label="　".join(each for each in told if each),
        code=firm.credit_code,
        names=frozenset(
            each
            for name in (
                firm.name,
                case.enterprise.name,
                case.enterprise_name,
                getattr(payment.account, "holder", ""),
            )
            if name
            for each in spellings(name)
        ),
        county=case.county_id,
        values={
            "batch": batch, "number": case_number, "level": level, "title": title,
            "credit_code": firm.credit_code,
        },
        former=frozenset(former),
    )  # fmt: skip
