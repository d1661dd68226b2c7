"""Reading a quantity: a fact, a number or what is computed of them becomes a tree.

A quantity is the key of a fact or of a formula, a number, or one of `{"sum": […]}`,
`{"difference": [a, b]}`, `{"product": […]}`, `{"growth": [now, before]}`, `{"quotient": [a, b]}`,
`{"full_years": date}` and `{"full_months": date}`.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.answers import range_of
from policies.rules.derived import DERIVED
from policies.rules.facts import NUMERIC_TYPES, Fact
from policies.rules.formulas import Definition, formulas_of, named_in, with_formulas
from policies.rules.tree import (
    MONEY_UNITS,
    SHARE,
    YEARS,
    Constant,
    Difference,
    FullTerms,
    Growth,
    Named,
    Product,
    Quantity,
    Quotient,
    SumOf,
    Value,
    is_fraction,
    number,
    reads,
    unit_of,
)

Facts = Mapping[str, Fact]
UNIT = "unit"
# Levels of JSON; whatever reads a tree calls itself a few times for each.
DEEPEST = 40


class RuleError(Exception):
    """A rule that cannot be read; `where` is its place inside the edition."""

    def __init__(self, where: str, message: str) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}：{message}")


def check_depth(data: Any, where: str) -> None:
    level = [data]
    for _ in range(DEEPEST):
        level = [
            part
            for each in level
            if isinstance(each, Mapping | list)
            for part in (each.values() if isinstance(each, Mapping) else each)
        ]
    if level:
        raise RuleError(where, f"嵌套太深，应不超过 {DEEPEST} 层")


def read_quantity(data: Any, facts: Facts, where: str, *, may_grow: bool = False) -> Quantity:
    """A quantity with a fact in it; growth and quotients only where it `may_grow`. Raises RuleError."""
    quantity = read_operand(data, facts, where, may_grow=may_grow)
    if not reads(quantity):
        raise RuleError(where, "应至少含一个指标")
    return quantity


def read_operand(data: Any, facts: Facts, where: str, *, may_grow: bool = False) -> Quantity:
    """A quantity that may be a mere number. Raises RuleError."""
    quantity = _quantity(data, facts, where)
    if is_fraction(quantity) and not may_grow:
        raise RuleError(where, "增长率、比值只能与界限比较、分档或逐档计算，不能再参与计算")
    return quantity


def read_money(data: Any, facts: Facts, where: str) -> Quantity:
    """A quantity of money; of a single fact it is taken on trust. Raises RuleError."""
    quantity = read_quantity(data, facts, where)
    unit = unit_of(quantity)
    if not isinstance(quantity, Value) and unit not in (*MONEY_UNITS, ""):
        raise RuleError(where, f"算出来的单位是{unit}，应为万元或元")
    return quantity


def _quantity(data: Any, facts: Facts, where: str) -> Quantity:
    if isinstance(data, str):
        return _value(data, facts, where)
    if isinstance(data, int | float | Decimal) and not isinstance(data, bool):
        return Constant(number(data))
    kinds = [kind for kind in _KINDS if isinstance(data, Mapping) and kind in data]
    if len(kinds) != 1 or len(data) != 1:
        raise RuleError(where, f"应为指标、数字，或恰好含 {'、'.join(_KINDS)} 之一")
    [kind] = kinds
    place = f"{where}.{kind}"
    quantity = _KINDS[kind](data[kind], facts, place)
    try:
        unit_of(quantity)
    except ValueError as error:
        raise RuleError(place, str(error)) from error
    return quantity


def _value(key: str, facts: Facts, where: str) -> Value | Named:
    if key in formulas_of(facts):
        return read_formula(key, facts, where)
    numeric(key, facts, where)
    if key in DERIVED:
        return Value(key, DERIVED[key].unit or "")
    fact = facts[key]
    is_share = fact.type == "ratio"
    least, most = range_of(fact)
    # The most of other facts only keeps slips out.
    return Value(key, SHARE if is_share else fact.unit or "", least, most if is_share else None)


def read_formula(key: str, facts: Facts, where: str) -> Named:
    """A formula as its definition says. Raises RuleError, also where it names another formula."""
    definition = formulas_of(facts)[key]
    label = definition["label"]
    try:
        quantity = read_definition(definition, facts, "quantity")
    except RuleError as error:
        raise RuleError(where, f"公式“{label}”：{error.message}") from error
    return Named(key, label, definition.get("unit") or unit_of(quantity), quantity)


def read_definition(definition: Definition, facts: Facts, where: str) -> Quantity:
    """What a formula computes, in the unit that it names. Raises RuleError, of the unit at UNIT."""
    data = definition["quantity"]
    if used := named_in(data, formulas_of(facts)):
        told = "、".join(formulas_of(facts)[key]["label"] for key in sorted(used))
        raise RuleError(where, f"公式只能由指标组成，不能再用公式（{told}）")
    check_depth(data, where)
    quantity = read_quantity(data, with_formulas(facts, {}), where, may_grow=True)
    if isinstance(quantity, Value):
        raise RuleError(where, "应由几个指标算出来；单个指标直接用就可以")
    computed, unit = unit_of(quantity), definition.get("unit") or ""
    is_plain = not computed or "/" in computed or "×" in computed or computed == YEARS
    if unit and unit != computed and (not is_plain or (unit in (*MONEY_UNITS, SHARE) and computed)):
        raise RuleError(UNIT, f"算出来的单位是{computed}，不是{unit}")
    return quantity


def _full_terms(key: Any, facts: Facts, where: str, months: int) -> FullTerms:
    if not isinstance(key, str) or key not in facts or facts[key].type != "date":
        raise RuleError(where, "应为一个日期指标")
    return FullTerms(key, months)


def _parts(items: Any, facts: Facts, where: str, count: int | None = None) -> tuple[Quantity, ...]:
    if not isinstance(items, list | tuple) or len(items) < 2 or len(items) != (count or len(items)):
        raise RuleError(where, "应为两项的列表" if count else "应为至少两项的列表")
    return tuple(read_operand(item, facts, f"{where}[{index}]") for index, item in enumerate(items))


_KINDS: dict[str, Callable[[Any, Facts, str], Quantity]] = {
    "sum": lambda items, facts, where: SumOf(_parts(items, facts, where)),
    "difference": lambda items, facts, where: Difference(*_parts(items, facts, where, 2)),
    "product": lambda items, facts, where: Product(_parts(items, facts, where)),
    "growth": lambda items, facts, where: Growth(*_parts(items, facts, where, 2)),
    "quotient": lambda items, facts, where: Quotient(*_parts(items, facts, where, 2)),
    "full_years": lambda key, facts, where: _full_terms(key, facts, where, 12),
    "full_months": lambda key, facts, where: _full_terms(key, facts, where, 1),
}


# --- numbers of facts -------------------------------------------------------------------


def type_of(key: str, facts: Facts, where: str) -> str:
    """The type of a fact, asked or derived, or of a formula."""
    if key in DERIVED:
        return DERIVED[key].type
    if key in facts:
        return facts[key].type
    if key in formulas_of(facts):
        return "decimal"
    raise RuleError(where, f"没有指标 {key}")


def numeric(key: str, facts: Facts, where: str) -> str:
    """A fact that can be counted with."""
    if key in formulas_of(facts):
        raise RuleError(where, f"{key} 是公式，这里只能用一个指标")
    if (found := type_of(key, facts, where)) not in NUMERIC_TYPES:
        raise RuleError(where, f"{key} 是 {found} 型，应为数字")
    return key


def asked_number(key: str, facts: Facts, where: str) -> str:
    """The same of a fact that is asked."""
    if key not in facts and key not in formulas_of(facts):
        raise RuleError(where, f"没有指标 {key}")
    return numeric(key, facts, where)


def items_of(value: Any, where: str) -> Collection[Any]:
    if not isinstance(value, list | tuple):
        raise RuleError(where, "应为列表")
    return value
