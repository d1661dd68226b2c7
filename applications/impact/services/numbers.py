"""The numbers of an edition's content, each with its place and in words, to be replaced by others.

A path leads from the content, as `edition_content` has it, to a number: `criteria/0/rule/at_least`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from policies.catalogue.models.award import Level
from policies.rules.answers import range_of
from policies.rules.derived import DERIVED
from policies.rules.facts import NUMERIC_TYPES, Fact, plain
from policies.rules.formulas import formulas_of, with_formulas
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_quantity import read_quantity
from policies.rules.tree import COMPARISONS, SHARE, number, unit_of
from policies.rules.wording import quantity_in_words, rule_in_words
from portal.models import Jurisdiction

Facts = Mapping[str, Fact]
WAN, PERCENT = "万元", "%"
OPERATORS = {
    "at_least": "不低于", "at_most": "不超过", "more_than": "超过", "less_than": "低于", "is": "等于",
    "full_years": "满", "full_months": "满", "remaining_years": "剩余不少于",
}  # fmt: skip
UNITS = {"full_years": "年", "full_months": "月", "remaining_years": "年"}
ENDS_OF_SPAN = ("下限", "上限")
CHANGED_MEANWHILE = "草稿里的数字已经改过，和这个方案选的时候不一样：{told}。请打开方案重新填。"


class NumbersChangedError(Exception):
    """The draft has other numbers by now than when they were replaced; the message says which."""


@dataclass(frozen=True)
class Number:
    """`value` is as it stands in the content, a share as a part of one; `unit` is what people type it
    in, `%` for a share. `least` and `most` are what the fact that it limits may be."""

    path: str
    group: str
    words: str
    value: Decimal
    unit: str
    least: Decimal | None = None
    most: Decimal | None = None

    @property
    def shown(self) -> str:
        return shown(self.value, self.unit)


def shown(value: Decimal, unit: str) -> str:
    if unit == PERCENT:
        return f"{plain(value * 100)}%"
    return f"{plain(value)} {unit}".strip()


def numbers_of(content: Mapping[str, Any], facts: Facts) -> list[Number]:
    """Every number that limits or pays, in the order of the content."""
    found: list[Number] = []
    facts = with_formulas(facts, content.get("formulas"))
    places = {place.pk: place.name for place in Jurisdiction.objects.all()}
    for at, row in enumerate(content["criteria"]):
        group = f"条件 {row['code']}　{row.get('text', '')}".strip()
        for name, told in (("rule", ""), ("when", "适用前提：")):
            if name in row:
                walk = _Walk(facts, group)
                found += _understood(walk.rule(row[name], f"criteria/{at}/{name}", told))
    for at, row in enumerate(content["awards"]):
        payer = places.get(row.get("payer", ""), "")
        group = f"奖补 {Level(row['level']).label}{f'（{payer}）' if payer else ''}"
        found += _understood(_of_award(row, f"awards/{at}", _Walk(facts, group)))
    if "most" in (content.get("places") or {}):
        walk = _Walk(facts, "名额")
        found += walk.leaf(content["places"]["most"], "places/most", "每期最多几家", "家")
    return found


def _understood(numbers: Iterator[Number]) -> list[Number]:
    """None of a row that is not written as it should be: publishing says what is wrong with it."""
    try:
        return list(numbers)
    except UNREADABLE:
        return []


def _of_award(row: Mapping[str, Any], path: str, walk: "_Walk") -> Iterator[Number]:
    for at, tranche in enumerate(row.get("tranches", ())):
        own, title = f"{path}/tranches/{at}", tranche.get("title", "")
        yield from walk.amount(tranche["amount"], f"{own}/amount", title)
        for name, told in (
            ("now_when", "本期给付的条件"),
            ("past_when", "往期已给付的条件"),
            ("void_when", "不再给付的条件"),
        ):
            if name in tranche:
                yield from walk.rule(tranche[name], f"{own}/{name}", f"{title}，{told}：")
    if row.get("unsplit"):
        yield from walk.leaf(row["unsplit"]["amount"], f"{path}/unsplit/amount", "合计", WAN)
        if row["unsplit"].get("whole_when"):
            yield from walk.rule(row["unsplit"]["whole_when"], f"{path}/unsplit/whole_when", "")
    if row.get("joint_cap"):
        told = f"“{row['joint_cap'].get('group', '')}”合计最高"
        yield from walk.leaf(row["joint_cap"]["most"], f"{path}/joint_cap/most", told, WAN)
    for name, told, unit in (
        ("headline", "先显示的金额", WAN),
        ("fee_cap", "费率上限", PERCENT),
        ("price_cut", "减免比例", PERCENT),
    ):
        if name in row:
            yield from walk.leaf(row[name], f"{path}/{name}", told, unit)
    for at, each in enumerate(row.get("undecided", ())):
        yield from walk.rule(each["when"], f"{path}/undecided/{at}/when", "是否给付未定：")


class _Walk:
    """Walks through the JSON of one criterion or award; what is not understood has no numbers."""

    def __init__(self, facts: Facts, group: str) -> None:
        self.facts, self.group = facts, group

    def leaf(
        self, value: Any, path: str, words: str, unit: str, fact: Fact | None = None
    ) -> Iterator[Number]:
        # A text is a code, also one of figures.
        if isinstance(value, bool | str) or value is None:
            return
        try:
            read = number(value)
        except (ArithmeticError, ValueError):
            return
        least, most = range_of(fact) if fact and fact.type in NUMERIC_TYPES else (None, None)
        yield Number(path, self.group, words.strip("，：") or "数字", read, unit, least, most)

    # --- rules --------------------------------------------------------------------------

    def rule(self, data: Any, path: str, told: str) -> Iterator[Number]:
        if not isinstance(data, Mapping):
            return
        if "fact" in data:
            yield from self._test(data, path, told)
        elif "quantity" in data:
            yield from self._comparison(data, path, told)
        elif "ratio" in data:
            part, whole = (self._fact(key)[0] for key in data["ratio"])
            words = f"{told}{part} ÷ {whole}不低于"
            yield from self.leaf(data.get("at_least"), f"{path}/at_least", words, PERCENT)
        elif "first_reached" in data:
            spec = data["first_reached"]
            label, unit, fact = self._fact(spec.get("fact"))
            for at, limit in enumerate(spec.get("limits", ())):
                own, words = f"{path}/first_reached/limits/{at}", f"{told}{label}首次达到"
                yield from self.leaf(limit, own, words, unit, fact)
        else:
            yield from self._composite(data, path, told)

    def _composite(self, data: Mapping[str, Any], path: str, told: str) -> Iterator[Number]:
        for name in ("all", "any"):
            for at, part in enumerate(data.get(name) or ()):
                yield from self.rule(part, f"{path}/{name}/{at}", told)
        if "n_of" in data:
            yield from self.leaf(data["n_of"], f"{path}/n_of", f"{told}至少要有几项", "项")
            for at, part in enumerate(data.get("of") or ()):
                yield from self.rule(part, f"{path}/of/{at}", told)
        for name in ("not", "presumed", "otherwise"):
            if name in data:
                prefix = {"not": "并非：", "otherwise": "其余："}.get(name, "")
                yield from self.rule(data[name], f"{path}/{name}", told + prefix)
        for at, row in enumerate(data.get("cases") or ()):
            own, when = f"{path}/cases/{at}", self._in_words(row.get("when"))
            yield from self.rule(row.get("when"), f"{own}/when", f"{told}第 {at + 1} 种情形：")
            yield from self.rule(row.get("then"), f"{own}/then", f"{told}{when}的，")

    def _test(self, data: Mapping[str, Any], path: str, told: str) -> Iterator[Number]:
        label, unit, fact = self._fact(data["fact"])
        for name, operand in data.items():
            if name in OPERATORS:
                own = UNITS.get(name, unit)
                limits = None if name in UNITS else fact
                words = f"{told}{label}{OPERATORS[name]}"
                yield from self.leaf(operand, f"{path}/{name}", words, own, limits)
            elif name == "between":
                for at, end in enumerate(operand):
                    words = f"{told}{label}的{ENDS_OF_SPAN[at]}"
                    yield from self.leaf(end, f"{path}/between/{at}", words, unit, fact)
            elif name == "open" and isinstance(operand, Mapping):
                for operator, value in operand.items():
                    words = f"{told}{label}{OPERATORS.get(operator, '')}时待定"
                    yield from self.leaf(value, f"{path}/open/{operator}", words, unit, fact)

    def _comparison(self, data: Mapping[str, Any], path: str, told: str) -> Iterator[Number]:
        label, unit = self._quantity(data["quantity"])
        yield from self._within(data["quantity"], f"{path}/quantity", f"{told}{label}里的数字")
        for name in COMPARISONS:
            if name not in data:
                continue
            ends = enumerate(data[name]) if name == "between" else [(None, data[name])]
            for at, end in ends:
                own = f"{path}/{name}" if at is None else f"{path}/{name}/{at}"
                words = OPERATORS[name] if at is None else f"的{ENDS_OF_SPAN[at]}"
                if isinstance(end, Mapping):
                    yield from self._within(end, own, f"{told}{label}{words}里的数字")
                elif not isinstance(end, str):
                    yield from self.leaf(end, own, f"{told}{label}{words}", unit)

    def _within(self, data: Any, path: str, words: str) -> Iterator[Number]:
        """The numbers that a quantity is computed with."""
        if isinstance(data, Mapping):
            for name, parts in data.items():
                for at, part in enumerate(parts if isinstance(parts, list) else ()):
                    yield from self._within(part, f"{path}/{name}/{at}", words)
        elif not isinstance(data, str):
            yield from self.leaf(data, path, words, "")

    # --- amounts ------------------------------------------------------------------------

    def amount(self, data: Any, path: str, told: str) -> Iterator[Number]:
        if not isinstance(data, Mapping):
            yield from self.leaf(data, path, told, WAN)
            return
        for name, read in self._amounts.items():
            if name in data:
                yield from read(data[name], f"{path}/{name}", told)
                break
        if "cases" in data and "otherwise" in data:
            yield from self.amount(data["otherwise"], f"{path}/otherwise", f"{told}，其余")

    @property
    def _amounts(self) -> dict[str, Callable[[Any, str, str], Iterator[Number]]]:
        return {
            "range": self._span,
            "cap": lambda data, path, told: self.leaf(data, path, f"{told}，最高", WAN),
            "at_least": lambda data, path, told: self.leaf(data, path, f"{told}，不少于", WAN),
            "ladder": self._ladder,
            "cases": self._cases,
            "of": lambda data, path, told: self._within(data, path, f"{told}，算式里的数字"),
            "share": self._share,
            "items": self._items,
            "each": self._each,
            "together": self._together,
            "highest": lambda data, path, told: self._several(data, path, told),
            "times": self._times,
            "per_head_month": self._per_head_month,
            "milestones": self._ladder,
        }

    def _span(self, data: Any, path: str, told: str) -> Iterator[Number]:
        for at, end in enumerate(data):
            yield from self.leaf(end, f"{path}/{at}", f"{told}，{('至少', '最多')[at]}", WAN)

    def _ladder(self, data: Any, path: str, told: str) -> Iterator[Number]:
        label, unit = self._quantity(data.get("of", data.get("fact")))
        for at, (limit, paid) in enumerate(data["steps"]):
            step = f"{told}，第 {at + 1} 档"
            yield from self.leaf(limit, f"{path}/steps/{at}/0", f"{step}：{label}达到", unit)
            yield from self.leaf(paid, f"{path}/steps/{at}/1", f"{step}：给", WAN)

    def _cases(self, data: Any, path: str, told: str) -> Iterator[Number]:
        for at, row in enumerate(data):
            when = self._in_words(row.get("when"))
            yield from self.rule(
                row.get("when"), f"{path}/{at}/when", f"{told}，第 {at + 1} 种情形："
            )
            yield from self.amount(row.get("amount"), f"{path}/{at}/amount", f"{told}，{when}的")

    def _share(self, data: Any, path: str, told: str) -> Iterator[Number]:
        label, unit = self._quantity(data.get("of", data.get("fact")))
        in_percent = unit in (WAN, "元", PERCENT)
        words = f"{told}，{label}的比例" if in_percent else f"{told}，按{label}每{unit or '个'}给"
        unit_of_rate, rate = PERCENT if in_percent else WAN, data["rate"]
        if isinstance(rate, Mapping):
            own = f"{path}/rate/up_to"
            yield from self.leaf(rate.get("up_to"), own, f"{words}，不超过", unit_of_rate)
        elif isinstance(rate, list):
            for at, each in enumerate(rate):
                end = ("，至少", "，最多")[at]
                yield from self.leaf(each, f"{path}/rate/{at}", words + end, unit_of_rate)
        else:
            yield from self.leaf(rate, f"{path}/rate", words, unit_of_rate)
        yield from self._cap(data, path, told)
        if "of" in data:
            yield from self._within(data["of"], f"{path}/of", f"{told}，算式里的数字")

    def _cap(self, data: Mapping[str, Any], path: str, told: str) -> Iterator[Number]:
        yield from self.leaf(data.get("cap"), f"{path}/cap", f"{told}，最高", WAN)

    def _items(self, data: Any, path: str, told: str) -> Iterator[Number]:
        rows = [(path, f"{told}，每项", data)]
        if "by_kind" in data:
            told_of = [self._kinds(data["fact"], row) for row in data["by_kind"]]
            rows = [
                (f"{path}/by_kind/{at}", f"{told}，{told_of[at]}", row)
                for at, row in enumerate(data["by_kind"])
            ]
        for own, words, row in rows:
            yield from self.leaf(row.get("rate"), f"{own}/rate", f"{words}的比例", PERCENT)
            yield from self.leaf(row.get("amount"), f"{own}/amount", f"{words}给", WAN)
            yield from self._cap(row, own, words)
        yield from self.leaf(data.get("most"), f"{path}/most", f"{told}，合计最高", WAN)

    def _each(self, data: Any, path: str, told: str) -> Iterator[Number]:
        label, unit = self._quantity(data.get("of", data.get("fact")))
        yield from self.leaf(data.get("every"), f"{path}/every", f"{told}，{label}每满", unit)
        yield from self.leaf(data["amount"], f"{path}/amount", f"{told}，按{label}，每满给", WAN)
        yield from self._cap(data, path, told)

    def _together(self, data: Any, path: str, told: str) -> Iterator[Number]:
        yield from self._several(data["amounts"], f"{path}/amounts", told)
        yield from self._cap(data, path, f"{told}，各项相加")

    def _several(self, data: Any, path: str, told: str) -> Iterator[Number]:
        for at, part in enumerate(data):
            yield from self.amount(part, f"{path}/{at}", f"{told}，第 {at + 1} 项")

    def _times(self, data: Any, path: str, told: str) -> Iterator[Number]:
        yield from self.amount(data["amount"], f"{path}/amount", told)
        yield from self.leaf(data.get("factor"), f"{path}/factor", f"{told}，乘以几倍", "")
        for at, row in enumerate(data.get("cases") or ()):
            own, when = f"{path}/cases/{at}", self._in_words(row.get("when"))
            yield from self.rule(row.get("when"), f"{own}/when", f"{told}，第 {at + 1} 种情形：")
            yield from self.leaf(row["factor"], f"{own}/factor", f"{told}，{when}的乘以几倍", "")

    def _per_head_month(self, data: Any, path: str, told: str) -> Iterator[Number]:
        for name, words, unit in (
            ("yuan", "每人每月", "元"),
            ("min_months", "不满几个月不给", "月"),
            ("max_months", "最多算几个月", "月"),
        ):
            yield from self.leaf(data.get(name), f"{path}/{name}", f"{told}，{words}", unit)

    # --- words --------------------------------------------------------------------------

    def _fact(self, key: Any) -> tuple[str, str, Fact | None]:
        """Label and unit of a fact or a formula, and the fact itself where it is asked."""
        fact = self.facts.get(key)
        if formula := formulas_of(self.facts).get(key):
            unit = formula.get("unit") or ""
            return formula["label"], PERCENT if unit == SHARE else unit, None
        if fact:
            return fact.label, PERCENT if fact.type == "ratio" else fact.unit or "", fact
        derived = DERIVED.get(key)
        if derived is None:
            return str(key), "", None
        worded_as = self.facts.get(derived.worded_as or "")
        return derived.label, derived.unit or (worded_as.unit if worded_as else "") or "", None

    def _kinds(self, key: Any, row: Mapping[str, Any]) -> str:
        """The kinds of items that a row of terms is about."""
        choices = self.facts[key].choices if key in self.facts else {}
        return "、".join(choices.get(kind, kind) for kind in row.get("kinds") or ()) or "其余"

    def _quantity(self, data: Any) -> tuple[str, str]:
        if isinstance(data, str):
            return self._fact(data)[:2]
        try:
            read = read_quantity(data, self.facts, "", may_grow=True)
            unit = unit_of(read)
            return quantity_in_words(read, self.facts), PERCENT if unit == SHARE else unit
        except UNREADABLE:
            return "算出的数", ""

    def _in_words(self, rule: Any) -> str:
        try:
            return rule_in_words(rule, self.facts)
        except UNREADABLE:
            return "这种情形"


# --- replacing --------------------------------------------------------------------------


def replaced(content: Mapping[str, Any], numbers: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """The content with other numbers; NumbersChangedError where one is not what it `was` any more."""
    made, changed = deepcopy(dict(content)), []
    for each in numbers:
        owner, name = _owner(made, each["path"])
        if owner is None or not _is_same(owner[name], each["was"]):
            changed.append(f"{each['words']}（当时是 {each['shown']}）")
            continue
        owner[name] = plain_number(Decimal(each["value"]))
    if changed:
        raise NumbersChangedError(CHANGED_MEANWHILE.format(told="、".join(changed)))
    return made


def plain_number(value: Decimal) -> int | float:
    """As the forms of rules write it into JSON."""
    return int(value) if value == value.to_integral_value() else float(value)


def _owner(content: Any, path: str) -> tuple[Any, Any]:
    """What holds the number, and its name in there; (None, …) where there is no such place."""
    *names, last = path.split("/")
    owner = content
    for name in names:
        owner = _part(owner, name)
    if isinstance(owner, list):
        return (owner, int(last)) if last.isdecimal() and int(last) < len(owner) else (None, last)
    return (owner, last) if isinstance(owner, dict) and last in owner else (None, last)


def _part(owner: Any, name: str) -> Any:
    if isinstance(owner, list):
        return owner[int(name)] if name.isdecimal() and int(name) < len(owner) else None
    return owner.get(name) if isinstance(owner, dict) else None


def _is_same(value: Any, was: str) -> bool:
    try:
        return number(value) == Decimal(was)
    except (ArithmeticError, ValueError):
        return False
