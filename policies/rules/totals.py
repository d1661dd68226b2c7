"""Totals: what all eligible programmes pay together."""

from collections.abc import Iterable
from typing import Any

from policies.rules.awards import Paid
from policies.rules.judgement import ELIGIBLE, Judgement
from policies.rules.money import NOTHING, Money

Sums = tuple[Money, Money, Money]  # now, later, all


def totals(judgements: Iterable[Judgement]) -> dict[str, Any]:
    """Sums over eligible programmes, with the levels that stay open.

    Awards that the sources pay on the same money are kept apart and count once, the larger.
    """
    now = later = everything = NOTHING
    same_money: dict[str, Sums] = {}
    unpublished: list[dict[str, str]] = []
    unknown: list[dict[str, str]] = []
    for judgement in judgements:
        if judgement.verdict != ELIGIBLE:
            continue
        for name, level in judgement.levels.items():
            if level.status in ("unpublished", "unknown"):
                open_levels = unpublished if level.status == "unpublished" else unknown
                open_levels.append({"programme": judgement.edition.programme, "level": name})
            elif level.counts:
                for paid in level.paid:
                    if code := paid.award.same_money:
                        same_money[code] = _larger(same_money.get(code), paid)
                    else:
                        now, later = now.plus(paid.now), later.plus(paid.later)
                        everything = everything.plus(paid.total)
    for once in same_money.values():
        now, later, everything = now.plus(once[0]), later.plus(once[1]), everything.plus(once[2])
    return {
        "now": now.pair,
        "later": later.pair,
        "all": everything.pair,
        "unpublished": unpublished,
        "unknown": unknown,
    }


def _larger(before: Sums | None, paid: Paid) -> Sums:
    if before is None:
        return paid.now, paid.later, paid.total
    now, later, total = before
    return now.larger(paid.now), later.larger(paid.later), total.larger(paid.total)
