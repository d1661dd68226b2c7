"""Reading a quantity: a fact, a number or what is computed of them becomes a tree.

A quantity is the key of a fact, a number, or one of `{"sum": […]}`, `{"difference": [a, b]}`,
`{"product": […]}` and `{"growth": [now, before]}`.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.answers import range_of
from policies.rules.derived import DERIVED
from policies.rules.facts import NUMERIC_TYPES, Fact
from policies.rules.tree import (
    MONEY_UNITS,
    SHARE,
    Constant,
    Difference,
    Growth,
    Product,
    Quantity,
    SumOf,
    Value,
    number,
    reads,
    unit_of,
)

Facts = Mapping[str, Fact]


class RuleError(Exception):
    """A rule that cannot be read; `where` is its place inside the edition."""

    def __init__(self, where: str, message: str) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}：{message}")


def read_quantity(data: Any, facts: Facts, where: str, *, may_grow: bool = False) -> Quantity:
    """A quantity with a fact in it; growth only where it `may_grow`. Raises RuleError."""
    quantity = read_operand(data, facts, where, may_grow=may_grow)
    if not reads(quantity):
        raise RuleError(where, "应至少含一个指标")
    return quantity


def read_operand(data: Any, facts: Facts, where: str, *, may_grow: bool = False) -> Quantity:
    """A quantity that may be a mere number. Raises RuleError."""
    quantity = _quantity(data, facts, where)
    if isinstance(quantity, Growth) and not may_grow:
        raise RuleError(where, "增长率只能与界限比较、分档或逐档计算，不能再参与计算")
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


def _value(key: str, facts: Facts, where: str) -> Value:
    numeric(key, facts, where)
    if key in DERIVED:
        return Value(key, DERIVED[key].unit or "")
    fact = facts[key]
    is_share = fact.type == "ratio"
    least, most = range_of(fact)
    # The most of other facts only keeps slips out.
    return Value(key, SHARE if is_share else fact.unit or "", least, most if is_share else None)


def _parts(items: Any, facts: Facts, where: str, count: int | None = None) -> tuple[Quantity, ...]:
    if not isinstance(items, list | tuple) or len(items) < 2 or len(items) != (count or len(items)):
        raise RuleError(where, "应为两项的列表" if count else "应为至少两项的列表")
    return tuple(read_operand(item, facts, f"{where}[{index}]") for index, item in enumerate(items))


_KINDS: dict[str, Callable[[Any, Facts, str], Quantity]] = {
    "sum": lambda items, facts, where: SumOf(_parts(items, facts, where)),
    "difference": lambda items, facts, where: Difference(*_parts(items, facts, where, 2)),
    "product": lambda items, facts, where: Product(_parts(items, facts, where)),
    "growth": lambda items, facts, where: Growth(*_parts(items, facts, where, 2)),
}


# --- numbers of facts -------------------------------------------------------------------


def type_of(key: str, facts: Facts, where: str) -> str:
    """The type of a fact, asked or derived."""
    if key in DERIVED:
        return DERIVED[key].type
    if key in facts:
        return facts[key].type
    raise RuleError(where, f"没有指标 {key}")


def numeric(key: str, facts: Facts, where: str) -> str:
    """A fact that can be counted with."""
    if (found := type_of(key, facts, where)) not in NUMERIC_TYPES:
        raise RuleError(where, f"{key} 是 {found} 型，应为数字")
    return key


def asked_number(key: str, facts: Facts, where: str) -> str:
    """The same of a fact that is asked."""
    if key not in facts:
        raise RuleError(where, f"没有指标 {key}")
    return numeric(key, facts, where)


def items_of(value: Any, where: str) -> Collection[Any]:
    if not isinstance(value, list | tuple):
        raise RuleError(where, "应为列表")
    return value
