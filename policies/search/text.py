"""Text in the form in which it is compared: of one width and case, cut into signs and words."""

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

# A Chinese sign, or a word of letters and figures.
UNIT = re.compile(r"[a-z0-9]+(?:\.[0-9]+)?|[\u3400-\u9fff]")
# What holds a run of units together: letters of one name may have a hyphen between them.
_RUN = re.compile(r"(?:[a-z0-9.\u3400-\u9fff]|(?<=[a-z0-9])-(?=[a-z0-9]))+")
Run = tuple[str, ...]


def normalised(typed: str) -> str:
    """Words in one form whatever their width, case and spaces."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().split())


def runs(text: str) -> list[Run]:
    """Of a normalised text, the units of each stretch without a space or a mark in it."""
    return [units for found in _RUN.findall(text) if (units := tuple(UNIT.findall(found)))]


def is_chinese(unit: str) -> bool:
    return "\u3400" <= unit[0] <= "\u9fff"


def is_letters(unit: str) -> bool:
    """Whether it is a word of letters or figures."""
    return unit[0].isascii() and unit[0].isalnum()


@lru_cache(maxsize=20_000)
def grams(text: str) -> tuple[str, ...]:
    """What a normalised text is known by: each pair of neighbours, and each word of letters."""
    found: dict[str, None] = {}
    for run in runs(text):
        found |= {unit: None for unit in run if not is_chinese(unit)}
        found |= {first + second: None for first, second in pairwise(run)}
        if len(run) == 1:
            found[run[0]] = None
    return tuple(found)
