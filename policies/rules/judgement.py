"""Judging: the verdict, a reading for each entry and the money of one programme, without words."""

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import NamedTuple

from policies.rules.awards import LevelPaid
from policies.rules.edition import ELIGIBLE, NOT_ELIGIBLE, UNDECIDED, Edition
from policies.rules.firm import Firm
from policies.rules.money import NOTHING, Missing, Money, merged
from policies.rules.readings import Reading

__all__ = ["ELIGIBLE", "NOT_ELIGIBLE", "UNDECIDED", "Judgement", "judge"]


class Judgement(NamedTuple):
    """What one edition says of one firm.

    `readings` are those of the edition's entries; None where the firm lies outside its area. A
    programme that is not eligible pays nothing, so that `levels` is empty. `missing` are the asked
    facts that may still change the verdict, `missing_for_amount` those that may change the money
    only.
    """

    edition: Edition
    verdict: str
    readings: tuple[Reading, ...] | None = ()
    levels: Mapping[str, LevelPaid] = MappingProxyType({})
    missing: Missing = ()
    missing_for_amount: Missing = ()

    @property
    def lacking(self) -> Missing:
        """What the programme lacks for its verdict, then what for its money."""
        return self.missing + self.missing_for_amount

    @property
    def most(self) -> Decimal:
        """The most that published levels pay, 万元; an open maximum counts with its minimum."""
        total = self.payable
        return total.low if total.high is None else total.high

    @property
    def payable(self) -> Money:
        """What all published levels pay together, now and later."""
        total = NOTHING
        for level in self.levels.values():
            if level.counts:
                total = total.plus(level.total)
        return total


def judge(edition: Edition, firm: Firm) -> Judgement:
    if edition.fault:
        return Judgement(edition, UNDECIDED)
    verdict, readings = edition.judges_on(firm.on)(firm)
    if verdict is NOT_ELIGIBLE:
        return Judgement(edition, verdict, readings)
    levels = {name: level.pay(firm) for name, level in edition.levels.items()}
    missing: Missing = ()
    if verdict is UNDECIDED:
        entries = zip(edition.entries, readings, strict=True)
        missing = merged(*[reading.missing for entry, reading in entries if entry.is_deciding])
    for_amount = merged(*[paid.missing for paid in levels.values() if paid.missing])
    if for_amount and missing:
        for_amount = tuple([key for key in for_amount if key not in missing])
    return Judgement(edition, verdict, readings, levels, missing, for_amount)
