"""Reading an amount: a number or a formula of JSON becomes a tree, in 万元 where it says no 元."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from policies.rules.read_rule import (
    Facts,
    RuleError,
    check_depth,
    numeric,
    read_rule,
    whole_number,
)
from policies.rules.tree import (
    ActualCost,
    Amount,
    AmountCase,
    AmountCases,
    Cap,
    Fixed,
    Floor,
    Ladder,
    Milestones,
    PerHeadMonth,
    Range,
    Share,
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
    return Ladder(numeric(spec["fact"], facts, where), _steps(spec["steps"], where))


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


def _share(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["share"]
    cap = spec.get("cap")
    return Share(
        fact=numeric(spec["fact"], facts, where, "money_list"),
        rate=money_of(spec["rate"], where),
        cap=None if cap is None else money_of(cap, where),
        per_item=bool(spec.get("per_item")),
    )


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
    "fact": lambda data, facts, where: ActualCost(numeric(data["fact"], facts, where)),
    "share": _share,
    "per_head_month": _per_head_month,
    "milestones": _milestones,
}
