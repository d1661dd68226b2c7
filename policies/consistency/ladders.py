"""No ladder or table has a gap or an overlap that a firm of the programme can fall into."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem
from policies.rules.awards import Tranche
from policies.rules.readings import negate
from policies.rules.rule import Rule, compile_rule
from policies.rules.witness import Read

LADDERS = ("ladder", "milestones")


def check_ladders(checked: CheckedEdition) -> Iterator[Problem]:
    for name, row, _ in checked.criteria():
        for table in _inside(row.get("rule"), "cases"):
            yield from _check_table(checked, name, table)
    for name, row, award in checked.awards():
        for ladder in (spec[kind] for kind in LADDERS for spec in _inside(row, kind)):
            yield from _check_ladder(checked, name, ladder)
        for table in _inside(row, "cases"):
            yield from _check_table(checked, name, table)
        for tranche in award.tranches:
            yield from _check_periods(checked, name, tranche)


def _inside(data: Any, key: str) -> Iterator[Mapping[str, Any]]:
    """Every mapping that has `key`, however deep."""
    if isinstance(data, Mapping):
        if key in data:
            yield data
        for value in data.values():
            yield from _inside(value, key)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _inside(value, key)


def _check_ladder(
    checked: CheckedEdition, name: str, ladder: Mapping[str, Any]
) -> Iterator[Problem]:
    lowest = ladder["steps"][0][0]
    below = compile_rule({"fact": ladder["fact"], "less_than": lowest}, checked.facts, name)
    answers = checked.find_admitted(below.read)
    if answers is not None:
        told = _told(checked, answers, below)
        fault = f"分档有空档：不到最低一档 {lowest} 的企业也可能符合条件（{told}）"
        yield checked.problem(name, fault)


def _check_table(checked: CheckedEdition, name: str, table: Mapping[str, Any]) -> Iterator[Problem]:
    whens = [compile_rule(case["when"], checked.facts, name) for case in table["cases"]]
    if "otherwise" not in table:
        answers = checked.find_admitted(*(_not(when) for when in whens))
        if answers is not None:
            told = _told(checked, answers, *whens)
            yield checked.problem(name, f"分档有空档：没有一档适用（{told}）")
    for second, when in enumerate(whens):
        for first, earlier in enumerate(whens[:second]):
            answers = checked.find_admitted(earlier.read, when.read)
            if answers is not None:
                told = _told(checked, answers, earlier, when)
                fault = f"分档有重叠：第 {first + 1} 档和第 {second + 1} 档同时适用（{told}）"
                yield checked.problem(name, fault)


def _check_periods(checked: CheckedEdition, name: str, tranche: Tranche) -> Iterator[Problem]:
    """A payment made before is due no more, so some firm must be due it that had it not."""
    now, past = tranche.now_when, tranche.past_when
    if now is None or past is None:
        return
    answers = checked.find_admitted(now.read)
    if answers is not None and checked.find_admitted(now.read, _not(past)) is None:
        told = _told(checked, answers, now, past)
        fault = f"“{tranche.title}”永远轮不到：算本期的也都算往期（{told}）"
        yield checked.problem(name, fault)


def _not(rule: Rule) -> Read:
    return lambda firm: negate(rule.read(firm))


def _told(checked: CheckedEdition, answers: Mapping[str, Any], *rules: Rule) -> str:
    """The answers that show the fault, in words."""
    keys = dict.fromkeys(key for rule in rules for key in rule.reads if key in answers)
    shown = (checked.facts[key] for key in keys)
    return "，".join(f"{fact.label}：{fact.show(answers[fact.key])}" for fact in shown)
