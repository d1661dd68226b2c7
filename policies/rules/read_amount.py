"""Reading an amount: a number or a formula of JSON becomes a tree, in 万元 where it says no 元."""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.read_quantity import (
    Facts,
    RuleError,
    check_depth,
    items_of,
    numeric,
    read_money,
    read_quantity,
    type_of,
)
from policies.rules.read_rule import LONGEST_TERM, read_rule, texts_of, whole_number
from policies.rules.tree import (
    ActualCost,
    Amount,
    AmountCase,
    AmountCases,
    Cap,
    Each,
    Fixed,
    Floor,
    Highest,
    Items,
    ItemTerms,
    Ladder,
    Milestones,
    PerHeadMonth,
    Range,
    Share,
    ShareOfItems,
    Times,
    Together,
    number,
)


def read_amount(data: Any, facts: Facts, where: str) -> Amount:
    """Read an amount of a pack. Raises RuleError naming place and expectation."""
    check_depth(data, where)
    return _amount(data, facts, where)


def _amount(data: Any, facts: Facts, where: str) -> Amount:
    if isinstance(data, bool) or data is None:
        raise RuleError(where, "金额应为数字或公式")
    if isinstance(data, int | float | Decimal | str):
        return Fixed(money_of(data, where))
    for kind, read in _FORMULAS.items():
        if kind in data:
            return read(data, facts, f"{where}.{kind}")
    raise RuleError(where, f"金额公式应为数字或含 {'、'.join(_FORMULAS)} 之一")


def money_of(value: Any, where: str) -> Decimal:
    if (found := number(value)) < 0:
        raise RuleError(where, "金额不能小于 0")
    return found


def _steps(data: Any, where: str) -> tuple[tuple[Decimal, Decimal], ...]:
    steps = tuple((number(limit), money_of(amount, where)) for limit, amount in data)
    if not steps or [limit for limit, _ in steps] != sorted({limit for limit, _ in steps}):
        raise RuleError(where, "各档下限应由低到高且不重复")
    return steps


def _range(data: Any, facts: Facts, where: str) -> Amount:
    low, high = (money_of(value, where) for value in data["range"])
    if low > high:
        raise RuleError(where, "下限大于上限")
    return Range(low, high)


def _ladder(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["ladder"]
    quantity = read_quantity(_of(spec, where), facts, where, may_grow=True)
    return Ladder(quantity, _steps(spec["steps"], where))


def _cases(data: Any, facts: Facts, where: str) -> Amount:
    rows = tuple(
        AmountCase(
            read_rule(item["when"], facts, f"{where}[{index}].when"),
            _amount(item["amount"], facts, f"{where}[{index}].amount"),
        )
        for index, item in enumerate(data["cases"])
    )
    if "otherwise" not in data:
        return AmountCases(rows)
    return AmountCases(rows, _amount(data["otherwise"], facts, f"{where}.otherwise"))


def _of(spec: Any, where: str) -> Any:
    """What an amount is computed of: `fact` has the key of one, `of` any quantity."""
    names = [name for name in ("fact", "of") if name in spec]
    if len(names) != 1:
        raise RuleError(where, "应恰好有 fact 或 of 之一")
    if names == ["fact"] and not isinstance(spec["fact"], str):
        raise RuleError(where, "fact 应为一个指标，算式写在 of 里")
    return spec[names[0]]


def _share(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["share"]
    base, cap = _of(spec, where), _cap(spec, where)
    least_rate, rate = _rates(spec["rate"], f"{where}.rate")
    if isinstance(base, str) and type_of(base, facts, where) == "money_list":
        if least_rate != rate:
            raise RuleError(f"{where}.rate", "逐项计算的比例应为一个数字")
        return ShareOfItems(base, rate, cap)
    if spec.get("per_item"):
        raise RuleError(f"{where}.per_item", "只有逐项填写的指标才能逐项计算")
    return Share(read_quantity(base, facts, where), least_rate, rate, cap)


def _rates(data: Any, where: str) -> tuple[Decimal, Decimal]:
    """A rate, both ends of one `[0.1, 0.15]`, or the most that it may be `{"up_to": 0.1}`."""
    if isinstance(data, Mapping):
        if set(data) != {"up_to"}:
            raise RuleError(where, "应为数字、[下限, 上限] 或 up_to")
        return Decimal(0), money_of(data["up_to"], where)
    ends = data if isinstance(data, list | tuple) else [data, data]
    if len(ends) != 2:
        raise RuleError(where, "应为数字、[下限, 上限] 或 up_to")
    least, most = (money_of(end, where) for end in ends)
    if least > most:
        raise RuleError(where, "下限大于上限")
    return least, most


def _items(data: Any, facts: Facts, where: str) -> Amount:
    """`{fact, rate or amount, cap, …}`, or `by_kind` with a row of terms for each; then `years`,
    `first_of_kind` and the `most` of all together."""
    spec = data["items"]
    key = spec["fact"]
    if type_of(key, facts, where) != "item_list":
        raise RuleError(f"{where}.fact", f"{key} 应为逐项填写（金额、种类、日期）的指标")
    rows = spec.get("by_kind")
    terms = tuple(
        _terms(row, facts[key].choices, f"{where}.by_kind[{index}]")
        for index, row in enumerate(items_of(rows, f"{where}.by_kind"))
    ) if rows is not None else (_terms(spec, facts[key].choices, where),)  # fmt: skip
    if not terms:
        raise RuleError(f"{where}.by_kind", "应至少有一行")
    first_of_kind = bool(spec.get("first_of_kind"))
    if first_of_kind and not facts[key].choices:
        raise RuleError(f"{where}.first_of_kind", f"{key} 不分种类")
    most = spec.get("most")
    return Items(
        key,
        terms,
        _years(spec.get("years"), f"{where}.years"),
        first_of_kind,
        None if most is None else money_of(most, f"{where}.most"),
    )


def _terms(row: Any, choices: Collection[str], where: str) -> ItemTerms:
    kinds = texts_of(row.get("kinds"), f"{where}.kinds")
    if unknown := [kind for kind in kinds if kind not in choices]:
        raise RuleError(f"{where}.kinds", f"没有种类 {'、'.join(unknown)}")
    found = {name: row.get(name) for name in ("rate", "amount")}
    given = {
        name: money_of(value, f"{where}.{name}")
        for name, value in found.items()
        if value is not None
    }
    if len(given) != 1:
        raise RuleError(where, "应恰好有 rate（按比例）或 amount（每项多少）之一")
    return ItemTerms(kinds, given.get("rate"), given.get("amount"), _cap(row, where))


def _years(data: Any, where: str) -> tuple[int, int] | None:
    if data is None:
        return None
    if not isinstance(data, list | tuple) or len(data) != 2:
        raise RuleError(where, "应为 [从, 到]，申报当年为 0，上一年为 -1")
    first, last = (whole_number(year, where, -LONGEST_TERM, 0) for year in data)
    if first > last:
        raise RuleError(where, "从应不晚于到")
    return first, last


def _cap(spec: Any, where: str) -> Decimal | None:
    cap = spec.get("cap")
    return None if cap is None else money_of(cap, f"{where}.cap")


def _each(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["each"]
    every = number(spec.get("every", 1))
    if every <= 0:
        raise RuleError(f"{where}.every", "应大于 0")
    quantity = read_quantity(_of(spec, where), facts, where, may_grow=True)
    amount = money_of(spec["amount"], f"{where}.amount")
    return Each(quantity, every, amount, _cap(spec, where))


def _together(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["together"]
    return Together(_several(spec["amounts"], facts, f"{where}.amounts"), _cap(spec, where))


def _several(items: Any, facts: Facts, where: str) -> tuple[Amount, ...]:
    if len(items_of(items, where)) < 2:
        raise RuleError(where, "应至少有两项金额")
    return tuple(_amount(item, facts, f"{where}[{index}]") for index, item in enumerate(items))


def _times(data: Any, facts: Facts, where: str) -> Amount:
    """`{amount, factor}`, or `{amount, cases: [{when, factor}], otherwise}`: once where none holds."""
    spec = data["times"]
    amount = _amount(spec["amount"], facts, f"{where}.amount")
    if "factor" in spec:
        return Times(_factor(spec["factor"], f"{where}.factor"), amount)
    rows = tuple(
        AmountCase(
            read_rule(item["when"], facts, f"{where}.cases[{index}].when"),
            Times(_factor(item["factor"], f"{where}.cases[{index}].factor"), amount),
        )
        for index, item in enumerate(spec["cases"])
    )
    otherwise = _factor(spec.get("otherwise", 1), f"{where}.otherwise")
    return AmountCases(rows, amount if otherwise == 1 else Times(otherwise, amount))


def _factor(value: Any, where: str) -> Decimal:
    factor = number(value)
    if factor <= 0:
        raise RuleError(where, "应大于 0")
    return factor


def _per_head_month(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["per_head_month"]
    most = spec.get("max_months")
    return PerHeadMonth(
        yuan=money_of(spec["yuan"], where),
        heads=numeric(spec["heads"], facts, where),
        months=numeric(spec["months"], facts, where),
        least=whole_number(spec.get("min_months") or 0, f"{where}.min_months"),
        most=None if most is None else whole_number(most, f"{where}.max_months"),
    )


def _milestones(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["milestones"]
    keys = (numeric(spec[name], facts, where) for name in ("fact", "before", "received"))
    return Milestones(*keys, _steps(spec["steps"], where))


_FORMULAS: dict[str, Callable[[Any, Facts, str], Amount]] = {
    "range": _range,
    "cap": lambda data, facts, where: Cap(money_of(data["cap"], where)),
    "at_least": lambda data, facts, where: Floor(money_of(data["at_least"], where)),
    "ladder": _ladder,
    "cases": _cases,
    "fact": lambda data, facts, where: ActualCost(read_money(_of(data, where), facts, where)),
    "of": lambda data, facts, where: ActualCost(read_money(data["of"], facts, where)),
    "share": _share,
    "items": _items,
    "each": _each,
    "together": _together,
    "highest": lambda data, facts, where: Highest(_several(data["highest"], facts, where)),
    "times": _times,
    "per_head_month": _per_head_month,
    "milestones": _milestones,
}
