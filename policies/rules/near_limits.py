"""Limits that come near for a firm: numbers within a tenth of one, and days on which time alone turns
a verdict. What is unknown comes near nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from policies.rules.edition import ELIGIBLE, NOT_ELIGIBLE, Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import Judgement, judge
from policies.rules.limits import limits_of
from policies.rules.near_miss import near_miss
from policies.rules.years import carry_over

NEAR = Decimal("0.1")
AHEAD = timedelta(days=90)
CEILINGS = ("at_most", "less_than")


@dataclass(frozen=True)
class NearLimit:
    """The value of a fact and the limit close to it: reached, it makes the firm eligible where
    `gains`, passed, it ends that where not. `unlocks` are 万元, least and most."""

    fact: str
    value: Decimal
    limit: Decimal
    gains: bool
    unlocks: Sequence[Decimal | None] = ()


@dataclass(frozen=True)
class Turn:
    """From this day on the verdict is another, if nothing but time changes."""

    day: date
    gains: bool


def near_limits(
    judgement: Judgement, firm: Firm, facts: Mapping[str, Fact], untouched: Collection[str] = ()
) -> list[NearLimit]:
    """One number that alone keeps the firm out by a tenth at most; or numbers that have nine tenths
    of what they must not pass."""
    if judgement.verdict == NOT_ELIGIBLE:
        found = near_miss(judgement, firm, facts, untouched)
        changes = found["changes"] if found else []
        if len(changes) != 1 or changes[0]["gap"] is None:
            return []
        [change] = changes
        value, limit = Decimal(change["from"]), Decimal(change["to"])
        if abs(limit - value) > abs(limit) * NEAR:
            return []
        return [NearLimit(change["fact"], value, limit, True, found["unlocks"])]
    if judgement.verdict != ELIGIBLE:
        return []
    return list(_ceilings(judgement.edition, firm, facts))


def _ceilings(edition: Edition, firm: Firm, facts: Mapping[str, Fact]) -> Iterator[NearLimit]:
    """Each is tried: passing what another branch makes up for ends nothing."""
    trees = [entry.rule for entry in edition.entries if entry.is_deciding]
    for limit in dict.fromkeys(limits_of(*trees)):
        value = firm.answer(limit.fact)
        if limit.operator not in CEILINGS or limit.fact not in facts or not _is_number(value):
            continue
        top = Decimal(limit.operand)
        if not top * (1 - NEAR) <= value <= top or top <= 0:
            continue
        passed = Firm({**firm.answers, limit.fact: top + max(top, Decimal(1))}, firm.on)
        if judge(edition, passed).verdict == NOT_ELIGIBLE:
            yield NearLimit(limit.fact, Decimal(value), top, False)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def next_turn(
    edition: Edition, firm: Firm, facts: Mapping[str, Fact], ahead: timedelta = AHEAD
) -> Turn | None:
    """The day within reach on which the firm begins or ceases to be eligible by time alone.

    Over New Year only what ends is told: what begins then hangs on answers that nobody has given.
    """
    now, end = judge(edition, firm).verdict, firm.on + ahead
    last = min(end, date(firm.year, 12, 31))
    later = _verdict(edition, firm, last)
    if {now, later} == {ELIGIBLE, NOT_ELIGIBLE}:
        return Turn(_first_day(edition, firm, last, later), later == ELIGIBLE)
    new_year = date(firm.year + 1, 1, 1)
    if now == later == ELIGIBLE and end >= new_year:
        carried = carry_over(firm.answers, firm.year, new_year.year, facts)
        if judge(edition, Firm(carried, new_year)).verdict == NOT_ELIGIBLE:
            return Turn(new_year, gains=False)
    return None


def _verdict(edition: Edition, firm: Firm, day: date) -> str:
    return judge(edition, Firm(firm.answers, day)).verdict


def _first_day(edition: Edition, firm: Firm, last: date, verdict: str) -> date:
    """The first day of a verdict that holds on the last and not today."""
    before, after = firm.on, last
    while after - before > timedelta(days=1):
        middle = before + (after - before) // 2
        if _verdict(edition, firm, middle) == verdict:
            after = middle
        else:
            before = middle
    return after
