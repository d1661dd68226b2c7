"""Reading rules for columns of firms: trees become steps of a plan, with the outcomes of `one_firm`."""

from collections.abc import Callable, Mapping
from typing import Any

from policies.rules.column_data import INDUSTRY_STATES
from policies.rules.column_leaves import Leaves, quantity_of, read_leaf
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_quantities import compared
from policies.rules.industry import belongs_to
from policies.rules.readings import MET, NOT_MET
from policies.rules.tree import (
    RULES,
    AllOf,
    AnyOf,
    AtLeast,
    Cases,
    Comparison,
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


class Rules(Leaves):
    """What reads rules on a day into a plan; equal rules once."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._read: dict[Rule, Outcome] = {}

    def rule(self, rule: Rule) -> Outcome:
        if rule not in self._read:
            self._read[rule] = _RULES[type(rule)](rule, self)
        return self._read[rule]


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
        Leaf: read_leaf,
        Industry: _industry,
        Ratio: _ratio,
        Comparison: compared,
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
