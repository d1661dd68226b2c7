"""Reading an amount: a number or a formula of JSON becomes a tree, in 万元 where it says no 元."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.read_rule import Facts, RuleError, read_rule
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
    if isinstance(data, bool) or data is None:
        raise RuleError(where, "金额应为数字或公式")
    if isinstance(data, int | float | Decimal | str):
        return Fixed(number(data))
    for kind, read in _FORMULAS.items():
        if kind in data:
            return read(data, facts, f"{where}.{kind}")
    raise RuleError(where, f"金额公式应为数字或含 {'、'.join(_FORMULAS)} 之一")


def _known(key: str, facts: Facts, where: str) -> str:
    if key not in facts and key not in DERIVED:
        raise RuleError(where, f"没有指标 {key}")
    return key


def _steps(data: Any, where: str) -> tuple[tuple[Decimal, Decimal], ...]:
    steps = tuple((number(limit), number(amount)) for limit, amount in data)
    if not steps or [limit for limit, _ in steps] != sorted({limit for limit, _ in steps}):
        raise RuleError(where, "各档下限应由低到高且不重复")
    return steps


def _range(data: Any, facts: Facts, where: str) -> Amount:
    low, high = (number(value) for value in data["range"])
    if low > high:
        raise RuleError(where, "下限大于上限")
    return Range(low, high)


def _ladder(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["ladder"]
    return Ladder(_known(spec["fact"], facts, where), _steps(spec["steps"], where))


def _cases(data: Any, facts: Facts, where: str) -> Amount:
    rows = tuple(
        AmountCase(
            read_rule(item["when"], facts, f"{where}[{index}].when"),
            read_amount(item["amount"], facts, f"{where}[{index}].amount"),
        )
        for index, item in enumerate(data["cases"])
    )
    if "otherwise" not in data:
        return AmountCases(rows)
    return AmountCases(rows, read_amount(data["otherwise"], facts, f"{where}.otherwise"))


def _share(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["share"]
    cap = spec.get("cap")
    return Share(
        fact=_known(spec["fact"], facts, where),
        rate=number(spec["rate"]),
        cap=None if cap is None else number(cap),
        per_item=bool(spec.get("per_item")),
    )


def _per_head_month(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["per_head_month"]
    return PerHeadMonth(
        yuan=number(spec["yuan"]),
        heads=_known(spec["heads"], facts, where),
        months=_known(spec["months"], facts, where),
        least=spec.get("min_months") or 0,
        most=spec.get("max_months"),
    )


def _milestones(data: Any, facts: Facts, where: str) -> Amount:
    spec = data["milestones"]
    keys = (_known(spec[name], facts, where) for name in ("fact", "before", "received"))
    return Milestones(*keys, _steps(spec["steps"], where))


_FORMULAS: dict[str, Callable[[Any, Facts, str], Amount]] = {
    "range": _range,
    "cap": lambda data, facts, where: Cap(number(data["cap"])),
    "at_least": lambda data, facts, where: Floor(number(data["at_least"])),
    "ladder": _ladder,
    "cases": _cases,
    "fact": lambda data, facts, where: ActualCost(_known(data["fact"], facts, where)),
    "share": _share,
    "per_head_month": _per_head_month,
    "milestones": _milestones,
}
