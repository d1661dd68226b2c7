"""Reading one firm: trees become Python functions from its answers to readings and money.

Each function is written line by line from the tree and compiled once; equal parts of it are computed
once. No text of a rule gets into its source: facts, limits and codes are constants with names of
their own. A day's limits (so many years ago, this year) are computed once a day.
"""

from collections.abc import Callable, Iterable
from datetime import date
from functools import lru_cache
from typing import Any

from policies.rules import money, quantities, readings
from policies.rules.derived import DERIVED
from policies.rules.firm import Estimate, Firm, add_months, exactly, latest_reaching
from policies.rules.industry import INDUSTRY_FACTS, belongs_to
from policies.rules.money import Money
from policies.rules.readings import MET, NOT_MET, Reading, unknown
from policies.rules.tree import (
    AMOUNTS,
    OPERATORS,
    QUANTITIES,
    RULES,
    ActualCost,
    AllOf,
    Amount,
    AmountCases,
    AnyOf,
    AtLeast,
    Cap,
    Cases,
    Comparison,
    Constant,
    Difference,
    Each,
    FirstReached,
    Fixed,
    Floor,
    FullTerms,
    Growth,
    Highest,
    Industry,
    Items,
    Ladder,
    Leaf,
    Milestones,
    Named,
    Not,
    Open,
    PerHeadMonth,
    Presumed,
    Product,
    Quantity,
    Quotient,
    Range,
    Ratio,
    Rule,
    Share,
    ShareOfItems,
    SumOf,
    Times,
    Together,
    Value,
    in_wan,
    parts_of,
    reaches,
    reader,
)

Read = Callable[[Firm], Any]


class Source:
    """The source of one function of a firm."""

    def __init__(self) -> None:
        self._constants: dict[str, Any] = {
            "Y": MET,
            "N": NOT_MET,
            "either": readings.undecided,
            "beyond": beyond,
            "lacking": lacking,
        }
        self._daily: list[str] = []
        self._lines: list[str] = []
        self._names: dict[Any, str] = {}

    def constant(self, value: Any) -> str:
        """The name of a value that never changes."""
        name = f"k{len(self._constants)}"
        self._constants[name] = value
        return name

    def _once(self, key: Any, prefix: str, lines: list[str], expression: str) -> str:
        if key not in self._names:
            name = expression  # which may be a name itself
            if not expression.isidentifier():
                name = f"{prefix}{len(self._names)}"
                lines.append(f"{name} = {expression}")
            self._names[key] = name
        return self._names[key]

    def let(self, key: Any, expression: str) -> str:
        """The name of what is computed for `key`, by `expression` where it is new."""
        return self._once(key, "t", self._lines, expression)

    def daily(self, key: Any, expression: str) -> str:
        """The same for what changes with the day `on` only."""
        return self._once(key, "d", self._daily, expression)

    def value(self, key: str) -> str:
        """The value of a fact, asked or derived; None where it is unknown."""
        if key in DERIVED:
            return self.let(("value", key), f"{self.estimate(key)}.value")
        return self.let(("value", key), f"get({self.constant(key)})")

    def estimate(self, key: str) -> str:
        name, formula = self.constant(key), self.constant(DERIVED[key].formula)
        return self.let(("estimate", key), f"derived.get({name}) or firm.derive({name}, {formula})")

    def missing(self, *keys: str) -> str:
        """What would narrow these facts, those that are unknown."""
        wants = [
            f"{self.estimate(key)}.missing"
            if key in DERIVED
            else f"({self.constant((key,))} if {self.value(key)} is None else ())"
            for key in keys
        ]
        return " + ".join(wants)

    def quantity(self, quantity: Quantity) -> str:
        """The name of the estimate of a quantity."""
        key = ("quantity", quantity)
        return self._names.get(key) or self.let(key, _ESTIMATES[type(quantity)](quantity, self))

    def call(self, function: Callable[..., Any], *arguments: str) -> str:
        return f"{self.constant(function)}({', '.join(arguments)})"

    def rule(self, rule: Rule) -> str:
        """The name of a rule's reading."""
        key = ("rule", rule)
        return self._names.get(key) or self.let(key, _READINGS[type(rule)](rule, self))

    def amount(self, amount: Amount) -> str:
        """The name of the money that an amount gives."""
        key = ("amount", amount)
        return self._names.get(key) or self.let(key, _MONEY[type(amount)](amount, self))

    def leave_where(self, condition: str, result: str) -> None:
        """Nothing more is computed where the condition holds."""
        self._lines.append(f"if {condition}: return {result}")

    def function(self, result: str) -> Callable[[date], Read]:
        """What makes the function for a day."""
        body = [
            "def on_day(on, year):",
            *(f"    {line}" for line in self._daily),
            "    def read(firm, Y=Y, N=N):",  # which are looked up faster so
            "        get, derived = firm.answers.get, firm.derived",
            *(f"        {line}" for line in self._lines),
            f"        return {result}",
            "    return read",
        ]
        space = dict(self._constants)
        # Made of names and operators only: what editors write stands in constants.
        exec(compile("\n".join(body), "<rules>", "exec"), space)  # noqa: S102
        made = space["on_day"]
        return lru_cache(maxsize=64)(lambda on: made(on, on.year))


# What reads single rules, by the identity of their nodes: to compare trees takes longer than to
# read a firm. The node is kept, so that no other gets its identity.
_kept: dict[int, tuple[Any, Callable[[date], Read]]] = {}
MOST_KEPT = 10_000


def _function_of(node: Rule | Amount | Quantity) -> Callable[[date], Read]:
    found = _kept.get(id(node))
    if found is None:
        source = Source()
        if isinstance(node, Quantity):
            name = source.quantity(node)
        else:
            name = source.rule(node) if isinstance(node, Rule) else source.amount(node)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        found = _kept[id(node)] = node, source.function(name)
    return found[1]


def read(rule: Rule, firm: Firm) -> Reading:
    """The reading of one rule on its own."""
    return _function_of(rule)(firm.on)(firm)


def reads_by(rule: Rule) -> Read:
    """What reads firms by one rule."""
    return lambda firm: read(rule, firm)


def compute(amount: Amount, firm: Firm) -> Money:
    """What an amount gives the firm, whatever its conditions."""
    return _function_of(amount)(firm.on)(firm)


def estimate(quantity: Quantity, firm: Firm) -> Estimate:
    """What is known of a quantity."""
    return _function_of(quantity)(firm.on)(firm)


def known(key: str, firm: Firm) -> Any:
    """The answer or the derived value of a fact, None when unknown."""
    derived = DERIVED.get(key)
    return firm.derive(key, derived.formula).value if derived else firm.answers.get(key)


# --- leaves -----------------------------------------------------------------------------


def lacking(estimate: Estimate) -> Reading:
    return unknown(estimate.missing)


def beyond(estimate: Estimate, limit: Any, is_strict: bool) -> Reading:
    """Whether a number known only between bounds reaches a limit: decided where both ends agree."""
    low, high = estimate.low, estimate.high
    if low is not None and (low > limit or (low == limit and not is_strict)):
        return MET
    if high is not None and (high < limit or (high == limit and is_strict)):
        return NOT_MET
    return unknown(estimate.missing)


def _year_of(value: Any) -> int:
    """The year of a date; a year is itself."""
    return value.year if isinstance(value, date) else int(value)


_TESTS: dict[str, Callable[[str, Any, Source], str]] = {
    "is": lambda value, operand, source: f"{value} == {source.constant(operand)}",
    "in": lambda value, operand, source: f"{value} in {source.constant(operand)}",
    "at_least": lambda value, operand, source: f"{value} >= {source.constant(operand)}",
    "at_most": lambda value, operand, source: f"{value} <= {source.constant(operand)}",
    "more_than": lambda value, operand, source: f"{value} > {source.constant(operand)}",
    "less_than": lambda value, operand, source: f"{value} < {source.constant(operand)}",
    "between": lambda value, operand, source: (
        f"{source.constant(operand[0])} <= {value} <= {source.constant(operand[1])}"
    ),
    "is_year": lambda value, operand, source: (
        f"{source.call(_year_of, value)} == year + {source.constant(operand)}"
    ),
    "answered": lambda value, operand, source: "True",
    "full_years": lambda value, operand, source: f"{value} <= {_term_over(12 * operand, source)}",
    "full_months": lambda value, operand, source: f"{value} <= {_term_over(operand, source)}",
    # The day the term ends still counts as reached.
    "remaining_years": lambda value, operand, source: (
        f"{value} >= {_months_ahead(12 * operand, source)}"
    ),
    "has": lambda value, operand, source: f"{source.constant(operand)} in {value}",
    "has_any": lambda value, operand, source: (
        f"not {source.constant(frozenset(operand))}.isdisjoint({value})"
    ),
    "lacks": lambda value, operand, source: f"{source.constant(operand)} not in {value}",
    "lacks_all": lambda value, operand, source: (
        f"{source.constant(frozenset(operand))}.isdisjoint({value})"
    ),
    "non_empty": lambda value, operand, source: f"bool({value})",
}
reader(OPERATORS, _TESTS)


def _term_over(months: int, source: Source) -> str:
    term = source.call(latest_reaching, "on", source.constant(months))
    return source.daily(("over", months), term)


def _months_ahead(months: int, source: Source) -> str:
    return source.daily(("ahead", months), source.call(add_months, "on", source.constant(months)))


def _leaf(leaf: Leaf, source: Source) -> str:
    value = source.value(leaf.fact)
    if leaf.fact not in DERIVED:
        unanswered = source.constant(unknown((leaf.fact,)))
    elif leaf.operator in ("at_least", "more_than"):
        limit, is_strict = source.constant(leaf.operand), leaf.operator == "more_than"
        unanswered = f"beyond({source.estimate(leaf.fact)}, {limit}, {is_strict})"
    else:
        unanswered = f"lacking({source.estimate(leaf.fact)})"
    failed = "N"
    if leaf.opens:
        operator, operand = leaf.opens
        still_open = source.constant(unknown(reasons=(leaf.reason,) if leaf.reason else ()))
        failed = f"{still_open} if {_TESTS[operator](value, operand, source)} else N"
    test = _TESTS[leaf.operator](value, leaf.operand, source)
    return f"{unanswered} if {value} is None else Y if {test} else {failed}"


# --- quantities -------------------------------------------------------------------------


def _comparison(rule: Comparison, source: Source) -> str:
    operands = _tuple(source.quantity(each) for each in rule.operands)
    quantity = source.quantity(rule.quantity)
    return source.call(quantities.held, source.constant(rule.operator), quantity, operands)


def _of_fact(fact: Value, source: Source) -> str:
    if fact.fact in DERIVED:
        return source.estimate(fact.fact)
    return source.call(quantities.of_fact, source.value(fact.fact), source.constant(fact))


def _full_terms(quantity: FullTerms, source: Source) -> str:
    value, missing = source.value(quantity.fact), source.constant((quantity.fact,))
    months = source.constant(quantity.months)
    return source.call(quantities.full_terms, value, "on", months, missing)


def _of_two(function: Callable[..., Any]) -> Callable[[Any, Source], str]:
    return lambda quantity, source: source.call(
        function, *(source.quantity(part) for part in parts_of(quantity))
    )


def _of_parts(function: Callable[..., Any]) -> Callable[[Any, Source], str]:
    return lambda quantity, source: source.call(
        function, _tuple(source.quantity(part) for part in quantity.parts)
    )


_ESTIMATES: dict[type, Callable[[Any, Source], str]] = {
    Value: _of_fact,
    Constant: lambda quantity, source: source.constant(exactly(quantity.number)),
    SumOf: _of_parts(quantities.total),
    Difference: _of_two(quantities.difference),
    Product: _of_parts(quantities.product),
    Growth: _of_two(quantities.growth),
    Quotient: _of_two(quantities.quotient),
    FullTerms: _full_terms,
    Named: lambda quantity, source: source.quantity(quantity.quantity),
}
reader(QUANTITIES, _ESTIMATES)


# --- composites -------------------------------------------------------------------------


def _tuple(names: Iterable[str]) -> str:
    return f"({''.join(f'{name}, ' for name in names)})"


def _all_of(rule: AllOf, source: Source) -> str:
    return _joined(rule.parts, "Y", "N", source)


def _any_of(rule: AnyOf, source: Source) -> str:
    return _joined(rule.parts, "N", "Y", source)


def _joined(parts: tuple[Rule, ...], every: str, one: str, source: Source) -> str:
    """`every` where all parts are, `one` where one is, else undecided."""
    names = [source.rule(part) for part in parts]
    if len(names) == 1:
        return names[0]
    all_are = " and ".join(f"{name} is {every}" for name in names)
    one_is = " or ".join(f"{name} is {one}" for name in names)
    return f"{every} if {all_are} else {one} if {one_is} else either({_tuple(names)})"


def _at_least(rule: AtLeast, source: Source) -> str:
    names = _tuple(source.rule(part) for part in rule.parts)
    return source.call(readings.at_least, source.constant(rule.count), names)


def _not(rule: Not, source: Source) -> str:
    part = source.rule(rule.part)
    return f"N if {part} is Y else Y if {part} is N else {part}"


def _presumed(rule: Presumed, source: Source) -> str:
    return f"N if {source.rule(rule.part)} is N else Y"


def _cases(rule: Cases, source: Source) -> str:
    rows = [_tuple((source.rule(row.when), source.rule(row.then))) for row in rule.rows]
    otherwise = source.rule(rule.otherwise) if rule.otherwise else "None"
    return source.call(readings.first_case, _tuple(rows), otherwise)


def _industry(rule: Industry, source: Source) -> str:
    answered = source.let("industry", _tuple(source.value(key) for key in INDUSTRY_FACTS))
    return source.call(belongs_to, answered, source.constant(rule.codes))


def _ratio(rule: Ratio, source: Source) -> str:
    """Compared cross-multiplied; a zero denominator is not met."""
    part, whole = source.value(rule.part), source.value(rule.whole)
    missing = source.missing(rule.part, rule.whole)
    return (
        f"N if {whole} == 0 else {source.call(unknown, missing)} if {part} is None or "
        f"{whole} is None else Y if {part} >= {source.constant(rule.at_least)} * {whole} else N"
    )


_READINGS: dict[type, Callable[[Any, Source], str]] = {
    Leaf: _leaf,
    Industry: _industry,
    Ratio: _ratio,
    Comparison: _comparison,
    AllOf: _all_of,
    AnyOf: _any_of,
    AtLeast: _at_least,
    Not: _not,
    Presumed: _presumed,
    FirstReached: lambda rule, source: source.rule(rule.spelt_out),
    Open: lambda rule, source: source.constant(unknown(reasons=(rule.reason,))),
    Cases: _cases,
}
reader(RULES, _READINGS)


# --- amounts ----------------------------------------------------------------------------


def _by_case(amount: AmountCases, source: Source) -> str:
    rows = [_tuple((source.rule(row.when), source.amount(row.amount))) for row in amount.rows]
    otherwise = (
        source.amount(amount.otherwise) if amount.otherwise else source.constant(money.NOTHING)
    )
    return source.call(money.by_case, _tuple(rows), otherwise)


def _on_ladder(amount: Ladder, source: Source) -> str:
    reached = _tuple(
        source.rule(reaches(amount.of, "at_least", limit)) for limit, _ in amount.steps
    )
    return source.call(money.on_ladder, source.constant(amount.steps), reached)


def _actual_cost(amount: ActualCost, source: Source) -> str:
    scale = source.constant(in_wan(amount.of))
    return source.call(money.actual_cost, source.quantity(amount.of), scale)


def _share(amount: Share, source: Source) -> str:
    quantity, scale = source.quantity(amount.of), source.constant(in_wan(amount.of))
    return source.call(money.share_of, source.constant(amount), quantity, scale)


def _share_of_items(amount: ShareOfItems, source: Source) -> str:
    value, missing = source.value(amount.fact), source.missing(amount.fact)
    return source.call(money.share_of_items, source.constant(amount), value, missing)


def _items(amount: Items, source: Source) -> str:
    value, missing = source.value(amount.fact), source.missing(amount.fact)
    return source.call(money.items_paid, source.constant(amount), value, "year", missing)


def _for_each(amount: Each, source: Source) -> str:
    return source.call(money.for_each, source.constant(amount), source.quantity(amount.of))


def _together(amount: Together, source: Source) -> str:
    parts = _tuple(source.amount(part) for part in amount.parts)
    return source.call(money.together, parts, source.constant(amount.cap))


def _highest(amount: Highest, source: Source) -> str:
    return source.call(money.highest, _tuple(source.amount(part) for part in amount.parts))


def _times(amount: Times, source: Source) -> str:
    factor = source.constant(amount.factor)
    return source.call(money.times_over, factor, source.amount(amount.amount))


def _per_head_month(amount: PerHeadMonth, source: Source) -> str:
    keys = (amount.heads, amount.months)
    values = (source.value(key) for key in keys)
    return source.call(
        money.per_head_month, source.constant(amount), *values, source.missing(*keys)
    )


def _at_milestones(amount: Milestones, source: Source) -> str:
    keys = (amount.fact, amount.before, amount.received)
    values = (source.value(key) for key in keys)
    return source.call(money.at_milestones, source.constant(amount), *values, source.missing(*keys))


_MONEY: dict[type, Callable[[Any, Source], str]] = {
    Fixed: lambda amount, source: source.constant(money.exact(amount.amount)),
    Range: lambda amount, source: source.constant(Money(amount.low, amount.high)),
    Cap: lambda amount, source: source.constant(Money(money.ZERO, amount.most)),
    Floor: lambda amount, source: source.constant(Money(amount.least, None)),
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
reader(AMOUNTS, _MONEY)
