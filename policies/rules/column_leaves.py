"""Reading leaves for columns of firms: facts held against operands become steps of a plan."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from policies.rules.column_data import Bits, Code, Column, IndustryState, column_of
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.facts import LISTS, Fact
from policies.rules.firm import add_months, latest_reaching
from policies.rules.tree import OPERATORS, Leaf, reader


class Leaves:
    """What reads leaves on a day into a plan."""

    def __init__(
        self,
        plan: Plan,
        facts: Mapping[str, Fact],
        on: date,
        derived: Mapping[str, "DerivedColumn"],
    ) -> None:
        self.plan = plan
        self.facts = facts
        self.on = on
        self.derived = derived

    def column_of(self, key: str) -> Column:
        return column_of(self.facts[key])

    def column(self, key: str) -> Node:
        return self.plan.column(self.column_of(key))

    @cached_property
    def industry(self) -> Node:
        return self.plan.column(IndustryState())


@dataclass(frozen=True)
class DerivedColumn:
    """What reads a leaf over a derived fact; of numbers also the quantity."""

    read: Callable[[Leaf, Leaves], Outcome]
    quantity: Callable[[Leaves], "Quantity"] | None = None


# --- leaves of few values ---------------------------------------------------------------

# Whether a value known passes; numbers, dates and sets are steps below.
_PASSES: dict[str, Callable[[Any, Any], bool]] = {
    "is": lambda value, operand: value == operand,
    "in": lambda value, operand: value in operand,
    "answered": lambda value, operand: True,
}


def outcome_of(leaf: Leaf, value: Any) -> int:
    """What a leaf says of a value that is known."""
    if _PASSES[leaf.operator](value, leaf.operand):
        return 1
    return 0 if leaf.opens and _PASSES[leaf.opens[0]](value, leaf.opens[1]) else -1


def of_truth(plan: Plan, truth: Outcome, leaf: Leaf) -> Outcome:
    """A leaf over yes or no."""
    if_yes, if_no = outcome_of(leaf, True), outcome_of(leaf, False)
    if if_yes == if_no:
        return plan.known(truth) if if_yes == 1 else plan.negate(plan.known(truth)) if if_yes else 0
    found = truth if if_yes > if_no else plan.negate(truth)
    if 1 not in (if_yes, if_no):
        return plan.at_most_open(found)
    return found if -1 in (if_yes, if_no) else plan.at_least_open(found)


def of_code(plan: Plan, codes: Node, values: list[Any], leaf: Leaf) -> Outcome:
    """A leaf over codes that stand for values."""
    table = [outcome_of(leaf, value) for value in values]
    return plan.by_code(codes, table)


# --- sets -------------------------------------------------------------------------------

# What holds of a set: whether the codes are in it, or are not.
_OF_SETS: dict[str, tuple[bool, Callable[[Any, Bits], int]]] = {
    "has": (True, lambda operand, column: column.bits((operand,))),
    "has_any": (True, lambda operand, column: column.bits(operand)),
    "lacks": (False, lambda operand, column: column.bits((operand,))),
    "lacks_all": (False, lambda operand, column: column.bits(operand)),
    "non_empty": (True, lambda operand, column: column.bits(column.choices)),
}


def _of_set(operator: str, operand: Any, column: Bits, plan: Plan) -> Outcome:
    has, bits_of = _OF_SETS[operator]
    bits, kind = bits_of(operand, column), column.dtype
    wanted, wanted_or_unknown = (
        plan.constant(mask, kind) for mask in (bits, bits | column.unknown)
    )
    none = plan.constant(0, kind)
    room = "u" if kind == "u1" else "None"
    found = plan.difference(
        f"m = bitwise_and({{0}}, {wanted}, {room}); not_equal(m, {none}, t)",
        f"m = bitwise_and({{0}}, {wanted_or_unknown}, {room}); equal(m, {none}, f)",
        plan.column(column),
    )
    return found if has else plan.negate(found)


# --- numbers and dates ------------------------------------------------------------------


class Quantity:
    """A number in the plan, whole by `scale`: `value`, or `mirror` less it.

    What is unknown may still be known to be at least `low` and at most `high`.
    """

    def __init__(
        self,
        value: Node,
        scale: int = 1,
        mirror: int | None = None,
        low: Node | None = None,
        high: Node | None = None,
    ) -> None:
        self.value, self.scale, self.mirror = value, scale, mirror
        self.low, self.high = low or value, high or value

    def limit(self, number: Any) -> float:
        value = Decimal(number) * self.scale
        return float(value if self.mirror is None else self.mirror - value)


_FAILS = {
    "greater_equal": "less",
    "greater": "less_equal",
    "less_equal": "greater",
    "less": "greater_equal",
}
_MIRRORED = {
    "greater_equal": "less_equal",
    "greater": "less",
    "less_equal": "greater_equal",
    "less": "greater",
}


def compared(function: str, quantity: Quantity, number: Any, plan: Plan) -> Outcome:
    if quantity.mirror is not None:
        function = _MIRRORED[function]
    limit = plan.constant(quantity.limit(number), quantity.value.dtype)
    fails = _FAILS[function]
    if quantity.low is quantity.high or function.startswith("less"):
        # Of what is only bounded, no more is asked than whether it is large enough.
        return plan.difference(
            f"{function}({{0}}, {limit}, t)", f"{fails}({{0}}, {limit}, f)", quantity.value
        )
    return plan.difference(
        f"{function}({{0}}, {limit}, t)",
        f"{fails}({{1}}, {limit}, f)",
        quantity.low,
        quantity.high,
    )


def _equals(quantity: Quantity, number: Any, plan: Plan) -> Outcome:
    if not isinstance(number, int | Decimal):
        return plan.negate(_answered(quantity, plan))
    limit = plan.constant(quantity.limit(number), quantity.value.dtype)
    return plan.outcome(
        f"equal({{0}}, {limit}, t); equal({{0}}, {{0}}, f); add(t8, t8, out={{o}}); "
        "subtract({o}, f8, out={o})",
        quantity.value,
    )


def _answered(quantity: Quantity, plan: Plan) -> Outcome:
    return plan.outcome("equal({0}, {0}, t); copyto({o}, t8)", quantity.value)


def _between(quantity: Quantity, operand: tuple[Any, Any], plan: Plan) -> Outcome:
    low, high = operand
    known = Quantity(quantity.value, quantity.scale, quantity.mirror)
    return plan.all_of(
        compared("greater_equal", known, low, plan), compared("less_equal", known, high, plan)
    )


def _is_year(quantity: Quantity, operand: int, leaves: Leaves, is_date: bool) -> Outcome:
    year = leaves.on.year + operand
    if not is_date:
        return _equals(quantity, year, leaves.plan)
    days = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return _between(quantity, days, leaves.plan)


def _no_later(quantity: Quantity, day: date, plan: Plan) -> Outcome:
    return compared("less_equal", quantity, day.toordinal(), plan)


_OF_NUMBERS: dict[str, Callable[[Quantity, Any, Leaves, bool], Outcome]] = {
    "is": lambda q, operand, r, _: _equals(q, operand, r.plan),
    "in": lambda q, operand, r, _: (
        r.plan.any_of(*(_equals(q, each, r.plan) for each in operand))
        if operand
        else r.plan.negate(_answered(q, r.plan))
    ),
    "answered": lambda q, operand, r, _: _answered(q, r.plan),
    "at_least": lambda q, operand, r, _: compared("greater_equal", q, operand, r.plan),
    "at_most": lambda q, operand, r, _: compared("less_equal", q, operand, r.plan),
    "more_than": lambda q, operand, r, _: compared("greater", q, operand, r.plan),
    "less_than": lambda q, operand, r, _: compared("less", q, operand, r.plan),
    "between": lambda q, operand, r, _: _between(q, operand, r.plan),
    "is_year": lambda q, operand, r, is_date: _is_year(q, operand, r, is_date),
    "full_years": lambda q, operand, r, _: _no_later(
        q, latest_reaching(r.on, 12 * operand), r.plan
    ),
    "full_months": lambda q, operand, r, _: _no_later(q, latest_reaching(r.on, operand), r.plan),
    "remaining_years": lambda q, operand, r, _: compared(
        "greater_equal", q, add_months(r.on, 12 * operand).toordinal(), r.plan
    ),
}
reader(OPERATORS, {**_PASSES, **_OF_SETS, **_OF_NUMBERS})


def of_quantity(leaf: Leaf, quantity: Quantity, leaves: Leaves, is_date: bool = False) -> Outcome:
    return _with_opens(
        leaf,
        lambda operator, operand: _OF_NUMBERS[operator](quantity, operand, leaves, is_date),
        leaves.plan,
    )


def _with_opens(leaf: Leaf, read: Callable[[str, Any], Outcome], plan: Plan) -> Outcome:
    """What fails stays open where the value, known, is one that opens."""
    found = read(leaf.operator, leaf.operand)
    if leaf.opens is None:
        return found
    return plan.any_of(found, plan.at_most_open(plan.certain(read(*leaf.opens))))


def read_leaf(leaf: Leaf, leaves: Leaves) -> Outcome:
    if leaf.fact in leaves.derived:
        return leaves.derived[leaf.fact].read(leaf, leaves)
    fact, plan = leaves.facts[leaf.fact], leaves.plan
    column = column_of(fact)
    if fact.type == "bool":
        return of_truth(plan, plan.column(column), leaf)
    if isinstance(column, Code):
        return of_code(plan, plan.column(column), list(column.choices), leaf)
    if isinstance(column, Bits):
        return _with_opens(
            leaf, lambda operator, operand: _of_set(operator, operand, column, plan), plan
        )
    if fact.type in LISTS:
        return plan.column(column)
    return of_quantity(leaf, quantity_of(leaf.fact, leaves), leaves, is_date=fact.type == "date")


def quantity_of(key: str, leaves: Leaves) -> Quantity:
    """The number or day of a fact that is asked."""
    column = leaves.column_of(key)
    return Quantity(leaves.plan.column(column), getattr(column, "scale", 1))
