"""Judging columns of firms by several plans on a day: verdicts, and money by level, in whole 分."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from applications.money.models.money_field import FEN_IN_WAN
from policies.rules.column_data import Array
from policies.rules.columns import ColumnReader
from policies.rules.edition import Edition

WHEN = ("now", "later")
ENDS = ("least", "most")
PARTS = tuple(f"{when}_{end}" for when in WHEN for end in ENDS)
WHOLE = "whole"
# Of a most that is open.
OPEN = -1


@dataclass(frozen=True)
class Judged:
    """What one plan says of each row: its verdict, -1, 0 (unknown) or 1, and by `WHOLE` and by level
    the arrays of `PARTS` in 分, a most being OPEN where it has no end. Money of an unknown verdict is
    what would be paid; of -1 it is nothing."""

    verdicts: Array
    money: Mapping[str, Mapping[str, Array]]


class Judge:
    """Reads answers by all plans at once, None being a plan by which nobody is judged.

    A level is judged as an edition with the awards of that level only; what a cap holds together over
    several levels is counted under `WHOLE`.
    """

    def __init__(self, plans: Sequence[Edition | None], on: date) -> None:
        self._places: list[dict[str, int] | None] = []
        editions: list[Edition] = []
        for plan in plans:
            if plan is None:
                self._places.append(None)
                continue
            own = {WHOLE: plan}
            own |= {
                level: replace(plan, awards=tuple(a for a in plan.awards if a.level == level))
                for level in plan.levels
            }
            start = len(editions)
            self._places.append({name: start + place for place, name in enumerate(own)})
            editions += own.values()
        self._reader = ColumnReader(editions, on, ("verdict", *PARTS))

    def read(self, answers: Sequence[Mapping[str, Any]]) -> list[Judged | None]:
        results = self._reader.read_answers(answers).arrays
        return [
            places
            and Judged(
                results["verdict"][places[WHOLE]],
                {
                    name: {part: _in_fen(results[part][place]) for part in PARTS}
                    for name, place in places.items()
                },
            )
            for places in self._places
        ]


def _in_fen(amounts: Array) -> Array:
    wide = amounts.astype("f8") * FEN_IN_WAN
    return np.where(np.isinf(wide), OPEN, np.rint(wide)).astype("i8")


def facts_of(plans: Sequence[Edition | None]) -> set[str]:
    """The asked facts that the plans turn on."""
    return {key for plan in plans if plan for key in plan.fact_keys}
