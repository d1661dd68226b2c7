"""Totals: what all eligible programmes pay together."""

from collections.abc import Iterable
from typing import Any

from policies.rules.awards import Paid
from policies.rules.judgement import ELIGIBLE, Judgement
from policies.rules.money import NOTHING, Money

Sums = tuple[Money, Money, Money]  # now, later, all


def totals(judgements: Iterable[Judgement]) -> dict[str, Any]:
    """Sums over eligible programmes, with the levels that stay open."""
    eligible = [judgement for judgement in judgements if judgement.verdict == ELIGIBLE]
    now, later, everything = sums(eligible)
    return {
        "now": now.pair,
        "later": later.pair,
        "all": everything.pair,
        "unpublished": _levels(eligible, "unpublished"),
        "unknown": _levels(eligible, "unknown"),
    }


def _levels(judgements: Iterable[Judgement], status: str) -> list[dict[str, str]]:
    return [
        {"programme": judgement.edition.programme, "level": name}
        for judgement in judgements
        for name, level in judgement.levels.items()
        if level.status == status
    ]


def sums(judgements: Iterable[Judgement]) -> Sums:
    """What published levels pay together, whatever the verdicts.

    Awards that the sources pay on the same money are kept apart and count once, the larger.
    """
    now = later = everything = NOTHING
    same_money: dict[str, Sums] = {}
    for judgement in judgements:
        for level in judgement.levels.values():
            if not level.counts:
                continue
            for paid in level.paid:
                if code := paid.award.same_money:
                    same_money[code] = _larger(same_money.get(code), paid)
                else:
                    now, later = now.plus(paid.now), later.plus(paid.later)
                    everything = everything.plus(paid.total)
    for once in same_money.values():
        now, later, everything = now.plus(once[0]), later.plus(once[1]), everything.plus(once[2])
    return now, later, everything


def _larger(before: Sums | None, paid: Paid) -> Sums:
    if before is None:
        return paid.now, paid.later, paid.total
    now, later, total = before
    return now.larger(paid.now), later.larger(paid.later), total.larger(paid.total)
