"""Payment results: the payment list, filled in with what was paid, what failed and what came back.

A row is found by batch, case, level and tranche; where these fit two payments it is refused. A
draft is settled whole: what failed leaves it, the rest is paid under one voucher on one day. A draft
with a paid line that the user confirmed or approved is left to somebody else, and one of which the file
tells a part waits; other drafts do not.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from applications.cases.services.errors import ApplicationError
from applications.centre.exports import payments as words
from applications.centre.exports.payments import HAS_FAILED
from applications.centre.imports.finding import Completed, Match, in_order, numbers_typed
from applications.centre.imports.paid_lines import PaymentSearch
from applications.centre.imports.payment_checks import check, waiting
from applications.centre.imports.payment_columns import (
    FIELDS,
    HEADERS,
    KEYS,
    NEEDED,
    RESULTS_PAID,
)
from applications.centre.imports.payment_details import payment_details, told_once, waits
from applications.centre.imports.payment_records import Records, records_of, row_key
from applications.centre.imports.questions import Question, gathered
from applications.centre.imports.recording import ImportKind, LeftOut
from applications.money.models import Payment, PaymentBatch
from applications.money.services.payments import (
    change_payment,
    discard_batch,
    pay_batch,
    remove_payment,
)
from applications.money.services.permits import permit_for
from applications.money.services.refunds import refund
from applications.money.services.two_people import answered_for
from policies.rules.facts import plain
from portal.sheets.account import Account
from portal.sheets.columns import Field, Place, Problem, SheetRow

INCOMPLETE = "这个批次还有 {count} 项没有写结果：{names}；一个批次要一起登记"
OWN_LINE = "这一项由您确认或批准，支付要由另一人登记"
OWN_BATCH = "同一批次的{place}由您确认或批准，一个批次要由另一人一起登记"
BEFORE_SUBMISSION = "支付日期 {on} 早于企业提交申报的日期 {day}"
LEFT_TO_OTHERS = "所在批次有由您确认或批准的奖补，要由另一人导入同一份表登记。"
NO_RESULT_YET = "所在批次在表里还没有结果，有了结果再导入。"
OTHERS_WAIT = "所在批次还有几项没有结果，齐了再导入。"
MOST_NAMES = 5
[PAID_ON] = (field for field in FIELDS if field.key == "paid_on")


def _complete(
    account: Account, file_name: str, decisions: Mapping[str, Any], user: Any
) -> Completed:
    """Rows with their payment and its result: what the list leaves out, found or told once."""
    rows = account.rows
    own = [row for row in rows if None not in row_key(row)]
    foreign = [row for row in rows if None in row_key(row)]
    choices = decisions.get("found", {})
    search = PaymentSearch(foreign, user, numbers_typed(choices)) if foreign else None
    details = payment_details(account, file_name, search, decisions.get("details", {}))
    left = [row for row in rows if waits(row, details)]
    own, foreign = told_once(own, details), told_once(foreign, details)
    matches: Sequence[Match] = ()
    if search:
        taken = search.keys_of(own)
        matches = search.matches(foreign, details.values, choices, taken)
    found = [
        replace(match.row, values=match.row.values | match.found.values)
        for match in matches
        if match.found
    ]
    open_places = {row.place for row in left}
    whole = [row for row in (*own, *found) if row.place not in open_places]
    return Completed(in_order(whole), matches, details)


def _ask(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[Question]:
    """About days of payment that can hardly be meant."""
    return list(gathered(_early(rows, records_of(rows, user))))


def _early(
    rows: Sequence[SheetRow], records: Records
) -> Iterator[tuple[SheetRow, Field, str, str]]:
    for row in rows:
        on = row.values["paid_on"]
        for payment in records.payments.get(row_key(row), ()) if on else ():
            day = timezone.localdate(payment.line.application.submitted_at)
            if on < day:
                yield row, PAID_ON, "early", BEFORE_SUBMISSION.format(on=on, day=day)


def _leave_out(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[LeftOut]:
    """The rows of batches that wait for results, and those that are somebody else's to record."""
    left = waiting(rows)
    told = [LeftOut(row.place, NO_RESULT_YET, NO_RESULT_YET) for row in rows if row.place in left]
    told += _of_others([row for row in rows if row.place not in left], user, now)
    left = {each.place for each in told}
    return [*told, *_in_part([row for row in rows if row.place not in left], user)]


def _in_part(rows: Sequence[SheetRow], user: Any) -> list[LeftOut]:
    """The rows of drafts of which the file tells a part, where it tells another batch whole.

    Where it tells none whole that is a problem, and nothing is recorded.
    """
    records = records_of(rows, user)
    by_batch = defaultdict(list)
    for row in rows:
        by_batch[row.values["batch"]] += [
            (row, payment) for payment in records.payments.get(row_key(row), ())
        ]
    missing = {
        number: _missing(pairs, records.of_batch(number)) if batch.is_draft else ""
        for number, pairs in by_batch.items()
        if (batch := records.batches.get(number))
    }
    if all(missing.values()):
        return []
    return [
        LeftOut(row.place, told, OTHERS_WAIT)
        for row in rows
        if (told := missing.get(row.values["batch"]))
    ]


def _of_others(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[LeftOut]:
    """The rows of drafts that pay a line which the user confirmed or approved, with the reason.

    None where the user's office has a permit to pay alone.
    """
    records = records_of(rows, user)
    offices = {batch.fund.jurisdiction for batch in records.batches.values()}
    alone = {office for office in offices if permit_for(user, office, now)}
    paid = {
        row.place: payment.line
        for row in rows
        for payment in records.payments.get(row_key(row), ())
        if payment.batch.fund.jurisdiction not in alone
        and payment.batch.is_draft
        and row.values["result"] in RESULTS_PAID
    }
    own = answered_for(paid.values(), user)
    first: dict[str, Place] = {}
    for row in rows:
        if row.place in paid and paid[row.place].pk in own:
            first.setdefault(row.values["batch"], row.place)
    found = []
    for row in rows:
        if (place := first.get(row.values["batch"])) is None:
            continue
        is_own = row.place in paid and paid[row.place].pk in own
        told = OWN_LINE if is_own else OWN_BATCH.format(place=place)
        found.append(LeftOut(row.place, told, LEFT_TO_OTHERS))
    return found


def _record(rows: Sequence[SheetRow], user: Any, now: datetime) -> list[Problem]:
    """Settle each draft whole and record what came back; returns what could not be recorded."""
    records = records_of(rows, user)
    by_batch = defaultdict(list)
    for row in rows:
        [payment] = records.payments[row_key(row)]
        by_batch[row.values["batch"]].append((row, payment))
    problems = []
    for number in sorted(by_batch, key=lambda number: records.batches[number].pk):
        batch, pairs = records.batches[number], by_batch[number]
        if not batch.is_draft:
            problems += _take_back(pairs, user, now)
        elif missing := _missing(pairs, records.of_batch(number)):
            problems.append(Problem(pairs[0][0].place, words.BATCH, missing))
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
    return Problem(row.place, HEADERS.get(error.field, words.BATCH), str(error))


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
        "改正后可以重新列入；付出后又退回来的，填退回日期和原因。银行或付款单位自己的表也可以导入："
        "按统一社会信用代码，或者企业名称和县，找到批次里的一项；表里没有的，在核对的页面上填一次。"
        "表里还没有结果的批次，和只写了一部分的批次，这次不登记，不影响其他批次。"
        "由您确认或批准的奖补，所在批次这次不登记，请另一人导入同一份表；其他批次照常登记。"
    ),
    permission="money.pay_awards",
    fields=FIELDS,
    keys=KEYS,
    complete=_complete,
    check=check,
    record=_record,
    ask=_ask,
    sums=_sums,
    leave_out=_leave_out,
    takes_factor=True,
)
