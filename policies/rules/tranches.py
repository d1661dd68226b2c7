"""When the tranches of an award fall due, and their rows of the answer document."""

from collections.abc import Iterable
from typing import Any

from policies.rules.awards import UNSPLIT, Award, LevelPaid, Paid, Placed
from policies.rules.firm import Firm
from policies.rules.money import ZERO
from policies.rules.one_firm import read
from policies.rules.readings import MET


def tranche_rows(level: LevelPaid, firm: Firm) -> Iterable[dict[str, Any]]:
    """A row for each tranche that is still to come or may be."""
    for paid in level.paid:
        for placed in paid.placed:
            yield _tranche_row(paid, placed, firm)
        if paid.award.unsplit is not None and paid.status not in ("unpublished", "none_listed"):
            yield _unsplit_row(paid.award)


def _tranche_row(paid: Paid, placed: Placed, firm: Firm) -> dict[str, Any]:
    award, is_certain = paid.award, placed.total.is_certain
    tranche = award.tranches[placed.position]
    return {
        "level": award.level,
        "payer": award.payer,
        "title": tranche.title,
        "when": placed.when,
        "year": firm.year if placed.when == "now" else _year_due(paid, placed, firm),
        "kind": tranche.amount.kind,
        "amount": placed.total.pair if is_certain else None,
        "condition": tranche.condition,
        "claw_back": claw_back_of(award),
        "status": award.status if is_certain else "unknown",
        "sources": list(award.sources),
    }


def claw_back_of(award: Award) -> dict[str, Any] | None:
    return award.claw_back._asdict() if award.claw_back else None


def _unsplit_row(award: Award) -> dict[str, Any]:
    return {
        "level": award.level,
        "payer": award.payer,
        "title": UNSPLIT,
        "when": "undecided",
        "year": None,
        "kind": "unsplit",
        "amount": [ZERO, award.unsplit],
        "condition": "来源只印合计，各期金额未公布",
        "claw_back": claw_back_of(award),
        "status": award.status,
        "sources": list(award.sources),
    }


def _year_due(paid: Paid, placed: Placed, firm: Firm) -> int | None:
    """The first coming year in which the tranche falls due if nothing else changes."""
    tranche = paid.award.tranches[placed.position]
    if tranche.now_when is None or tranche.later:
        return None
    for later in firm.in_coming_years():
        if read(tranche.now_when, later) is MET:
            return later.year
    return None
