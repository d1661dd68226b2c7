"""How the rows of a list differ from the same list later: added, gone, changed."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

Cells = tuple[str, ...]


@dataclass(frozen=True)
class Changed:
    """A row whose first column is the same and another is not: (header, before, after) each."""

    row: Cells
    cells: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Compared:
    """Rows without their running number, which tells nothing."""

    headers: Sequence[str]
    same: int
    added: list[Cells]
    gone: list[Cells]
    changed: list[Changed]

    @property
    def is_same(self) -> bool:
        return not (self.added or self.gone or self.changed)


def compare(headers: Sequence[str], before: Sequence[Cells], after: Sequence[Cells]) -> Compared:
    """Rows that are equal are the same however they are ordered.

    Of the others those of one first column belong together, the likest first.
    """
    counted = Counter(before), Counter(after)
    gone = list((counted[0] - counted[1]).elements())
    added = list((counted[1] - counted[0]).elements())
    candidates: dict[str, list[Cells]] = defaultdict(list)
    for row in added:
        candidates[row[0]].append(row)
    changed, left = [], []
    for row in gone:
        own = candidates[row[0]]
        if not own:
            left.append(row)
            continue
        likest = max(own, key=lambda other: _alike(row, other))
        own.remove(likest)
        cells = [
            (header, old, new)
            for header, old, new in zip(headers, row, likest, strict=True)
            if old != new
        ]
        changed.append(Changed(likest, cells))
    rest = [row for own in candidates.values() for row in own]
    return Compared(headers, len(before) - len(gone), rest, left, changed)


def _alike(row: Cells, other: Cells) -> int:
    return sum(a == b for a, b in zip(row, other, strict=True))
