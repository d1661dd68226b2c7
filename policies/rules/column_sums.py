"""Sums of money for columns of firms: amounts that are paid where outcomes are yes or no.

An amount that is the same for all firms stays a number until its sum is written, so that the same
condition is applied once however many levels pay under it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from math import inf
from typing import NamedTuple

import numpy as np

from policies.rules.column_plan import Node, Outcome, Plan

# Yes, no, or the contrary of either: of amounts that differ by firm these cannot be subtracted.
Where = tuple[str, Node]
Term = tuple[frozenset[Where], Node | None]
_CONTRARY = {"yes": "not yes", "no": "not no", "not yes": "yes", "not no": "no"}


@dataclass(frozen=True)
class Sum:
    """万元 that are paid where conditions hold; a term without a node is `terms[…]` itself.

    It is never below `least` nor above `most`.
    """

    terms: dict[Term, Decimal]
    least: float
    most: float

    @property
    def is_nothing(self) -> bool:
        return not self.terms


def fixed(amount: Decimal) -> Sum:
    terms = {(frozenset(), None): amount} if amount else {}
    return Sum(terms, float(amount), float(amount))


def varying(node: Node, least: float = 0, most: float = inf) -> Sum:
    return Sum({(frozenset(), node): Decimal(1)}, least, most)


NOTHING = fixed(Decimal(0))


def total(sums: Iterable[Sum]) -> Sum:
    terms: dict[Term, Decimal] = {}
    least = most = 0.0
    for each in sums:
        for term, amount in each.terms.items():
            terms[term] = terms.get(term, Decimal(0)) + amount
        least, most = least + each.least, most + each.most
    return Sum({term: amount for term, amount in terms.items() if amount}, least, most)


def where(condition: str, outcome: Outcome, paid: Sum) -> Sum:
    """What is paid where an outcome is yes, or no, or is not."""
    if isinstance(outcome, int):
        holds = (outcome == 1) if condition.endswith("yes") else (outcome == -1)
        return paid if holds != condition.startswith("not") else NOTHING
    terms: dict[Term, Decimal] = {}

    def add(conditions: frozenset[Where], node: Node | None, amount: Decimal) -> None:
        held = dict.fromkeys(conditions)
        if any((_CONTRARY[name], each) in held for name, each in conditions):
            return
        if any(("yes", each) in held and ("no", each) in held for _, each in conditions):
            return
        key = (conditions, node)
        terms[key] = terms.get(key, Decimal(0)) + amount

    for (conditions, node), amount in paid.terms.items():
        if node is None and condition.startswith("not"):
            add(conditions, node, amount)
            add(conditions | {(_CONTRARY[condition], outcome)}, node, -amount)
        else:
            add(conditions | {(condition, outcome)}, node, amount)
    terms = {term: amount for term, amount in terms.items() if amount}
    return Sum(terms, min(0, paid.least), max(0, paid.most))


class Pay(NamedTuple):
    """At least and at most; `unknown` is yes where an amount turns on what is unknown."""

    low: Sum = NOTHING
    high: Sum = NOTHING
    unknown: Outcome = -1


def plus(pays: list[Pay], plan: Plan) -> Pay:
    return Pay(
        total(pay.low for pay in pays),
        total(pay.high for pay in pays),
        plan.any_of(*(pay.unknown for pay in pays)),
    )


# --- written into columns ---------------------------------------------------------------


def narrowest(paid: Sum) -> str:
    """The smallest kind of number that holds a sum: whole 万元 mostly fit one byte."""
    if any(node is not None for _, node in paid.terms) or any(
        amount % 1 for amount in paid.terms.values()
    ):
        return "f8"
    for kind, most in (("i1", 127), ("i2", 32767)):
        if paid.most <= most:
            return kind
    return "f8"


def written(paid: Sum, plan: Plan, dtype: str | None = None) -> Node:
    """The step that gives a sum."""
    dtype = dtype or narrowest(paid)
    if not paid.terms:
        return plan.everywhere(0, dtype)
    return _bits(paid.terms, plan) if dtype == "i1" else _wide(paid.terms, plan, dtype)


def _mask(condition: Where, plan: Plan) -> Node:
    """All bits where a condition holds, else none."""
    name, outcome = condition
    if name.startswith("not"):
        return plan.step("i1", "invert({0}, {o})", _mask((_CONTRARY[name], outcome), plan))
    node = plan.negate(outcome) if name == "yes" else outcome
    return plan.step("i1", "minimum({0}, nil, out={o})", node)


def _masks(conditions: frozenset[Where], plan: Plan) -> Node:
    nodes = sorted(_mask(condition, plan) for condition in conditions)
    found = nodes[0]
    for node in nodes[1:]:
        found = plan.step("i1", "bitwise_and({0}, {1}, {o})", found, node)
    return found


def _bits(terms: dict[Term, Decimal], plan: Plan) -> Node:
    """Whole amounts of one byte: cut out by masks and added, a common condition applied once.

    What overflows on the way comes right in the end, as the sum itself fits.
    """
    shared: dict[Where, int] = {}
    for conditions, _ in terms:
        for condition in conditions:
            shared[condition] = shared.get(condition, 0) + 1
    common = max(shared, key=lambda each: (shared[each], each[1]), default=None)
    if common is not None and shared[common] > 1:
        with_it = {
            (conditions - {common}, node): amount
            for (conditions, node), amount in terms.items()
            if common in conditions
        }
        rest = {term: amount for term, amount in terms.items() if common not in term[0]}
        part = plan.step(
            "i1", "bitwise_and({0}, {1}, {o})", _bits(with_it, plan), _mask(common, plan)
        )
        if not rest:
            return part
        return plan.step("i1", "add({0}, {1}, {o})", part, _bits(rest, plan))
    lines: list[str] = []
    nodes: list[Node] = []
    always = ""
    for (conditions, _), amount in terms.items():
        value = plan.constant(np.int8((int(amount) + 128) % 256 - 128), None)
        if not conditions:
            always = value
            continue
        into = "s" if lines else "{o}"
        lines.append(f"bitwise_and({{{len(nodes)}}}, {value}, {into})")
        if into == "s":
            lines.append("add({o}, s, {o})")
        nodes.append(_masks(conditions, plan))
    if not lines:
        return plan.step("i1", f"{{o}}.fill({always})")
    if always:
        lines.append(f"add({{o}}, {always}, {{o}})")
    return plan.step("i1", "; ".join(lines), *nodes)


def _wide(terms: dict[Term, Decimal], plan: Plan, dtype: str) -> Node:
    found: Node | None = None
    for (conditions, node), amount in terms.items():
        paid = node or plan.everywhere(amount, dtype)
        if node is not None and node.dtype != dtype:
            paid = plan.step(dtype, "copyto({o}, {0})", node)
        if conditions:
            zero = plan.constant(0, "i1")
            code = f"{{o}}.fill(0); not_equal({{0}}, {zero}, t); copyto({{o}}, {{1}}, where=t)"
            paid = plan.step(dtype, code, _masks(conditions, plan), paid)
        found = paid if found is None else plan.step(dtype, "add({0}, {1}, {o})", found, paid)
    return found
