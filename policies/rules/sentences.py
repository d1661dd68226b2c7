"""Conditions in sentences that people wrote: read against a rule, filled in, marked for a firm.

A sentence has a phrase in brackets for each test of its rule: `[tax.increase|年新增税收达到{}]`. A
test is named by its fact; `industry` by `industry.section`, a ratio by its part, a formula by its
key, another quantity by its first fact, `first_reached` by its fact, `n_of` by itself with the count as its limit, what no source lists by `open`. Several of
one name come in the order of the tree. `{}` is where the limit stands, `{0}` and `{1}` the ends of
a span; values that stay open are told behind the phrase. The tests of *when* may be named too, all
or none, before those of the rule. No figure is typed, but for those of the facts' own words.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import Any

from policies.rules.facts import Fact
from policies.rules.read_rule import RuleError
from policies.rules.tree import (
    RULES,
    AllOf,
    AnyOf,
    AtLeast,
    Cases,
    Comparison,
    FirstReached,
    Industry,
    Leaf,
    Not,
    Open,
    Presumed,
    Ratio,
    Rule,
    formulas_in,
    named,
    reader,
    shows,
    walk,
)
from policies.rules.wording import (
    has_figure,
    label,
    limits_in_words,
    opens_by_yes_or_no,
    opens_in_words,
)

Facts = Mapping[str, Fact]

OPEN = "待定"


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a sentence; `test` is read for a firm where they tell one, unless what it stands
    `within` does not apply: another row of its table does."""

    text: str
    test: Rule | None = None
    within: Rule | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    phrases: tuple[Phrase, ...]

    @property
    def text(self) -> str:
        return "".join(phrase.text for phrase in self.phrases)


# --- the tests of a rule ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Test:
    """A node with the name that a phrase calls it by; `told` is what the phrase says of it.

    `within` is when the row of a table that it stands in applies.
    """

    name: str
    node: Any
    told: Rule
    within: Rule | None = None


def tests_of(rule: Rule, *, is_denied: bool = False) -> Iterator[Test]:
    """The tests that a sentence has to name, in the order of the tree."""
    return iter(_TESTS[type(rule)](rule, is_denied))


def _one(name: str, node: Any, is_denied: bool) -> list[Test]:
    return [Test(name, node, Not(node) if is_denied else node)]


def _each(parts: Iterable[Rule], is_denied: bool) -> Iterator[Test]:
    return chain.from_iterable(tests_of(part, is_denied=is_denied) for part in parts)


def _presumed(rule: Presumed, is_denied: bool) -> Iterable[Test]:
    """A test that is presumed on its own is told so; of several each is told as it is."""
    inner = list(tests_of(rule.part))
    if len(inner) != 1:
        return tests_of(rule.part, is_denied=is_denied)
    [test] = inner
    told = Presumed(test.told)
    return [replace(test, told=Not(told) if is_denied else told)]


def _cases(rule: Cases, is_denied: bool) -> Iterator[Test]:
    """Whoever denies a table denies its results, not what they are keyed by."""
    passed_over: tuple[Rule, ...] = ()
    for row in rule.rows:
        within = AllOf((*passed_over, row.when))
        yield from _within(within, tests_of(row.when))
        yield from _within(within, tests_of(row.then, is_denied=is_denied))
        passed_over += (Not(row.when),)
    if rule.otherwise:
        yield from _within(AllOf(passed_over), tests_of(rule.otherwise, is_denied=is_denied))


def _within(row: Rule, tests: Iterable[Test]) -> Iterator[Test]:
    for test in tests:
        yield replace(test, within=AllOf((row, test.within)) if test.within else row)


_TESTS: dict[type, Callable[[Any, bool], Iterable[Test]]] = {
    Leaf: lambda rule, is_denied: _one(rule.fact, rule, is_denied),
    Industry: lambda rule, is_denied: _one("industry.section", rule, is_denied),
    Ratio: lambda rule, is_denied: _one(rule.part, rule, is_denied),
    Comparison: lambda rule, is_denied: _one(shows(rule)[0], rule, is_denied),
    FirstReached: lambda rule, is_denied: _one(rule.fact, rule, is_denied),
    Open: lambda rule, is_denied: _one("open", rule, is_denied),
    AllOf: lambda rule, is_denied: _each(rule.parts, is_denied),
    AnyOf: lambda rule, is_denied: _each(rule.parts, is_denied),
    AtLeast: lambda rule, is_denied: chain(
        _one("n_of", rule, is_denied), _each(rule.parts, is_denied)
    ),
    Not: lambda rule, is_denied: tests_of(rule.part, is_denied=not is_denied),
    Presumed: _presumed,
    Cases: _cases,
}
reader(RULES, _TESTS)


# --- reading ----------------------------------------------------------------------------

_BRACKETED = re.compile(r"\[([^\[\]|]*)\|([^\[\]|]*)\]")
_SLOT = re.compile(r"\{([01]?)\}")
_UNITS = (
    "万元|亿元|元|个?百分点|%|％|‰|年|个?月|日|天|周|岁|户|家|人|名|项|次|件|条|个|种|类|倍|成|期"
    "|平方米|㎡|亩|吨"
)
# 上一年度 belongs to what a fact means, and 任一条件 counts nothing.
_FIGURE = re.compile(
    r"[0-9０-９]+|百分之[零〇一二两三四五六七八九十百点]+"
    rf"|(?<![上前](?=一年))(?<![任同统唯](?=一))[零〇一二两三四五六七八九十百千万亿半]+(?:{_UNITS})"
)


def read_sentence(
    text: str,
    rule: Rule | None,
    when: Rule | None,
    facts: Facts,
    where: str,
    *,
    is_published: bool = False,
) -> Sentence:
    """The sentence filled in. Raises RuleError naming what is missing, too much or typed.

    What `is_published` may have figures that facts had in their words once, and have no more.
    """
    words: list[tuple[str, str]] = []  # name, empty for what stands between; phrase
    end = 0
    for found in _BRACKETED.finditer(text):
        words += [("", text[end : found.start()]), (found[1].strip(), found[2])]
        end = found.end()
    words.append(("", text[end:]))
    _check_signs(words, where)
    if not is_published:
        _check_figures(words, _own_words([tree for tree in (when, rule) if tree], facts), where)
    tests = _matched(Counter(name for name, _ in words if name), rule, when, where)
    _check_limits(words, {name: list(own) for name, own in tests.items()}, facts, where)
    phrases = []
    for name, phrase in words:
        if not name:
            phrases += [Phrase(phrase)] if phrase else []
            continue
        test = tests[name].pop(0)
        filled = _filled(phrase, test.node, facts)
        phrases.append(Phrase(filled, test.told, test.within))
    sentence = Sentence(tuple(phrases))
    if any(opens_by_yes_or_no(test) for test in _leaves(rule)) and OPEN not in sentence.text:
        raise RuleError(where, f"有一种回答是待定的，句子里要写明“{OPEN}”")
    return sentence


def sentences_of(
    text: str,
    rule: Rule | None,
    when: Rule | None,
    facts: Facts,
    where: str,
    *,
    is_published: bool = False,
) -> tuple[Sentence | None, tuple[Sentence | None, ...]]:
    """A criterion's sentence, and those of the rows of its table; None where nobody wrote one."""
    read = partial(read_sentence, when=when, facts=facts, is_published=is_published)
    own = read(text, rule, where=f"{where}.sentence") if text else None
    if not isinstance(rule, Cases):
        return own, ()
    rows = []
    for index, row in enumerate(rule.rows):
        place = f"{where}.rule.cases[{index}].sentence"
        both = AllOf((row.when, row.then))
        rows.append(read(row.sentence, both, where=place) if row.sentence else None)
    return own, tuple(rows)


def _leaves(rule: Rule | None) -> Iterator[Leaf]:
    return (node for node in (walk(rule) if rule else ()) if isinstance(node, Leaf))


def _check_signs(words: Iterable[tuple[str, str]], where: str) -> None:
    for name, phrase in words:
        rest = _SLOT.sub("", phrase) if name else phrase
        if sign := re.search(r"[\[\]|{}]", rest):
            raise RuleError(
                where,
                f"“{sign[0]}”的位置不对：每个说法写成 [指标|说法]，界限在说法里写成 {{}}",
            )


def _own_words(trees: list[Rule], facts: Facts) -> str:
    """What the facts of a rule are called, and their choices."""
    found = [formula.label for formula in formulas_in(*trees).values()]
    for key in dict.fromkeys(key for tree in trees for node in walk(tree) for key in named(node)):
        found.append(label(key, facts))
        if key in facts:
            found += [facts[key].question, *facts[key].choices.values()]
    return "\n".join(found)


def _check_figures(words: Iterable[tuple[str, str]], own_words: str, where: str) -> None:
    known = set(_FIGURE.findall(own_words))
    for name, phrase in words:
        text = _SLOT.sub("、", phrase) if name else phrase
        for figure in _FIGURE.findall(text):
            if figure not in known:
                raise RuleError(where, f"数字不要写在句子里，在说法里写 {{}}：“{figure}”")


def _matched(
    names: Counter[str], rule: Rule | None, when: Rule | None, where: str
) -> dict[str, list[Test]]:
    """By name, the tests that the phrases tell."""
    of_rule = list(tests_of(rule)) if rule else []
    of_when = list(tests_of(when)) if when else []
    for tests in (of_rule, of_when + of_rule):
        if names == Counter(test.name for test in tests):
            by_name: dict[str, list[Test]] = {}
            for test in tests:
                by_name.setdefault(test.name, []).append(test)
            return by_name
    has_when = bool(names.keys() & {test.name for test in of_when} - {t.name for t in of_rule})
    wanted = Counter(test.name for test in (of_when if has_when else []) + of_rule)
    told = [f"缺少 {_counted(wanted - names)} 的说法"] if wanted - names else []
    told += [f"多出 {_counted(names - wanted)} 的说法"] if names - wanted else []
    raise RuleError(where, "；".join(told))


def _counted(names: Counter[str]) -> str:
    return "、".join(
        f"{name}（{count} 处）" if count > 1 else name for name, count in names.items()
    )


def _check_limits(
    words: Iterable[tuple[str, str]], tests: dict[str, list[Test]], facts: Facts, where: str
) -> None:
    """Every figure of the rule stands in some phrase."""
    shown: set[str] = set()
    hidden: list[tuple[str, list[str]]] = []
    for name, phrase in words:
        if not name:
            continue
        node = tests[name].pop(0).node
        limits = limits_in_words(node, facts)
        slots = set(_SLOT.findall(phrase))
        if lost := [slot for slot in slots if not limits or (slot and int(slot) >= len(limits))]:
            raise RuleError(where, f"“{phrase}”没有界限可以填进 {{{lost[0]}}}")
        standing = [text for index, text in enumerate(limits) if slots & {"", str(index)}]
        shown.update(standing)
        if has_figure(node):
            hidden.append((name, [text for text in limits if text not in standing]))
    for name, lacking in hidden:
        if not shown.issuperset(lacking):
            raise RuleError(where, f"{name} 的说法里要用 {{}} 写出界限（{'、'.join(lacking)}）")


def _filled(phrase: str, node: Any, facts: Facts) -> str:
    limits = limits_in_words(node, facts)

    def limit(slot: re.Match[str]) -> str:
        return limits[int(slot[1])] if slot[1] else "至".join(limits)

    return _SLOT.sub(limit, phrase) + opens_in_words(node, facts)
