"""Quantities of one firm: what is computed of facts, as far as they are known.

Whatever is unknown lies between two ends; what is computed of it lies between those that follow.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from policies.rules.firm import Estimate, bounded, exactly, full_months
from policies.rules.readings import MET, NOT_MET, Reading, all_of, unknown
from policies.rules.tree import Value

INFINITE = Decimal("Infinity")
# Growth or a part of nothing: it reaches no limit, and no answer would change that.
NO_VALUE = Estimate()


def of_fact(value: Any, fact: Value) -> Estimate:
    """The number that a firm answered, or what it may lie between."""
    if value is None:
        return Estimate(None, fact.least, fact.most, (fact.fact,))
    return exactly(value)


def _low(estimate: Estimate) -> Decimal:
    return -INFINITE if estimate.low is None else estimate.low


def _high(estimate: Estimate) -> Decimal:
    return INFINITE if estimate.high is None else estimate.high


def _between(low: Decimal, high: Decimal, *parts: Estimate) -> Estimate:
    missing = tuple(dict.fromkeys(key for part in parts for key in part.missing))
    if low == -INFINITE:
        return Estimate(None, None, None if high == INFINITE else high, missing)
    return bounded(low, None if high == INFINITE else high, missing)


def total(parts: Sequence[Estimate]) -> Estimate:
    low = sum((_low(part) for part in parts), Decimal(0))
    return _between(low, sum((_high(part) for part in parts), Decimal(0)), *parts)


def difference(more: Estimate, less: Estimate) -> Estimate:
    return _between(_low(more) - _high(less), _high(more) - _low(less), more, less)


def times(one: Decimal, other: Decimal) -> Decimal:
    """Nothing times whatever may be infinite is nothing."""
    return one * other if one and other else Decimal(0)


def product(parts: Sequence[Estimate]) -> Estimate:
    low = high = Decimal(1)
    for part in parts:
        ends = [times(end, own) for end in (low, high) for own in (_low(part), _high(part))]
        low, high = min(ends), max(ends)
    return _between(low, high, *parts)


def growth(now: Estimate, before: Estimate) -> Estimate:
    if before.value is not None and before.value <= 0:
        return NO_VALUE
    if now.value is None or before.value is None:
        return Estimate(missing=tuple(dict.fromkeys(now.missing + before.missing)))
    grown = Fraction(now.value - before.value) / Fraction(before.value)
    return Estimate(grown, grown, grown)


def quotient(above: Estimate, below: Estimate) -> Estimate:
    if below.value is not None and below.value == 0:
        return NO_VALUE
    if above.value is None or below.value is None:
        return Estimate(missing=tuple(dict.fromkeys(above.missing + below.missing)))
    divided = Fraction(above.value) / Fraction(below.value)
    return Estimate(divided, divided, divided)


def full_terms(since: date | None, on: date, months: int, missing: tuple[str, ...]) -> Estimate:
    if since is None:
        return Estimate(low=Decimal(0), missing=missing)
    return exactly(full_months(since, on) // months)


def _at_least(one: Estimate, other: Estimate) -> Reading:
    if _low(one) >= _high(other):
        return MET
    return NOT_MET if _high(one) < _low(other) else unknown(one.missing + other.missing)


def _more_than(one: Estimate, other: Estimate) -> Reading:
    if _low(one) > _high(other):
        return MET
    return NOT_MET if _high(one) <= _low(other) else unknown(one.missing + other.missing)


def held(operator: str, quantity: Estimate, operands: Sequence[Estimate]) -> Reading:
    """What a comparison says; decided as soon as the ends of what is unknown agree."""
    if quantity == NO_VALUE:
        return NOT_MET
    return all_of(test(quantity, operand) for test, operand in _TESTS[operator](operands))


Test = Callable[[Estimate, Estimate], Reading]
_TESTS: dict[str, Callable[[Sequence[Estimate]], list[tuple[Test, Estimate]]]] = {
    "at_least": lambda ends: [(_at_least, ends[0])],
    "more_than": lambda ends: [(_more_than, ends[0])],
    "at_most": lambda ends: [(_turned(_at_least), ends[0])],
    "less_than": lambda ends: [(_turned(_more_than), ends[0])],
    "between": lambda ends: [(_at_least, ends[0]), (_turned(_at_least), ends[1])],
}


def _turned(test: Test) -> Test:
    return lambda one, other: test(other, one)
