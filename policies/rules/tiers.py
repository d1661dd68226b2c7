"""Tiers: programmes of one place that bring titles of one fact, from the lowest to the highest."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.rules.edition import Edition


@dataclass(frozen=True)
class Rung:
    """One title of a ladder and the programme that brings it; `held` None is unknown."""

    edition: Edition
    code: str
    held: bool | None
    is_next: bool


def ladders(editions: Iterable[Edition]) -> dict[tuple[str, str], list[Edition]]:
    """Editions by area and title fact, in the order of the catalogue; single ones left out."""
    found: dict[tuple[str, str], list[Edition]] = {}
    for edition in editions:
        if edition.tier:
            found.setdefault((edition.area, edition.tier[0]), []).append(edition)
    return {key: rungs for key, rungs in found.items() if len(rungs) > 1}


def standing(rungs: Sequence[Edition], answers: Mapping[str, Any]) -> list[Rung]:
    """Where a firm stands on one ladder: the next rung is above the highest title it holds."""
    titles = answers.get(rungs[0].tier[0])
    codes = [edition.tier[1] for edition in rungs]
    highest = max(
        (position for position, code in enumerate(codes) if titles and code in titles), default=-1
    )
    return [
        Rung(
            edition=edition,
            code=code,
            held=None if titles is None else code in titles,
            is_next=titles is not None and position == highest + 1,
        )
        for position, (edition, code) in enumerate(zip(rungs, codes, strict=True))
    ]
