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


_WHOLE = (("i1", 127), ("i2", 32767))


def narrowest(paid: Sum) -> str:
    """The smallest kind of number that holds a sum: whole 万元 mostly fit one byte."""
    if any(node is not None for _, node in paid.terms) or any(
        amount % 1 for amount in paid.terms.values()
    ):
        return "f8"
    return next((kind for kind, limit in _WHOLE if paid.most <= limit), "f8")


def written(paid: Sum, plan: Plan, dtype: str | None = None) -> Node:
    """The step that gives a sum."""
    dtype = dtype or narrowest(paid)
    if not paid.terms:
        return plan.everywhere(0, dtype)
    whole = {term: amount for term, amount in paid.terms.items() if not (term[1] or amount % 1)}
    if dtype != "f8" or len(whole) < 2:
        return _added(paid.terms, plan, dtype)
    # What is whole is cheaper in whole numbers.
    rest = {term: amount for term, amount in paid.terms.items() if term not in whole}
    most = sum(abs(amount) for amount in whole.values())
    kind = next((kind for kind, limit in _WHOLE if most <= limit), "f8")
    if not rest or kind == "f8":
        return _added(paid.terms, plan, dtype)
    return plan.step(
        dtype, "add({0}, {1}, {o})", _added(rest, plan, dtype), _added(whole, plan, kind)
    )


def _mask(condition: Where, plan: Plan) -> Node:
    """All bits where a condition holds, else none."""
    name, outcome = condition
    if name.startswith("not"):
        return plan.step("i1", "invert({0}, {o})", _mask((_CONTRARY[name], outcome), plan))
    node = plan.negate(outcome) if name == "yes" else outcome
    return plan.step("i1", "minimum({0}, nil, out={o})", node)


def _masks(conditions: frozenset[Where], plan: Plan, dtype: str) -> Node:
    nodes = sorted(_mask(condition, plan) for condition in conditions)
    found = nodes[0]
    for node in nodes[1:]:
        found = plan.step("i1", "bitwise_and({0}, {1}, {o})", found, node)
    wide = {"f8": "i8"}.get(dtype, dtype)
    return found if wide == "i1" else plan.step(wide, "copyto({o}, {0})", found)


def _added(terms: dict[Term, Decimal], plan: Plan, dtype: str) -> Node:
    """Amounts cut out by masks, bit by bit, and added; a condition of several is applied once.

    What overflows on the way comes right in the end, as the sum itself fits.
    """
    shared: dict[Where, int] = {}
    for conditions, _ in terms:
        for condition in conditions:
            shared[condition] = shared.get(condition, 0) + 1
    common = max(shared, key=lambda each: (shared[each], each[1]), default=None)
    if common is None or shared[common] == 1:
        parts = [_cut(term, amount, plan, dtype) for term, amount in terms.items()]
    else:
        with_it = {
            (conditions - {common}, node): amount
            for (conditions, node), amount in terms.items()
            if common in conditions
        }
        rest = {term: amount for term, amount in terms.items() if common not in term[0]}
        inner = _added(with_it, plan, dtype)
        mask = _masks(frozenset({common}), plan, dtype)
        code = "bitwise_and({0}, {1}, {o})" if dtype != "f8" else _CUT_FRACTIONS
        parts = [plan.step(dtype, code, inner, mask)]
        parts += [_added(rest, plan, dtype)] if rest else []
    found = parts[0]
    for part in parts[1:]:
        found = plan.step(dtype, "add({0}, {1}, {o})", found, part)
    return found


def _cut(term: Term, amount: Decimal, plan: Plan, dtype: str) -> Node:
    conditions, node = term
    if node is not None:
        paid = node if node.dtype == dtype else plan.step(dtype, "copyto({o}, {0})", node)
        if amount != 1:  # paid several times over
            paid = plan.step(dtype, f"multiply({{0}}, {plan.constant(amount, dtype)}, {{o}})", paid)
        if not conditions:
            return paid
        code = "bitwise_and({0}, {1}, {o})" if dtype != "f8" else _CUT_FRACTIONS
        return plan.step(dtype, code, paid, _masks(conditions, plan, dtype))
    value = np.array(int(amount) if dtype != "f8" else float(amount)).astype(dtype)[()]
    if not conditions:
        return plan.everywhere(value, dtype)
    mask = _masks(conditions, plan, dtype)
    if dtype != "f8":
        return plan.step(dtype, f"bitwise_and({{0}}, {plan.constant(value, dtype)}, {{o}})", mask)
    bits = plan.constant(value.view("i8"), "i8")
    return plan.step(dtype, f"bitwise_and({{0}}, {bits}, {{o}}.view(i8))", mask)


_CUT_FRACTIONS = "bitwise_and({0}.view(i8), {1}, {o}.view(i8))"
