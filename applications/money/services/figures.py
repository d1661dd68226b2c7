"""Figures: how much of what funds hold in a year is planned, promised, approved and paid.

A line counts in the year in which it falls due, whenever it is paid.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from applications.money.models import AwardLine, Budget, Fund, FundPart
from applications.money.models.award_line import counted_amount, net_paid
from applications.money.models.money_field import MoneyField

State = AwardLine.State
ZERO = Decimal(0)
ELSEWHERE = "还没有安排资金，或由其他地区支付"
# From here on a page warns: less than a tenth is left.
SCARCE = Decimal("0.1")


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


def lines_of(budget: Budget) -> QuerySet:
    lines = AwardLine.objects.filter(fund=budget.fund_id, year=budget.year)
    return lines.filter(part=budget.part_id) if budget.part_id else lines


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
