"""Reading a rule: one JSON value becomes a tree, or an error that names the place.

A rule is a leaf `{fact, <operator>: value, open: […], reason}` or one of `industry`, `ratio`,
`all`, `any`, `n_of`, `not`, `presumed`, `first_reached`, `open`, `cases`. "以上" is ≥ (C58).
"""

from collections.abc import Callable, Mapping
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.tree import (
    COMPARISONS,
    OPERATORS,
    SET_OPERATORS,
    TERMS,
    AllOf,
    AnyOf,
    AtLeast,
    Case,
    Cases,
    FirstReached,
    Industry,
    Leaf,
    Not,
    Open,
    Presumed,
    Ratio,
    Rule,
    number,
)

Facts = Mapping[str, Fact]


class RuleError(Exception):
    """A rule that cannot be read; `where` is its place inside the edition."""

    def __init__(self, where: str, message: str) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}：{message}")


def read_rule(data: Any, facts: Facts, where: str) -> Rule:
    """Read one rule. Raises RuleError naming the place and what was expected."""
    if not isinstance(data, Mapping):
        raise RuleError(where, "规则应为键值对象")
    if "fact" in data:
        return _leaf(data, facts, where)
    kinds = [kind for kind in _COMPOSITES if kind in data]
    if len(kinds) != 1:
        raise RuleError(where, f"规则应恰好含 fact 或 {'、'.join(_COMPOSITES)} 之一")
    return _COMPOSITES[kinds[0]](data, facts, where)


# --- leaves -----------------------------------------------------------------------------


def _leaf(data: Mapping[str, Any], facts: Facts, where: str) -> Leaf:
    key = data["fact"]
    operators = [name for name in data if name not in ("fact", "open", "reason")]
    if len(operators) != 1 or operators[0] not in OPERATORS:
        raise RuleError(where, f"指标 {key} 应恰好有一个运算：{'、'.join(OPERATORS)}")
    operator = operators[0]
    fact = facts.get(key)
    if fact is None and key not in DERIVED:
        raise RuleError(where, f"没有指标 {key}")
    _check_operand(fact, key, operator, data[operator], where)
    return Leaf(
        fact=key,
        operator=operator,
        operand=_operand(operator, data[operator]),
        opens=_opens(data.get("open") or (), fact, f"{where}.open"),
        reason=data.get("reason") or None,
    )


def _check_operand(fact: Fact | None, key: str, operator: str, operand: Any, where: str) -> None:
    if fact is None:
        return
    fits = {
        "bool": ("is", "in", "answered"),
        "enum": ("is", "in", "answered"),
        "enum_set": SET_OPERATORS,
        "money_list": ("non_empty",),
        "date": (*TERMS, "is_year"),
    }.get(fact.type, ("is", "in", "is_year", *COMPARISONS))
    if operator not in fits:
        raise RuleError(where, f"{key} 是 {fact.type} 型，不能用 {operator}")
    if fact.type in ("enum", "enum_set") and operator not in ("non_empty", "answered"):
        codes = operand if isinstance(operand, list) else [operand]
        wrong = [code for code in codes if code not in fact.choices]
        if wrong:
            raise RuleError(where, f"{key} 没有选项 {wrong[0]}")


def _operand(operator: str, operand: Any) -> Any:
    if operator == "between":
        low, high = operand
        return number(low), number(high)
    if operator in COMPARISONS:
        return number(operand)
    if operator in ("in", "has_any", "lacks_all"):
        return tuple(_value(item) for item in operand)
    if operator in ("is_year", *TERMS):
        return int(operand)
    return _value(operand)


def _value(operand: Any) -> Any:
    return operand if isinstance(operand, bool | str) else number(operand)


def _opens(opened: Any, fact: Fact | None, where: str) -> tuple[str, Any] | None:
    """Which values stay open: those of a list, or a number as in `{more_than: 3}`."""
    if not opened:
        return None
    if not isinstance(opened, Mapping):
        operator = "has_any" if fact and fact.type == "enum_set" else "in"
        return operator, _operand(operator, opened)
    if len(opened) != 1 or not set(opened) <= set(COMPARISONS):
        raise RuleError(where, f"应为取值列表，或恰好一个运算：{'、'.join(COMPARISONS)}")
    [(operator, operand)] = opened.items()
    return operator, _operand(operator, operand)


# --- composites -------------------------------------------------------------------------


def _parts(items: Any, facts: Facts, where: str) -> tuple[Rule, ...]:
    if not isinstance(items, list) or not items:
        raise RuleError(where, "应为非空的规则列表")
    return tuple(read_rule(item, facts, f"{where}[{index}]") for index, item in enumerate(items))


def _all(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return AllOf(_parts(data["all"], facts, f"{where}.all"))


def _any(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return AnyOf(_parts(data["any"], facts, f"{where}.any"))


def _n_of(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    parts = _parts(data.get("of"), facts, f"{where}.of")
    count = data["n_of"]
    if not isinstance(count, int) or not 1 <= count <= len(parts):
        raise RuleError(where, f"n_of 应为 1 至 {len(parts)} 的整数")
    return AtLeast(count, parts)


def _not(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return Not(read_rule(data["not"], facts, f"{where}.not"))


def _presumed(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return Presumed(read_rule(data["presumed"], facts, f"{where}.presumed"))


def _first_reached(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    spec = data["first_reached"]
    limits = tuple(number(limit) for limit in spec["limits"])
    for key in (spec["fact"], spec["before"]):
        if key not in facts:
            raise RuleError(where, f"没有指标 {key}")
    if not limits:
        raise RuleError(f"{where}.limits", "应至少有一档")
    return FirstReached(spec["fact"], spec["before"], limits)


def _open(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return Open(data["open"])


def _industry(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return Industry(tuple(data["industry"]))


def _ratio(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    if not isinstance(data["ratio"], list) or len(data["ratio"]) != 2 or "at_least" not in data:
        raise RuleError(where, "ratio 应为 [分子, 分母] 并有 at_least")
    part, whole = data["ratio"]
    for key in (part, whole):
        if key not in facts:
            raise RuleError(where, f"没有指标 {key}")
    return Ratio(part, whole, number(data["at_least"]))


def _cases(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    items = data["cases"]
    if not isinstance(items, list) or not items:
        raise RuleError(where, "cases 应为非空列表")
    for index, item in enumerate(items):
        if not isinstance(item.get("sentence", ""), str):
            raise RuleError(f"{where}.cases[{index}].sentence", "应为文字")
    rows = tuple(
        Case(
            read_rule(item.get("when"), facts, f"{where}.cases[{index}].when"),
            read_rule(item.get("then"), facts, f"{where}.cases[{index}].then"),
            item.get("id"),
            item.get("sentence"),
        )
        for index, item in enumerate(items)
    )
    otherwise = data.get("otherwise")
    return Cases(
        rows, None if otherwise is None else read_rule(otherwise, facts, f"{where}.otherwise")
    )


_COMPOSITES: dict[str, Callable[[Mapping[str, Any], Facts, str], Rule]] = {
    "all": _all,
    "any": _any,
    "n_of": _n_of,
    "not": _not,
    "presumed": _presumed,
    "first_reached": _first_reached,
    "open": _open,
    "industry": _industry,
    "ratio": _ratio,
    "cases": _cases,
}
