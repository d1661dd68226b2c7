"""Payment results are judged, row by row, against what is on record of their batches."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from applications.centre.exports import payments as words
from applications.centre.exports.payments import CAME_BACK, HAS_FAILED, IS_PAID, IS_PAID_IN_PART
from applications.centre.imports.firm_names import former_names, spellings
from applications.centre.imports.payment_columns import (
    EMPTY,
    HEADERS,
    KEY,
    NEEDED,
    OF_RESULT,
    RESULTS_PAID,
)
from applications.centre.imports.payment_records import Records, records_of, row_key
from applications.centre.imports.recognitions import OTHER_FIRM, OTHER_NAME
from applications.centre.imports.recording import duplicates
from applications.enterprises.models import Enterprise
from applications.money.models import Payment
from policies.rules.facts import plain
from portal.lists.canonical import clean_text
from portal.sheets.columns import MISSING, Place, Problem, SheetRow

IS_MISSING = "没有填；支付结果是“{result}”的要填"
NO_RESULT = "没有填；同一批次的其他格填了，这一项也要写结果"
NO_AMOUNT = (
    "表里没有认出金额的列；请加一列，表头写“金额（万元）”或“金额（元）”，"
    "按级别、年度分了几列的改成一行一笔，再上传"
)
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
UNLIKE = "与{place}的“{other}”不一致；一个批次只有一个凭证号和一个支付日期"
Found = Iterator[tuple[str, str]]


def waiting(rows: Sequence[SheetRow]) -> set[Place]:
    """The rows of batches of which the file tells no result at all: they wait for another file."""
    told = {
        row.values["batch"] for row in rows if any(row.values[key] is not None for key in OF_RESULT)
    }
    return {row.place for row in rows if row.values["batch"] not in told}


def check(rows: Sequence[SheetRow], user: Any) -> tuple[list[Problem], set[Place]]:
    """What does not fit the batches on record, and the rows that are recorded already.

    Nothing is said of rows that are `waiting`.
    """
    left = waiting(rows)
    rows = [row for row in rows if row.place not in left]
    records = records_of(rows, user)
    several = {key for key, payments in records.payments.items() if len(payments) > 1}
    clear = [row for row in rows if row_key(row) not in several]
    problems = duplicates(clear, KEY, words.NUMBER)
    known = set()
    for row in rows:
        found = list(_judged(row, records))
        problems += [Problem(row.place, HEADERS[key], message) for key, message in found]
        if not found and _is_recorded(row, records):
            known.add(row.place)
    return [*problems, *_unlike(rows, records)], known


def _is_recorded(row: SheetRow, records: Records) -> bool:
    """Whether a row with which nothing is wrong says what is on record already."""
    payments = records.payments.get(row_key(row))
    if not payments:
        return True
    is_paid = not payments[0].batch.is_draft
    return is_paid and (row.values["result"] != CAME_BACK or bool(payments[0].refunded))


def _judged(row: SheetRow, records: Records) -> Found:
    """Key and message of what is wrong with a row."""
    values, key = row.values, row_key(row)
    result = values["result"]
    if result is None:
        yield "result", NO_RESULT
        return
    unfit = [
        *((name, _missing(row, name)) for name in NEEDED[result] if values[name] is None),
        *((name, IS_TOO_MUCH) for name in EMPTY[result] if values[name] is not None),
    ]
    yield from _of_other_firm(values, records)
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


def _missing(row: SheetRow, name: str) -> str:
    is_unknown = name == "amount" and not {"amount", "transfer"} & set(row.columns)
    return NO_AMOUNT if is_unknown else IS_MISSING


def _of_other_firm(values: Mapping[str, Any], records: Records) -> Found:
    """A number is held against the code beside it, or the name."""
    firms = records.firms.get(values["number"])
    if not firms:
        return
    if values["credit_code"]:
        if values["credit_code"] not in {firm.credit_code for firm in firms}:
            yield "credit_code", OTHER_FIRM
    elif not values["name"]:
        yield "credit_code", MISSING
    elif not spellings(values["name"]) & _names_of(firms):
        yield "name", OTHER_NAME.format(name=firms[-1].name)


def _names_of(firms: Sequence[Enterprise]) -> set[str]:
    former = former_names([firm.pk for firm in firms]).values()
    return set().union(*(spellings(firm.name) for firm in firms), *former)


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
                message = UNLIKE.format(place=above.place, other=other)
                problems.append(Problem(row.place, HEADERS[key], message))
    return problems
