"""Amounts for columns of firms: what each kind of amount gives, whatever its conditions."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from math import inf

import numpy as np

from policies.rules.column_data import Array, SharesOfItems
from policies.rules.column_leaves import Quantity, compared, quantity_of
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_rules import Rules
from policies.rules.column_sums import NOTHING, Pay, Sum, fixed, total, varying, where, written
from policies.rules.tree import (
    AMOUNTS,
    ActualCost,
    Amount,
    AmountCases,
    Cap,
    Fixed,
    Floor,
    Ladder,
    Milestones,
    PerHeadMonth,
    Range,
    Share,
    reader,
)


def amount_of(amount: Amount, rules: Rules) -> Pay:
    return _AMOUNTS[type(amount)](amount, rules)


def _quantity(key: str, rules: Rules) -> Quantity:
    return rules.derived[key].quantity(rules) if key in rules.derived else quantity_of(key, rules)


def _exact(value: Node, rules: Rules) -> Pay:
    """A number of 万元; where it is unknown anything from nothing up."""
    plan = rules.plan
    low, high = (
        plan.step("f8", f"{choice}({{0}}, {{1}}, out={{o}})", value, plan.everywhere(end, "f8"))
        for choice, end in (("fmax", 0), ("fmin", inf))
    )
    return Pay(varying(low), varying(high), plan.lacks(value))


def _in_wan(quantity: Quantity, rules: Rules, rate: Decimal = Decimal(1)) -> Node:
    plan = rules.plan
    above, below = (
        plan.constant(each, "f8") for each in (rate / quantity.scale).as_integer_ratio()
    )
    value = quantity.value
    if quantity.mirror is not None:
        mirror = plan.constant(quantity.mirror, "f8")
        value = plan.step("f8", f"subtract({mirror}, {{0}}, out={{o}})", value)
    return plan.step("f8", f"multiply({{0}}, {above}, {{o}}); divide({{o}}, {below}, {{o}})", value)


def quantity_in_wan(key: str, rules: Rules) -> Node:
    return _in_wan(_quantity(key, rules), rules)


def _on_ladder(amount: Ladder, rules: Rules) -> Pay:
    """The steps reached add up; where the fact is unknown, between the least and the most."""
    plan, quantity = rules.plan, _quantity(amount.fact, rules)
    amounts = [paid for _, paid in amount.steps]
    known = Quantity(quantity.value, quantity.scale, quantity.mirror)
    reached = [compared("greater_equal", known, limit, plan) for limit, _ in amount.steps]
    rises = [paid - below for paid, below in zip(amounts, [Decimal(0), *amounts], strict=False)]
    lacks = plan.lacks(quantity.value)
    pays = []
    for end in (min(amounts), max(amounts)):
        steps = [
            where("yes", outcome, fixed(rise)) for outcome, rise in zip(reached, rises, strict=True)
        ]
        found = total([*steps, where("yes", lacks, fixed(end))])
        bounds = [*amounts, Decimal(0)]
        pays.append(Sum(found.terms, float(min(bounds)), float(max(bounds))))
    return Pay(pays[0], pays[1])


def _by_case(amount: AmountCases, rules: Rules) -> Pay:
    plan = rules.plan
    found = amount_of(amount.otherwise, rules) if amount.otherwise else Pay()
    for row in reversed(amount.rows):
        when, paid = rules.rule(row.when), amount_of(row.amount, rules)
        found = Pay(
            _chosen(when, paid.low, found.low, "minimum", plan),
            _chosen(when, paid.high, found.high, "maximum", plan),
            plan.any_of(
                plan.all_of(plan.presumed(when), paid.unknown),
                plan.all_of(plan.presumed(plan.negate(when)), found.unknown),
            ),
        )
    return found


def _chosen(when: Outcome, one: Sum, other: Sum, which: str, plan: Plan) -> Sum:
    """One where it holds, the other where not, and where that is open the less or the more."""
    if isinstance(when, int) and when:
        return one if when == 1 else other
    low, most = min(one.least, other.least), max(one.most, other.most)
    one_wins = one.least >= other.most if which == "maximum" else one.most <= other.least
    other_wins = other.least >= one.most if which == "maximum" else other.most <= one.least
    if one_wins or other_wins:
        condition = ("not no", "no") if one_wins else ("yes", "not yes")
        found = total([where(condition[0], when, one), where(condition[1], when, other)])
        return Sum(found.terms, low, most)
    nodes = [written(each, plan, "f8") for each in (one, other)]
    if isinstance(when, int):
        return varying(plan.step("f8", f"{which}({{0}}, {{1}}, out={{o}})", *nodes), low, most)
    zero = plan.constant(0, "i1")
    node = plan.step(
        "f8",
        f"{which}({{0}}, {{1}}, out={{o}}); greater({{2}}, {zero}, t); copyto({{o}}, {{0}}, where=t); "
        f"less({{2}}, {zero}, t); copyto({{o}}, {{1}}, where=t)",
        *nodes,
        when,
    )
    return varying(node, low, most)


def _share(amount: Share, rules: Rules) -> Pay:
    plan = rules.plan
    fact = rules.facts.get(amount.fact)
    if fact is not None and fact.type == "money_list":
        return _exact(plan.column(SharesOfItems(amount.fact, amount.rate, amount.cap)), rules)
    value = _in_wan(_quantity(amount.fact, rules), rules, amount.rate)
    if amount.cap is not None:
        cap = plan.constant(amount.cap, "f8")
        value = plan.step("f8", f"minimum({{0}}, {cap}, out={{o}})", value)
    return _exact(value, rules)


def _per_head_month(amount: PerHeadMonth, rules: Rules) -> Pay:
    plan = rules.plan
    heads, months = (quantity_in_wan(key, rules) for key in (amount.heads, amount.months))
    function = plan.constant(_for_heads_and_months)
    value = plan.step(
        "f8", f"{function}({{o}}, {{0}}, {{1}}, {plan.constant(amount)})", heads, months
    )
    return _exact(value, rules)


def _for_heads_and_months(out: Array, heads: Array, months: Array, amount: PerHeadMonth) -> None:
    counted = months if amount.most is None else np.minimum(months, amount.most)
    np.multiply(heads, counted, out)
    np.multiply(out, float(amount.yuan), out)
    np.divide(out, 10_000, out)
    out[(counted < amount.least) & ~np.isnan(out)] = 0


def _at_milestones(amount: Milestones, rules: Rules) -> Pay:
    plan = rules.plan
    keys = (amount.fact, amount.before, amount.received)
    values = [quantity_in_wan(key, rules) for key in keys]
    function, own = plan.constant(milestones), plan.constant(amount)
    low, high = (
        plan.step("f8", f"{function}({{o}}, {{0}}, {{1}}, {{2}}, {own}, {which!r})", *values)
        for which in ("low", "high")
    )
    return Pay(varying(low), varying(high, 0, float(sum(paid for _, paid in amount.steps))))


def milestones(
    out: Array, now: Array, before: Array, received: Array, amount: Milestones, which: str
) -> None:
    """The least or the most for the limits newly passed, of every place still possible; `any`
    whether there are any."""
    places = _passed(now, amount) * (len(amount.steps) + 2) + _passed(before, amount)
    table = _milestone_table(amount, which)
    np.take(table, places, out=out, mode="wrap")
    if which == "low":
        np.subtract(out, received, out)
        np.fmax(out, np.zeros_like(out), out)


def _passed(values: Array, amount: Milestones) -> Array:
    """How many limits a value has passed; one more than there are where it is unknown."""
    count = np.isnan(values).astype(np.intp) * (len(amount.steps) + 1)
    for limit, _ in amount.steps:
        count += values >= float(limit)
    return count


@cache
def _milestone_table(amount: Milestones, which: str) -> Array:
    """By how many limits are passed now and were before: the highest passed, or all together."""
    paid = [float(each) for _, each in amount.steps]
    unknown = len(paid) + 1
    table = np.zeros((unknown + 1, unknown + 1))
    for now, before in np.ndindex(table.shape):
        ends = range(1, unknown) if now == unknown else [now]
        starts = range(unknown) if before == unknown else [before]
        passed = [paid[start:end] for start in starts for end in ends if start < end]
        if passed and which == "low":
            table[now, before] = min(each[-1] for each in passed)
        elif passed:
            table[now, before] = 1 if which == "any" else max(sum(each) for each in passed)
    return table.ravel()


_AMOUNTS: dict[type, Callable[..., Pay]] = {
    Fixed: lambda amount, rules: Pay(fixed(amount.amount), fixed(amount.amount)),
    Range: lambda amount, rules: Pay(fixed(amount.low), fixed(amount.high)),
    Cap: lambda amount, rules: Pay(NOTHING, fixed(amount.most)),
    Floor: lambda amount, rules: Pay(
        fixed(amount.least), varying(rules.plan.everywhere(inf, "f8"), inf)
    ),
    Ladder: _on_ladder,
    AmountCases: _by_case,
    ActualCost: lambda amount, rules: _exact(quantity_in_wan(amount.fact, rules), rules),
    Share: _share,
    PerHeadMonth: _per_head_month,
    Milestones: _at_milestones,
}
reader(AMOUNTS, _AMOUNTS)
