"""Reading rules for columns of firms: trees become steps of a plan, with the outcomes of `one_firm`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from policies.rules.column_data import (
    INDUSTRY_STATES,
    Bits,
    Code,
    Column,
    IndustryState,
    column_of,
)
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.facts import Fact
from policies.rules.firm import add_months, latest_reaching
from policies.rules.industry import belongs_to
from policies.rules.readings import MET, NOT_MET
from policies.rules.tree import (
    OPERATORS,
    RULES,
    AllOf,
    AnyOf,
    AtLeast,
    Cases,
    FirstReached,
    Industry,
    Leaf,
    Not,
    Open,
    Presumed,
    Ratio,
    Rule,
    reader,
)


class Rules:
    """What reads rules on a day into a plan; equal rules once."""

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
        self._read: dict[Rule, Outcome] = {}

    def rule(self, rule: Rule) -> Outcome:
        if rule not in self._read:
            self._read[rule] = _RULES[type(rule)](rule, self)
        return self._read[rule]

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

    read: Callable[[Leaf, Rules], Outcome]
    quantity: Callable[[Rules], "Quantity"] | None = None


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


def _is_year(quantity: Quantity, operand: int, rules: Rules, is_date: bool) -> Outcome:
    year = rules.on.year + operand
    if not is_date:
        return _equals(quantity, year, rules.plan)
    days = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return _between(quantity, days, rules.plan)


def _no_later(quantity: Quantity, day: date, plan: Plan) -> Outcome:
    return compared("less_equal", quantity, day.toordinal(), plan)


_OF_NUMBERS: dict[str, Callable[[Quantity, Any, Rules, bool], Outcome]] = {
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


def of_quantity(leaf: Leaf, quantity: Quantity, rules: Rules, is_date: bool = False) -> Outcome:
    return _with_opens(
        leaf,
        lambda operator, operand: _OF_NUMBERS[operator](quantity, operand, rules, is_date),
        rules.plan,
    )


def _with_opens(leaf: Leaf, read: Callable[[str, Any], Outcome], plan: Plan) -> Outcome:
    """What fails stays open where the value, known, is one that opens."""
    found = read(leaf.operator, leaf.operand)
    if leaf.opens is None:
        return found
    return plan.any_of(found, plan.at_most_open(plan.certain(read(*leaf.opens))))


def _leaf(leaf: Leaf, rules: Rules) -> Outcome:
    if leaf.fact in rules.derived:
        return rules.derived[leaf.fact].read(leaf, rules)
    fact, plan = rules.facts[leaf.fact], rules.plan
    column = column_of(fact)
    if fact.type == "bool":
        return of_truth(plan, plan.column(column), leaf)
    if isinstance(column, Code):
        return of_code(plan, plan.column(column), list(column.choices), leaf)
    if isinstance(column, Bits):
        return _with_opens(
            leaf, lambda operator, operand: _of_set(operator, operand, column, plan), plan
        )
    if fact.type == "money_list":
        return plan.column(column)
    return of_quantity(leaf, quantity_of(leaf.fact, rules), rules, is_date=fact.type == "date")


def quantity_of(key: str, rules: Rules) -> Quantity:
    """The number or day of a fact that is asked."""
    column = rules.column_of(key)
    return Quantity(rules.plan.column(column), getattr(column, "scale", 1))


# --- composites -------------------------------------------------------------------------


def _at_least(rule: AtLeast, rules: Rules) -> Outcome:
    """Met parts are counted, and those not met by the sum of all."""
    plan = rules.plan
    parts = [rules.rule(part) for part in rule.parts]
    nodes = [p if isinstance(p, Node) else plan.everywhere(p, "i1") for p in parts]
    lines = ["maximum({0}, nil, out=s)", "copyto(q, {0})"]
    for position in range(1, len(nodes)):
        part = f"{{{position}}}"
        lines.append(
            f"maximum({part}, nil, out={{o}}); add(s, {{o}}, out=s); add(q, {part}, out=q)"
        )
    count = plan.constant(rule.count, "i1")
    too_many = plan.constant(len(nodes) - rule.count, "i1")
    lines.append("subtract(s, q, out=q)")
    return plan.difference(
        "; ".join([*lines, f"greater_equal(s, {count}, t)"]), f"greater(q, {too_many}, f)", *nodes
    )


def _cases(rule: Cases, rules: Rules) -> Outcome:
    plan = rules.plan
    rows = [(rules.rule(row.when), rules.rule(row.then)) for row in rule.rows]
    if rule.otherwise is not None:
        found = rules.rule(rule.otherwise)
        for when, then in reversed(rows):
            found = _either(when, then, found, plan)
        return found
    # Of the rows that may speak: where the least and the most agree that is it; of none it is met.
    least: Outcome = 1
    most: Outcome = -1
    for when, then in reversed(rows):
        isnt = plan.certain(plan.negate(when))
        is_ = plan.certain(when)
        least = plan.all_of(plan.any_of(then, isnt), plan.any_of(least, is_))
        most = plan.any_of(
            plan.all_of(then, plan.negate(isnt)), plan.all_of(most, plan.negate(is_))
        )
    return plan.any_of(least, plan.at_most_open(most))


def _either(when: Outcome, then: Outcome, otherwise: Outcome, plan: Plan) -> Outcome:
    return plan.all_of(
        plan.any_of(plan.negate(when), then),
        plan.any_of(when, otherwise),
        plan.any_of(then, otherwise),
    )


def _industry(rule: Industry, rules: Rules) -> Outcome:
    outcomes = {MET: 1, NOT_MET: -1}
    table = [outcomes.get(belongs_to(state, rule.codes), 0) for state in INDUSTRY_STATES]
    return rules.plan.by_code(rules.industry, table)


def _ratio(rule: Ratio, rules: Rules) -> Outcome:
    """Multiplied out where both are small enough for that to be exact; else divided last, which is
    exact where the part may equal the share."""
    part, whole = quantity_of(rule.part, rules), quantity_of(rule.whole, rules)
    above, below = (rule.at_least * part.scale / whole.scale).as_integer_ratio()
    plan = rules.plan
    above_name, below_name = (plan.constant(value, "f8") for value in (above, below))
    none = plan.constant(0, whole.value.dtype)
    if part.value.dtype == whole.value.dtype == "f4":
        share = (
            f"copyto(x, {{1}}); multiply(x, {above_name}, x); "
            f"copyto(y, {{0}}); multiply(y, {below_name}, y)"
        )
        own = "y"
    else:
        share, own = f"multiply({{1}}, {above_name}, x); divide(x, {below_name}, x)", "{0}"
    return plan.difference(
        f"{share}; not_equal({{1}}, {none}, g); greater_equal({own}, x, t); logical_and(t, g, t)",
        f"less({own}, x, f); invert(g, g); logical_or(f, g, f)",
        part.value,
        whole.value,
    )


def _first_reached(rule: FirstReached, rules: Rules) -> Outcome:
    return rules.rule(rule.spelt_out)


_RULES: Mapping[type, Callable[[Any, Rules], Outcome]] = reader(
    RULES,
    {
        Leaf: _leaf,
        Industry: _industry,
        Ratio: _ratio,
        AllOf: lambda rule, r: r.plan.all_of(*(r.rule(part) for part in rule.parts)),
        AnyOf: lambda rule, r: r.plan.any_of(*(r.rule(part) for part in rule.parts)),
        AtLeast: _at_least,
        Not: lambda rule, r: r.plan.negate(r.rule(rule.part)),
        Presumed: lambda rule, r: r.plan.presumed(r.rule(rule.part)),
        FirstReached: _first_reached,
        Open: lambda rule, r: 0,
        Cases: _cases,
    },
)
