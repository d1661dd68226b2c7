"""Rules and amounts in plain Chinese."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import Fact, plain
from policies.rules.formulas import formulas_of
from policies.rules.read_amount import read_amount
from policies.rules.read_rule import read_rule
from policies.rules.tree import (
    AMOUNTS,
    MONEY_UNITS,
    OPERATORS,
    QUANTITIES,
    RULES,
    SHARE,
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
    ItemTerms,
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
    reader,
    unit_of,
    walk,
)

Facts = Mapping[str, Fact]
BY_REVIEWERS = "由评审人员判断"


def rule_in_words(data: Any, facts: Facts) -> str:
    """One sentence for a rule as it is written. Raises RuleError where it cannot be read."""
    return sentence(read_rule(data, facts, "规则"), facts)


def formula_in_words(data: Any, facts: Facts) -> str:
    """One sentence for an amount as it is written, in 万元 unless it says 元; raises likewise."""
    return amount_in_words(read_amount(data, facts, "金额"), facts)


def requires(rule: Rule | None, facts: Facts) -> str:
    """What a criterion asks for: a limit without the fact that stands beside it."""
    if rule is None:
        return BY_REVIEWERS
    if isinstance(rule, Leaf):
        # A bare yes or no says nothing beside a condition that is worded the other way round.
        return _leaf(rule, facts) if _is_yes_or_no(rule.operand) else _limit(rule, facts)
    if isinstance(rule, AllOf):
        return _joined(rule.parts, "；且 ", facts)
    if isinstance(rule, AnyOf):
        return _joined(rule.parts, "；或 ", facts)
    if isinstance(rule, Presumed):
        return f"{requires(rule.part, facts)}{_PRESUMED}"
    return sentence(rule, facts)


def sentence(rule: Rule, facts: Facts) -> str:
    """What a rule asks for, with what is limited."""
    return _SENTENCES[type(rule)](rule, facts)


def amount_in_words(amount: Amount, facts: Facts) -> str:
    return _AMOUNTS[type(amount)](amount, facts)


# --- quantities -------------------------------------------------------------------------


def quantity_in_words(quantity: Quantity, facts: Facts) -> str:
    return _QUANTITIES[type(quantity)](quantity, facts)


def _within_brackets(quantity: Quantity, facts: Facts) -> str:
    words = quantity_in_words(quantity, facts)
    is_whole = isinstance(quantity, Value | Constant | FullTerms | Named)
    return words if is_whole else f"（{words}）"


def _product(quantity: Product, facts: Facts) -> str:
    first, *others = quantity.parts
    if isinstance(first, Constant) and len(others) == 1:
        number = first.number
        times = f"{plain(number)} 倍" if number >= 1 else _percent(number)
        return f"{_within_brackets(others[0], facts)}的 {times}"
    return " × ".join(_within_brackets(part, facts) for part in quantity.parts)


_QUANTITIES: dict[type, Callable[[Any, Facts], str]] = {
    Value: lambda quantity, facts: label(quantity.fact, facts),
    Constant: lambda quantity, facts: plain(quantity.number),
    SumOf: lambda quantity, facts: (
        "、".join(_within_brackets(part, facts) for part in quantity.parts) + "合计"
    ),
    Difference: lambda quantity, facts: (
        f"{_within_brackets(quantity.more, facts)}超过{_within_brackets(quantity.less, facts)}的部分"
    ),
    Product: _product,
    Growth: lambda quantity, facts: (
        f"{_within_brackets(quantity.now, facts)}比{_within_brackets(quantity.before, facts)}的增长率"
    ),
    Quotient: lambda quantity, facts: (
        f"{_within_brackets(quantity.above, facts)}÷{_within_brackets(quantity.below, facts)}"
    ),
    FullTerms: lambda quantity, facts: (
        f"{label(quantity.fact, facts)}至今满几{'年' if quantity.months == 12 else '个月'}"
    ),
    Named: lambda quantity, facts: (
        f"{quantity.label}（{quantity_in_words(quantity.quantity, facts)}）"
    ),
}
reader(QUANTITIES, _QUANTITIES)


def _counted(number: Decimal, unit: str) -> str:
    """A number with its unit, as it stands in running text."""
    if unit == SHARE:
        return _percent(number)
    return f"{plain(number)} {_COUNTED_AS.get(unit, unit)}".strip()


def _base(quantity: Quantity, facts: Facts) -> str:
    """What money is computed of; less than nothing counts as nothing."""
    can_fall = any(isinstance(each, Difference | Growth) for each in walk(quantity))
    return quantity_in_words(quantity, facts) + ("（没有增加的不算）" if can_fall else "")


# --- leaves -----------------------------------------------------------------------------

_SIGNS = {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<"}
_YEARS = {0: "申报当年", -1: "申报前一年度"}


class _Fact:
    """How a leaf's fact shows a number and its choices, for a derived fact too."""

    def __init__(self, key: str, facts: Facts) -> None:
        derived = DERIVED.get(key)
        worded_as = facts.get(derived.worded_as) if derived and derived.worded_as else None
        fact = facts.get(key)
        self.fact = fact or worded_as
        unit = fact.unit if fact else worded_as.unit if worded_as else derived and derived.unit
        self.unit = unit or ""

    def number(self, value: Any) -> str:
        if self.fact and self.fact.type == "ratio":
            return _percent(value)
        text = plain(value)
        return f"{text} {self.unit}" if self.unit else text

    def choices(self, codes: Any) -> str:
        codes = codes if isinstance(codes, tuple) else (codes,)
        return "、".join(self._choice(code) for code in codes)

    def _choice(self, code: Any) -> str:
        if isinstance(code, bool):
            return "是" if code else "否"
        return self.fact.choices.get(str(code), str(code)) if self.fact else str(code)


def label(key: str, facts: Facts) -> str:
    if key in facts:
        return facts[key].label
    if key in formulas_of(facts):
        return formulas_of(facts)[key]["label"]
    return DERIVED[key].label if key in DERIVED else key


def _leaf(leaf: Leaf, facts: Facts) -> str:
    limit = _limit(leaf, facts)
    joint = " " if limit.startswith(tuple(_SIGNS.values())) else "："
    return f"{label(leaf.fact, facts)}{joint}{limit}"


def _limit(leaf: Leaf, facts: Facts) -> str:
    fact = _Fact(leaf.fact, facts)
    limit = _OPERATORS[leaf.operator](leaf.operand, fact)
    if leaf.opens is None:
        return limit
    operator, operand = leaf.opens
    is_listed = operator in ("in", "has_any")
    opened = fact.choices(operand) if is_listed else _OPERATORS[operator](operand, fact)
    return f"{limit}（{opened}时待定）"


def _year(offset: int) -> str:
    return _YEARS.get(offset, f"申报年度 {offset:+d} 年")


def _is_yes_or_no(operand: Any) -> bool:
    values = operand if isinstance(operand, tuple) else (operand,)
    return bool(values) and all(isinstance(value, bool) for value in values)


def _is(operand: Any, fact: _Fact) -> str:
    if not isinstance(operand, bool | str):
        return f"等于 {fact.number(operand)}"
    return fact.choices(operand) if operand != "" else "须由主管部门确认"


def _in(operand: tuple[Any, ...], fact: _Fact) -> str:
    if not operand:
        return "须由主管部门确认"
    choices = fact.choices(operand)
    return choices if _is_yes_or_no(operand) else f"属于：{choices}"


def _sign(operator: str) -> Callable[[Any, _Fact], str]:
    return lambda operand, fact: f"{_SIGNS[operator]} {fact.number(operand)}"


_OPERATORS: dict[str, Callable[[Any, _Fact], str]] = {
    "is": _is,
    "in": _in,
    "is_year": lambda operand, fact: _year(operand),
    "answered": lambda operand, fact: "已填写",
    **{operator: _sign(operator) for operator in _SIGNS},
    "between": lambda operand, fact: f"{fact.number(operand[0])} 至 {fact.number(operand[1])}",
    "full_years": lambda operand, fact: f"满 {operand} 年",
    "full_months": lambda operand, fact: f"满 {operand} 个月",
    "remaining_years": lambda operand, fact: f"剩余 {operand} 年以上",
    "has": lambda operand, fact: f"含：{fact.choices(operand)}",
    "has_any": lambda operand, fact: f"含其一：{fact.choices(operand)}",
    "lacks": lambda operand, fact: f"不含：{fact.choices(operand)}",
    "lacks_all": lambda operand, fact: f"不含：{fact.choices(operand)}",
    "non_empty": lambda operand, fact: "至少有一项",
}
reader(OPERATORS, _OPERATORS)


# --- limits within a sentence -----------------------------------------------------------

_COUNTED_AS = {"月": "个月", "㎡": "平方米"}
_REACHED = {
    "at_least": "达到",
    "at_most": "不超过",
    "more_than": "超过",
    "less_than": "低于",
}


def limits_in_words(node: Any, facts: Facts) -> tuple[str, ...]:
    """The limit of a test without its comparison, as a sentence holds it: both ends of a span.

    None where there is nothing to fill in, as of a yes or a no.
    """
    if isinstance(node, Leaf):
        if _is_yes_or_no(node.operand) or node.operand in ("", ()):
            return ()
        return _WITHIN[node.operator](node.operand, _Fact(node.fact, facts))
    return _LIMITS[type(node)](node, facts)


def has_figure(node: Any) -> bool:
    """Whether a test has a number, which no sentence may keep for itself."""
    if not isinstance(node, Leaf):
        return isinstance(node, Ratio | Comparison | FirstReached | AtLeast)
    values = node.operand if isinstance(node.operand, tuple) else (node.operand,)
    return any(isinstance(value, Decimal | int) and not isinstance(value, bool) for value in values)


def opens_in_words(node: Any, facts: Facts) -> str:
    """Which values leave a test open; of a yes or a no, the sentence says it itself."""
    if not isinstance(node, Leaf) or node.opens is None or opens_by_yes_or_no(node):
        return ""
    operator, operand = node.opens
    fact = _Fact(node.fact, facts)
    [opened] = _WITHIN[operator](operand, fact)
    return f"（{_REACHED.get(operator, '')}{opened}时待定）"


def opens_by_yes_or_no(leaf: Leaf) -> bool:
    return leaf.opens is not None and _is_yes_or_no(leaf.opens[1])


def _within(value: Any, fact: _Fact) -> str:
    """A number with its unit, as it stands in running text."""
    if fact.fact and fact.fact.type == "ratio":
        return _percent(value)
    return f"{plain(value)}{_COUNTED_AS.get(fact.unit, fact.unit)}" if value else "0"


def _listed(operand: Any, fact: _Fact) -> tuple[str, ...]:
    codes = operand if isinstance(operand, tuple) else (operand,)
    return ("、".join(_chosen(code, fact) for code in codes),)


def _chosen(code: Any, fact: _Fact) -> str:
    return fact.choices(code) if isinstance(code, str) else _within(code, fact)


_WITHIN: dict[str, Callable[[Any, _Fact], tuple[str, ...]]] = {
    **{operator: lambda operand, fact: (_within(operand, fact),) for operator in _SIGNS},
    **dict.fromkeys(("is", "in", "has", "has_any", "lacks", "lacks_all"), _listed),
    "between": lambda operand, fact: tuple(_within(end, fact) for end in operand),
    "is_year": lambda operand, fact: (_year(operand),),
    "full_years": lambda operand, fact: (f"{operand}年",),
    "full_months": lambda operand, fact: (f"{operand}个月",),
    "remaining_years": lambda operand, fact: (f"{operand}年",),
    "answered": lambda operand, fact: (),
    "non_empty": lambda operand, fact: (),
}
reader(OPERATORS, _WITHIN)


def _first_limits(rule: FirstReached, facts: Facts) -> tuple[str, ...]:
    fact = _Fact(rule.fact, facts)
    return ("、".join(_within(limit, fact) for limit in rule.limits),)


def _ends(rule: Comparison, facts: Facts) -> tuple[str, ...]:
    unit = unit_of(rule.quantity)
    return tuple(
        _counted(end.number, unit).replace(" ", "")
        if isinstance(end, Constant)
        else quantity_in_words(end, facts)
        for end in rule.operands
    )


_LIMITS: dict[type, Callable[[Any, Facts], tuple[str, ...]]] = {
    Comparison: _ends,
    Industry: lambda rule, facts: (_industries(rule, facts),),
    Ratio: lambda rule, facts: (_percent(rule.at_least),),
    FirstReached: _first_limits,
    AtLeast: lambda rule, facts: (str(rule.count),),
    Open: lambda rule, facts: (),
}


# --- composites -------------------------------------------------------------------------

_PRESUMED = "（未填时视为符合）"


def _joined(parts: tuple[Rule, ...], joint: str, facts: Facts) -> str:
    return joint.join(sentence(part, facts) for part in parts)


def _bracketed(rule: AllOf | AnyOf, facts: Facts) -> str:
    words = requires(rule, facts)
    return words if len(rule.parts) == 1 else f"（{words}）"


def _industries(rule: Industry, facts: Facts) -> str:
    sections, divisions, kinds = (
        facts[key].choices if key in facts else {}
        for key in ("industry.section", "industry.division", "industry.real_estate_kind")
    )

    def name(code: str) -> str:
        if code[0] == "K" and len(code) == 5:
            return next((text for text in kinds.values() if text.startswith(code[1:])), code)
        return divisions.get(code[1:], "") if len(code) == 3 else sections.get(code, code)

    return "、".join(name(code) for code in rule.codes)


def _first_reached(rule: FirstReached, facts: Facts) -> str:
    limits = "、".join(plain(limit) for limit in rule.limits)
    return f"{facts[rule.fact].label}首次达到 {limits} {facts[rule.fact].unit or ''}之一"


def _comparison(rule: Comparison, facts: Facts) -> str:
    unit = unit_of(rule.quantity)
    ends = [
        _counted(end.number, unit) if isinstance(end, Constant) else _within_brackets(end, facts)
        for end in rule.operands
    ]
    quantity = quantity_in_words(rule.quantity, facts)
    if rule.operator == "between":
        return f"{quantity}：{ends[0]} 至 {ends[1]}"
    return f"{quantity} {_SIGNS[rule.operator]} {ends[0]}"


def _cases(rule: Cases, facts: Facts) -> str:
    rows = [f"若 {sentence(row.when, facts)}，则 {sentence(row.then, facts)}" for row in rule.rows]
    if rule.otherwise:
        rows.append(f"其余 {sentence(rule.otherwise, facts)}")
    return "；".join(rows)


_SENTENCES: dict[type, Callable[[Any, Facts], str]] = {
    Leaf: _leaf,
    Industry: lambda rule, facts: f"行业属于：{_industries(rule, facts)}",
    Ratio: lambda rule, facts: (
        f"{facts[rule.part].label} ÷ {facts[rule.whole].label} ≥ {_percent(rule.at_least)}"
    ),
    Comparison: _comparison,
    AllOf: _bracketed,
    AnyOf: _bracketed,
    AtLeast: lambda rule, facts: (
        f"下列至少 {rule.count} 项：（{_joined(rule.parts, '；', facts)}）"
    ),
    Not: lambda rule, facts: f"并非：{sentence(rule.part, facts)}",
    Presumed: lambda rule, facts: f"{sentence(rule.part, facts)}{_PRESUMED}",
    FirstReached: _first_reached,
    Open: lambda rule, facts: "来源未列明，由主管部门确认",
    Cases: _cases,
}
reader(RULES, _SENTENCES)


# --- amounts ----------------------------------------------------------------------------


def _percent(share: Any) -> str:
    return f"{plain(share * 100)}%"


def _steps(what: str, amount: Ladder | Milestones, unit: str, reached: str) -> str:
    """The limits are in the unit of what is told, a share in percent."""
    show = _percent if unit == SHARE else plain
    steps = [f"{reached} {show(limit)} 给 {plain(paid)} 万元" for limit, paid in amount.steps]
    return f"按{what}分档：{'，'.join(steps)}"


def _amount_cases(amount: AmountCases, facts: Facts) -> str:
    rows = [
        f"若 {sentence(row.when, facts)}，则 {amount_in_words(row.amount, facts)}"
        for row in amount.rows
    ]
    if amount.otherwise:
        rows.append(f"其余 {amount_in_words(amount.otherwise, facts)}")
    return "；".join(rows)


def _share(amount: Share, facts: Facts) -> str:
    unit = unit_of(amount.of)
    is_part = unit in (*MONEY_UNITS, SHARE) or (not unit and not _counts(amount.of, facts))
    rate = _percent if is_part else lambda number: f"{plain(number)} 万元"
    rates = rate(amount.rate)
    if amount.least_rate != amount.rate:
        rates = f"{rate(amount.least_rate)} 至 {rates}" if amount.least_rate else f"不超过 {rates}"
    if is_part and amount.least_rate == 0 < amount.rate:
        rates = _percent(amount.rate)
        return f"不超过{_base(amount.of, facts)}的 {rates}{_cap(amount.cap)}"
    if is_part:
        return f"{_base(amount.of, facts)}的 {rates}{_cap(amount.cap)}"
    return f"按{_base(amount.of, facts)}，每{_one(unit)} {rates}{_cap(amount.cap)}"


def _counts(quantity: Quantity, facts: Facts) -> bool:
    """Whether it is a number of things, though its facts name no unit."""
    keys = [each.fact for each in walk(quantity) if isinstance(each, Value)]
    return any(facts[key].type == "int" for key in keys if key in facts)


def _one(unit: str) -> str:
    return _COUNTED_AS.get(unit, unit) or "个"


def _cap(cap: Decimal | None) -> str:
    return "" if cap is None else f"，最高 {plain(cap)} 万元"


def _share_of_items(amount: ShareOfItems, facts: Facts) -> str:
    rate = _percent(amount.rate)
    return f"{label(amount.fact, facts)}的 {rate}{_cap(amount.cap)}（逐项计算）"


def _items(amount: Items, facts: Facts) -> str:
    rows = "；".join(_terms(each, amount, facts) for each in amount.terms)
    more = [_years_counted(amount.years)] if amount.years else []
    more += ["同一种只算第一项"] if amount.first_of_kind else []
    more += [f"合计最高 {plain(amount.most)} 万元"] if amount.most is not None else []
    return f"{label(amount.fact, facts)}逐项计算：{'；'.join([rows, *more])}"


def _terms(terms: ItemTerms, amount: Items, facts: Facts) -> str:
    others = "其余" if len(amount.terms) > 1 else "每项"
    who = _Fact(amount.fact, facts).choices(terms.kinds) if terms.kinds else others
    if terms.rate is not None:
        return f"{who}按 {_percent(terms.rate)}{_cap(terms.cap)}"
    return f"{who} {plain(terms.amount or 0)} 万元{_cap(terms.cap)}"


def _years_counted(years: tuple[int, int]) -> str:
    first, last = map(_year, years)
    return f"只算{first}的" if first == last else f"只算{first}至{last}的"


def _each(amount: Each, facts: Facts) -> str:
    unit = unit_of(amount.of)
    every = _one(unit) if amount.every == 1 else f"满 {_counted(amount.every, unit)}"
    paid = f"{plain(amount.amount)} 万元{_cap(amount.cap)}"
    return f"按{_base(amount.of, facts)}，每{every}给 {paid}"


def _listed_amounts(parts: tuple[Amount, ...], facts: Facts) -> str:
    return "；".join(amount_in_words(part, facts) for part in parts)


def _together(amount: Together, facts: Facts) -> str:
    return f"下列各项相加{_cap(amount.cap)}：（{_listed_amounts(amount.parts, facts)}）"


def _per_head_month(amount: PerHeadMonth, facts: Facts) -> str:
    most = f"，最多 {amount.most} 个月" if amount.most else ""
    least = f"，不满 {amount.least} 个月不给" if amount.least else ""
    heads, months = label(amount.heads, facts), label(amount.months, facts)
    return f"每人每月 {plain(amount.yuan)} 元 × {heads} × {months}{most}{least}"


_AMOUNTS: dict[type, Callable[[Any, Facts], str]] = {
    Fixed: lambda amount, facts: f"{plain(amount.amount)} 万元",
    Range: lambda amount, facts: f"{plain(amount.low)} 至 {plain(amount.high)} 万元",
    Cap: lambda amount, facts: f"最高 {plain(amount.most)} 万元",
    Floor: lambda amount, facts: f"不少于 {plain(amount.least)} 万元",
    Ladder: lambda amount, facts: _steps(
        _base(amount.of, facts), amount, unit_of(amount.of), "达到"
    ),
    AmountCases: _amount_cases,
    ActualCost: lambda amount, facts: f"等于{_base(amount.of, facts)}",
    Share: _share,
    ShareOfItems: _share_of_items,
    Items: _items,
    Each: _each,
    Together: _together,
    Highest: lambda amount, facts: (
        f"下列各项只取最高的一项：（{_listed_amounts(amount.parts, facts)}）"
    ),
    Times: lambda amount, facts: (
        f"（{amount_in_words(amount.amount, facts)}）的 {plain(amount.factor)} 倍"
    ),
    PerHeadMonth: _per_head_month,
    Milestones: lambda amount, facts: _steps(label(amount.fact, facts), amount, "", "首次达到"),
}
reader(AMOUNTS, _AMOUNTS)
