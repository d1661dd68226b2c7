"""Budgets: what funds hold in a year, and how much of it is promised, approved and paid.

A line counts in the year in which it falls due, whenever it is paid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum

from applications.cases.services.errors import ApplicationError
from applications.money.models import AwardLine, Budget, BudgetEvent, Fund, FundPart
from applications.money.models.award_line import counted_amount, net_paid
from applications.money.models.fund import FIRST_YEAR, LAST_YEAR
from applications.money.models.money_field import MoneyField
from policies.rules.facts import plain

State = AwardLine.State
ZERO = Decimal(0)
NO_BUDGET = "“{name}”还没有 {year} 年的预算，先登记预算"
BEYOND = (
    "超出“{name}”{year} 年的预算：预算 {amount} 万元，已承诺 {committed} 万元，剩余 {left} 万元，"
    "这次要 {extra} 万元"
)
BELOW = "“{name}”{year} 年已承诺 {committed} 万元，预算不能少于它"
PARTS_BEYOND = "各部分合计 {parts} 万元，多于整项预算 {amount} 万元"
NEGATIVE = "预算不能是负数"
WRONG_YEAR = f"年度应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间"
DOCUMENT_MISSING = "请填预算依据的文号"
NOT_YOURS = "“{fund}”由{place}支付，不归您办理"
ELSEWHERE = "还没有安排资金，或由其他地区支付"
NOTHING_CHANGED = "和现在的预算一样，没有改动"
# From here on a page warns: less than a tenth is left.
SCARCE = Decimal("0.1")


class BudgetError(ApplicationError):
    """A budget that cannot be set, or that does not reach; the message says why, in Chinese."""


@dataclass(frozen=True)
class Figures:
    """Sums of lines in 万元; `open` counts planned lines that have no amount yet."""

    planned: Decimal = ZERO
    committed: Decimal = ZERO
    approved: Decimal = ZERO
    paid: Decimal = ZERO
    open: int = 0


@dataclass(frozen=True)
class Row:
    """A fund, a part of one, a family or a county, with its figures and, for money, its budget."""

    name: str
    figures: Figures
    budget: Decimal | None = None
    fund: Fund | None = None
    parts: Sequence["Row"] = field(default_factory=tuple)

    @property
    def left(self) -> Decimal | None:
        return None if self.budget is None else self.budget - self.figures.committed

    @property
    def is_scarce(self) -> bool:
        """Whether what is planned will not fit, or little is left."""
        if self.budget is None or self.left is None:
            return bool(self.figures.planned or self.figures.open)
        return self.figures.planned > self.budget or self.left < self.budget * SCARCE


def _sum(amount: Any, *states: str) -> Sum:
    """The sum of `amount` over lines in these states, or in all."""
    chosen = Q(state__in=states) if states else None
    return Sum(amount, filter=chosen, default=0, output_field=MoneyField())


def _sums() -> dict[str, Any]:
    counted = counted_amount()
    return {
        "sum_planned": _sum(counted),
        "sum_committed": _sum(counted, *AwardLine.COMMITTED, State.RETURNED),
        "sum_approved": _sum(counted, State.APPROVED, State.PAID, State.RETURNED),
        "sum_paid": _sum(net_paid()),
        "sum_open": Count("pk", filter=Q(state=State.PREPARED, amount=None)),
    }


def _figures(sums: Mapping[str, Any]) -> Figures:
    return Figures(
        planned=sums["sum_planned"],
        committed=sums["sum_committed"],
        approved=sums["sum_approved"],
        paid=sums["sum_paid"],
        open=sums["sum_open"],
    )


def figures_of(lines: QuerySet) -> Figures:
    """The figures of all these lines, in one query.

    A line that came back counts with what the firm still holds of it.
    """
    return _figures(lines.order_by().aggregate(**_sums()))


def figures_by(lines: QuerySet, *keys: str) -> dict[tuple[Any, ...], Figures]:
    """The figures of lines by the values of `keys`, in one query."""
    rows = lines.order_by().values(*keys).annotate(**_sums())
    return {tuple(row[key] for key in keys): _figures(row) for row in rows}


def budget_rows(user: Any, year: int) -> list[Row]:
    """The funds that the user sees with their figures of a year, parts below each.

    Lines without a fund, or of funds that other places pay out, stand together in a last row, so
    that the rows add up to all lines the user sees. Five queries, however many lines there are.
    """
    funds = list(
        Fund.objects.visible_to(user).select_related("jurisdiction").prefetch_related("parts")
    )
    budgets = {
        (budget.fund_id, budget.part_id): budget.amount
        for budget in Budget.objects.filter(fund__in=funds, year=year)
    }
    lines = AwardLine.objects.filter(fund__in=funds, year=year)
    sums = figures_by(lines, "fund", "part")
    own = [
        Row(
            name=fund.name,
            fund=fund,
            budget=budgets.get((fund.pk, None)),
            figures=_added(figures for key, figures in sums.items() if key[0] == fund.pk),
            parts=[
                Row(
                    name=part.name,
                    budget=budgets.get((fund.pk, part.pk)),
                    figures=sums.get((fund.pk, part.pk), Figures()),
                )
                for part in fund.parts.all()
            ],
        )
        for fund in funds
    ]
    elsewhere = AwardLine.objects.visible_to(user).filter(year=year)
    others = figures_of(elsewhere.filter(Q(fund=None) | ~Q(fund__in=funds)))
    return own if others == Figures() else [*own, Row(name=ELSEWHERE, figures=others)]


def _added(several: Iterable[Figures]) -> Figures:
    total = Figures()
    for each in several:
        total = Figures(
            total.planned + each.planned,
            total.committed + each.committed,
            total.approved + each.approved,
            total.paid + each.paid,
            total.open + each.open,
        )
    return total


def total_of(rows: Iterable[Row]) -> Figures:
    return _added(row.figures for row in rows)


def rows_by(user: Any, year: int, key: str) -> list[Row]:
    """The user's lines of a year by `key`: a path to a family or to the name of a county."""
    lines = AwardLine.objects.visible_to(user).filter(year=year)
    sums = figures_by(lines, key)
    return [Row(name=values[0], figures=figures) for values, figures in sorted(sums.items())]


def locked_budgets(fund: Fund, part: FundPart | None, year: int) -> list[Budget]:
    """The budgets that a line counts against, locked; BudgetError where one is missing."""
    budgets = list(
        Budget.objects.select_for_update(of=("self",), no_key=True)
        .select_related("fund", "part")
        .filter(Q(part=None) | Q(part=part), fund=fund, year=year)
        .order_by("pk")
    )
    there = {budget.part_id for budget in budgets}
    for wanted, name in ((None, fund.name), (part and part.pk, str(part))):
        if wanted not in there:
            raise BudgetError(NO_BUDGET.format(name=name, year=year))
    return budgets


def lines_of(budget: Budget) -> QuerySet:
    lines = AwardLine.objects.filter(fund=budget.fund_id, year=budget.year)
    return lines.filter(part=budget.part_id) if budget.part_id else lines


def check_left(budgets: Iterable[Budget], extra: Decimal) -> None:
    """BudgetError with the figures where `extra` more than is promised now does not fit."""
    for budget in budgets:
        committed = figures_of(lines_of(budget)).committed
        left = budget.amount - committed
        if extra > left:
            message = BEYOND.format(
                name=budget.part or budget.fund,
                year=budget.year,
                amount=plain(budget.amount),
                committed=plain(committed),
                left=plain(left),
                extra=plain(extra),
            )
            raise BudgetError(message)


@transaction.atomic
def set_budget(
    *,
    fund: Fund,
    year: int,
    amount: Decimal,
    parts: Mapping[FundPart, Decimal | None],
    document_number: str,
    reason: str,
    actor: Any,
    now: datetime,
) -> None:
    """Set what a fund and its parts hold in a year; None leaves a part without a budget.

    Refused below what is promised already, and where the parts are more than the whole.
    """
    if not Fund.objects.visible_to(actor).filter(pk=fund.pk).exists():
        raise BudgetError(NOT_YOURS.format(fund=fund, place=fund.jurisdiction))
    if not document_number.strip():
        raise BudgetError(DOCUMENT_MISSING)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BudgetError(WRONG_YEAR)
    # Two who set the first budget of a year at once: the second finds the first one's.
    Fund.objects.select_for_update(no_key=True).get(pk=fund.pk)
    before = {
        budget.part_id: budget
        for budget in Budget.objects.select_for_update(no_key=True)
        .filter(fund=fund, year=year)
        .order_by("pk")
    }
    wanted: dict[FundPart | None, Decimal | None] = {None: amount, **parts}
    given = [value for value in wanted.values() if value is not None]
    if any(value < 0 for value in given):
        raise BudgetError(NEGATIVE)
    sum_of_parts = sum((value for value in parts.values() if value is not None), ZERO)
    if sum_of_parts > amount:
        raise BudgetError(PARTS_BEYOND.format(parts=plain(sum_of_parts), amount=plain(amount)))
    changes = {}
    for part, value in wanted.items():
        old = before.get(part.pk if part else None)
        if value == (old.amount if old else None):
            continue
        name = part.name if part else "whole"
        changes[name] = [
            plain(old.amount) if old else None,
            None if value is None else plain(value),
        ]
        _write(old, Budget(fund=fund, part=part, year=year), value)
    if not changes:
        raise BudgetError(NOTHING_CHANGED)
    BudgetEvent.objects.create(
        fund=fund,
        year=year,
        at=now,
        actor=actor,
        document_number=document_number.strip(),
        reason=reason.strip(),
        changes=changes,
    )


def _write(old: Budget | None, fresh: Budget, value: Decimal | None) -> None:
    budget = old or fresh
    committed = figures_of(lines_of(budget)).committed
    if (value or ZERO) < committed:
        name = budget.part or budget.fund
        message = BELOW.format(name=name, year=budget.year, committed=plain(committed))
        raise BudgetError(message)
    if value is None and old:
        old.delete()
    elif value is not None:
        budget.amount = value
        budget.save()


@dataclass(frozen=True)
class Forecast:
    """What a budget would have left if lines for `extra` 万元 more were confirmed."""

    name: str
    year: int
    budget: Decimal | None
    committed: Decimal
    extra: Decimal

    @property
    def left(self) -> Decimal | None:
        return None if self.budget is None else self.budget - self.committed - self.extra

    @property
    def is_beyond(self) -> bool:
        return self.left is None or self.left < 0

    @property
    def is_scarce(self) -> bool:
        return self.is_beyond or (self.left or ZERO) < (self.budget or ZERO) * SCARCE


def forecasts(lines: Iterable[AwardLine]) -> list[Forecast]:
    """The warning before: each budget that confirming these lines would count against."""
    extra: dict[tuple[Fund, FundPart | None, int], Decimal] = {}
    for line in lines:
        if line.fund is None or line.year is None or line.state != State.PREPARED:
            continue
        for part in {None, line.part}:
            key = line.fund, part, line.year
            extra[key] = extra.get(key, ZERO) + (line.amount or ZERO)
    found = []
    for (fund, part, year), amount in extra.items():
        budget = Budget.objects.filter(fund=fund, part=part, year=year).first()
        wanted = budget or Budget(fund=fund, part=part, year=year)
        found.append(
            Forecast(
                name=f"{fund} · {part}" if part else fund.name,
                year=year,
                budget=budget.amount if budget else None,
                committed=figures_of(lines_of(wanted)).committed,
                extra=amount,
            )
        )
    return sorted(found, key=lambda each: (each.year, each.name))
