"""Remedies: how far a failed rule falls short, and which changes of answers might meet it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import ceil
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.one_firm import estimate, known, read
from policies.rules.readings import MET, NOT_MET
from policies.rules.tree import (
    COMPARISONS,
    OPERATORS,
    RULES,
    AllOf,
    AnyOf,
    AtLeast,
    Cases,
    Comparison,
    Difference,
    FirstReached,
    Growth,
    Industry,
    Leaf,
    Not,
    Open,
    Presumed,
    Quantity,
    Quotient,
    Ratio,
    Rule,
    SumOf,
    Value,
    bare,
    reader,
    reads,
)

Facts = Mapping[str, Fact]


@dataclass(frozen=True)
class Change:
    """Set the asked fact `fact` to `to`; what a near miss is made of."""

    fact: str
    to: Any


Changes = tuple[Change, ...]
MOST_COMBINATIONS = 24


def gap(rule: Rule, firm: Firm) -> Decimal | None:
    """How far a number falls short, in its fact's unit; None where nothing is a number."""
    return _GAPS[type(rule)](rule, firm)


def remedies(rule: Rule, firm: Firm, facts: Facts) -> list[Changes]:
    """Sets of changes that might meet a rule that failed; a title is never given up for it."""
    return _REMEDIES[type(rule)](rule, firm, facts)


def combine(options: list[list[Changes]]) -> list[Changes]:
    """One choice from each list, at most MOST_COMBINATIONS in all; empty if one has none."""
    combined: list[Changes] = [()]
    for choices in options:
        combined = [
            tuple(dict.fromkeys((*done, *choice))) for done in combined for choice in choices
        ][:MOST_COMBINATIONS]
    return combined


def _failing(parts: Iterable[Rule], firm: Firm) -> list[Rule]:
    return [part for part in parts if read(part, firm) is NOT_MET]


# --- gaps -------------------------------------------------------------------------------


def _leaf_gap(leaf: Leaf, firm: Firm) -> Decimal | None:
    if leaf.operator not in COMPARISONS:
        return None
    value = known(leaf.fact, firm)
    if value is None:
        return None
    low, high = _allowed(leaf)
    if low is not None and value < low:
        return low - value
    if high is not None and value > high:
        return value - high
    is_beside = value in (low, high) and leaf.operator in ("more_than", "less_than")
    return Decimal(0) if is_beside else None


def _allowed(leaf: Leaf) -> tuple[Decimal | None, Decimal | None]:
    if leaf.operator == "between":
        return leaf.operand
    is_least = leaf.operator in ("at_least", "more_than")
    return (leaf.operand, None) if is_least else (None, leaf.operand)


def _only_gap(rule: AllOf | AnyOf | AtLeast, firm: Firm) -> Decimal | None:
    """The gap of the only failing part; several gaps in different units do not add up."""
    failing = _failing(rule.parts, firm)
    return gap(failing[0], firm) if len(failing) == 1 else None


def _missed(rule: FirstReached, firm: Firm) -> Decimal | None:
    """The lowest limit still ahead, when none was newly reached."""
    now, before = firm.answer(rule.fact), firm.answer(rule.before)
    if now is None or before is None or read(rule, firm) is not NOT_MET:
        return None
    return min((limit for limit in rule.limits if limit > max(now, before)), default=None)


def _first_reached_gap(rule: FirstReached, firm: Firm) -> Decimal | None:
    limit = _missed(rule, firm)
    return limit - firm.answer(rule.fact) if limit else None


def _ratio_gap(rule: Ratio, firm: Firm) -> Decimal | None:
    part, whole = firm.answer(rule.part), firm.answer(rule.whole)
    if part is None or not whole or part >= rule.at_least * whole:
        return None
    return rule.at_least * whole - part


def _comparison_gap(rule: Comparison, firm: Firm) -> Decimal | None:
    """By how much the first fact would have to rise; none where it is one factor of several."""
    if rule.operator not in ("at_least", "more_than") or _first(rule.quantity) is None:
        return None
    if read(rule, firm) is not NOT_MET:
        return None
    limit, quantity = estimate(rule.operands[0], firm).value, bare(rule.quantity)
    if isinstance(quantity, Quotient):
        return _quotient_gap(quantity, limit, firm)
    if not isinstance(quantity, Growth):
        found = estimate(quantity, firm).value
        return None if found is None or limit is None else limit - found
    now, before = (estimate(each, firm).value for each in (quantity.now, quantity.before))
    if now is None or before is None or limit is None or before <= 0:
        return None
    return (1 + limit) * before - now


def _quotient_gap(quotient: Quotient, limit: Decimal | None, firm: Firm) -> Decimal | None:
    """What the divided lacks; none where its first fact is among what it is divided by."""
    above, below = (estimate(each, firm).value for each in (quotient.above, quotient.below))
    if above is None or not below or limit is None or below < 0:
        return None
    first = _first(quotient.above)
    return None if first and first.fact in reads(quotient.below) else limit * below - above


def _first(quantity: Quantity) -> Value | None:
    """The fact that a quantity rises with, by as much; the divided of a quotient."""
    quantity = bare(quantity)
    if isinstance(quantity, Value):
        return quantity
    if isinstance(quantity, SumOf):
        return _first(quantity.parts[0])
    if isinstance(quantity, Difference):
        return _first(quantity.more)
    if isinstance(quantity, Quotient):
        return _first(quantity.above)
    return _first(quantity.now) if isinstance(quantity, Growth) else None


def _chosen(rule: Cases, firm: Firm) -> Rule | None:
    """The row that speaks of the firm, where that is decided."""
    for row in rule.rows:
        when = read(row.when, firm)
        if when is MET:
            return row.then
        if when is not NOT_MET:
            return None
    return rule.otherwise


def _cases_gap(rule: Cases, firm: Firm) -> Decimal | None:
    chosen = _chosen(rule, firm)
    return gap(chosen, firm) if chosen else None


def _no_gap(rule: Rule, firm: Firm) -> None:
    return None


_GAPS: dict[type, Callable[[Any, Firm], Decimal | None]] = {
    Leaf: _leaf_gap,
    Industry: _no_gap,
    Ratio: _ratio_gap,
    Comparison: _comparison_gap,
    AllOf: _only_gap,
    AnyOf: _only_gap,
    AtLeast: _only_gap,
    Not: _no_gap,
    Presumed: lambda rule, firm: gap(rule.part, firm),
    FirstReached: _first_reached_gap,
    Open: _no_gap,
    Cases: _cases_gap,
}
reader(RULES, _GAPS)


# --- changes ----------------------------------------------------------------------------


def _leaf_remedies(leaf: Leaf, firm: Firm, facts: Facts) -> list[Changes]:
    if leaf.fact in DERIVED:
        return _more_tenants(leaf, firm)
    fact = facts[leaf.fact]
    if not fact.changeable:
        return []
    values = _WAYS[leaf.operator](leaf, firm.answer(leaf.fact), fact)
    return [(Change(leaf.fact, value),) for value in values]


def _more_tenants(leaf: Leaf, firm: Firm) -> list[Changes]:
    """Of derived facts only the tenants that a base counts can be added to."""
    if leaf.fact != "base.counted_tenants" or leaf.operator != "at_least":
        return []
    counted, tenants = known(leaf.fact, firm), firm.answer("base.tenants")
    if counted is None or tenants is None:
        return []
    return [(Change("base.tenants", int(tenants + leaf.operand - counted)),)]


def _to_limit(leaf: Leaf, value: Any, fact: Fact) -> list[Any]:
    if not fact.is_numeric:
        return []
    step = _step(fact)
    low, high = _allowed(leaf)
    target = low if low is not None and (value is None or value <= low) else high
    if target is None:
        return []
    target += {"more_than": step, "less_than": -step}.get(leaf.operator, Decimal(0))
    return [int(target) if fact.type == "int" else target]


def _step(fact: Fact) -> Decimal:
    if fact.type == "int":
        return Decimal(1)
    return Decimal(1).scaleb(-(fact.decimals if fact.decimals is not None else 2))


def _more(leaf: Leaf, value: Any, fact: Fact) -> list[Any]:
    """One more of the choices asked for."""
    codes = {"has": (leaf.operand,), "has_any": leaf.operand}.get(leaf.operator, fact.choices)
    return [(value or frozenset()) | {code} for code in codes]


def _less(leaf: Leaf, value: Any, fact: Fact) -> list[Any]:
    gone = {leaf.operand} if leaf.operator == "lacks" else set(leaf.operand)
    return [frozenset((value or frozenset()) - gone)]


def _nothing(leaf: Leaf, value: Any, fact: Fact) -> list[Any]:
    return []


_WAYS: dict[str, Callable[[Leaf, Any, Fact], list[Any]]] = {
    **dict.fromkeys(COMPARISONS, _to_limit),
    # Giving up what a firm has (its place in a library, a service) is no advice.
    "is": lambda leaf, value, fact: [] if leaf.operand is False else [leaf.operand],
    "in": lambda leaf, value, fact: list(leaf.operand),
    "is_year": _nothing,
    "answered": _nothing,
    "full_years": _nothing,
    "full_months": _nothing,
    "remaining_years": _nothing,
    "has": _more,
    "has_any": _more,
    "non_empty": lambda leaf, value, fact: (
        _more(leaf, value, fact) if fact.type == "enum_set" else []
    ),
    "lacks": _less,
    "lacks_all": _less,
}
reader(OPERATORS, _WAYS)


def _all_remedies(rule: AllOf, firm: Firm, facts: Facts) -> list[Changes]:
    return combine([remedies(part, firm, facts) for part in _failing(rule.parts, firm)])


def _some_remedies(count: int, parts: tuple[Rule, ...], firm: Firm, facts: Facts) -> list[Changes]:
    unmet = [part for part in parts if read(part, firm) is not MET]
    choices = [found for part in unmet if (found := remedies(part, firm, facts))]
    needed = count - (len(parts) - len(unmet))
    if needed == 1:
        return [option for options in choices for option in options]
    return combine(choices[:needed]) if len(choices) >= needed else []


def _ratio_remedies(rule: Ratio, firm: Firm, facts: Facts) -> list[Changes]:
    whole, fact = firm.answer(rule.whole), facts[rule.part]
    if not whole or not fact.changeable:
        return []
    target = rule.at_least * whole
    return [(Change(rule.part, ceil(target) if fact.type == "int" else target),)]


def _comparison_remedies(rule: Comparison, firm: Firm, facts: Facts) -> list[Changes]:
    lacking, first = _comparison_gap(rule, firm), _first(rule.quantity)
    if lacking is None or first is None or first.fact not in facts:
        return []
    fact = facts[first.fact]
    value = firm.answer(fact.key)
    if not fact.changeable or value is None:
        return []
    more = lacking + (_step(fact) if rule.operator == "more_than" else 0)
    return [(Change(fact.key, ceil(value + more) if fact.type == "int" else value + more),)]


def _first_reached_remedies(rule: FirstReached, firm: Firm, facts: Facts) -> list[Changes]:
    limit = _missed(rule, firm)
    return [(Change(rule.fact, limit),)] if limit and facts[rule.fact].changeable else []


def _cases_remedies(rule: Cases, firm: Firm, facts: Facts) -> list[Changes]:
    chosen = _chosen(rule, firm)
    return remedies(chosen, firm, facts) if chosen else []


def _none(rule: Rule, firm: Firm, facts: Facts) -> list[Changes]:
    return []


_REMEDIES: dict[type, Callable[[Any, Firm, Facts], list[Changes]]] = {
    Leaf: _leaf_remedies,
    Industry: _none,
    Ratio: _ratio_remedies,
    Comparison: _comparison_remedies,
    AllOf: _all_remedies,
    AnyOf: lambda rule, firm, facts: _some_remedies(1, rule.parts, firm, facts),
    AtLeast: lambda rule, firm, facts: _some_remedies(rule.count, rule.parts, firm, facts),
    Not: _none,
    Presumed: lambda rule, firm, facts: remedies(rule.part, firm, facts),
    FirstReached: _first_reached_remedies,
    Open: _none,
    Cases: _cases_remedies,
}
reader(RULES, _REMEDIES)
