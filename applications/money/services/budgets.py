"""Budgets: what funds hold in a year is set, and nothing is promised beyond it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from applications.cases.services.errors import ApplicationError
from applications.money.models import Budget, BudgetEvent, Fund, FundPart
from applications.money.models.fund import FIRST_YEAR, LAST_YEAR
from applications.money.services.figures import ZERO, figures_of, lines_of
from policies.rules.facts import plain

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
NOTHING_CHANGED = "和现在的预算一样，没有改动"


class BudgetError(ApplicationError):
    """A budget that cannot be set, or that does not reach; the message says why, in Chinese."""


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
    if value is None:
        budget.delete()
    else:
        budget.amount = value
        budget.save()
