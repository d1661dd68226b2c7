"""No ladder or table has a gap or an overlap that a firm of the programme can fall into."""

from collections.abc import Iterator, Mapping
from typing import Any

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem
from policies.rules.awards import Tranche
from policies.rules.facts import plain
from policies.rules.one_firm import read, reads_by
from policies.rules.readings import negate
from policies.rules.tree import (
    AmountCases,
    Cases,
    Ladder,
    Leaf,
    Milestones,
    Rule,
    reaches,
    reads,
    walk,
)
from policies.rules.witness import Read


def check_ladders(checked: CheckedEdition) -> Iterator[Problem]:
    for name, _, criterion in checked.criteria():
        if criterion.rule:
            yield from _check_inside(checked, name, criterion.rule)
    for name, _, award in checked.awards():
        for tree in award.trees:
            yield from _check_inside(checked, name, tree)
        for tranche in award.tranches:
            yield from _check_periods(checked, name, tranche)


def _check_inside(checked: CheckedEdition, name: str, tree: Any) -> Iterator[Problem]:
    for node in walk(tree):
        if isinstance(node, Ladder | Milestones):
            yield from _check_ladder(checked, name, node)
        elif isinstance(node, Cases | AmountCases):
            yield from _check_table(checked, name, node)


def _check_ladder(
    checked: CheckedEdition, name: str, ladder: Ladder | Milestones
) -> Iterator[Problem]:
    lowest, _ = ladder.steps[0]
    if isinstance(ladder, Ladder):
        below = reaches(ladder.of, "less_than", lowest)
    else:
        below = Leaf(ladder.fact, "less_than", lowest)
    answers = checked.find_admitted(reads_by(below))
    if answers is not None:
        told = _told(checked, answers, below)
        fault = f"分档有空档：不到最低一档 {plain(lowest)} 的企业也可能符合条件（{told}）"
        yield checked.problem(name, fault)


def _check_table(
    checked: CheckedEdition, name: str, table: Cases | AmountCases
) -> Iterator[Problem]:
    whens = [row.when for row in table.rows]
    if table.otherwise is None:
        answers = checked.find_admitted(*(_not(when) for when in whens))
        if answers is not None:
            told = _told(checked, answers, *whens)
            yield checked.problem(name, f"分档有空档：没有一档适用（{told}）")
    for second, when in enumerate(whens):
        for first, earlier in enumerate(whens[:second]):
            answers = checked.find_admitted(reads_by(earlier), reads_by(when))
            if answers is not None:
                told = _told(checked, answers, earlier, when)
                fault = f"分档有重叠：第 {first + 1} 档和第 {second + 1} 档同时适用（{told}）"
                yield checked.problem(name, fault)


def _check_periods(checked: CheckedEdition, name: str, tranche: Tranche) -> Iterator[Problem]:
    """A payment made before is due no more, so some firm must be due it that had it not."""
    now, past = tranche.now_when, tranche.past_when
    if now is None or past is None:
        return
    answers = checked.find_admitted(reads_by(now))
    if answers is not None and checked.find_admitted(reads_by(now), _not(past)) is None:
        told = _told(checked, answers, now, past)
        fault = f"“{tranche.title}”永远轮不到：算本期的也都算往期（{told}）"
        yield checked.problem(name, fault)


def _not(rule: Rule) -> Read:
    return lambda firm: negate(read(rule, firm))


def _told(checked: CheckedEdition, answers: Mapping[str, Any], *rules: Rule) -> str:
    """The answers that show the fault, in words."""
    shown = (checked.facts[key] for key in reads(*rules) if key in answers)
    return "，".join(f"{fact.label}：{fact.show(answers[fact.key])}" for fact in shown)
