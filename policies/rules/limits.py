"""The limits that rules and amounts are written with, and answers on both sides of each."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from policies.rules.answers import LARGEST_NUMBER, AnswersError, parse_answers
from policies.rules.derived import DERIVED
from policies.rules.facts import Fact, Item
from policies.rules.firm import add_months, latest_reaching
from policies.rules.tree import (
    COMPARISONS,
    TERMS,
    Comparison,
    Constant,
    Each,
    FirstReached,
    FullTerms,
    Growth,
    Ladder,
    Leaf,
    Milestones,
    Quantity,
    Quotient,
    Ratio,
    Value,
    bare,
    number,
    walk,
)

Facts = Mapping[str, Fact]
Side = tuple[Any, Any]  # the value at a limit that still holds, the value beside it that does not

_NUMERIC = ("is", "is_year", *COMPARISONS, *TERMS)
_FINEST = 6  # decimals of a number that does not say


@dataclass(frozen=True)
class Limit:
    """A number, year or term that a fact is held against; `whole` is what a share is of."""

    fact: str
    operator: str
    operand: Any
    whole: str | None = None

    def __str__(self) -> str:
        return f"{self.fact} {self.operator} {self.operand}"


def limits_of(*trees: Any) -> Iterator[Limit]:
    """Every limit inside rules and amounts, however deep."""
    for tree in trees:
        for node in walk(tree):
            yield from _own_limits(node)


def _own_limits(node: Any) -> Iterator[Limit]:
    if isinstance(node, Ratio):
        yield Limit(node.part, "at_least", node.at_least, node.whole)
    elif isinstance(node, Leaf):
        tests = [(node.operator, node.operand), *([node.opens] if node.opens else ())]
        for operator, operand in tests:
            if operator in _NUMERIC and not isinstance(operand, bool | str):
                yield Limit(node.fact, operator, operand)
    elif isinstance(node, Comparison):
        for operand in node.operands:
            number_of = operand.number if isinstance(operand, Constant) else Decimal(1)
            yield from _limits_of_quantity(node.quantity, node.operator, number_of)
    elif isinstance(node, Ladder):
        for limit, _ in node.steps:
            yield from _limits_of_quantity(node.of, "at_least", limit)
    elif isinstance(node, Each):
        yield from _limits_of_quantity(node.of, "at_least", node.every)
    elif isinstance(node, FirstReached | Milestones):
        lowest = node.limits if isinstance(node, FirstReached) else [step[0] for step in node.steps]
        yield from (Limit(node.fact, "at_least", limit) for limit in lowest)
        # Reached for the first time.
        yield from (Limit(node.before, "less_than", limit) for limit in lowest)


def _limits_of_quantity(quantity: Quantity, operator: str, limit: Decimal) -> Iterator[Limit]:
    """What it comes to for each fact of a quantity on its own."""
    operator = "at_least" if operator == "between" else operator
    quantity = bare(quantity)
    for each in walk(quantity):
        if isinstance(each, FullTerms):
            term = "full_years" if each.months == 12 else "full_months"
            # From the next term on it is more.
            later = operator in ("at_most", "more_than")
            yield Limit(each.fact, term, max(0, int(limit)) + later)
    if isinstance(quantity, Quotient):
        for above, below in product(values_of(quantity.above), values_of(quantity.below)):
            yield Limit(above.fact, operator, limit, below.fact)
    elif isinstance(quantity, Growth):
        for now, before in product(values_of(quantity.now), values_of(quantity.before)):
            yield Limit(now.fact, operator, 1 + limit, before.fact)
    else:
        yield from (Limit(value.fact, operator, limit) for value in values_of(quantity))


def values_of(quantity: Quantity) -> list[Value]:
    return [each for each in walk(quantity) if isinstance(each, Value)]


def sides_of(limit: Limit, facts: Facts, on: date) -> list[Side]:
    """Values at a limit and just beside it, in the smallest step of its fact; shares of 100."""
    step, operand, operator = _step(limit.fact, facts), limit.operand, limit.operator
    if limit.whole:
        step /= 100
    if operator in TERMS:
        return [_term(operator, operand, on)]
    if operator == "is_year" and limit.fact in facts and facts[limit.fact].type == "date":
        first, last = date(on.year + operand, 1, 1), date(on.year + operand, 12, 31)
        return [(first, first - timedelta(days=1)), (last, last + timedelta(days=1))]
    if operator == "between":
        low, high = operand
        return [(low, low - step), (high, high + step)]
    limit_value = number(operand) + (on.year if operator == "is_year" else 0)
    return {
        "at_least": [(limit_value, limit_value - step)],
        "at_most": [(limit_value, limit_value + step)],
        "more_than": [(limit_value + step, limit_value)],
        "less_than": [(limit_value - step, limit_value)],
    }.get(operator, [(limit_value, limit_value - step), (limit_value, limit_value + step)])


def _term(operator: str, operand: int, on: date) -> Side:
    if operator == "remaining_years":
        ends = add_months(on, operand * 12)
        return ends, ends - timedelta(days=1)
    since = latest_reaching(on, operand * (12 if operator == "full_years" else 1))
    return since, since + timedelta(days=1)


def _step(key: str, facts: Facts) -> Decimal:
    """The smallest difference between two values of a fact."""
    fact = facts.get(key)
    if fact is None:  # derived: in the finest step of what it is computed from
        steps = [_step(part, facts) for part in DERIVED[key].reads if part in facts]
        return min(steps, default=Decimal(1))
    if not fact.is_numeric or fact.type == "int":
        return Decimal(1)
    return Decimal(1).scaleb(-(_FINEST if fact.decimals is None else fact.decimals))


# --- answers to try ---------------------------------------------------------------------


def answers_to_try(limits: Iterable[Limit], facts: Facts, on: date) -> dict[str, list[Any]]:
    """For each asked fact the answers worth trying: all choices, both sides of each limit."""
    beside: dict[str, list[Any]] = {}
    for limit in limits:
        for key in _asked(limit.fact):
            beside.setdefault(key, []).extend(_around(limit, facts, on))
    return {key: _fitting(fact, beside.get(key, ()), facts, on) for key, fact in facts.items()}


def _asked(key: str) -> tuple[str, ...]:
    return DERIVED[key].reads if key in DERIVED else (key,)


def _around(limit: Limit, facts: Facts, on: date) -> list[Any]:
    """Both sides; a limit of years since is also one of the calendar years before."""
    values = [value for side in sides_of(limit, facts, on) for value in side]
    numbers = [value for value in values if isinstance(value, Decimal)]
    if limit.whole:
        values += [number * 100 for number in numbers]
    return values + [on.year - number for number in numbers] + [on.year - n - 1 for n in numbers]


def _fitting(fact: Fact, beside: Collection[Any], facts: Facts, on: date) -> list[Any]:
    if fact.type == "bool":
        return [True, False]
    if fact.type == "enum":
        return list(fact.choices)
    if fact.type == "enum_set":
        every = frozenset(fact.choices)
        return [frozenset(), *(frozenset({code}) for code in fact.choices), every]
    if fact.type == "date":
        tried: list[Any] = [on, *(date(on.year - years, 1, 2) for years in (1, 5, 20))]
    elif fact.type == "money_list":
        tried = [(), (Decimal(1),)]
    elif fact.type == "item_list":
        kinds = list(fact.choices) or [None]
        tried = [(), *((Item(Decimal(1), kind, on),) for kind in kinds)]
    else:
        ends = (fact.maximum, fact.minimum, LARGEST_NUMBER, 100, 1, 0, -1)
        tried = [end for end in (on.year, *ends) if end is not None]
    tried = [*beside, *tried]
    return [value for value in dict.fromkeys(tried) if _is_possible(fact, value, facts, on)]


def _is_possible(fact: Fact, value: Any, facts: Facts, on: date) -> bool:
    try:
        parse_answers({fact.key: value}, facts, on)
    except AnswersError:
        return False
    return True
