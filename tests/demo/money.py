"""Funds and budgets, and what becomes of award lines: set, confirmed, approved, paid, returned."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import ROUND_CEILING, Decimal
from typing import Any

from django.utils import timezone

from applications.cases.models import Application
from applications.money.models import AwardLine, Fund, FundPart, Payment, PaymentBatch
from applications.money.services.awards import (
    approve,
    assign_fund,
    confirm,
    reopen,
    set_amount,
    set_year,
    void,
)
from applications.money.services.budgets import set_budget
from applications.money.services.figures import figures_of
from applications.money.services.payments import (
    add_payment,
    make_batch,
    pay_batch,
    schedule,
)
from applications.money.services.permits import grant_permit
from applications.money.services.refunds import refund
from portal.models import User
from tests.demo.cases import Cast, place_of
from tests.demo.clock import Story
from tests.factories import FundFactory

State, Kind = AwardLine.State, AwardLine.Kind
YEARS_BACK = 4
# Name, level, place, the budget of a year in 万元, programmes.
FUNDS = (
    ("晋城市中小企业奖补资金（演示）", "city", "140500", 600,
     ["jc-xsg", "jc-xsg-field", "jc-zjtx-city", "jc-zjtx-prov", "jc-share", "jc-base-city",
      "jc-techenvoy"]),
    ("晋城市民营工业重点项目资金（演示）", "city", "140500", 400, ["jc-proj-in", "jc-proj-out"]),
    ("沁水县中小企业奖补资金（演示）", "county", "140521", 400, ["jc-xsg", "jc-share"]),
    ("省级下达沁水县资金（演示）", "province", "140521", 500, ["jc-xsg", "jc-share"]),
    ("阳城县中小企业奖补资金（演示）", "county", "140522", 300,
     ["jc-xsg", "jc-zjtx-city", "jc-zjtx-prov", "jc-share", "jc-base-city", "yang-tax"]),
    ("省级下达阳城县资金（演示）", "province", "140522", 500, ["jc-xsg", "jc-share", "jc-zjtx-prov"]),
    ("盐湖区中小企业奖补资金（演示）", "county", "140802", 120, []),
    ("省级下达盐湖区资金（演示）", "province", "140802", 300, ["yun-xsg"]),
)  # fmt: skip
SCARCE = "沁水县中小企业奖补资金（演示）"


def make_funds() -> None:
    """The funds of the demo, beside the one that a document prints."""
    for number, (name, level, place, _, programmes) in enumerate(FUNDS, start=1):
        fund = FundFactory(
            name=name,
            level=level,
            jurisdiction_id=place,
            jurisdiction=None,
            document_number=f"演示财〔2022〕{number}号",
            budget=False,
        )
        fund.programmes.set(programmes)


def clerk_of(cast: Cast, fund: Fund) -> User:
    return cast.staff[f"finance.{place_of(fund.jurisdiction_id)}"]


def payer_of(cast: Cast, fund: Fund) -> User:
    """Whoever registers payments: the other clerk confirms and approves."""
    return cast.staff[f"finance2.{place_of(fund.jurisdiction_id)}"]


def budget_story(cast: Cast, year: int) -> Story:
    """In December all funds get their budget of the next year, parts as documents print them."""
    yield date(year - 1, 12, 20)
    amounts = {name: Decimal(amount) for name, _, _, amount, _ in FUNDS}
    for fund in Fund.objects.prefetch_related("parts"):
        amount = amounts.get(fund.name) or fund.yearly
        parts = {part: part.yearly for part in fund.parts.all()}
        _set_budget(cast, fund, year, amount, parts, "年初预算")


def _set_budget(
    cast: Cast, fund: Fund, year: int, amount: Decimal, parts: dict[FundPart, Any], reason: str
) -> None:
    today = timezone.localdate()
    set_budget(
        fund=fund,
        year=year,
        amount=amount,
        parts=parts,
        document_number=f"演示财预〔{today.year}〕{today.month}号",
        reason=reason,
        actor=clerk_of(cast, fund),
        now=timezone.now(),
    )


def scarcity_story(cast: Cast, days: int) -> Story:
    """One fund is cut down to little more than what is promised."""
    yield days
    fund, year = Fund.objects.get(name=SCARCE), timezone.localdate().year
    promised = figures_of(fund.lines.filter(year=year)).committed
    enough = (promised * Decimal("1.04")).to_integral_value(ROUND_CEILING)
    _set_budget(cast, fund, year, enough, {}, "年中调减")


def award_story(cast: Cast, cases: Iterable[Application], upto: str) -> Story:
    """What finance does with the lines of cases just recognised, as far as `upto` says."""
    days = (timezone.localdate(cast.now) - timezone.localdate()).days
    lines = list(AwardLine.objects.filter(application__in=cases))
    if upto == "listed":
        return
    yield days - 3
    for line in lines:
        _complete(cast, line)
    if upto == "prepared":
        return
    yield from _pay_story(cast, lines, upto, days - 4)


def _pay_story(cast: Cast, lines: Iterable[AwardLine], upto: str, days: int) -> Story:
    """Confirm, approve, draft and pay those lines that are due and whole."""
    yield days
    due = [line for line in lines if _is_due(line)]
    for line in due:
        _act(cast, line, confirm, note="条件已核实，见统计部门反馈名单。", document_number="")
    if upto == "confirmed":
        return
    yield days - 2
    number = f"演示批〔{timezone.localdate().year}〕{timezone.localdate():%m%d}号"
    for line in due:
        _act(cast, line, approve, document_number=number)
    if upto == "approved":
        return
    yield days - 4
    batches = []
    for clerk in {clerk_of(cast, line.fund): None for line in due}:
        own = [line for line in due if clerk_of(cast, line.fund) == clerk]
        made, _ = schedule(lines=own, actor=clerk, now=timezone.now())
        batches += made
    if upto == "drafted":
        return
    yield days - 5
    for batch in batches:
        # A clerk has one draft a fund: it may have been paid with what came after.
        batch.refresh_from_db()
        if batch.is_draft:
            _pay(cast, batch)


def _is_due(line: AwardLine) -> bool:
    line.refresh_from_db()
    is_whole = line.amount is not None and line.fund_id is not None
    return line.state == State.PREPARED and is_whole and line.is_due_on(timezone.localdate())


def _act(cast: Cast, line: AwardLine, service: Any, **what: Any) -> None:
    """Let the clerk of the line's fund do it, and read the line again."""
    clerk = clerk_of(cast, line.fund) if line.fund else _clerk_at(cast, line)
    service(line=line, actor=clerk, now=timezone.now(), **what)
    line.refresh_from_db()


def _clerk_at(cast: Cast, line: AwardLine) -> User:
    return cast.staff[f"finance.{place_of(line.payer_id)}"]


def _complete(cast: Cast, line: AwardLine) -> None:
    """Set what the documents leave open: fund, amount and year; later tranches stay open."""
    year = timezone.localdate().year
    if line.fund is None:
        fund = Fund.objects.filter(
            level=line.level, jurisdiction=line.payer_id, programmes=None, parts=None
        ).first()
        if fund is None:
            return
        clerk = clerk_of(cast, fund)
        assign_fund(line=line, fund=fund, part=None, actor=clerk, now=timezone.now())
        line.refresh_from_db()
    if line.year is None and line.kind != Kind.EXACT:
        _act(cast, line, set_year, year=year, reason="按认定年度给付。")
    if line.amount is None:
        _act(
            cast,
            line,
            set_amount,
            amount=_choice(line),
            reason="按会议议定的标准核定。",
            document_number=f"演示财〔{year}〕21号",
        )


def _choice(line: AwardLine) -> Decimal:
    """An amount within what is printed, or 5 万元 where nothing is."""
    if line.high is None:
        return (line.low or Decimal(4)) + 1
    return (line.low + line.high) / 2 if line.low else line.high


def _pay(cast: Cast, batch: PaymentBatch, actor: User | None = None) -> None:
    today = timezone.localdate()
    pay_batch(
        batch=batch,
        voucher_number=f"演示记{today:%Y%m%d}-{batch.pk}",
        paid_on=today,
        actor=actor or payer_of(cast, batch.fund),
        now=timezone.now(),
    )


def permit_story(cast: Cast, place: str, days: int) -> Story:
    """The second clerk of a county is away: from above the other is permitted to pay alone."""
    yield days
    fund = Fund.objects.get(name=place)
    city = place_of(fund.jurisdiction.parent_id)
    grant_permit(
        jurisdiction=fund.jurisdiction,
        reason="另一名财务人员休产假，暂由一人办理。",
        last_day=timezone.localdate() + timedelta(days=90),
        actor=cast.staff[f"manager.{city}"],
        now=timezone.now(),
    )
    yield days - 1
    batch = fund.batches.filter(state=PaymentBatch.State.DRAFT).earliest("pk")
    _pay(cast, batch, clerk_of(cast, fund))


def later_story(cast: Cast, days: int, upto: str, most: int | None = None) -> Story:
    """The later tranches that fall due in the year of that day."""
    yield days
    year = timezone.localdate().year
    lines = AwardLine.objects.filter(year=year, title__startswith="连续在规").order_by("pk")[:most]
    yield from _pay_story(cast, list(lines), upto, days)


def partial_story(cast: Cast, place: str, days: int) -> Story:
    """Of a line that is approved, half is paid now."""
    yield days
    fund = Fund.objects.get(name=place)
    line = fund.lines.filter(state=State.APPROVED, scheduled=0, paid=0).earliest("pk")
    clerk, now = clerk_of(cast, fund), timezone.now()
    batch = make_batch(fund=fund, actor=clerk, now=now)
    add_payment(batch=batch, line=line, amount=line.amount / 2, actor=clerk, now=now)
    yield days - 1
    _pay(cast, batch)


def refund_story(cast: Cast, place: str, days: int, *, pay_again: bool) -> Story:
    """The newest payment of a fund comes back, for good or because the transfer failed."""
    yield days
    fund = Fund.objects.get(name=place)
    payment = Payment.objects.filter(batch__fund=fund, batch__state="paid", refunded=0).latest("pk")
    refund(
        payment=payment,
        amount=payment.amount,
        on=timezone.localdate(),
        reason="账号有误，银行退回。" if pay_again else "企业一年内迁出本市，按承诺退回。",
        document_number=f"演示退{timezone.localdate():%Y%m%d}",
        pay_again=pay_again,
        actor=clerk_of(cast, fund),
        now=timezone.now(),
    )


def void_story(cast: Cast, days: int) -> Story:
    """A firm left the library of firms above scale: its later tranches are not paid."""
    yield days
    line = AwardLine.objects.filter(state=State.PREPARED, title="连续在规三年").earliest("pk")
    for each in line.application.award_lines.filter(state=State.PREPARED, fund__isnull=False):
        _act(cast, each, void, reason="统计部门反馈：企业已退出规上工业企业库。")


def second_thoughts_story(cast: Cast, days: int) -> Story:
    """A confirmation is taken back for another look."""
    yield days
    line = AwardLine.objects.filter(state=State.CONFIRMED).earliest("pk")
    _act(cast, line, reopen, reason="附件里的证明需要重新盖章。")
