"""Quantities of columns of firms: what is computed of facts, between two ends where it is unknown.

Numbers are whole by a scale, so that what is added or multiplied is exact up to 2^53.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import Any

import numpy as np

from policies.rules.answers import EARLIEST_DATE
from policies.rules.column_data import Array
from policies.rules.column_leaves import Leaves, quantity_of
from policies.rules.column_leaves import Quantity as OneFact
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.firm import latest_reaching
from policies.rules.tree import (
    QUANTITIES,
    Comparison,
    Constant,
    Difference,
    FullTerms,
    Growth,
    Named,
    Product,
    Quantity,
    Quotient,
    SumOf,
    Value,
    bare,
    parts_of,
    reader,
)


@dataclass(frozen=True)
class Ends:
    """At least and at most, both whole by `scale`; infinite where nothing is known."""

    low: Node
    high: Node
    scale: int


def ends_of(quantity: Quantity, leaves: Leaves) -> Ends:
    return _ENDS[type(quantity)](quantity, leaves)


def undecided(ends: Ends, plan: Plan) -> Outcome:
    """Yes where it is not known exactly, else no."""
    return plan.difference("not_equal({0}, {1}, t)", "equal({0}, {1}, f)", ends.low, ends.high)


def _or_end(node: Node, end: float, plan: Plan) -> Node:
    """The numbers known, and an end where they are not."""
    return plan.step(
        "f8",
        f"copyto({{o}}, {{0}}); not_equal({{0}}, {{0}}, t); "
        f"copyto({{o}}, {plan.constant(end, 'f8')}, where=t)",
        node,
    )


def one_fact(key: str, leaves: Leaves) -> OneFact:
    if key not in leaves.derived:
        return quantity_of(key, leaves)
    quantity = leaves.derived[key].quantity
    if quantity is None:
        raise ValueError(f"{key} is no number")
    return quantity(leaves)


def _value(fact: Value, leaves: Leaves) -> Ends:
    plan, own = leaves.plan, one_fact(fact.fact, leaves)
    least, most = (
        end if each is None else float(each * own.scale)
        for each, end in ((fact.least, -inf), (fact.most, inf))
    )
    if own.mirror is None:
        return Ends(_or_end(own.low, least, plan), _or_end(own.high, most, plan), own.scale)
    mirror = plan.constant(own.mirror, "f8")
    turned = [
        plan.step("f8", f"subtract({mirror}, {{0}}, out={{o}})", node)
        for node in (own.high, own.low)
    ]
    return Ends(_or_end(turned[0], least, plan), _or_end(turned[1], most, plan), own.scale)


def _constant(quantity: Constant, leaves: Leaves) -> Ends:
    scale = int(quantity.number.as_integer_ratio()[1])
    node = leaves.plan.everywhere(float(quantity.number * scale), "f8")
    return Ends(node, node, scale)


def _scaled(ends: Ends, scale: int, plan: Plan) -> Ends:
    if ends.scale == scale:
        return ends
    code = f"multiply({{0}}, {plan.constant(scale // ends.scale, 'f8')}, {{o}})"
    return Ends(plan.step("f8", code, ends.low), plan.step("f8", code, ends.high), scale)


def _alike(parts: list[Ends], plan: Plan) -> list[Ends]:
    scale = int(np.lcm.reduce([part.scale for part in parts]))
    return [_scaled(part, scale, plan) for part in parts]


def _sum(quantity: SumOf, leaves: Leaves) -> Ends:
    plan = leaves.plan
    parts = _alike([ends_of(part, leaves) for part in quantity.parts], plan)
    low, high = parts[0].low, parts[0].high
    for part in parts[1:]:
        low = plan.step("f8", "add({0}, {1}, {o})", low, part.low)
        high = plan.step("f8", "add({0}, {1}, {o})", high, part.high)
    return Ends(low, high, parts[0].scale)


def _difference(quantity: Difference, leaves: Leaves) -> Ends:
    plan = leaves.plan
    more, less = _alike([ends_of(each, leaves) for each in (quantity.more, quantity.less)], plan)
    return Ends(
        plan.step("f8", "subtract({0}, {1}, {o})", more.low, less.high),
        plan.step("f8", "subtract({0}, {1}, {o})", more.high, less.low),
        more.scale,
    )


def _product(quantity: Product, leaves: Leaves) -> Ends:
    plan = leaves.plan
    first, *others = (ends_of(part, leaves) for part in quantity.parts)
    low, high, scale = first.low, first.high, first.scale
    function = plan.constant(_multiplied)
    for other in others:
        corners = (low, high, other.low, other.high)
        code = f"{function}({{o}}, {{0}}, {{1}}, {{2}}, {{3}}, "
        low, high = (plan.step("f8", f"{code}{name})", *corners) for name in ("minimum", "maximum"))
        scale *= other.scale
    return Ends(low, high, scale)


def _multiplied(
    out: Array, low: Array, high: Array, other_low: Array, other_high: Array, choose: np.ufunc
) -> None:
    """The least or the most of the corners; nothing times whatever is nothing."""
    corners = [one * other for one in (low, high) for other in (other_low, other_high)]
    np.copyto(out, np.nan_to_num(corners[0], nan=0, posinf=inf, neginf=-inf))
    for corner in corners[1:]:
        choose(out, np.nan_to_num(corner, nan=0, posinf=inf, neginf=-inf), out=out)


def _full_terms(quantity: FullTerms, leaves: Leaves) -> Ends:
    """How many of the days, on which so many terms are just over, a day is no later than."""
    on, months = leaves.on, quantity.months
    most = 12 * (on.year - EARLIEST_DATE.year + 1) // months
    over = [latest_reaching(on, months * count).toordinal() for count in range(1, most + 1)]
    plan, day = leaves.plan, leaves.column(quantity.fact)
    function, table = plan.constant(_terms_over), plan.constant(np.array(over[::-1], "f8"))
    low, high = (
        plan.step("f8", f"{function}({{o}}, {{0}}, {table}, {plan.constant(end, 'f8')})", day)
        for end in (0, inf)
    )
    return Ends(low, high, 1)


def _terms_over(out: Array, days: Array, over: Array, unknown: float) -> None:
    np.subtract(len(over), np.searchsorted(over, days), out)
    out[np.isnan(days)] = unknown


def _no_ends(quantity: Growth | Quotient, leaves: Leaves) -> Ends:
    raise TypeError("growth and quotients are compared, not computed with")


_ENDS: dict[type, Callable[[Any, Leaves], Ends]] = {
    Value: _value,
    Constant: _constant,
    SumOf: _sum,
    Difference: _difference,
    Product: _product,
    Growth: _no_ends,
    Quotient: _no_ends,
    FullTerms: _full_terms,
    Named: lambda quantity, leaves: ends_of(quantity.quantity, leaves),
}
reader(QUANTITIES, _ENDS)


# --- comparisons ------------------------------------------------------------------------


def compared(rule: Comparison, leaves: Leaves) -> Outcome:
    """As `quantities.held` says, in outcomes."""
    plan, quantity = leaves.plan, bare(rule.quantity)
    outcomes: list[Outcome] = []
    for function, turned, operand in _tests(rule):
        if isinstance(quantity, Growth | Quotient):
            outcomes.append(_of_fraction(quantity, function, turned, operand, leaves))
            continue
        one, other = _alike([ends_of(each, leaves) for each in (quantity, operand)], plan)
        if turned:
            one, other = other, one
        fails = {"greater_equal": "less", "greater": "less_equal"}[function]
        outcomes.append(
            plan.difference(
                f"{function}({{0}}, {{3}}, t)", f"{fails}({{1}}, {{2}}, f)",
                one.low, one.high, other.low, other.high,
            )
        )  # fmt: skip
    return plan.all_of(*outcomes)


# The comparison, whether its sides change places, and which operand it is with.
_COMPARED = {
    "at_least": [("greater_equal", False, 0)],
    "more_than": [("greater", False, 0)],
    "at_most": [("greater_equal", True, 0)],
    "less_than": [("greater", True, 0)],
    "between": [("greater_equal", False, 0), ("greater_equal", True, 1)],
}


def _tests(rule: Comparison) -> list[tuple[str, bool, Quantity]]:
    return [
        (function, turned, rule.operands[place])
        for function, turned, place in _COMPARED[rule.operator]
    ]


def has_no_value(fraction: Growth | Quotient, leaves: Leaves) -> Outcome:
    """Yes where there surely is none, as nothing was before, or is divided by."""
    is_growth = isinstance(fraction, Growth)
    before, zero = (
        ends_of(fraction.before if is_growth else fraction.below, leaves),
        leaves.plan.constant(0, "f8"),
    )
    test = "less_equal" if is_growth else "equal"
    return leaves.plan.difference(
        f"equal({{0}}, {{1}}, t); {test}({{0}}, {zero}, f); logical_and(t, f, t)",
        "invert(t, f)",
        before.low,
        before.high,
    )


def fulls(quantity: Quantity, every: Decimal, leaves: Leaves) -> tuple[Node, Node]:
    """How many times `every` goes into a quantity, at least and at most; never below 0."""
    plan, quantity = leaves.plan, bare(quantity)
    above, below = every.as_integer_ratio()
    if isinstance(quantity, Growth | Quotient):
        parts = _alike([ends_of(each, leaves) for each in parts_of(quantity)], plan)
        ends = [end for part in parts for end in (part.low, part.high)]
        is_growth = isinstance(quantity, Growth)
        call = plan.constant(_fulls_of_growth if is_growth else _fulls_of_quotient)
        low, high = (
            plan.step(
                "f8",
                f"{call}({{o}}, {{0}}, {{1}}, {{2}}, {{3}}, {float(above)!r}, {float(below)!r}, {end})",
                *ends,
            )
            for end in (plan.constant(0, "f8"), plan.constant(inf, "f8"))
        )
        return low, high
    own, call = ends_of(quantity, leaves), plan.constant(_fulls)
    arguments = f"{float(above * own.scale)!r}, {float(below)!r}"
    low, high = (
        plan.step("f8", f"{call}({{o}}, {{0}}, {arguments})", end) for end in (own.low, own.high)
    )
    return low, high


def _fulls(out: Array, numbers: Array, above: float, below: float) -> None:
    np.floor_divide(numbers * below, above, out)
    np.maximum(out, 0, out=out)
    out[numbers == inf] = inf
    out[numbers == -inf] = 0


def _fulls_of_growth(
    out: Array,
    now: Array,
    now_most: Array,
    before: Array,
    before_most: Array,
    above: float,
    below: float,
    unknown: float,
) -> None:
    np.floor_divide((now - before) * below, before * above, out)
    np.maximum(out, 0, out=out)
    out[(now != now_most) | (before != before_most)] = unknown
    out[(before == before_most) & (before <= 0)] = 0


def _fulls_of_quotient(
    out: Array,
    own: Array,
    own_most: Array,
    whole: Array,
    whole_most: Array,
    above: float,
    below: float,
    unknown: float,
) -> None:
    np.floor_divide(own * below, whole * above, out)
    np.maximum(out, 0, out=out)
    out[(own != own_most) | (whole != whole_most)] = unknown
    out[(whole == whole_most) & (whole == 0)] = 0


def _of_fraction(
    fraction: Growth | Quotient, function: str, turned: bool, limit: Quantity, leaves: Leaves
) -> Outcome:
    """The divided against the limit times what it is divided by; no where that is nothing."""
    plan = leaves.plan
    above, below = limit.number.as_integer_ratio()
    one, other = _alike([ends_of(each, leaves) for each in parts_of(fraction)], plan)
    outcome = _growth_outcome if isinstance(fraction, Growth) else _quotient_outcome
    call = plan.constant(outcome)
    return plan.outcome(
        f"{call}({{o}}, {{0}}, {{1}}, {{2}}, {{3}}, {float(above)!r}, {float(below)!r}, "
        f"{function}, {turned})",
        one.low, one.high, other.low, other.high,
    )  # fmt: skip


def _growth_outcome(
    out: Array,
    now: Array,
    now_most: Array,
    before: Array,
    before_most: Array,
    above: float,
    below: float,
    compare: np.ufunc,
    turned: bool,
) -> None:
    known = (now == now_most) & (before == before_most)
    grown, asked = (now - before) * below, before * above
    holds = compare(asked, grown) if turned else compare(grown, asked)
    np.copyto(out, np.where(known, np.where(holds, 1, -1), 0))
    out[(before == before_most) & (before <= 0)] = -1


def _quotient_outcome(
    out: Array,
    own: Array,
    own_most: Array,
    whole: Array,
    whole_most: Array,
    above: float,
    below: float,
    compare: np.ufunc,
    turned: bool,
) -> None:
    known = (own == own_most) & (whole == whole_most)
    sign = np.sign(whole)
    found, asked = own * sign * below, whole * sign * above
    holds = compare(asked, found) if turned else compare(found, asked)
    np.copyto(out, np.where(known, np.where(holds, 1, -1), 0))
    out[(whole == whole_most) & (whole == 0)] = -1
