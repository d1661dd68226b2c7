"""Payment results: the payment list, filled in with what was paid, what failed and what came back.

A row is found by batch, case, level and tranche; where these fit two payments it is refused. A
draft is settled whole: what failed leaves it, the rest is paid under one voucher on one day.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from applications.cases.services.errors import ApplicationError
from applications.centre.imports.recognitions import OTHER_FIRM
from applications.centre.imports.recording import ImportKind, duplicates
from applications.centre.lists import payments as words
from applications.centre.lists.payments import CAME_BACK, HAS_FAILED, IS_PAID, IS_PAID_IN_PART
from applications.money.models import AwardEvent, AwardLine, Payment, PaymentBatch
from applications.money.services.payments import (
    change_payment,
    discard_batch,
    locked_batches,
    pay_batch,
    refund,
    remove_payment,
)
from policies.catalogue.models.award import Level
from policies.rules.facts import plain
from portal.lists.canonical import clean_text
from portal.sheets.columns import (
    Field,
    Problem,
    SheetRow,
    read_amount,
    read_day,
    read_one_of,
    read_text,
)

KEY = ("batch", "number", "level", "title")
RESULTS = {
    IS_PAID: IS_PAID,
    IS_PAID_IN_PART: IS_PAID_IN_PART,
    HAS_FAILED: HAS_FAILED,
    CAME_BACK: CAME_BACK,
    "支付成功": IS_PAID,
    "成功": IS_PAID,
    "失败": HAS_FAILED,
    "已退回": CAME_BACK,
}
FIELDS = (
    Field("batch", words.BATCH, read_text(24)),
    Field("number", words.NUMBER, read_text(20)),
    Field("credit_code", words.CODE, read_text(18)),
    Field("level", words.LEVEL, read_one_of({label: label for label in Level.labels})),
    Field("title", words.TITLE, read_text(100)),
    Field("result", words.RESULT, read_one_of(RESULTS)),
    Field("paid_on", words.PAID_ON, read_day, is_required=False),
    Field("voucher_number", words.VOUCHER, read_text(60), is_required=False),
    Field("amount", words.PAID, read_amount, is_required=False),
    Field("on", words.RETURNED_ON, read_day, is_required=False),
    Field("returned", words.REFUNDED, read_amount, is_required=False),
    Field("reason", words.REASON, read_text(500), is_required=False),
)
HEADERS = {field.key: field.header for field in FIELDS}
RESULTS_PAID = (IS_PAID, IS_PAID_IN_PART)
OF_PAYMENT = ("paid_on", "voucher_number", "amount")
# What a result needs beside it, and what would contradict it.
NEEDED = {
    IS_PAID: OF_PAYMENT,
    IS_PAID_IN_PART: OF_PAYMENT,
    HAS_FAILED: ("reason",),
    CAME_BACK: ("on", "reason"),
}
EMPTY = {
    IS_PAID: ("on", "reason"),
    IS_PAID_IN_PART: ("on", "reason"),
    HAS_FAILED: ("on",),
    CAME_BACK: (),
}
IS_MISSING = "没有填；支付结果是“{result}”的要填"
IS_TOO_MUCH = "支付结果是“{result}”，这一列应当空着"
NO_BATCH = "没有这个批次，或者不归您办理"
NOT_IN_BATCH = "批次里没有这一项，请核对申报编号、奖补级别和期次；可能已移出批次"
AMBIGUOUS = "批次里有 {count} 项的申报编号、奖补级别和期次都相同，分不清是哪一项；请在批次页上办理"
FAILED_BEFORE = "已登记支付失败（{reason}），与表里写的不一致"
NOT_YET_PAID = "批次还没有登记支付，不会有退回；没有付成的写“支付失败”"
FAILED_WITH_AMOUNT = "支付结果是“支付失败”，却有实付金额 {told} 万元"
OTHER_AMOUNT = "本批金额是 {drafted} 万元，表里写的是 {told} 万元；{hint}"
ONLY_A_PART, NEVER_MORE = "确实只付了一部分的，支付结果写“部分支付”", "请核对单位，多付的不能登记"
NOT_A_PART = "支付结果是“部分支付”，应多于 0、少于本批金额 {drafted} 万元，表里写的是 {told} 万元"
NOTHING_BACK = "有退回金额 {told} 万元，支付结果却是“{result}”；退回的写“退回”"
PAID_BEFORE = "已登记 {day} 支付，凭证号“{voucher}”；款项退回来的，支付结果写“退回”"
RECORDED_AS = "已登记的是“{recorded}”，表里写的是“{told}”"
PART_CAME_BACK = "付了 {paid} 万元，表里写的是 {told} 万元；只退回一部分的，请在批次页上登记"
BACK_BEFORE = "已登记退回 {amount} 万元（{day}，{reason}），与表里写的不一致"
UNLIKE = "与第 {number} 行的“{other}”不一致；一个批次只有一个凭证号和一个支付日期"
INCOMPLETE = "这个批次还有 {count} 项没有写结果：{names}；一个批次要一起登记"
MOST_NAMES = 5
Found = Iterator[tuple[str, str]]


@dataclass(frozen=True)
class Records:
    """What is on record of the batches that a file names, locked until the transaction ends.

    `payments` and `failures` by batch, case, level and tranche; `codes` by number of the case.
    """

    batches: Mapping[str, PaymentBatch]
    payments: Mapping[tuple[str, ...], Sequence[Payment]]
    failures: Mapping[tuple[str, ...], str]
    codes: Mapping[str, str]

    def of_batch(self, number: str) -> list[Payment]:
        return [each for key, own in self.payments.items() if key[0] == number for each in own]


def _line_key(batch: str, line: AwardLine) -> tuple[str, ...]:
    return batch, line.application.number, line.get_level_display(), clean_text(line.title)


def _row_key(row: SheetRow) -> tuple[str, ...]:
    return tuple(row.values[key] for key in KEY)


def _records(rows: Sequence[SheetRow], user: Any) -> Records:
    named = {row.values["batch"] for row in rows}
    batches = {batch.number: batch for batch in locked_batches(named, user)}
    paid = (
        Payment.objects.filter(batch__in=batches.values())
        .select_related(
            "batch__fund__jurisdiction", "line__application__enterprise", "line__payer",
            "line__fund__jurisdiction",
        )
        .defer("line__application__answers", "line__application__assessment")
        .prefetch_related("refunds")
        .order_by("line_id")
    )  # fmt: skip
    payments: dict[tuple[str, ...], list[Payment]] = defaultdict(list)
    codes = {}
    for payment in paid:
        payments[_line_key(payment.batch.number, payment.line)].append(payment)
        codes[payment.line.application.number] = payment.line.application.enterprise.credit_code
    failures = {}
    for event in _failures(named, {row.values["number"] for row in rows}, user):
        failures[_line_key(event.document_number, event.line)] = clean_text(event.reason)
        codes[event.line.application.number] = event.line.application.enterprise.credit_code
    return Records(batches, payments, failures, codes)


def _failures(batches: set[str], numbers: set[str], user: Any) -> Any:
    """What left these batches with a reason: its payment failed."""
    own = AwardLine.objects.handled_by(user).filter(application__number__in=numbers)
    return (
        AwardEvent.objects.filter(
            line__in=own, action=AwardEvent.Action.UNSCHEDULE, document_number__in=batches
        )
        .exclude(reason="")
        .select_related("line__application__enterprise")
        .defer("line__application__answers", "line__application__assessment")
        .order_by("pk")
    )


def _check(rows: Sequence[SheetRow], user: Any) -> tuple[list[Problem], set[int]]:
    """What does not fit the batches on record, and the rows that are recorded already."""
    records = _records(rows, user)
    several = {key for key, payments in records.payments.items() if len(payments) > 1}
    clear = [row for row in rows if _row_key(row) not in several]
    problems = duplicates(clear, KEY, words.NUMBER)
    known = set()
    for row in rows:
        found = list(_judged(row, records))
        problems += [Problem(row.number, HEADERS[key], message) for key, message in found]
        if not found and _is_recorded(row, records):
            known.add(row.number)
    return [*problems, *_unlike(rows, records)], known


def _is_recorded(row: SheetRow, records: Records) -> bool:
    """Whether a row with which nothing is wrong says what is on record already."""
    payments = records.payments.get(_row_key(row))
    if not payments:
        return True
    is_paid = not payments[0].batch.is_draft
    return is_paid and (row.values["result"] != CAME_BACK or bool(payments[0].refunded))


def _judged(row: SheetRow, records: Records) -> Found:
    """Key and message of what is wrong with a row."""
    values, key = row.values, _row_key(row)
    result = values["result"]
    unfit = [
        *((name, IS_MISSING) for name in NEEDED[result] if values[name] is None),
        *((name, IS_TOO_MUCH) for name in EMPTY[result] if values[name] is not None),
    ]
    code = records.codes.get(values["number"])
    if code and code != values["credit_code"].upper():
        yield "credit_code", OTHER_FIRM
    if unfit:
        yield from ((name, message.format(result=result)) for name, message in unfit)
        return
    payments = records.payments.get(key, ())
    if len(payments) > 1:
        yield "title", AMBIGUOUS.format(count=len(payments))
    elif payments and payments[0].batch.is_draft:
        yield from _against_draft(values, payments[0])
    elif payments:
        yield from _against_paid(values, payments[0])
    elif key in records.failures:
        reason = records.failures[key]
        if (result, values["reason"]) != (HAS_FAILED, reason):
            field = "reason" if result == HAS_FAILED else "result"
            yield field, FAILED_BEFORE.format(reason=reason)
    elif values["batch"] in records.batches:
        yield "number", NOT_IN_BATCH
    else:
        yield "batch", NO_BATCH


def _against_draft(values: Mapping[str, Any], payment: Payment) -> Found:
    result, amount = values["result"], values["amount"]
    figures = {"drafted": plain(payment.amount), "told": plain(amount or Decimal(0))}
    if result == CAME_BACK:
        yield "result", NOT_YET_PAID
        return
    if result == HAS_FAILED and amount:
        yield "amount", FAILED_WITH_AMOUNT.format(**figures)
    if result == IS_PAID and amount != payment.amount:
        hint = ONLY_A_PART if amount < payment.amount else NEVER_MORE
        yield "amount", OTHER_AMOUNT.format(**figures, hint=hint)
    if result == IS_PAID_IN_PART and not 0 < amount < payment.amount:
        yield "amount", NOT_A_PART.format(**figures)
    if values["returned"]:
        yield "returned", NOTHING_BACK.format(told=plain(values["returned"]), result=result)


def _against_paid(values: Mapping[str, Any], payment: Payment) -> Found:
    """What a row says otherwise than the record of a batch that is paid."""
    batch, result = payment.batch, values["result"]
    if result == HAS_FAILED:
        day = f"{batch.paid_on:%Y-%m-%d}"
        yield "result", PAID_BEFORE.format(day=day, voucher=batch.voucher_number)
        return
    on_record = {"paid_on": batch.paid_on, "voucher_number": clean_text(batch.voucher_number)}
    for key, recorded in on_record.items():
        told = values[key]
        if told is not None and told != recorded:
            yield key, RECORDED_AS.format(recorded=recorded, told=told)
    if result == CAME_BACK:
        yield from _against_refunds(values, payment)
        return
    # A list that was made after money had come back says what is left.
    amount, returned = values["amount"], values["returned"]
    if amount not in (payment.amount, payment.kept):
        recorded = f"{plain(payment.amount)} 万元"
        yield "amount", RECORDED_AS.format(recorded=recorded, told=f"{plain(amount)} 万元")
    if returned and returned != payment.refunded:
        yield "returned", NOTHING_BACK.format(told=plain(returned), result=result)


def _against_refunds(values: Mapping[str, Any], payment: Payment) -> Found:
    for key in ("amount", "returned"):
        told = values[key]
        if told and told != payment.amount:
            message = PART_CAME_BACK.format(paid=plain(payment.amount), told=plain(told))
            yield key, message
    if not payment.refunded:
        return
    last = max(payment.refunds.all(), key=lambda each: (each.on, each.pk))
    recorded = payment.kept, last.on, clean_text(last.reason)
    if recorded != (0, values["on"], values["reason"]):
        yield (
            "on",
            BACK_BEFORE.format(
                amount=plain(payment.refunded),
                day=f"{last.on:%Y-%m-%d}",
                reason=clean_text(last.reason),
            ),
        )


def _unlike(rows: Sequence[SheetRow], records: Records) -> list[Problem]:
    """A problem for each row of a draft whose voucher or day is not that of the rows above it."""
    first: dict[tuple[str, str], SheetRow] = {}
    problems = []
    for row in rows:
        batch = records.batches.get(row.values["batch"])
        if batch is None or not batch.is_draft or row.values["result"] not in RESULTS_PAID:
            continue
        for key in ("voucher_number", "paid_on"):
            if row.values[key] is None:
                continue
            above = first.setdefault((batch.number, key), row)
            other = above.values[key]
            if other != row.values[key]:
                message = UNLIKE.format(number=above.number, other=other)
                problems.append(Problem(row.number, HEADERS[key], message))
    return problems


def _record(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[Problem]:
    """Settle each draft whole and record what came back; returns what could not be recorded."""
    records = _records(rows, user)
    by_batch = defaultdict(list)
    for row in rows:
        [payment] = records.payments[_row_key(row)]
        by_batch[row.values["batch"]].append((row, payment))
    problems = []
    for number in sorted(by_batch, key=lambda number: records.batches[number].pk):
        batch, pairs = records.batches[number], by_batch[number]
        if not batch.is_draft:
            problems += _take_back(pairs, user, now)
        elif missing := _missing(pairs, records.of_batch(number)):
            problems.append(Problem(pairs[0][0].number, words.BATCH, missing))
        else:
            problems += _settle(batch, pairs, user, now)
    return problems


def _missing(pairs: Sequence[tuple[SheetRow, Payment]], payments: Sequence[Payment]) -> str:
    """Which payments of a draft the file leaves out, in words."""
    told = {payment.pk for _, payment in pairs}
    left = [payment.line for payment in payments if payment.pk not in told]
    names = "、".join(
        f"{line.application.number} {line.get_level_display()} {line.title}"
        for line in left[:MOST_NAMES]
    )
    more = " 等" if len(left) > MOST_NAMES else ""
    return INCOMPLETE.format(count=len(left), names=f"{names}{more}") if left else ""


def _settle(
    batch: PaymentBatch, pairs: Sequence[tuple[SheetRow, Payment]], user: Any, now: datetime
) -> list[Problem]:
    """Take out what failed and pay the rest; a draft of which nothing is left goes."""
    paid = {}
    row = pairs[0][0]
    try:
        for row, payment in pairs:
            said = row.values
            if said["result"] == HAS_FAILED:
                remove_payment(payment=payment, reason=said["reason"], actor=user, now=now)
                continue
            paid[payment.line_id] = said["amount"]
            if said["amount"] != payment.amount:
                change_payment(payment=payment, amount=said["amount"], actor=user, now=now)
        if not paid:
            discard_batch(batch=batch, actor=user, now=now)
            return []
        row = next(row for row, _ in pairs if row.values["result"] in RESULTS_PAID)
        pay_batch(
            batch=batch,
            voucher_number=row.values["voucher_number"],
            paid_on=row.values["paid_on"],
            seen=paid,
            actor=user,
            now=now,
        )
    except ApplicationError as error:
        return [_refused(row, error)]
    return []


def _take_back(
    pairs: Sequence[tuple[SheetRow, Payment]], user: Any, now: datetime
) -> list[Problem]:
    """Record whole payments that came back: they are due once more."""
    problems = []
    for row, payment in pairs:
        try:
            refund(
                payment=payment,
                amount=payment.amount,
                on=row.values["on"],
                reason=row.values["reason"],
                document_number="",
                pay_again=True,
                actor=user,
                now=now,
            )
        except ApplicationError as error:
            problems.append(_refused(row, error))
    return problems


def _refused(row: SheetRow, error: ApplicationError) -> Problem:
    return Problem(row.number, HEADERS.get(error.field, words.BATCH), str(error))


def _sums(rows: Sequence[SheetRow]) -> str:
    """How many rows of each result, and how much was paid."""
    counts = Counter(row.values["result"] for row in rows)
    paid = sum(
        (row.values["amount"] for row in rows if row.values["result"] in RESULTS_PAID), Decimal(0)
    )
    told = [f"{result} {counts[result]} 项" for result in NEEDED if counts[result]]
    return "其中" + "，".join([*told, *([f"共付 {plain(paid)} 万元"] if paid else [])]) + "。"


PAYMENT_RESULTS = ImportKind(
    key="payments",
    title="支付结果",
    help_text=(
        "用这里导出的支付清单，请付款的一方填上支付结果（已支付、部分支付、支付失败、退回）再导入，"
        "一个批次的各项要齐全。已支付的填支付日期、凭证号和实付金额；支付失败的填原因，会移出批次，"
        "改正后可以重新列入；付出后又退回来的，填退回日期和原因。"
    ),
    permission="money.pay_awards",
    fields=FIELDS,
    check=_check,
    record=_record,
    sums=_sums,
)
