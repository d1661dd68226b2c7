"""Amounts for columns of firms: what each kind of amount gives, whatever its conditions."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache
from itertools import combinations_with_replacement, pairwise
from math import inf

import numpy as np

from policies.rules.column_data import Array, ItemMoney, SharesOfItems
from policies.rules.column_leaves import Quantity as OneFact
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_quantities import ends_of, fulls, one_fact
from policies.rules.column_rules import Rules
from policies.rules.column_sums import (
    NOTHING,
    Pay,
    Sum,
    fixed,
    plus,
    total,
    varying,
    where,
    written,
)
from policies.rules.tree import (
    AMOUNTS,
    ActualCost,
    Amount,
    AmountCases,
    Cap,
    Each,
    Fixed,
    Floor,
    Highest,
    Items,
    Ladder,
    Milestones,
    PerHeadMonth,
    Quantity,
    Range,
    Share,
    ShareOfItems,
    Times,
    Together,
    in_wan,
    reaches,
    reader,
)


def amount_of(amount: Amount, rules: Rules) -> Pay:
    return _AMOUNTS[type(amount)](amount, rules)


def _exact(value: Node, rules: Rules) -> Pay:
    """A number of 万元; where it is unknown anything from nothing up."""
    plan = rules.plan
    low, high = (
        plan.step("f8", f"{choice}({{0}}, {{1}}, out={{o}})", value, plan.everywhere(end, "f8"))
        for choice, end in (("fmax", 0), ("fmin", inf))
    )
    return Pay(varying(low), varying(high), plan.lacks(value))


def _in_wan(quantity: OneFact, rules: Rules) -> Node:
    plan = rules.plan
    scale = plan.constant(quantity.scale, "f8")
    value = quantity.value
    if quantity.mirror is not None:
        mirror = plan.constant(quantity.mirror, "f8")
        value = plan.step("f8", f"subtract({mirror}, {{0}}, out={{o}})", value)
    return plan.step("f8", f"divide({{0}}, {scale}, {{o}})", value)


def quantity_in_wan(key: str, rules: Rules) -> Node:
    return _in_wan(one_fact(key, rules), rules)


def _on_ladder(amount: Ladder, rules: Rules) -> Pay:
    """The steps reached add up; where nobody knows, from those that surely are to those that may be."""
    plan = rules.plan
    amounts = [paid for _, paid in amount.steps]
    reached = [rules.rule(reaches(amount.of, "at_least", limit)) for limit, _ in amount.steps]
    if amounts != sorted(amounts):
        return _on_uneven_ladder(amounts, reached, plan)
    first = fixed(amounts[0])
    rises = [fixed(paid - below) for below, paid in pairwise(amounts)]
    # Whoever may be below the lowest step is not told so, as conditions ask for it mostly.
    pays = [
        total(
            [where("not no", reached[0], first)]
            + [
                where(condition, outcome, rise)
                for outcome, rise in zip(reached[1:], rises, strict=True)
            ]
        )
        for condition in ("yes", "not no")
    ]
    return Pay(*(Sum(each.terms, 0, float(amounts[-1])) for each in pays))


def _on_uneven_ladder(amounts: list[Decimal], reached: list[Outcome], plan: Plan) -> Pay:
    """One on which a higher step may pay less."""
    nodes = [each if isinstance(each, Node) else plan.everywhere(each, "i1") for each in reached]
    function, paid = plan.constant(_of_steps), plan.constant([float(each) for each in amounts])
    parts = ", ".join(f"{{{place}}}" for place in range(len(nodes)))
    low, high = (
        plan.step("f8", f"{function}({{o}}, [{parts}], {paid}, {choose})", *nodes)
        for choose in ("minimum", "maximum")
    )
    most = float(max(amounts))
    return Pay(varying(low, 0, most), varying(high, 0, most))


def _of_steps(out: Array, reached: list[Array], paid: list[float], choose: np.ufunc) -> None:
    surely = sum((each > 0).astype(np.intp) for each in reached)
    perhaps = sum((each >= 0).astype(np.intp) for each in reached)
    table = np.zeros((len(paid) + 1, len(paid) + 1))
    for low, high in combinations_with_replacement(range(len(paid) + 1), 2):
        if high:
            table[low, high] = choose.reduce(paid[max(low - 1, 0) : high])
    np.copyto(out, table[surely, perhaps])


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


def _actual_cost(amount: ActualCost, rules: Rules) -> Pay:
    rate = in_wan(amount.of)
    return _computed(amount.of, rate, rate, None, rules)


def _share(amount: Share, rules: Rules) -> Pay:
    least, most = (rate * in_wan(amount.of) for rate in (amount.least_rate, amount.rate))
    return _computed(amount.of, least, most, amount.cap, rules)


def _computed(
    quantity: Quantity, least: Decimal, most: Decimal, cap: Decimal | None, rules: Rules
) -> Pay:
    plan, ends = rules.plan, ends_of(quantity, rules)
    least, most = least / ends.scale, most / ends.scale
    return _between(
        _part(ends.low, least, cap, plan),
        _part(ends.high, least, cap, plan),
        _part(ends.low, most, cap, plan),
        _part(ends.high, most, cap, plan),
        plan,
    )


def _between(least: Node, least_high: Node, most_low: Node, most: Node, plan: Plan) -> Pay:
    """What is known where both ends of a quantity come to the same, by each of two rates."""
    unknown = plan.any_of(_differ(least, least_high, plan), _differ(most_low, most, plan))
    return Pay(varying(least), varying(most), unknown)


def _differ(one: Node, other: Node, plan: Plan) -> Outcome:
    return plan.difference("not_equal({0}, {1}, t)", "equal({0}, {1}, f)", one, other)


def _part(numbers: Node, rate: Decimal, cap: Decimal | None, plan: Plan) -> Node:
    """A share of numbers, at most the cap; of less than nothing nothing."""
    if not rate:
        return plan.everywhere(0, "f8")
    zero = plan.constant(0, "f8")
    above, below = (plan.constant(each, "f8") for each in rate.as_integer_ratio())
    code = f"maximum({{0}}, {zero}, out={{o}}); multiply({{o}}, {above}, {{o}}); divide({{o}}, {below}, {{o}})"
    return plan.step("f8", code + _capped(cap, plan), numbers)


def _capped(cap: Decimal | None, plan: Plan) -> str:
    return "" if cap is None else f"; minimum({{o}}, {plan.constant(cap, 'f8')}, out={{o}})"


def _share_of_items(amount: ShareOfItems, rules: Rules) -> Pay:
    column = SharesOfItems(amount.fact, amount.rate, amount.cap)
    return _exact(rules.plan.column(column), rules)


def _items(amount: Items, rules: Rules) -> Pay:
    low, high = (
        _exact(rules.plan.column(ItemMoney(amount.fact, amount, rules.on.year, end)), rules)
        for end in ("low", "high")
    )
    return Pay(low.low, high.high, high.unknown)


def _for_each(amount: Each, rules: Rules) -> Pay:
    plan = rules.plan
    if not amount.amount:
        return Pay()
    paid = plan.constant(amount.amount, "f8")
    code = f"multiply({{0}}, {paid}, {{o}})" + _capped(amount.cap, plan)
    low, high = (plan.step("f8", code, end) for end in fulls(amount.of, amount.every, rules))
    return _between(low, high, low, high, plan)


# Less than this of 万元 is how sums of fractions differ by their order.
_NOISE = 1e-9


def _less(one: Node, other: Node, plan: Plan) -> Outcome:
    """Yes where one is less by more than noise, else no."""
    noise = plan.constant(_NOISE, "f8")
    return plan.difference(
        f"subtract({{1}}, {noise}, x); less({{0}}, x, t)", "invert(t, f)", one, other
    )


def below_cap(amount: Together, rules: Rules) -> Outcome:
    """Yes where what is surely paid does not reach the cap that all share."""
    if amount.cap is None:
        return 1
    plan = rules.plan
    low = total(amount_of(part, rules).low for part in amount.parts)
    return _less(written(low, plan, "f8"), plan.everywhere(amount.cap, "f8"), plan)


def _together(amount: Together, rules: Rules) -> Pay:
    plan = rules.plan
    found = plus([amount_of(part, rules) for part in amount.parts], plan)
    if amount.cap is None:
        return found
    low, high = (at_most(amount.cap, end, plan) for end in (found.low, found.high))
    return Pay(low, high, plan.all_of(found.unknown, below_cap(amount, rules)))


def at_most(cap: Decimal, paid: Sum, plan: Plan) -> Sum:
    if paid.most <= cap:
        return paid
    code = f"minimum({{0}}, {plan.constant(cap, 'f8')}, out={{o}})"
    most = float(cap)
    return varying(plan.step("f8", code, written(paid, plan, "f8")), min(paid.least, most), most)


def may_be_highest(amount: Highest, rules: Rules) -> list[Outcome]:
    """Of each part whether it may be more than the least that is paid in any case."""
    plan = rules.plan
    pays = [amount_of(part, rules) for part in amount.parts]
    least = _most([pay.low for pay in pays], plan)
    return [_less(least, written(pay.high, plan, "f8"), plan) for pay in pays]


def _most(sums: list[Sum], plan: Plan) -> Node:
    nodes = [written(each, plan, "f8") for each in sums]
    found = nodes[0]
    for node in nodes[1:]:
        found = plan.step("f8", "maximum({0}, {1}, out={o})", found, node)
    return found


def _highest(amount: Highest, rules: Rules) -> Pay:
    plan = rules.plan
    pays = [amount_of(part, rules) for part in amount.parts]
    unknown = [
        plan.all_of(pay.unknown, may)
        for pay, may in zip(pays, may_be_highest(amount, rules), strict=True)
    ]
    low, high = (_most(list(ends), plan) for ends in zip(*(pay[:2] for pay in pays), strict=True))
    return Pay(varying(low), varying(high), plan.any_of(*unknown))


def _times(amount: Times, rules: Rules) -> Pay:
    pay, factor = amount_of(amount.amount, rules), amount.factor
    low, high = (
        Sum(
            {term: paid * factor for term, paid in end.terms.items()},
            end.least * float(factor),
            end.most * float(factor),
        )
        for end in pay[:2]
    )
    return Pay(low, high, pay.unknown)


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
    ActualCost: _actual_cost,
    Share: _share,
    ShareOfItems: _share_of_items,
    Items: _items,
    Each: _for_each,
    Together: _together,
    Highest: _highest,
    Times: _times,
    PerHeadMonth: _per_head_month,
    Milestones: _at_milestones,
}
reader(AMOUNTS, _AMOUNTS)
