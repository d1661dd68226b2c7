"""Counts of people that are shown without telling of any few of them, not even by subtraction.

A count below FEWEST is not shown. Where the whole of some parts is known, or can be worked out, so
many parts stay together in one rest that none of them follows from the others.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

FEWEST = 5
FEW = f"少于 {FEWEST}"
Key = TypeVar("Key", bound=Hashable)


def in_words(count: int) -> str:
    return str(count) if count >= FEWEST else FEW


@dataclass(frozen=True)
class Parts(Generic[Key]):
    """What is shown of parts: the large ones each, the others as one `rest`.

    `rest` is None where its number would tell; `rest_parts` is how many parts it holds.
    """

    shown: Mapping[Key, int]
    rest: int | None
    rest_parts: int


def parts_of(counts: Mapping[Key, int], *, whole_is_secret: bool = False) -> Parts[Key]:
    """The parts of a whole, largest first; with `whole_is_secret` nobody may add them up to it.

    The rest holds two parts at least and no fewer than FEWEST in all: where the small ones do not make
    that up, the smallest of the large ones joins them.
    """
    ordered = sorted(counts.items(), key=lambda part: -part[1])
    shown = [part for part in ordered if part[1] >= FEWEST]
    hidden = [part for part in ordered if 0 < part[1] < FEWEST]
    while shown and _tells(hidden, whole_is_secret=whole_is_secret):
        hidden.append(shown.pop())
    in_all = sum(count for _, count in hidden)
    is_told = not whole_is_secret and not _tells(hidden, whole_is_secret=False)
    return Parts(dict(shown), in_all if hidden and is_told else None, len(hidden))


def _tells(hidden: list[tuple[Key, int]], *, whole_is_secret: bool) -> bool:
    """Whether what is hidden can be worked out from what is shown."""
    if not hidden:
        return whole_is_secret
    return len(hidden) < 2 or sum(count for _, count in hidden) < FEWEST


@dataclass(frozen=True)
class Halves:
    """A whole of two parts in words: neither small one is told, nor what it is the difference of."""

    whole: str
    first: str
    second: str
    # Whether the parts of the second may be added up to it.
    is_second_told: bool


HIDDEN = "不显示"


def halves_of(first: int, second: int) -> Halves:
    whole = first + second
    if first >= FEWEST and second >= FEWEST:
        return Halves(str(whole), str(first), str(second), True)
    if whole < 2 * FEWEST:
        # Were it told which is small, a whole of eight would tell both.
        return Halves(in_words(whole), HIDDEN, HIDDEN, False)
    return Halves(
        str(whole),
        FEW if first < FEWEST else HIDDEN,
        FEW if second < FEWEST else HIDDEN,
        False,
    )
