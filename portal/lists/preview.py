"""What the screen shows of a list before it becomes a file: the same columns, rows and totals."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from portal.lists.canonical import canonical
from portal.lists.declaration import DataList, Summary, Tally

SHOWN = 50


@dataclass(frozen=True)
class Preview:
    """The first rows as text, and what the summary says of all."""

    lines: Sequence[Sequence[str]]
    summary: Summary


def preview_of(data_list: DataList, queryset: Any) -> Preview:
    """The first SHOWN rows, with the count and totals of all."""
    lines = Tally(data_list).lines(data_list.rows(queryset))
    shown = [[canonical(value) for value in values] for values in islice(lines, SHOWN)]
    return Preview(shown, data_list.summarise(queryset))
