"""Rules: one JSON value compiled to a function from a firm to a reading.

A rule is a leaf `{fact, <operator>: value, open: […], reason}` or one of `industry`, `ratio`,
`all`, `any`, `n_of`, `not`, `presumed`, `first_reached`, `open`, `cases`. "以上" is ≥ (C58).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules import readings
from policies.rules.derived import DERIVED
from policies.rules.facts import Fact, plain
from policies.rules.firm import Estimate, Firm, add_months
from policies.rules.industry import INDUSTRY_FACTS, belongs_to
from policies.rules.readings import MET, NOT_MET, Outcome, Reading, decided, unknown

Facts = Mapping[str, Fact]


class RuleError(Exception):
    """A rule that cannot be read; `where` is its place inside the edition."""

    def __init__(self, where: str, message: str) -> None:
        self.where = where
        self.message = message
        super().__init__(f"{where}：{message}")


@dataclass(frozen=True)
class Change:
    """Set the asked fact `fact` to `to`; what a near miss is made of."""

    fact: str
    to: Any


Changes = tuple[Change, ...]


@dataclass(frozen=True)
class Rule:
    """A compiled rule.

    `read` gives its reading; `reads` the asked facts and `shows` the facts whose values
    explain it; `requires` its limit in words, and `sentence` the same with what is limited;
    `gap` how far a number falls short, in the fact's unit; `remedies` sets of changes that
    might meet it.
    """

    read: Callable[[Firm], Reading]
    reads: tuple[str, ...]
    requires: str
    sentence: str
    shows: tuple[str, ...] = ()
    gap: Callable[[Firm], Decimal | None] = lambda firm: None
    remedies: Callable[[Firm], list[Changes]] = lambda firm: []
    cases: tuple["Case", ...] = ()


@dataclass(frozen=True)
class Case:
    when: Rule
    then: Rule
    id: str | None = None


def compile_rule(data: Any, facts: Facts, where: str) -> Rule:
    """Compile one rule. Raises RuleError naming the place and what was expected."""
    if not isinstance(data, Mapping):
        raise RuleError(where, "规则应为键值对象")
    if "fact" in data:
        return _leaf(data, facts, where)
    kinds = [kind for kind in _COMPOSITES if kind in data]
    if len(kinds) != 1:
        raise RuleError(where, f"规则应恰好含 fact 或 {'、'.join(_COMPOSITES)} 之一")
    return _COMPOSITES[kinds[0]](data, facts, where)


# --- leaves -----------------------------------------------------------------------------


_NUMBER_OPERATORS = ("at_least", "at_most", "more_than", "less_than", "between")
_DATE_OPERATORS = ("full_years", "full_months", "remaining_years")
_SET_OPERATORS = ("has", "has_any", "lacks", "lacks_all", "non_empty")
_SIGNS = ("≥", "≤", ">", "<")
_OPERATORS = (
    "is",
    "in",
    "is_year",
    "answered",
    *_NUMBER_OPERATORS,
    *_DATE_OPERATORS,
    *_SET_OPERATORS,
)


def _leaf(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    key = data["fact"]
    operators = [name for name in data if name not in ("fact", "open", "reason")]
    if len(operators) != 1 or operators[0] not in _OPERATORS:
        raise RuleError(where, f"指标 {key} 应恰好有一个运算：{'、'.join(_OPERATORS)}")
    operator = operators[0]
    operand = data[operator]
    fact = facts.get(key)
    derived = DERIVED.get(key)
    if fact is None and derived is None:
        raise RuleError(where, f"没有指标 {key}")
    _check_operand(fact, key, operator, operand, where)
    is_open = _openness(data.get("open") or (), f"{where}.open")
    reasons = (data["reason"],) if data.get("reason") else ()
    test = _TESTS[operator](operand)

    def read(firm: Firm) -> Reading:
        estimate = _estimate(firm, key)
        value = estimate.exact
        if value is None:
            return _read_interval(estimate, operator, operand)
        if test(value, firm):
            return MET
        if is_open(value, firm):
            return unknown(reasons=reasons)
        return NOT_MET

    worded_as = facts.get(derived.worded_as) if derived and derived.worded_as else None
    unit = derived.unit if derived else None

    def words(operator: str, operand: Any) -> str:
        return _requires(operator, operand, fact or worded_as, unit)

    requires = words(operator, operand)
    label = fact.label if fact else derived.label if derived else key
    joint = " " if requires.startswith(_SIGNS) else "："
    requires += _openness_in_words(data.get("open"), words)
    sentence = f"{label}{joint}{requires}"
    return Rule(
        read=read,
        reads=(key,) if fact else derived.reads if derived else (),
        shows=(key,),
        # A bare yes or no says nothing beside a condition that is worded the other way round.
        requires=sentence if _is_yes_or_no(operand) else requires,
        sentence=sentence,
        gap=_gap_of(key, operator, operand),
        remedies=_remedies_of(key, fact, operator, operand),
    )


def _is_yes_or_no(operand: Any) -> bool:
    values = operand if isinstance(operand, list) else [operand]
    return bool(values) and all(isinstance(value, bool) for value in values)


def _openness_in_words(opened: Any, words: Callable[[str, Any], str]) -> str:
    """For which values a leaf stays open: listed ones, or a comparison."""
    if not opened:
        return ""
    values = (
        "；".join(words(operator, operand) for operator, operand in opened.items())
        if isinstance(opened, Mapping)
        else words("is", opened)
    )
    return f"（{values}时待定）"


def _check_operand(fact: Fact | None, key: str, operator: str, operand: Any, where: str) -> None:
    if fact is None:
        return
    fits = {
        "bool": ("is", "in", "answered"),
        "enum": ("is", "in", "answered"),
        "enum_set": _SET_OPERATORS,
        "money_list": ("non_empty",),
        "date": (*_DATE_OPERATORS, "is_year"),
    }.get(fact.type, ("is", "in", "is_year", *_NUMBER_OPERATORS))
    if operator not in fits:
        raise RuleError(where, f"{key} 是 {fact.type} 型，不能用 {operator}")
    if fact.type in ("enum", "enum_set") and operator not in ("non_empty", "answered"):
        codes = operand if isinstance(operand, list) else [operand]
        wrong = [code for code in codes if code not in fact.choices]
        if wrong:
            raise RuleError(where, f"{key} 没有选项 {wrong[0]}")


def _estimate(firm: Firm, key: str) -> Estimate:
    derived = DERIVED.get(key)
    if derived:
        return firm.derive(key, derived.formula)
    value = firm.answer(key)
    return Estimate(missing=(key,)) if value is None else Estimate(value=value)


def _openness(opened: Any, where: str) -> Callable[[Any, Firm], bool]:
    """Which values stay open: those of a list, or a number as in `{more_than: 3}`."""
    if not isinstance(opened, Mapping):
        return lambda value, firm: (
            bool(value & set(opened)) if isinstance(value, frozenset) else value in opened
        )
    if len(opened) != 1 or not set(opened) <= set(_NUMBER_OPERATORS):
        raise RuleError(where, f"应为取值列表，或恰好一个运算：{'、'.join(_NUMBER_OPERATORS)}")
    [(operator, operand)] = opened.items()
    return _TESTS[operator](operand)


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


def _between(operand: Any) -> tuple[Decimal, Decimal]:
    low, high = operand
    return _number(low), _number(high)


def _year_of(value: Any) -> Any:
    """The year of a date; a year is itself."""
    return value.year if isinstance(value, date) else value


def _anniversary(months: int) -> Callable[[Any, Firm], bool]:
    return lambda value, firm: firm.on >= add_months(value, months)


def _same(operand: Any) -> Callable[[Any, Firm], bool]:
    if isinstance(operand, bool | str):
        return lambda value, firm: value == operand
    return lambda value, firm: value == _number(operand)


_TESTS: dict[str, Callable[[Any], Callable[[Any, Firm], bool]]] = {
    "is": _same,
    "in": lambda operand: lambda value, firm: value in operand,
    "at_least": lambda operand: lambda value, firm: value >= _number(operand),
    "at_most": lambda operand: lambda value, firm: value <= _number(operand),
    "more_than": lambda operand: lambda value, firm: value > _number(operand),
    "less_than": lambda operand: lambda value, firm: value < _number(operand),
    "between": lambda operand: (
        lambda value, firm: _between(operand)[0] <= value <= _between(operand)[1]
    ),
    "is_year": lambda operand: lambda value, firm: _year_of(value) == firm.year + operand,
    "answered": lambda operand: lambda value, firm: True,
    "full_years": lambda operand: _anniversary(operand * 12),
    "full_months": _anniversary,
    # The day the term ends still counts as reached.
    "remaining_years": lambda operand: (
        lambda value, firm: value >= add_months(firm.on, operand * 12)
    ),
    "has": lambda operand: lambda value, firm: operand in value,
    "has_any": lambda operand: lambda value, firm: bool(value & set(operand)),
    "lacks": lambda operand: lambda value, firm: operand not in value,
    "lacks_all": lambda operand: lambda value, firm: not value & set(operand),
    "non_empty": lambda operand: lambda value, firm: bool(value),
}


def _read_interval(estimate: Estimate, operator: str, operand: Any) -> Reading:
    """A number known only between bounds: decided where both ends agree."""
    low, high = estimate.low, estimate.high
    if operator in ("at_least", "more_than"):
        limit = _number(operand)
        strict = operator == "more_than"
        if low is not None and (low > limit or (low == limit and not strict)):
            return MET
        if high is not None and (high < limit or (high == limit and strict)):
            return NOT_MET
    return unknown(estimate.missing)


def _requires(operator: str, operand: Any, fact: Fact | None, derived_unit: str | None) -> str:
    unit = (fact.unit if fact else derived_unit) or ""

    def number(value: Any) -> str:
        if fact and fact.type == "ratio":
            return f"{plain(_number(value) * 100)}%"
        text = plain(_number(value))
        return f"{text} {unit}" if unit else text

    def choices(codes: Any) -> str:
        codes = codes if isinstance(codes, list) else [codes]
        words = [
            ("是" if code else "否") if isinstance(code, bool)
            else fact.choices.get(str(code), str(code)) if fact else str(code)
            for code in codes
        ]  # fmt: skip
        return "、".join(words)

    if operator in ("is", "in"):
        numeric = not isinstance(operand, bool | str | list)
        if numeric:
            return f"等于 {number(operand)}"
        if not operand and operand is not False:
            return "须由主管部门确认"
        is_listed = operator == "in" and not _is_yes_or_no(operand)
        return f"属于：{choices(operand)}" if is_listed else choices(operand)
    if operator == "between":
        return f"{number(operand[0])} 至 {number(operand[1])}"
    if operator == "is_year":
        return {0: "申报当年", -1: "申报前一年度"}.get(operand, f"申报年度 {operand:+d} 年")
    signs = {"at_least": "≥", "at_most": "≤", "more_than": ">", "less_than": "<"}
    if operator in signs:
        return f"{signs[operator]} {number(operand)}"
    return {
        "answered": lambda: "已填写",
        "full_years": lambda: f"满 {operand} 年",
        "full_months": lambda: f"满 {operand} 个月",
        "remaining_years": lambda: f"剩余 {operand} 年以上",
        "has": lambda: f"含：{choices(operand)}",
        "has_any": lambda: f"含其一：{choices(operand)}",
        "lacks": lambda: f"不含：{choices(operand)}",
        "lacks_all": lambda: f"不含：{choices(operand)}",
        "non_empty": lambda: "至少有一项",
    }[operator]()


def _gap_of(key: str, operator: str, operand: Any) -> Callable[[Firm], Decimal | None]:
    if operator not in _NUMBER_OPERATORS:
        return lambda firm: None

    def gap(firm: Firm) -> Decimal | None:
        value = _estimate(firm, key).exact
        if value is None:
            return None
        low, high = _allowed(operator, operand)
        if low is not None and value < low:
            return low - value
        if high is not None and value > high:
            return value - high
        return (
            Decimal(0) if value in (low, high) and operator in ("more_than", "less_than") else None
        )

    return gap


def _allowed(operator: str, operand: Any) -> tuple[Decimal | None, Decimal | None]:
    if operator == "between":
        return _between(operand)
    limit = _number(operand)
    return (limit, None) if operator in ("at_least", "more_than") else (None, limit)


def _remedies_of(
    key: str, fact: Fact | None, operator: str, operand: Any
) -> Callable[[Firm], list[Changes]]:
    """Changes of one asked fact that meet the leaf; a title is never given up for it."""
    if fact is None:
        return _derived_remedies(key, operator, operand)
    if not fact.changeable:
        return lambda firm: []

    def remedies(firm: Firm) -> list[Changes]:
        value = firm.answer(key)
        if fact.is_numeric and operator in _NUMBER_OPERATORS:
            step = Decimal(1).scaleb(-(fact.decimals if fact.decimals is not None else 2))
            step = Decimal(1) if fact.type == "int" else step
            low, high = _allowed(operator, operand)
            target = low if low is not None and (value is None or value < low) else high
            if target is None:
                return []
            target += {"more_than": step, "less_than": -step}.get(operator, Decimal(0))
            return [(Change(key, int(target) if fact.type == "int" else target),)]
        if operator == "is":
            # Giving up what a firm has (its place in a library, a service) is no advice.
            return [] if operand is False else [(Change(key, operand),)]
        if operator == "in":
            return [(Change(key, code),) for code in operand]
        held = value or frozenset()
        if operator == "has":
            return [(Change(key, held | {operand}),)]
        if operator in ("has_any", "non_empty") and fact.type == "enum_set":
            codes = operand if operator == "has_any" else list(fact.choices)
            return [(Change(key, held | {code}),) for code in codes]
        if operator in ("lacks", "lacks_all"):
            gone = {operand} if operator == "lacks" else set(operand)
            return [(Change(key, frozenset(held - gone)),)]
        return []

    return remedies


def _derived_remedies(key: str, operator: str, operand: Any) -> Callable[[Firm], list[Changes]]:
    if key != "base.counted_tenants" or operator != "at_least":
        return lambda firm: []

    def more_tenants(firm: Firm) -> list[Changes]:
        counted = _estimate(firm, key).exact
        tenants = firm.answer("base.tenants")
        if counted is None or tenants is None:
            return []
        return [(Change("base.tenants", int(tenants + _number(operand) - counted)),)]

    return more_tenants


# --- composites ---------------------------------------------------------------------------


def _rules(items: Any, facts: Facts, where: str) -> list[Rule]:
    if not isinstance(items, list) or not items:
        raise RuleError(where, "应为非空的规则列表")
    return [compile_rule(item, facts, f"{where}[{index}]") for index, item in enumerate(items)]


def _merged(rules: Iterable[Rule], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for rule in rules for key in getattr(rule, name)))


def _only_gap(rules: list[Rule]) -> Callable[[Firm], Decimal | None]:
    """The gap of the only failing part; several gaps in different units do not add up."""

    def gap(firm: Firm) -> Decimal | None:
        failing = [rule for rule in rules if rule.read(firm).outcome is Outcome.NOT_MET]
        return failing[0].gap(firm) if len(failing) == 1 else None

    return gap


def _joined(combinations: Iterable[Iterable[Changes]]) -> list[Changes]:
    return [
        tuple(dict.fromkeys(change for changes in parts for change in changes))
        for parts in combinations
    ]


MOST_COMBINATIONS = 24


def combine(options: list[list[Changes]]) -> list[Changes]:
    """One choice from each list, at most MOST_COMBINATIONS in all; empty if one has none."""
    combined: list[Changes] = [()]
    for choices in options:
        combined = _joined((done, choice) for done in combined for choice in choices)
        combined = combined[:MOST_COMBINATIONS]
    return combined


def _all(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    parts = _rules(data["all"], facts, f"{where}.all")

    def remedies(firm: Firm) -> list[Changes]:
        failing = [part for part in parts if part.read(firm).outcome is Outcome.NOT_MET]
        return combine([part.remedies(firm) for part in failing])

    words = "；且 ".join(part.sentence for part in parts)
    return Rule(
        read=lambda firm: readings.all_of(part.read(firm) for part in parts),
        reads=_merged(parts, "reads"),
        shows=_merged(parts, "shows"),
        requires=words,
        sentence=_bracketed(words, parts),
        gap=_only_gap(parts),
        remedies=remedies,
    )


def _bracketed(words: str, parts: list[Rule]) -> str:
    return words if len(parts) == 1 else f"（{words}）"


def _any(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    parts = _rules(data["any"], facts, f"{where}.any")
    words = "；或 ".join(part.sentence for part in parts)
    return _some(1, parts, words, _bracketed(words, parts))


def _n_of(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    parts = _rules(data.get("of"), facts, f"{where}.of")
    count = data["n_of"]
    if not isinstance(count, int) or not 1 <= count <= len(parts):
        raise RuleError(where, f"n_of 应为 1 至 {len(parts)} 的整数")
    words = f"下列至少 {count} 项：（{'；'.join(part.sentence for part in parts)}）"
    return _some(count, parts, words, words)


def _some(count: int, parts: list[Rule], requires: str, sentence: str) -> Rule:
    def remedies(firm: Firm) -> list[Changes]:
        met = [part for part in parts if part.read(firm).outcome is Outcome.MET]
        open_parts = [part.remedies(firm) for part in parts if part not in met]
        choices = [options for options in open_parts if options]
        needed = count - len(met)
        if needed == 1:
            return [option for options in choices for option in options]
        return combine(choices[:needed]) if len(choices) >= needed else []

    return Rule(
        read=lambda firm: readings.at_least(count, (part.read(firm) for part in parts)),
        reads=_merged(parts, "reads"),
        shows=_merged(parts, "shows"),
        requires=requires,
        sentence=sentence,
        gap=_only_gap(parts),
        remedies=remedies,
    )


def _not(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    inner = compile_rule(data["not"], facts, f"{where}.not")
    words = f"并非：{inner.sentence}"
    return Rule(
        read=lambda firm: readings.negate(inner.read(firm)),
        reads=inner.reads,
        shows=inner.shows,
        requires=words,
        sentence=words,
    )


def _presumed(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    """Met unless known to fail; for what a source lets stand until the contrary is shown."""
    inner = compile_rule(data["presumed"], facts, f"{where}.presumed")
    return replace(
        inner,
        read=lambda firm: readings.unless_not_met(inner.read(firm)),
        requires=f"{inner.requires}（未填时视为符合）",
        sentence=f"{inner.sentence}（未填时视为符合）",
    )


def _first_reached(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    """A limit that the fact reaches and that its highest value `before` had not."""
    spec = data["first_reached"]
    key, before_key, limits = spec["fact"], spec["before"], spec["limits"]
    each = [
        {"all": [{"fact": key, "at_least": limit}, {"fact": before_key, "less_than": limit}]}
        for limit in limits
    ]
    anyone = _any({"any": each}, facts, where)

    def missed(firm: Firm) -> Decimal | None:
        """The lowest limit still ahead, when none was newly reached."""
        now, before = firm.answer(key), firm.answer(before_key)
        if now is None or before is None or anyone.read(firm).outcome is not Outcome.NOT_MET:
            return None
        ahead = [limit for limit in map(_number, limits) if limit > max(now, before)]
        return min(ahead) if ahead else None

    def remedies(firm: Firm) -> list[Changes]:
        limit = missed(firm)
        return [(Change(key, limit),)] if limit and facts[key].changeable else []

    def gap(firm: Firm) -> Decimal | None:
        limit = missed(firm)
        return limit - firm.answer(key) if limit else None

    words = "、".join(plain(_number(limit)) for limit in limits)
    words = f"{facts[key].label}首次达到 {words} {facts[key].unit or ''}之一"
    return replace(anyone, requires=words, sentence=words, gap=gap, remedies=remedies)


def _open(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    reading = unknown(reasons=(data["open"],))
    words = "来源未列明，由主管部门确认"
    return Rule(read=lambda firm: reading, reads=(), requires=words, sentence=words)


def _industry(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    codes = tuple(data["industry"])
    sections = facts["industry.section"].choices if "industry.section" in facts else {}
    divisions = facts["industry.division"].choices if "industry.division" in facts else {}
    kinds = (
        facts["industry.real_estate_kind"].choices if "industry.real_estate_kind" in facts else {}
    )
    names = []
    for code in codes:
        if code[0] == "K" and len(code) == 5:
            names.append(next((text for text in kinds.values() if text.startswith(code[1:])), code))
        else:
            names.append(divisions.get(code[1:]) if len(code) == 3 else sections.get(code, code))
    words = "行业属于：" + "、".join(name or "" for name in names)
    return Rule(
        read=lambda firm: belongs_to(firm, codes),
        reads=INDUSTRY_FACTS,
        shows=("industry.section", "industry.division"),
        requires=words,
        sentence=words,
    )


def _ratio(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    """A share of two amounts, compared cross-multiplied; a zero denominator is not met."""
    if not isinstance(data["ratio"], list) or len(data["ratio"]) != 2 or "at_least" not in data:
        raise RuleError(where, "ratio 应为 [分子, 分母] 并有 at_least")
    part_key, whole_key = data["ratio"]
    for key in (part_key, whole_key):
        if key not in facts:
            raise RuleError(where, f"没有指标 {key}")
    limit = _number(data["at_least"])

    def read(firm: Firm) -> Reading:
        part, whole = firm.answer(part_key), firm.answer(whole_key)
        if whole == 0:
            return NOT_MET
        if part is None or whole is None:
            return unknown(key for key in (part_key, whole_key) if firm.answer(key) is None)
        return decided(part >= limit * whole)

    def gap(firm: Firm) -> Decimal | None:
        part, whole = firm.answer(part_key), firm.answer(whole_key)
        if part is None or not whole or part >= limit * whole:
            return None
        return limit * whole - part

    def remedies(firm: Firm) -> list[Changes]:
        whole, fact = firm.answer(whole_key), facts[part_key]
        if not whole or not fact.changeable:
            return []
        target = limit * whole
        if fact.type == "int":
            target = Decimal(-int(-target // 1))
            return [(Change(part_key, int(target)),)]
        return [(Change(part_key, target),)]

    words = f"{facts[part_key].label} ÷ {facts[whole_key].label} ≥ {plain(limit * 100)}%"
    both = (part_key, whole_key)
    return Rule(
        read=read,
        reads=both,
        shows=both,
        requires=words,
        sentence=words,
        gap=gap,
        remedies=remedies,
    )


def _cases(data: Mapping[str, Any], facts: Facts, where: str) -> Rule:
    """A table keyed by facts: the first row whose *when* holds; all rows still possible when
    the key is unanswered, decided where they agree."""
    items = data["cases"]
    if not isinstance(items, list) or not items:
        raise RuleError(where, "cases 应为非空列表")
    cases = tuple(
        Case(
            compile_rule(item.get("when"), facts, f"{where}.cases[{index}].when"),
            compile_rule(item.get("then"), facts, f"{where}.cases[{index}].then"),
            item.get("id"),
        )
        for index, item in enumerate(items)
    )
    otherwise = (
        compile_rule(data["otherwise"], facts, f"{where}.otherwise")
        if "otherwise" in data
        else None
    )

    def possible(firm: Firm) -> tuple[list[Rule], list[Reading]]:
        rules, whens = [], []
        for case in cases:
            when = case.when.read(firm)
            if when.outcome is Outcome.NOT_MET:
                continue
            rules.append(case.then)
            if when.outcome is Outcome.MET:
                return rules, whens
            whens.append(when)
        return ([*rules, otherwise] if otherwise else rules), whens

    def read(firm: Firm) -> Reading:
        rules, whens = possible(firm)
        results = [rule.read(firm) for rule in rules]
        if not results:
            return MET  # no row speaks of this firm
        if len(results) == 1 and not whens:
            return results[0]
        outcomes = {result.outcome for result in results}
        if len(outcomes) == 1 and Outcome.UNKNOWN not in outcomes:
            return results[0]
        return readings.undecided([*whens, *results])

    def chosen(firm: Firm) -> Rule | None:
        rules, whens = possible(firm)
        return rules[0] if len(rules) == 1 and not whens else None

    def gap(firm: Firm) -> Decimal | None:
        rule = chosen(firm)
        return rule.gap(firm) if rule else None

    def remedies(firm: Firm) -> list[Changes]:
        rule = chosen(firm)
        return rule.remedies(firm) if rule else []

    every = [part for case in cases for part in (case.when, case.then)]
    every += [otherwise] if otherwise else []
    rows = [f"若 {case.when.sentence}，则 {case.then.sentence}" for case in cases]
    words = "；".join([*rows, f"其余 {otherwise.sentence}"] if otherwise else rows)
    return Rule(
        read=read,
        reads=_merged(every, "reads"),
        shows=_merged(every, "shows"),
        requires=words,
        sentence=words,
        gap=gap,
        remedies=remedies,
        cases=cases if any(case.id for case in cases) else (),
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


def shown_value(firm: Firm, key: str) -> Any:
    """The answer or the derived value of a fact, None when unknown."""
    return _estimate(firm, key).exact
