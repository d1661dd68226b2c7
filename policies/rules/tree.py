"""The tree that a rule or an amount is read into; all that is done with one is a reader of it.

A reader is a table with an entry for each kind of node, made with `reader`: a kind that one forgets
fails when the reader is imported.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any, ClassVar, TypeVar

from policies.rules.derived import DERIVED
from policies.rules.industry import INDUSTRY_FACTS

Work = TypeVar("Work", bound=Callable[..., Any])


# --- quantities -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Value:
    """The number that a fact has; unknown, it is no less than `least` and no more than `most`."""

    fact: str
    unit: str = ""
    least: Decimal | None = None
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Constant:
    number: Decimal


@dataclass(frozen=True, slots=True)
class SumOf:
    parts: tuple["Quantity", ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What one is more than the other; below 0 where it is less."""

    more: "Quantity"
    less: "Quantity"


@dataclass(frozen=True, slots=True)
class Product:
    parts: tuple["Quantity", ...]


@dataclass(frozen=True, slots=True)
class Growth:
    """(now − before) / before; of nothing before there is none. It stands in no other quantity."""

    now: "Quantity"
    before: "Quantity"


@dataclass(frozen=True, slots=True)
class Quotient:
    """One divided by another; of nothing there is none. It stands in no other quantity."""

    above: "Quantity"
    below: "Quantity"


@dataclass(frozen=True, slots=True)
class FullTerms:
    """How many times so many `months` are over since a day, on the day asked; never below 0."""

    fact: str
    months: int


@dataclass(frozen=True, slots=True)
class Named:
    """A formula: what an editor computes of facts, with the name and the unit that it was given."""

    key: str
    label: str
    unit: str
    quantity: "Quantity"


Quantity = Value | Constant | SumOf | Difference | Product | Growth | Quotient | FullTerms | Named

# The unit of a share, which multiplies anything; money is in 万元 or 元.
SHARE, WAN, YUAN, YEARS, MONTHS = "比例", "万元", "元", "年", "月"
MONEY_UNITS = (WAN, YUAN)


def unit_of(quantity: Quantity) -> str:
    """The unit of a quantity, empty where it has none. Raises ValueError where units do not fit."""
    if isinstance(quantity, Value | Named):
        return quantity.unit
    if isinstance(quantity, SumOf | Difference | Growth):
        units = dict.fromkeys(filter(None, map(unit_of, parts_of(quantity))))
        if len(units) > 1:
            raise ValueError(f"{'、'.join(units)}不是同一个单位，不能相加减")
        return SHARE if isinstance(quantity, Growth) else next(iter(units), "")
    if isinstance(quantity, Product):
        return _unit_of_product([unit_of(part) for part in quantity.parts])
    if isinstance(quantity, Quotient):
        return _unit_of_quotient(unit_of(quantity.above), unit_of(quantity.below))
    if isinstance(quantity, FullTerms):
        return YEARS if quantity.months == 12 else MONTHS
    return ""


def bare(quantity: Quantity) -> Quantity:
    """What is computed, whether it has a name or not."""
    return quantity.quantity if isinstance(quantity, Named) else quantity


def is_fraction(quantity: Quantity) -> bool:
    """Whether it may have no end of decimals: it is compared, but not computed with."""
    return isinstance(bare(quantity), Growth | Quotient)


def in_wan(quantity: Quantity) -> Decimal:
    """What makes 万元 of it where it is money of 元."""
    return Decimal("0.0001") if unit_of(quantity) == YUAN else Decimal(1)


def _unit_of_product(units: list[str]) -> str:
    """万元 of so many people, years or parts of a whole are 万元; a mere number may be anything."""
    money = [unit for unit in units if unit in MONEY_UNITS]
    if len(money) > 1:
        raise ValueError(f"{'、'.join(money)}都是钱，不能相乘")
    counted = [unit for unit in units if unit not in ("", SHARE)]
    return money[0] if money else "×".join(counted) or (SHARE if "" not in units else "")


def _unit_of_quotient(above: str, below: str) -> str:
    """A share of two of one unit, else so much of one for each of the other."""
    if {above, below} == set(MONEY_UNITS):
        raise ValueError(f"{above}、{below}不是同一个单位，不能相除")
    if above == below:
        return SHARE if above else ""
    return f"{above}/{below}" if above and below else above


# --- rules ------------------------------------------------------------------------------

COMPARISONS = ("at_least", "at_most", "more_than", "less_than", "between")
TERMS = ("full_years", "full_months", "remaining_years")
SET_OPERATORS = ("has", "has_any", "lacks", "lacks_all", "non_empty")
OPERATORS = ("is", "in", "is_year", "answered", *COMPARISONS, *TERMS, *SET_OPERATORS)


@dataclass(frozen=True, slots=True)
class Leaf:
    """A fact held against an operand: a Decimal, a code, yes or no, years or months, or a tuple.

    `opens` is an operator and an operand: values that fail but leave the outcome open, for the
    `reason` named.
    """

    fact: str
    operator: str
    operand: Any
    opens: tuple[str, Any] | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Industry:
    """The firm's industry is among sections (C), divisions (L72) or kinds of 70 (K7010)."""

    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ratio:
    """`part` is at least that share of `whole`; of nothing it never is."""

    part: str
    whole: str
    at_least: Decimal


@dataclass(frozen=True, slots=True)
class Comparison:
    """A quantity held against others by one of COMPARISONS: two ends where it is *between*."""

    quantity: Quantity
    operator: str
    operands: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class AtLeast:
    count: int
    parts: tuple["Rule", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Rule"


@dataclass(frozen=True, slots=True)
class Presumed:
    """Met unless known to fail; for what a source lets stand until the contrary is shown."""

    part: "Rule"


@dataclass(frozen=True, slots=True)
class FirstReached:
    """A limit that the fact reaches and that its highest value `before` had not."""

    fact: str
    before: str
    limits: tuple[Decimal, ...]

    @property
    def spelt_out(self) -> AnyOf:
        return AnyOf(
            tuple(
                AllOf(
                    (
                        Leaf(self.fact, "at_least", limit),
                        Leaf(self.before, "less_than", limit),
                    )
                )
                for limit in self.limits
            )
        )


@dataclass(frozen=True, slots=True)
class Open:
    """What no source lists: open whatever a firm answers."""

    reason: str


@dataclass(frozen=True, slots=True)
class Case:
    """A row of a table; `sentence` is what people wrote of one that has a code."""

    when: "Rule"
    then: "Rule"
    id: str | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Cases:
    """A table keyed by facts: the first row whose *when* holds, else `otherwise`."""

    rows: tuple[Case, ...]
    otherwise: "Rule | None" = None

    @property
    def has_codes(self) -> bool:
        return any(row.id for row in self.rows)


Rule = (
    Leaf
    | Industry
    | Ratio
    | Comparison
    | AllOf
    | AnyOf
    | AtLeast
    | Not
    | Presumed
    | FirstReached
    | Open
    | Cases
)


def reaches(quantity: Quantity, operator: str, limit: Decimal) -> Rule:
    """The rule that holds a quantity against a number."""
    if isinstance(quantity, Value):
        return Leaf(quantity.fact, operator, limit)
    return Comparison(quantity, operator, (Constant(limit),))


# --- amounts, in 万元 -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fixed:
    kind: ClassVar[str] = "fixed"
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Range:
    kind: ClassVar[str] = "range"
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Cap:
    kind: ClassVar[str] = "cap"
    most: Decimal


@dataclass(frozen=True, slots=True)
class Floor:
    kind: ClassVar[str] = "at_least"
    least: Decimal


@dataclass(frozen=True, slots=True)
class Ladder:
    """The amount of the highest step that is reached; steps are limits and amounts."""

    kind: ClassVar[str] = "ladder"
    of: Quantity
    steps: tuple[tuple[Decimal, Decimal], ...]


@dataclass(frozen=True, slots=True)
class AmountCase:
    when: Rule
    amount: "Amount"


@dataclass(frozen=True, slots=True)
class AmountCases:
    """The amount of the first row whose *when* holds; nothing where none does."""

    kind: ClassVar[str] = "cases"
    rows: tuple[AmountCase, ...]
    otherwise: "Amount | None" = None


@dataclass(frozen=True, slots=True)
class ActualCost:
    """All of a quantity of money, nothing where it is below 0."""

    kind: ClassVar[str] = "actual_cost"
    of: Quantity


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a quantity, at most `cap`, nothing where it is below 0; a rate between two ends.

    Of what is no money, it is so many 万元 for each of its unit.
    """

    kind: ClassVar[str] = "share"
    of: Quantity
    least_rate: Decimal
    rate: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ShareOfItems:
    """A share of each amount that a fact lists, at most `cap` each."""

    kind: ClassVar[str] = "share"
    fact: str
    rate: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class ItemTerms:
    """What an item of these kinds brings, of any where none is named: a share of it or so much, at
    most `cap`."""

    kinds: tuple[str, ...] = ()
    rate: Decimal | None = None
    amount: Decimal | None = None
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """What items bring by the first terms that fit their kind, all together at most `most`.

    `years` are the first and the last of those whose items count, counted from the application
    year; of each kind perhaps only the first item.
    """

    kind: ClassVar[str] = "items"
    fact: str
    terms: tuple[ItemTerms, ...]
    years: tuple[int, int] | None = None
    first_of_kind: bool = False
    most: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Each:
    """So much for every full `every` of a quantity, at most `cap`."""

    kind: ClassVar[str] = "each"
    of: Quantity
    every: Decimal
    amount: Decimal
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Together:
    """Several amounts, together at most `cap`."""

    kind: ClassVar[str] = "together"
    parts: tuple["Amount", ...]
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Highest:
    """Only the highest of several amounts."""

    kind: ClassVar[str] = "highest"
    parts: tuple["Amount", ...]


@dataclass(frozen=True, slots=True)
class Times:
    """An amount so many times over, its caps included."""

    kind: ClassVar[str] = "times"
    factor: Decimal
    amount: "Amount"


@dataclass(frozen=True, slots=True)
class PerHeadMonth:
    """元 per head and month, months at most `most`; nothing below `least` months."""

    kind: ClassVar[str] = "per_head_month"
    yuan: Decimal
    heads: str
    months: str
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Milestones:
    """Limits passed for the first time (C46), with what was `received` for them before."""

    kind: ClassVar[str] = "milestones"
    fact: str
    before: str
    received: str
    steps: tuple[tuple[Decimal, Decimal], ...]


Amount = (
    Fixed
    | Range
    | Cap
    | Floor
    | Ladder
    | AmountCases
    | ActualCost
    | Share
    | ShareOfItems
    | Items
    | Each
    | Together
    | Highest
    | Times
    | PerHeadMonth
    | Milestones
)


# --- what every reader needs ------------------------------------------------------------

QUANTITIES: tuple[type, ...] = Quantity.__args__
RULES: tuple[type, ...] = Rule.__args__
AMOUNTS: tuple[type, ...] = Amount.__args__
_PARTS = (*QUANTITIES, *RULES, *AMOUNTS, Case, AmountCase)


def reader(kinds: tuple[Any, ...], table: Mapping[Any, Work]) -> Mapping[Any, Work]:
    """The table of a reader. Raises TypeError where a kind of node or an operator is missing."""
    if lacking := [getattr(kind, "__name__", kind) for kind in kinds if kind not in table]:
        raise TypeError(f"nothing reads {', '.join(lacking)}")
    return table


# Beyond them columns of floats would not tell what one firm is told; no document prints such figures.
SMALLEST, LARGEST = Decimal(10) ** -10, Decimal(10) ** 10


def number(value: Any) -> Decimal:
    """A number of JSON as it is written there. Raises ArithmeticError or ValueError for others."""
    found = Decimal(str(value))
    # As text, "NaN" and "Infinity" are numbers to Decimal.
    if not found.is_finite() or (found and not SMALLEST <= abs(found) <= LARGEST):
        raise ValueError(f"{value} is out of bounds")
    return found


def parts_of(node: Any) -> Iterator[Any]:
    """The nodes right below one, in their order; rows of tables are nodes of their own."""
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, _PARTS):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, _PARTS))


def walk(node: Any) -> Iterator[Any]:
    """The node and all below it."""
    yield node
    for part in parts_of(node):
        yield from walk(part)


_NAMES_FACTS = ("fact", "before", "received", "part", "whole", "heads", "months")


def named(node: Any) -> tuple[str, ...]:
    """The facts, asked or derived, that one node names itself."""
    if isinstance(node, Industry):
        return INDUSTRY_FACTS
    return tuple(
        value
        for field in fields(node)
        if field.name in _NAMES_FACTS and isinstance(value := getattr(node, field.name), str)
    )


def reads(*nodes: Any) -> tuple[str, ...]:
    """The asked facts that nodes turn on, each once, as they come."""
    return tuple(
        dict.fromkeys(
            asked
            for node in nodes
            for each in walk(node)
            for key in named(each)
            for asked in (DERIVED[key].reads if key in DERIVED else (key,))
        )
    )


def formulas_in(*nodes: Any) -> dict[str, Named]:
    """The formulas that nodes name, by key."""
    return {each.key: each for node in nodes for each in walk(node) if isinstance(each, Named)}


def shows(rule: Rule) -> tuple[str, ...]:
    """The facts, asked or derived, whose values explain a rule's outcome; formulas before theirs."""
    keys = (
        key
        for each in walk(rule)
        for key in ((each.key,) if isinstance(each, Named) else named(each))
    )
    return tuple(key for key in dict.fromkeys(keys) if key != "industry.real_estate_kind")
