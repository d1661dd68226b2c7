"""Every fact used is in the vocabulary, has a question, and is asked for some programme."""

from collections.abc import Iterable, Iterator

from policies.consistency.checked_edition import CheckedEdition
from policies.consistency.problem import Problem
from policies.rules.edition import DECIDING, EVERYTHING


def asked_facts(editions: Iterable[CheckedEdition]) -> set[str]:
    """What the questionnaire can come to ask: what decides a verdict or an amount."""
    return {
        key
        for checked in editions
        if checked.is_screened
        for key, _ in _uses(checked, only_deciding=True)
    }


def check_facts(checked: CheckedEdition, asked: set[str]) -> Iterator[Problem]:
    for key, row in _uses(checked, only_deciding=False):
        fact = checked.facts.get(key)
        if fact is None:
            yield checked.problem(row, f"用到的指标 {key} 不在指标表里")
        elif not fact.question:
            yield checked.problem(row, f"用到的指标 {key}（{fact.label}）没有提问")
        elif key not in asked:
            yield checked.problem(
                row, f"用到的指标 {key}（{fact.label}）没有一个参与自测的项目会问到"
            )


def check_proofs(checked: CheckedEdition) -> Iterator[Problem]:
    """What a material bears out is asked for; or everything."""
    for row in checked.data.get("materials") or ():
        for key in row.get("proves") or ():
            if key != EVERYTHING and key not in checked.edition.fact_keys:
                fact = checked.facts.get(key)
                told = f"{key}（{fact.label}）" if fact else key
                yield checked.problem(
                    f"材料 {row['name']}", f"写明它证明 {told}，这个版本的条件和奖补都不问这一项"
                )


def _uses(checked: CheckedEdition, *, only_deciding: bool) -> list[tuple[str, str]]:
    """Each fact used, with the first row that uses it."""
    first: dict[str, str] = {}
    for name, _, criterion in checked.criteria():
        if only_deciding and criterion.kind not in DECIDING:
            continue
        for key in criterion.reads:
            first.setdefault(key, name)
    for name, _, award in checked.awards():
        for key in award.reads:
            first.setdefault(key, name)
    return list(first.items())
