"""Words that were mistyped: the nearest of the catalogue's own, by sound and by sign."""

from collections.abc import Iterable, Sequence

from policies.search.sounds import folded, initials_of, sounds_in
from policies.search.text import is_letters, runs

# How many signs may differ in a word of so many: none in two, where nearly all are near.
_MAY_DIFFER = {3: 1, 4: 1, 5: 1}
SHORTEST, LONGEST = 3, 12
MOST_OF_INITIALS = 8


class Spelling:
    """`terms` are words that stand for themselves; `names` are looked into only for initials;
    `letters` are words of letters."""

    def __init__(self, terms: Iterable[str], names: Iterable[str], letters: Iterable[str]) -> None:
        self._words: dict[tuple[str, ...], str] = {}
        self._pinyin: dict[str, str] = {}
        for term in sorted(terms):
            for run in runs(term)[:1]:
                sounds = tuple(sounds_in(run))
                self._words.setdefault(sounds, term)
                if len(run) >= SHORTEST:
                    self._pinyin.setdefault("".join(sounds), term)
        self._initials = [
            (initials_of(text), text)
            for text in sorted({"".join(run) for name in names for run in runs(name)})
        ]
        self.letters = sorted(word for word in letters if len(word) >= SHORTEST)

    def nearest(self, units: Sequence[str]) -> str | None:
        """The term that a run is likely to mean; none where nothing is near enough."""
        if len(units) == 1 and is_letters(units[0]):
            return self._nearest_letters(units[0])
        if not SHORTEST <= len(units) <= LONGEST:
            return None
        sounds = [folded(unit) if unit.isascii() else unit for unit in sounds_in(units)]
        most, best, own = _MAY_DIFFER.get(len(sounds), 2), None, set(sounds)
        for word, term in self._words.items():
            if abs(len(word) - len(sounds)) > most or len(word) < SHORTEST:
                continue
            if len(own.intersection(word)) < len(word) - most:
                continue
            far = distance(sounds, word, most)
            if far <= most and (best is None or (far, term) < best):
                best = (far, term)
        return best[1] if best else None

    def _nearest_letters(self, typed: str) -> str | None:
        """Of a word of letters, and of one that is pinyin with a slip."""
        if len(typed) < 4 or not typed.isalpha():
            return None
        candidates = {word: word for word in self.letters} | self._pinyin
        most, best = 1 if len(typed) < 8 else 2, None
        for word, term in candidates.items():
            if abs(len(word) - len(typed)) > most:
                continue
            far = distance(typed, word, most)
            if far <= most and (best is None or (far, term) < best):
                best = (far, term)
        return best[1] if best else None

    def with_initials(self, letters: str) -> list[str]:
        """Pieces of names whose initials these are."""
        found: dict[str, None] = {}
        for initials, text in self._initials:
            at = initials.find(letters)
            if at >= 0:
                found[text[at : at + len(letters)]] = None
        return sorted(found)[:MOST_OF_INITIALS]


def distance(first: Sequence[str], second: Sequence[str], most: int) -> int:
    """How many signs were left out, added, exchanged or swapped; more than `most` is not counted on."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for place, unit in enumerate(first, 1):
        older, before = before, row
        row = [place]
        for other_place, other in enumerate(second, 1):
            cost = min(
                before[other_place] + 1,
                row[-1] + 1,
                before[other_place - 1] + (unit != other),
            )
            if (
                place > 1
                and other_place > 1
                and unit == second[other_place - 2]
                and first[place - 2] == other
            ):
                cost = min(cost, older[other_place - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
    return row[-1]
