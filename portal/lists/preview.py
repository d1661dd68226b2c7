"""What the screen shows of a list before it becomes a file: the same columns, rows and totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from portal.lists.canonical import canonical
from portal.lists.declaration import DataList, Summary, Tally

SHOWN = 50
# Where the rows have to be walked to be counted, so many at most.
WALKED = 5000


@dataclass(frozen=True)
class Preview:
    """The first rows as text, and what the summary says of all."""

    lines: Sequence[Sequence[str]]
    summary: Summary


def preview_of(data_list: DataList, queryset: Any) -> Preview:
    """The first SHOWN rows; count and totals are exact, or said to be capped."""
    tally = Tally(data_list)
    lines = tally.lines(data_list.rows(queryset))
    shown = [[canonical(value) for value in values] for values in islice(lines, SHOWN)]
    if data_list.summarise is not None:
        return Preview(shown, data_list.summarise(queryset))
    if tally.count == SHOWN:
        for _ in islice(lines, WALKED - SHOWN + 1):
            pass
    if tally.count > WALKED:
        return Preview(shown, Summary(WALKED, {}, is_capped=True))
    return Preview(shown, tally.summary)
