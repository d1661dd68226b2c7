"""Near misses: the smallest change that would turn a verdict, and what it unlocks."""

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from policies.rules.edition import DECIDING
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import NOT_ELIGIBLE, Judgement, judge
from policies.rules.readings import NOT_MET
from policies.rules.remedies import Changes, combine, remedies

MOST_TRIED = 48


def near_miss(
    judgement: Judgement, firm: Firm, facts: Mapping[str, Fact], untouched: Collection[str] = ()
) -> dict[str, Any] | None:
    """The cheapest changes that make the programme eligible, or unknown with what is missing.

    Only changeable facts are proposed, none of `untouched`: fewest changes first, then the
    smallest relative gap.
    None where the programme is not failed, or nothing a firm can change would help: nobody moves
    for it.
    """
    if judgement.verdict != NOT_ELIGIBLE or judgement.readings is None:
        return None
    options: list[list[Changes]] = []
    failed = zip(judgement.edition.entries, judgement.readings, strict=True)
    for criterion in dict.fromkeys(
        entry.criterion
        for entry, reading in failed
        if reading is NOT_MET and entry.criterion.kind in DECIDING
    ):
        possible = [
            changes
            for changes in remedies(criterion.rule, firm, facts)
            if all(
                change.fact not in untouched and _is_real(change.fact, change.to, firm, facts)
                for change in changes
            )
        ]
        if not possible:
            return None
        options.append(possible)
    candidates = sorted(combine(options), key=lambda changes: _effort(changes, firm))
    for changes in candidates[:MOST_TRIED]:
        if len({change.fact for change in changes}) < len(changes):
            continue
        answers = {**firm.answers, **{change.fact: change.to for change in changes}}
        after = judge(judgement.edition, Firm(answers, firm.on))
        if after.verdict != NOT_ELIGIBLE:
            return _told(changes, firm, after)
    return None


def _told(changes: Changes, firm: Firm, after: Judgement) -> dict[str, Any]:
    return {
        "changes": [
            {
                "fact": change.fact,
                "from": firm.answer(change.fact),
                "to": change.to,
                "gap": _gap(firm.answer(change.fact), change.to),
            }
            for change in changes
        ],
        "unlocks": after.payable.pair,
        "still_missing": list(after.missing),
    }


def _is_real(key: str, to: Any, firm: Firm, facts: Mapping[str, Fact]) -> bool:
    """A change a firm can make: of a changeable fact, within its bounds, and a change at all."""
    fact = facts.get(key)
    if fact is None or not fact.changeable or firm.answer(key) == to:
        return False
    if isinstance(to, Decimal | int) and not isinstance(to, bool):
        return (fact.minimum is None or to >= fact.minimum) and (
            fact.maximum is None or to <= fact.maximum
        )
    return True


def _gap(before: Any, after: Any) -> Decimal | None:
    numbers = Decimal | int
    if isinstance(before, bool) or isinstance(after, bool):
        return None
    if isinstance(before, numbers) and isinstance(after, numbers):
        return Decimal(after) - Decimal(before)
    return None


def _effort(changes: Changes, firm: Firm) -> tuple[int, Decimal]:
    """Number of changes, then the sum of relative gaps; a step that is no number counts 1."""
    gaps = Decimal(0)
    for change in changes:
        gap = _gap(firm.answer(change.fact), change.to)
        if gap is None:
            gaps += 1
        else:
            gaps += abs(gap) / max(abs(Decimal(change.to)), Decimal(1))
    return len({change.fact for change in changes}), gaps
