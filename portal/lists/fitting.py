"""Columns on paper: none so narrow that a figure, a day or a code is broken in it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.lists.declaration import Column

PAPER = 277.0  # mm between the margins of A4 across; portal/static/portal/list.css
BESIDE = 2.0  # mm of padding and border of a cell
POINT = 0.3528  # mm
# Of the size of the letters: what signs are wide in the font of the paper, rather more than less.
NARROW, WIDE, LATIN, CHINESE = 0.56, 0.92, 0.7, 1.0
IS_NARROW, IS_WIDE = frozenset("0123456789.,-–:/"), frozenset("MW@%")
LEAST_POINTS, STEP = 5.5, 0.25
# What holds together. Longer ones, such as an address, may be broken.
RUN = re.compile(r"[!-~–]+")
LONGEST_RUN = 26
# A header, too, is read in lines of two signs at least.
LEAST = 2.2


@dataclass(frozen=True)
class Setting:
    """The size of the letters in points, and the width of each column in mm."""

    points: float
    widths: Sequence[float]


def _width(text: str) -> float:
    return sum(
        NARROW
        if sign in IS_NARROW
        else WIDE
        if sign in IS_WIDE
        else LATIN
        if sign.isascii()
        else CHINESE
        for sign in text
    )


def _needs(column: Column, cells: Sequence[str]) -> float:
    """What a column of these cells needs at least, in sizes of its letters.

    Words may be broken, yet into lines that are read: half as wide as the column is declared.
    """
    runs = {run[:LONGEST_RUN] for cell in cells for run in RUN.findall(cell)}
    longest = max(map(_width, cells), default=0)
    words = min(longest, column.width * NARROW / 2)
    return max([LEAST, words, *map(_width, runs)])


def fit(
    columns: Sequence[Column], lines: Sequence[Sequence[str]], *, most_points: float
) -> Setting:
    """Letters as large as the widest columns allow; what is left goes as the columns declare it."""
    needed = [
        _needs(column, [line[place] for line in lines]) for place, column in enumerate(columns)
    ]
    points = most_points
    while points > LEAST_POINTS and _sum(needed, points) > PAPER:
        points -= STEP
    least = [need * points * POINT + BESIDE for need in needed]
    return Setting(points, _shared(least, [column.width for column in columns]))


def _sum(needed: Sequence[float], points: float) -> float:
    return sum(need * points * POINT + BESIDE for need in needed)


def _shared(least: Sequence[float], declared: Sequence[int]) -> list[float]:
    """Widths that fill the paper: as declared where that is more than the least."""
    low, high = 0.0, PAPER
    for _ in range(40):
        middle = (low + high) / 2
        if sum(map(max, least, (middle * width for width in declared))) > PAPER:
            high = middle
        else:
            low = middle
    return [max(need, low * width) for need, width in zip(least, declared, strict=True)]
