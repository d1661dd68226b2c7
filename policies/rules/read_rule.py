"""Reading a rule: one JSON value becomes a tree, or an error that names the place.

A rule is a leaf `{fact, <operator>: value, open: […], reason}`, a quantity held against others
`{quantity, <comparison>: quantity}`, or one of `industry`, `ratio`, `all`, `any`, `n_of`, `not`,
`presumed`, `first_reached`, `open`, `cases`. "以上" is ≥ (C58).
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import LISTS, NUMERIC_TYPES
from policies.rules.formulas import formulas_of
from policies.rules.industry import LISTED
from policies.rules.read_quantity import (
    Facts,
    RuleError,
    asked_number,
    check_depth,
    items_of,
    read_operand,
    read_quantity,
    type_of,
)
from policies.rules.size import CLASSES
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
    Comparison,
    Constant,
    FirstReached,
    Industry,
    Leaf,
    Not,
    Open,
    Presumed,
    Ratio,
    Rule,
    is_fraction,
    number,
    unit_of,
)

LONGEST_TERM = 100  # years
# The operators that fit a fact, by its type.
FITTING = {
    "bool": ("is", "in", "answered"),
    "enum": ("is", "in", "answered"),
    "enum_set": SET_OPERATORS,
    **dict.fromkeys(LISTS, ("non_empty",)),
    "date": (*TERMS, "is_year"),
    **dict.fromkeys(NUMERIC_TYPES, ("is", "in", "is_year", *COMPARISONS)),
}
SEVERAL = ("in", "has_any", "lacks_all")
WITHOUT_VALUE = ("answered", "non_empty")


def read_rule(data: Any, facts: Facts, where: str) -> Rule:
    """Read one rule. Raises RuleError naming the place and what was expected."""
    check_depth(data, where)
    return _rule(data, facts, where)


def _rule(data: Any, facts: Facts, where: str) -> Rule:
    if not isinstance(data, Mapping):
        raise RuleError(where, "规则应为键值对象")
    if "fact" in data:
        return _leaf(data, facts, where)
    kinds = [kind for kind in _COMPOSITES if kind in data]
    if len(kinds) != 1:
        raise RuleError(where, f"规则应恰好含 fact 或 {'、'.join(_COMPOSITES)} 之一")
    return _COMPOSITES[kinds[0]](data, facts, where)


# --- what rules and amounts are written with --------------------------------------------


def text_of(value: Any, where: str) -> str | None:
    """A text, None where there is none."""
    if value is not None and not isinstance(value, str):
        raise RuleError(where, "应为文字")
    return value or None


def texts_of(value: Any, where: str) -> tuple[str, ...]:
    if not all(isinstance(each, str) for each in items_of(value or [], where)):
        raise RuleError(where, "应为文字的列表")
    return tuple(value or ())


def whole_number(value: Any, where: str, least: int = 0, most: int = 12 * LONGEST_TERM) -> int:
    found = Decimal("NaN") if isinstance(value, bool | str) else number(value)
    if found.is_nan() or not least <= found <= most or found % 1:
        raise RuleError(where, f"应为 {least} 至 {most} 的整数")
    return int(found)


# --- leaves -----------------------------------------------------------------------------


def _leaf(data: Mapping[str, Any], facts: Facts, where: str) -> Leaf | Comparison:
    key = data["fact"]
    if key in formulas_of(facts):
        return _of_formula(data, facts, where)
    operators = [name for name in data if name not in ("fact", "open", "reason")]
    if len(operators) != 1 or operators[0] not in OPERATORS:
        raise RuleError(where, f"指标 {key} 应恰好有一个运算：{'、'.join(OPERATORS)}")
    return Leaf(
        key,
        operators[0],
        _operand(key, operators[0], data[operators[0]], facts, where),
        opens=_opens(key, data.get("open"), facts, f"{where}.open"),
        reason=text_of(data.get("reason"), f"{where}.reason"),
    )


def _of_formula(data: Mapping[str, Any], facts: Facts, where: str) -> Comparison:
    """A formula in the place of a fact: a number that is compared."""
    if set(data) - {"fact", *COMPARISONS}:
        told = f"{data['fact']} 是公式，只能用 {'、'.join(COMPARISONS)}，不能写待定的取值"
        raise RuleError(where, told)
    rest = {name: value for name, value in data.items() if name != "fact"}
    return _comparison({"quantity": data["fact"], **rest}, facts, where)


def _operand(key: str, operator: str, operand: Any, facts: Facts, where: str) -> Any:
    found = type_of(key, facts, where)
    if operator not in FITTING[found]:
        raise RuleError(where, f"{key} 是 {found} 型，不能用 {operator}")
    if operator in WITHOUT_VALUE:
        if operand is not True:
            raise RuleError(where, f"{operator} 应为 true")
        return True
    if operator == "full_months":
        return whole_number(operand, where)
    if operator in TERMS:
        return whole_number(operand, where, most=LONGEST_TERM)
    if operator == "is_year":
        return whole_number(operand, where, -LONGEST_TERM, LONGEST_TERM)
    if operator in SEVERAL:
        return tuple(_value(key, item, facts, where) for item in items_of(operand, where))
    if operator == "between":
        low, high = (_value(key, item, facts, where) for item in items_of(operand, where))
        if low > high:
            raise RuleError(where, "下限大于上限")
        return low, high
    return _value(key, operand, facts, where)


def _value(key: str, value: Any, facts: Facts, where: str) -> bool | str | Decimal:
    found = type_of(key, facts, where)
    if found == "bool":
        if not isinstance(value, bool):
            raise RuleError(where, f"{key} 应与 true 或 false 比较")
        return value
    if found in NUMERIC_TYPES:
        try:
            if isinstance(value, bool):
                raise TypeError
            return number(value)
        except (ArithmeticError, TypeError) as error:
            raise RuleError(where, f"{key} 应与数字比较，不能是 {value}") from error
    codes = _codes_of(key, facts)
    if not isinstance(value, str) or (codes is not None and value not in codes):
        raise RuleError(where, f"{key} 没有选项 {value}")
    return value


def _codes_of(key: str, facts: Facts) -> Collection[str] | None:
    """The codes that a fact may have; None where the vocabulary does not say."""
    if key == "size.class":
        return CLASSES
    asked = facts.get(key) or facts.get(DERIVED[key].worded_as or "")
    return asked and asked.choices


def _opens(key: str, opened: Any, facts: Facts, where: str) -> tuple[str, Any] | None:
    """Which values stay open: those of a list, or a number as in `{more_than: 3}`."""
    if not opened:
        return None
    if not isinstance(opened, Mapping):
        operator = "has_any" if type_of(key, facts, where) == "enum_set" else "in"
        return operator, _operand(key, operator, opened, facts, where)
    if len(opened) != 1 or not set(opened) <= set(COMPARISONS):
        raise RuleError(where, f"应为取值列表，或恰好一个运算：{'、'.join(COMPARISONS)}")
    [(operator, operand)] = opened.items()
    return operator, _operand(key, operator, operand, facts, where)


# --- composites -------------------------------------------------------------------------


def _parts(items: Any, facts: Facts, where: str) -> tuple[Rule, ...]:
    if not isinstance(items, list) or not items:
        raise RuleError(where, "应为非空的规则列表")
    return tuple(_rule(item, facts, f"{where}[{index}]") for index, item in enumerate(items))


def _all(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return AllOf(_parts(data["all"], facts, f"{where}.all"))


def _any(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return AnyOf(_parts(data["any"], facts, f"{where}.any"))


def _n_of(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    parts = _parts(data.get("of"), facts, f"{where}.of")
    count = data["n_of"]
    return AtLeast(whole_number(count, f"{where}.n_of", 1, len(parts)), parts)


def _not(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return Not(_rule(data["not"], facts, f"{where}.not"))


def _presumed(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    return Presumed(_rule(data["presumed"], facts, f"{where}.presumed"))


def _first_reached(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    spec = data["first_reached"]
    limits = tuple(number(limit) for limit in items_of(spec["limits"], f"{where}.limits"))
    if not limits:
        raise RuleError(f"{where}.limits", "应至少有一档")
    fact, before = (asked_number(spec[name], facts, where) for name in ("fact", "before"))
    return FirstReached(fact, before, limits)


def _open(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    reason = text_of(data["open"], f"{where}.open")
    if not reason:
        raise RuleError(f"{where}.open", "应写明原因")
    return Open(reason)


def _industry(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    codes = texts_of(data["industry"], f"{where}.industry")
    if not codes or not LISTED.issuperset(codes):
        raise RuleError(f"{where}.industry", "应为行业代码的列表，如 C、L72、K7010")
    return Industry(codes)


def _ratio(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    if not isinstance(data["ratio"], list) or len(data["ratio"]) != 2 or "at_least" not in data:
        raise RuleError(where, "ratio 应为 [分子, 分母] 并有 at_least")
    part, whole = (asked_number(key, facts, where) for key in data["ratio"])
    return Ratio(part, whole, number(data["at_least"]))


def _comparison(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    operators = [name for name in data if name != "quantity"]
    if len(operators) != 1 or operators[0] not in COMPARISONS:
        raise RuleError(where, f"应恰好有一个运算：{'、'.join(COMPARISONS)}")
    [operator] = operators
    quantity = read_quantity(data["quantity"], facts, f"{where}.quantity", may_grow=True)
    ends = data[operator] if operator == "between" else [data[operator]]
    if operator == "between" and (not isinstance(ends, list) or len(ends) != 2):
        raise RuleError(f"{where}.between", "应为 [下限, 上限]")
    operands = tuple(read_operand(end, facts, f"{where}.{operator}") for end in ends)
    for operand in operands:
        units = {unit_of(quantity), unit_of(operand)} - {""}
        if len(units) > 1 or (is_fraction(quantity) and not isinstance(operand, Constant)):
            raise RuleError(
                f"{where}.{operator}", f"应与数字或同一单位（{unit_of(quantity)}）的量比较"
            )
    numbers = [each.number for each in operands if isinstance(each, Constant)]
    if len(numbers) == 2 and numbers[0] > numbers[1]:
        raise RuleError(f"{where}.between", "下限大于上限")
    return Comparison(quantity, operator, operands)


def _cases(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    items = data["cases"]
    if not isinstance(items, list) or not items:
        raise RuleError(where, "cases 应为非空列表")
    rows = tuple(
        Case(
            _rule(item.get("when"), facts, f"{where}.cases[{index}].when"),
            _rule(item.get("then"), facts, f"{where}.cases[{index}].then"),
            text_of(item.get("id"), f"{where}.cases[{index}].id"),
            text_of(item.get("sentence"), f"{where}.cases[{index}].sentence"),
        )
        for index, item in enumerate(items)
    )
    otherwise = data.get("otherwise")
    return Cases(rows, None if otherwise is None else _rule(otherwise, facts, f"{where}.otherwise"))


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
    "quantity": _comparison,
    "cases": _cases,
}
