"""What happens to award lines: their amounts set, confirmed, approved, ended.

Nothing is granted or paid on its own: each step is somebody's, and leaves an event.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.errors import ApplicationError
from applications.enterprises.models import Enterprise
from applications.money.models import AwardEvent, AwardLine, Fund, FundPart, SinglePersonPermit
from applications.money.models.fund import FIRST_YEAR, LAST_YEAR
from applications.money.services.budgets import check_left, locked_budgets
from applications.money.services.messages import tell_of_amount, tell_of_end
from policies.rules.facts import plain
from portal.models import Jurisdiction

Action, State, Kind = AwardEvent.Action, AwardLine.State, AwardLine.Kind

TAKEN_BY_OTHERS = "已被他人改动，您的操作没有生效；请刷新后再看"
NOT_POSSIBLE = "现在是“{status}”，不能“{action}”"
NOT_YOURS = "这笔钱由{place}支付，不归您办理"
REASON_MISSING = "请写明理由"
NOTE_OR_DOCUMENT = "请写明核实的情况，或填证明文件的文号"
DOCUMENT_MISSING = "请填文号"
PRINTED_EXACT = "文件印明是 {amount} 万元，不能另定金额"
OUTSIDE = "金额应在文件印的范围内（{printed}）"
NOT_POSITIVE = "金额应大于 0"
AMOUNT_MISSING = "金额还没有核定"
YEAR_MISSING = "还没有定给付年度"
TOO_EARLY = "给付年度是 {year} 年，还没有到"
WRONG_YEAR = f"给付年度应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间"
FUND_MISSING = "还没有安排资金"
OTHER_LEVEL = "“{fund}”是{level}的钱，不能付{own}的奖补"
OTHER_PLACE = "“{fund}”只能用于{place}"
NO_SUCH_PART = "“{part}”不属于“{fund}”"
SAME_TRANCHE = "同一企业、同一项目的这一期已在 {number} 里确认，不能重复"
SAME_MONEY = "与 {number}（{programme}）是同一笔钱，只能给一次"
STILL_SCHEDULED = "还在支付批次里，先从批次移出"
PAID_BEFORE = "已经支付过，只能登记退回"
HELD = "暂停给付（{why}），先决定不再给付或恢复给付"
NOT_HELD = "没有暂停给付，不用恢复"
ABSORBED = "企业已被合并：请在“企业登记变更”里决定由承继企业继续，还是终止"


class AwardError(ApplicationError):
    """Something that cannot be done with an award line; the message says why, in Chinese."""


def locked_line(line: AwardLine, actor: Any) -> AwardLine:
    """The line as it is now, locked, if the actor may act on it."""
    if not AwardLine.objects.handled_by(actor).filter(pk=line.pk).exists():
        raise AwardError(
            NOT_YOURS.format(place=line.fund.jurisdiction if line.fund else line.payer)
        )
    return _lock(line)


def _lock(line: AwardLine) -> AwardLine:
    return (
        AwardLine.objects.select_for_update(of=("self",), no_key=True)
        .select_related("application__county", "payer", "fund__jurisdiction", "part")
        .get(pk=line.pk)
    )


def _unchanged(line: AwardLine, actor: Any, action: str, *states: str) -> AwardLine:
    """The locked line; AwardError where it changed since it was read, or is in no such state."""
    locked = locked_line(line, actor)
    if locked.version != line.version:
        raise AwardError(TAKEN_BY_OTHERS)
    if locked.state not in states:
        message = NOT_POSSIBLE.format(
            status=locked.get_state_display(), action=Action(action).label
        )
        raise AwardError(message)
    return locked


def check_not_held(line: AwardLine) -> None:
    """AwardError while nothing more may be granted or paid on the line."""
    if line.hold:
        raise AwardError(HELD.format(why=line.get_hold_display()))


def record(
    line: AwardLine,
    action: str,
    *,
    actor: Any,
    now: datetime,
    reason: str = "",
    document_number: str = "",
    permit: SinglePersonPermit | None = None,
    **values: Any,
) -> AwardEvent:
    """Write new values into a locked line, and the event that says from what to what."""
    source = line.state
    changes = {}
    for name, value in values.items():
        before = getattr(line, name)
        if before != value and name not in ("state", "hold"):
            changes[name] = [_as_text(before), _as_text(value)]
        setattr(line, name, value)
    AwardLine.objects.filter(pk=line.pk).update(**values, version=F("version") + 1)
    return AwardEvent.objects.create(
        line=line,
        at=now,
        actor=actor,
        action=action,
        source=source,
        target=line.state,
        reason=reason,
        document_number=document_number,
        permit=permit,
        changes=changes,
    )


def _as_text(value: Any) -> str | None:
    """Amounts as text keep every digit; rows by their names."""
    if value is None:
        return None
    return plain(value) if isinstance(value, Decimal) else str(value)


@transaction.atomic
def set_amount(
    *,
    line: AwardLine,
    amount: Decimal,
    reason: str,
    document_number: str,
    actor: Any,
    now: datetime,
) -> None:
    """Fix the amount where the documents print a range or nothing; outside a range is refused."""
    own = _unchanged(line, actor, Action.SET_AMOUNT, State.PREPARED)
    reason, document_number = reason.strip(), document_number.strip()
    if own.kind == Kind.EXACT:
        raise AwardError(PRINTED_EXACT.format(amount=plain(own.low)))
    if not reason:
        raise AwardError(REASON_MISSING)
    if not document_number:
        raise AwardError(DOCUMENT_MISSING)
    if amount <= 0:
        raise AwardError(NOT_POSITIVE)
    is_below = own.low is not None and amount < own.low
    if is_below or (own.high is not None and amount > own.high):
        raise AwardError(OUTSIDE.format(printed=own.printed))
    is_news = own.amount != amount
    event = record(
        own, Action.SET_AMOUNT, actor=actor, now=now,
        reason=reason, document_number=document_number, amount=amount,
    )  # fmt: skip
    if is_news:
        tell_of_amount(event)


@transaction.atomic
def set_year(*, line: AwardLine, year: int, reason: str, actor: Any, now: datetime) -> None:
    """Say in which year it falls due: its budget is that year's."""
    own = _unchanged(line, actor, Action.SET_YEAR, State.PREPARED)
    if not reason.strip():
        raise AwardError(REASON_MISSING)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise AwardError(WRONG_YEAR)
    record(own, Action.SET_YEAR, actor=actor, now=now, reason=reason.strip(), year=year)


@transaction.atomic
def assign_fund(
    *, line: AwardLine, fund: Fund, part: FundPart | None, actor: Any, now: datetime
) -> None:
    """Name the fund it is paid from: of the same level, and for the place of the case.

    Who holds money that a higher level handed down may take over its line with it.
    """
    if not AwardLine.objects.visible_to(actor).filter(pk=line.pk).exists():
        raise AwardError(NOT_YOURS.format(place=line.payer))
    if not Fund.objects.visible_to(actor).filter(pk=fund.pk).exists():
        raise AwardError(NOT_YOURS.format(place=fund.jurisdiction))
    locked = _lock(line)
    own = locked if locked.fund_id is None else locked_line(line, actor)
    if own.version != line.version:
        raise AwardError(TAKEN_BY_OTHERS)
    if own.state != State.PREPARED:
        raise AwardError(
            NOT_POSSIBLE.format(status=own.get_state_display(), action=Action.ASSIGN_FUND.label)
        )
    if fund.level != own.level:
        raise AwardError(
            OTHER_LEVEL.format(
                fund=fund, level=fund.get_level_display(), own=own.get_level_display()
            )
        )
    within = Jurisdiction.objects.within(fund.jurisdiction_id)
    if not within.filter(pk=own.application.county_id).exists():
        raise AwardError(OTHER_PLACE.format(fund=fund, place=fund.jurisdiction))
    if part is not None and part.fund_id != fund.pk:
        raise AwardError(NO_SUCH_PART.format(part=part, fund=fund))
    record(own, Action.ASSIGN_FUND, actor=actor, now=now, fund=fund, part=part)


@transaction.atomic
def confirm(*, line: AwardLine, note: str, document_number: str, actor: Any, now: datetime) -> None:
    """Say that the conditions hold: from now on the amount counts against the budget.

    Refused before its year, for what is granted already, and beyond what the budget has left.
    """
    # The firm before the line, as everywhere: what it has by other cases is counted below.
    Enterprise.objects.select_for_update(no_key=True).get(pk=line.application.enterprise_id)
    own = _unchanged(line, actor, Action.CONFIRM, State.PREPARED)
    note, document_number = note.strip(), document_number.strip()
    if not note and not document_number:
        raise AwardError(NOTE_OR_DOCUMENT)
    if own.amount is None:
        raise AwardError(AMOUNT_MISSING)
    if own.year is None:
        raise AwardError(YEAR_MISSING)
    if own.year > timezone.localdate(now).year:
        raise AwardError(TOO_EARLY.format(year=own.year))
    if own.fund is None:
        raise AwardError(FUND_MISSING)
    check_not_held(own)
    _check_granted_once(own)
    budgets = locked_budgets(own.fund, own.part, own.year)
    check_left(budgets, own.amount)
    record(
        own, Action.CONFIRM, actor=actor, now=now,
        reason=note, document_number=document_number, state=State.CONFIRMED,
    )  # fmt: skip


def _check_granted_once(line: AwardLine) -> None:
    """Refused where the firm has the same tranche of the year, or the same money, by another case."""
    application = line.application
    others = (
        AwardLine.objects.filter(
            application__in=Application.objects.of_firm(application.current_firm)
            .order_by()
            .values("pk"),
            state__in=AwardLine.COMMITTED,
            year=line.year,
        )
        .exclude(pk=line.pk)
        .select_related("application__edition__programme")
    )
    again = others.filter(
        application__edition__programme=application.edition.programme_id,
        application__subject=application.subject,
        level=line.level,
        title=line.title,
    ).exclude(application=application)
    if found := again.first():
        raise AwardError(SAME_TRANCHE.format(number=found.application.number))
    same = others.filter(same_money=line.same_money) if line.same_money else others.none()
    if found := same.exclude(application=application).first():
        programme = found.application.edition.programme
        raise AwardError(SAME_MONEY.format(number=found.application.number, programme=programme))


@transaction.atomic
def reopen(*, line: AwardLine, reason: str, actor: Any, now: datetime) -> None:
    """Take a confirmation or an approval back, while nothing is paid or in a batch."""
    own = _unchanged(line, actor, Action.REOPEN, State.CONFIRMED, State.APPROVED)
    _end_of_promise(own, reason)
    record(own, Action.REOPEN, actor=actor, now=now, reason=reason.strip(), state=State.PREPARED)


def _end_of_promise(line: AwardLine, reason: str) -> None:
    if not reason.strip():
        raise AwardError(REASON_MISSING)
    if line.scheduled:
        raise AwardError(STILL_SCHEDULED)
    if line.net_paid:
        raise AwardError(PAID_BEFORE)


@transaction.atomic
def approve(*, line: AwardLine, document_number: str, actor: Any, now: datetime) -> None:
    """Allow the payment of what was confirmed, by the number of the approval."""
    own = _unchanged(line, actor, Action.APPROVE, State.CONFIRMED)
    check_not_held(own)
    if not document_number.strip():
        raise AwardError(DOCUMENT_MISSING)
    record(
        own, Action.APPROVE, actor=actor, now=now,
        document_number=document_number.strip(), state=State.APPROVED,
    )  # fmt: skip


@transaction.atomic
def void(*, line: AwardLine, reason: str, actor: Any, now: datetime) -> None:
    """End a line whose condition does not hold; the firm reads the reason."""
    own = _unchanged(line, actor, Action.VOID, State.PREPARED, State.CONFIRMED, State.APPROVED)
    _end_of_promise(own, reason)
    event = record(own, Action.VOID, actor=actor, now=now, reason=reason.strip(), state=State.VOID)
    tell_of_end(event)


def hold_lines(
    lines: Iterable[AwardLine],
    why: AwardLine.Hold,
    *,
    reason: str,
    document_number: str,
    actor: Any,
    now: datetime,
) -> list[AwardLine]:
    """Stop what is still to be granted or paid on these lines until somebody decides on each.

    What is in a draft of a payment stays there and cannot be paid; what was paid waits for somebody to
    say whether it is claimed back. What is over, with nothing kept, stays as it is. Called in a transaction.
    """
    kept = Q(state=State.RETURNED, paid__gt=F("returned"))
    held = AwardLine.objects.filter(
        Q(state__in=(*AwardLine.OPEN, State.PAID)) | kept, pk__in=[line.pk for line in lines]
    ).exclude(hold=why)
    found = list(held.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for line in found:
        record(
            line, Action.HOLD, actor=actor, now=now, reason=f"{why.label}：{reason}",
            document_number=document_number, hold=why,
        )  # fmt: skip
    return found


@transaction.atomic
def release(*, line: AwardLine, reason: str, actor: Any, now: datetime) -> None:
    """Let a held line go on as before, for a reason: another person pays it then."""
    own = _unchanged(line, actor, Action.RELEASE, *AwardLine.OPEN, State.PAID, State.RETURNED)
    if not own.hold:
        raise AwardError(NOT_HELD)
    payee = own.application.current_firm
    if own.state in AwardLine.OPEN and payee.changes.mergers().exists():
        raise AwardError(ABSORBED)
    if not reason.strip():
        raise AwardError(REASON_MISSING)
    record(own, Action.RELEASE, actor=actor, now=now, reason=reason.strip(), hold="")
