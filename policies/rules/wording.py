"""Rules and amounts in plain Chinese, for those who write and check them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import Fact, plain
from policies.rules.money import compile_amount
from policies.rules.rule import compile_rule

Facts = Mapping[str, Fact]


def rule_in_words(data: Any, facts: Facts) -> str:
    """One sentence for a rule. Raises RuleError where it does not compile."""
    return compile_rule(data, facts, "规则").sentence


def formula_in_words(data: Any, facts: Facts) -> str:
    """One sentence for an amount, in 万元 unless it says 元. Raises RuleError likewise."""
    compile_amount(data, facts, "金额")
    if isinstance(data, int | float | Decimal | str):
        return f"{_number(data)} 万元"
    (kind,) = [name for name in _FORMULAS if name in data][:1]
    return _FORMULAS[kind](data, facts)


def _cases(data: Any, facts: Facts) -> str:
    rows = [
        f"若 {rule_in_words(case['when'], facts)}，则 {formula_in_words(case['amount'], facts)}"
        for case in data["cases"]
    ]
    if "otherwise" in data:
        rows.append(f"其余 {formula_in_words(data['otherwise'], facts)}")
    return "；".join(rows)


def _label(key: str, facts: Facts) -> str:
    return facts[key].label if key in facts else DERIVED[key].label


def _number(value: Any) -> str:
    return plain(Decimal(str(value)))


def _percent(value: Any) -> str:
    return f"{plain(Decimal(str(value)) * 100)}%"


def _ladder(data: Any, facts: Facts) -> str:
    label = _label(data["ladder"]["fact"], facts)
    steps = [f"达到 {_number(a)} 给 {_number(b)} 万元" for a, b in data["ladder"]["steps"]]
    return f"按{label}分档：{'，'.join(steps)}"


def _milestones(data: Any, facts: Facts) -> str:
    spec = data["milestones"]
    steps = [f"首次达到 {_number(a)} 给 {_number(b)} 万元" for a, b in spec["steps"]]
    return f"按{_label(spec['fact'], facts)}分档：{'，'.join(steps)}"


def _share(data: Any, facts: Facts) -> str:
    spec = data["share"]
    cap = "" if spec.get("cap") is None else f"，最高 {_number(spec['cap'])} 万元"
    each = "（逐项计算）" if spec.get("per_item") else ""
    return f"{_label(spec['fact'], facts)}的 {_percent(spec['rate'])}{cap}{each}"


def _per_head_month(data: Any, facts: Facts) -> str:
    spec = data["per_head_month"]
    most = f"，最多 {spec['max_months']} 个月" if spec.get("max_months") else ""
    least = f"，不满 {spec['min_months']} 个月不给" if spec.get("min_months") else ""
    heads, months = _label(spec["heads"], facts), _label(spec["months"], facts)
    return f"每人每月 {_number(spec['yuan'])} 元 × {heads} × {months}{most}{least}"


_FORMULAS = {
    "range": lambda data, facts: f"{_number(data['range'][0])} 至 {_number(data['range'][1])} 万元",
    "cap": lambda data, facts: f"最高 {_number(data['cap'])} 万元",
    "at_least": lambda data, facts: f"不少于 {_number(data['at_least'])} 万元",
    "ladder": _ladder,
    "cases": _cases,
    "fact": lambda data, facts: f"等于{_label(data['fact'], facts)}",
    "share": _share,
    "per_head_month": _per_head_month,
    "milestones": _milestones,
}
