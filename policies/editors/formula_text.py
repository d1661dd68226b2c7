"""Formulas as people write them: 研发费用（上年度） ÷ 营业收入（上年度）, with facts by label or key."""

import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.derived import DERIVED
from policies.rules.facts import NUMERIC_TYPES, Fact, plain

# A name in words, how it stands in JSON, and how many facts or computed parts it takes.
FUNCTIONS = {"满年数": ("full_years", 1), "满月数": ("full_months", 1), "增长率": ("growth", 2)}
# By kind: its sign, and how tightly it binds.
_KINDS = {
    "sum": (" ＋ ", 1),
    "difference": (" － ", 1),
    "product": (" × ", 2),
    "quotient": (" ÷ ", 2),
}
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(%?)")
_KEY = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z0-9_]+)+")
_SAME = str.maketrans({"×": "*", "÷": "/", "－": "-", "−": "-", "＋": "+", "（": "(", "）": ")",
                       "，": ",", "、": ","})  # fmt: skip
EXPECTED = "应为指标、数字，或用括号括起来的算式"
Facts = Mapping[str, Fact]


class UnreadFormulaError(Exception):
    """What cannot be read; the message says from where on, in Chinese."""


def read_formula_text(text: str, facts: Facts) -> Any:
    """The quantity in the JSON of rules. Raises UnreadFormulaError."""
    return _Reading(text, facts).whole()


def formula_text(quantity: Any, facts: Facts) -> str:
    """The quantity as it is typed; reads back the same."""
    names = {key: label for label, key in _labels(facts).items()}
    return _written(quantity, names, 0)


def _written(quantity: Any, names: Mapping[str, str], least: int) -> str:
    """In brackets where it binds less than what it stands in."""
    if isinstance(quantity, str):
        return names.get(quantity, quantity)
    if not isinstance(quantity, Mapping):
        return plain(Decimal(str(quantity)))
    [(kind, parts)] = quantity.items()
    for name, (function, _) in FUNCTIONS.items():
        if kind == function:
            own = parts if isinstance(parts, list) else [parts]
            return f"{name}（{'，'.join(_written(part, names, 0) for part in own)}）"
    sign, level = _KINDS[kind]
    first, *others = parts
    # What begins with its own kind would read as one row.
    inner = level + (kind in ("sum", "product") and isinstance(first, Mapping) and kind in first)
    told = [_written(first, names, inner), *(_written(each, names, level + 1) for each in others)]
    return sign.join(told) if level >= least else f"（{sign.join(told)}）"


def _labels(facts: Facts) -> dict[str, str]:
    """The facts by label; of several with one label only the keys tell which."""
    every = [(fact.key, fact.label) for fact in facts.values()
             if fact.type in (*NUMERIC_TYPES, "date")]  # fmt: skip
    every += [(key, each.label) for key, each in DERIVED.items() if each.type in NUMERIC_TYPES]
    found: dict[str, str] = {}
    twice = {label for number, (_, label) in enumerate(every)
             if label in [other for _, other in every[:number]]}  # fmt: skip
    for key, label in every:
        if label not in twice:
            found[label] = key
    return found


class _Reading:
    def __init__(self, text: str, facts: Facts) -> None:
        # Every sign stays one sign, so that places in one are places in the other.
        self.text, self.signs = text, text.translate(_SAME)
        labels = {label.translate(_SAME): key for label, key in _labels(facts).items()}
        self.labels = sorted(labels.items(), key=lambda each: -len(each[0]))
        self.place = 0

    def whole(self) -> Any:
        found = self._sum()
        if self._ahead():
            raise self._unread("应为 ＋、－、× 或 ÷")
        return found

    def _ahead(self) -> str:
        while self.place < len(self.text) and self.text[self.place].isspace():
            self.place += 1
        return self.signs[self.place : self.place + 1]

    def _taken(self, *signs: str) -> str:
        ahead = self._ahead()
        if ahead and ahead in signs:
            self.place += 1
            return ahead
        return ""

    def _unread(self, expected: str) -> UnreadFormulaError:
        rest = self.text[self.place : self.place + 20].strip()
        where = f"从“{rest}”起读不懂" if rest else "没有写完"
        return UnreadFormulaError(f"{where}：{expected}")

    def _sum(self) -> Any:
        return self._chain(self._product, {"+": "sum", "-": "difference"})

    def _product(self) -> Any:
        return self._chain(self._part, {"*": "product", "/": "quotient"})

    def _chain(self, part: Callable[[], Any], kinds: Mapping[str, str]) -> Any:
        """From left to right; several of a sum or a product stand side by side."""
        found, last = part(), ""
        while sign := self._taken(*kinds):
            other, kind = part(), kinds[sign]
            if kind == last and kind in ("sum", "product"):
                found[kind].append(other)
            else:
                found = {kind: [found, other]}
            last = kind
        return found

    def _part(self) -> Any:
        self._ahead()
        rest = self.signs[self.place :]
        for label, key in self.labels:
            if rest.startswith(label):
                self.place += len(label)
                return key
        for name, (kind, count) in FUNCTIONS.items():
            if rest.startswith(name):
                self.place += len(name)
                parts = self._parts(count)
                return {kind: parts if count > 1 else parts[0]}
        if key := _KEY.match(rest):
            self.place += len(key[0])
            return key[0]
        if number := _NUMBER.match(rest):
            self.place += len(number[0])
            value = Decimal(number[0].rstrip("%")) / (100 if number[1] else 1)
            return int(value) if value == value.to_integral_value() else float(value)
        if self._taken("("):
            found = self._sum()
            if not self._taken(")"):
                raise self._unread("应有右括号")
            return found
        raise self._unread(EXPECTED)

    def _parts(self, count: int) -> list[Any]:
        if not self._taken("("):
            raise self._unread("应有括号，如 满年数（成立日期）")
        found = [self._sum()]
        while self._taken(","):
            found.append(self._sum())
        if not self._taken(")") or len(found) != count:
            raise self._unread(f"括号里应有 {count} 项")
        return found
