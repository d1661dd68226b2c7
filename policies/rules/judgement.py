"""Judging: the verdict, a reading for each entry and the money of one programme, without words."""

from typing import NamedTuple

from policies.rules.awards import LevelPaid, pay_level
from policies.rules.edition import Edition
from policies.rules.firm import Firm
from policies.rules.money import NOTHING, Missing, Money, merged
from policies.rules.readings import Reading

ELIGIBLE, NOT_ELIGIBLE, UNDECIDED = "eligible", "not_eligible", "unknown"


class Judgement(NamedTuple):
    """What one edition says of one firm.

    `readings` are those of the edition's entries; None where the firm lies outside its area. A
    programme that is not eligible pays nothing, so that `levels` is empty.
    """

    edition: Edition
    verdict: str
    readings: tuple[Reading, ...] | None
    levels: dict[str, LevelPaid]

    @property
    def missing(self) -> Missing:
        """The asked facts that may still change the verdict."""
        if self.verdict != UNDECIDED or self.readings is None:
            return ()
        entries = zip(self.edition.entries, self.readings, strict=True)
        return merged(*(reading.missing for entry, reading in entries if entry.is_deciding))

    @property
    def missing_for_amount(self) -> Missing:
        """Those that may change the money only."""
        wanted = merged(*(level.missing for level in self.levels.values()))
        if not wanted:
            return ()
        for_verdict = self.missing
        return tuple(key for key in wanted if key not in for_verdict)

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
        return Judgement(edition, UNDECIDED, (), {})
    judged = edition.judges_on(firm.on)(firm)
    if judged is None:
        return Judgement(edition, NOT_ELIGIBLE, None, {})
    verdict, readings = judged
    levels = {}
    if verdict != NOT_ELIGIBLE:
        for level, awards in edition.awards_by_level.items():
            levels[level] = pay_level(level, awards, firm)
    return Judgement(edition, verdict, readings, levels)
