"""Judging: the verdict, a reading for each entry and the money of one programme, without words."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType

from policies.rules.awards import LevelPaid, all_together, sharing
from policies.rules.edition import ELIGIBLE, NOT_ELIGIBLE, UNDECIDED, Edition
from policies.rules.firm import Firm
from policies.rules.money import NOTHING, Missing, Money, merged
from policies.rules.readings import Reading

__all__ = ["ELIGIBLE", "NOT_ELIGIBLE", "UNDECIDED", "Judgement", "judge"]


class Judgement:
    """What one edition says of one firm.

    `readings` are those of the edition's entries; None where the firm lies outside its area. A
    programme that is not eligible pays nothing, so that `levels` is empty. `missing` are the asked
    facts that may still change the verdict, `missing_for_amount` those that may change the money
    only.
    """

    levels: Mapping[str, LevelPaid] = MappingProxyType({})
    missing: Missing = ()
    missing_for_amount: Missing = ()

    def __init__(
        self, edition: Edition, verdict: str, readings: tuple[Reading, ...] | None
    ) -> None:
        self.edition = edition
        self.verdict = verdict
        self.readings = readings

    @property
    def lacking(self) -> Missing:
        """What the programme lacks for its verdict, then what for its money."""
        return self.missing + self.missing_for_amount

    @cached_property
    def paid(self) -> tuple[Money, Money, Money]:
        """What all published levels pay together: now, later and in all."""
        counted = [level for level in self.levels.values() if level.counts]
        if self.edition.shared_caps:
            return all_together(paid for level in counted for paid in level.paid)
        now = later = total = NOTHING
        for level in counted:
            now, later = now.plus(level.now), later.plus(level.later)
            total = total.plus(level.total)
        return now, later, total

    @property
    def payable(self) -> Money:
        """What all published levels pay together, now and later."""
        return self.paid[2]

    @property
    def most(self) -> Decimal:
        """The most that published levels pay, 万元; an open maximum counts with its minimum."""
        total = self.payable
        return total.low if total.high is None else total.high


def judge(edition: Edition, firm: Firm) -> Judgement:
    verdict, readings = edition.judges_on(firm.on)(firm)
    judgement = Judgement(edition, verdict, readings)
    if verdict is not NOT_ELIGIBLE:
        _pay(judgement, firm)
    return judgement


def _pay(judgement: Judgement, firm: Firm) -> None:
    """What the programme pays, and what it lacks."""
    edition = judgement.edition
    levels = {name: level.pay(firm) for name, level in edition.levels.items()}
    missing: Missing = ()
    if judgement.verdict is UNDECIDED and judgement.readings:
        entries = zip(edition.entries, judgement.readings, strict=True)
        missing = merged(*[reading.missing for entry, reading in entries if entry.is_deciding])
    for_amount = merged(*[paid.missing for paid in levels.values() if paid.missing])
    if for_amount and missing:
        for_amount = tuple([key for key in for_amount if key not in missing])
    if edition.shared_caps:
        levels = sharing(levels, edition.shared_caps)
    judgement.levels = levels
    judgement.missing, judgement.missing_for_amount = missing, for_amount
