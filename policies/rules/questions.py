"""Questions: which unanswered facts still matter, and which to ask next."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import Judgement, judge


def open_facts(
    editions: Iterable[Edition], answers: Mapping[str, Any], on: date, facts: Mapping[str, Fact]
) -> list[str]:
    """Asked facts that can still change a verdict or an amount, in the order of `facts`."""
    firm = Firm(answers, on)
    wanted: set[str] = set()
    for edition in editions:
        judgement = judge(edition, firm)
        wanted.update(judgement.missing, judgement.missing_for_amount)
    return [key for key in facts if key in wanted]


def next_question(
    judgements: Iterable[Judgement],
    facts: Mapping[str, Fact],
    put_aside: Collection[str] = (),
) -> dict[str, Any] | None:
    """The unanswered fact that settles the most money: {fact, reason, settles: [0, 万元]}.

    A programme's money is shared among the facts it still lacks, so that a fact which alone
    settles a programme comes before one of many.
    """
    weight: dict[str, Decimal] = {}
    at_stake: dict[str, Decimal] = {}
    names: dict[str, list[str]] = {}
    for judgement in judgements:
        missing = (*judgement.missing, *judgement.missing_for_amount)
        if not missing:
            continue
        money = _most(judgement)
        for key in missing:
            if key in put_aside:
                continue
            weight[key] = weight.get(key, Decimal(0)) + (money + Decimal("0.01")) / len(missing)
            at_stake[key] = at_stake.get(key, Decimal(0)) + money
            names.setdefault(key, []).append(judgement.edition.name)
    if not weight:
        return None
    order = {key: position for position, key in enumerate(facts)}
    best = max(weight, key=lambda key: (weight[key], -order.get(key, len(order))))
    others = f"等 {len(names[best])} 项" if len(names[best]) > 1 else ""
    return {
        "fact": best,
        "reason": f"回答后可进一步判断“{names[best][0]}”{others}",
        "settles": [Decimal(0), at_stake[best]],
    }


def _most(judgement: Judgement) -> Decimal:
    """The most that published levels pay; an open maximum counts with its minimum."""
    pairs = (level.total.pair for level in judgement.levels.values() if level.counts)
    return sum((low if high is None else high for low, high in pairs), Decimal(0))
