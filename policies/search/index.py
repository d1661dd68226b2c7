"""An index of programmes in memory, and what it answers to a question; pure Python.

A text is known by its grams: pairs of neighbouring signs and words of letters. So no dictionary says
where Chinese words end; the catalogue's own words do. A sign that was typed counts by the rarest gram
that it belongs to, and most where that stands in a name. What nobody's text holds is looked for by its
sound, and then by its spelling (policies.search.spelling).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby, pairwise
from math import log
from typing import NamedTuple

from policies.search.question import (
    GENERAL,
    HEARD,
    QUESTIONS,
    Phrases,
    Question,
    amounts_in,
    is_particle,
    read_question,
)
from policies.search.sounds import initials_of, readings_of, sounds_in, sounds_of
from policies.search.spelling import Spelling
from policies.search.text import Run, grams, is_chinese, is_letters, normalised, runs

# How much a word counts where it stands: in the name, the kind, the summary, all the rest.
FIELDS = (1.0, 0.85, 0.6, 0.35)
NAME, FAMILY, SUMMARY, REST = range(len(FIELDS))
# How sure it is that what was found is what was meant.
TYPED, SYNONYM, HEARD_SO, BEGINS, INITIALS = 1.0, 0.9, 0.8, 0.8, 0.9
# What part of a word has to be found, and of what the best has.
ENOUGH, OF_THE_BEST = 0.55, 0.6
# Or what it is worth, of a word that stands whole in a name: few of many words may say it all.
WORTH_ENOUGH = 0.45
# A sign that is not in the catalogue counts as a rather rare one; a general word as a fifth of another.
UNKNOWN, OF_GENERAL = 0.6, 0.2
IN_ONE_PIECE = 1.2
MOST_NEAR = 5
# An amount by where it is printed: as what a level pays in all, as a part of it, in words.
WHOLE, PART, IN_SUMMARY, IN_WORDS = 1.0, 0.9, 0.6, 0.3
OF_OTHERS = 0.6  # what the county asked for does not pay itself

Cells = dict[int, list[float]]


@dataclass(frozen=True)
class Subject:
    """What can be found. `figures` are what it pays: by whom (empty where anybody does), 万元, and
    whether that is the whole of a level; `pays` the places that pay of their own. `weight` counts
    against what no firm can ask for."""

    key: str
    name: str
    family: str
    summary: str
    more: str
    area: str
    figures: frozenset[tuple[str, Decimal, bool]] = frozenset()
    pays: frozenset[str] = frozenset()
    documents: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True)
class Place:
    """`chain` are the codes of the place itself and of all above it."""

    name: str
    chain: frozenset[str]
    level: str = ""


class Hit:
    """A programme that was found; which of its words, is found out when somebody looks: a page shows
    twenty of many."""

    def __init__(
        self, index: "Index", number: int, score: float, stretches: Sequence["_Stretch"]
    ) -> None:
        self.key, self.score = index.subjects[number].key, score
        self._index, self._number, self._stretches = index, number, stretches

    @property
    def words(self) -> tuple[str, ...]:
        """As the programme has them, with what was typed for them in brackets."""
        return self._index.words_found(self._number, self._stretches)


@dataclass(frozen=True)
class Answer:
    """`near` are the nearest where nothing was found; `place` is the code of the place that was named;
    `read_as` tells for what was mistyped how it was read."""

    hits: Sequence[Hit] = ()
    near: Sequence[Hit] = ()
    place: str = ""
    read_as: Sequence[tuple[str, str]] = ()
    documents: Sequence[str] = ()


class _Span(NamedTuple):
    """Units of a run, and where the signs that stand for them are: by number of the subject, the best
    of FIELDS."""

    start: int
    end: int
    sureness: float
    rarity: float
    found: Mapping[int, int]
    shown: str
    is_pair: bool = False


@dataclass
class _Stretch:
    """A run between the words that are not looked for, with what was found of it."""

    units: Run
    general: set[int] = field(default_factory=set)
    spans: list[_Span] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)


class Index:
    def __init__(
        self,
        subjects: Iterable[Subject],
        synonyms: Mapping[str, Sequence[str]],
        places: Mapping[str, Place],
    ) -> None:
        self.subjects, self.places = list(subjects), places
        self._postings: dict[str, dict[int, int]] = {}
        self._amounts: dict[Decimal, list[tuple[int, str, float]]] = {}
        self._documents: dict[tuple[str, str], dict[str, set[int]]] = {}
        for number, subject in enumerate(self.subjects):
            self._add(number, subject)
        self._heard: dict[str, list[str]] = {}
        for gram in self._postings:
            if len(gram) == 2 and all(map(is_chinese, gram)):
                for sound in sounds_of(gram):
                    self._heard.setdefault(sound, []).append(gram)
        self._total = log(1 + len(self.subjects)) or 1.0
        self._names = [normalised(subject.name) for subject in self.subjects]
        self._numbers = {subject.key: number for number, subject in enumerate(self.subjects)}
        terms = {normalised(subject.family) for subject in self.subjects}
        self._synonyms = {normalised(word): tuple(means) for word, means in synonyms.items()}
        terms.update(self._synonyms)
        terms.update(normalised(mean) for means in self._synonyms.values() for mean in means)
        self._phrases = Phrases(self._meanings())
        # What a mistyped sign may stand for: of all that is printed, too much sounds alike.
        self._prominent = {gram for term in terms for gram in grams(term)}
        self._prominent.update(gram for name in self._names for gram in grams(name))
        self._initials: dict[str, list[str]] = {}
        for term in sorted(terms):
            self._initials.setdefault(initials_of(term), []).append(term)
        letters = {gram for gram in self._postings if gram.isascii() and gram.isalpha()}
        self._spelling = Spelling(terms, self._names, letters)

    def _add(self, number: int, subject: Subject) -> None:
        texts = (subject.name, subject.family, subject.summary, f"{subject.more} {subject.key}")
        # Who pays a figure is known of these only: a summary may print what another county pays.
        paid = {amount for _, amount, _ in subject.figures}
        for part in reversed(range(len(texts))):
            text = normalised(texts[part])
            for gram in grams(text):
                self._postings.setdefault(gram, {})[number] = part
            if part != REST:
                for sign in set(text):
                    if is_chinese(sign):
                        self._postings.setdefault(sign, {})[number] = part
            if part in (SUMMARY, REST):
                for amount in amounts_in(text) - paid:
                    rated = IN_SUMMARY if part == SUMMARY else IN_WORDS
                    self._amounts.setdefault(amount, []).append((number, "", rated))
        for payer, amount, is_whole in subject.figures:
            rated = WHOLE if is_whole else PART
            self._amounts.setdefault(amount, []).append((number, payer, rated))
        for document in subject.documents:
            for key in read_question(document).documents:
                self._documents.setdefault(key, {}).setdefault(document, set()).add(number)
                self._documents.setdefault(("", key[1]), {}).setdefault(document, set()).add(number)

    def _meanings(self) -> Iterator[tuple[str, object]]:
        """What stands in a question beside the catalogue's own words."""
        called: dict[str, str] = {}
        for code, place in self.places.items():
            if place.level not in ("city", "county"):
                continue
            name = normalised(place.name)
            called[name] = code
            if len(name) > 2 and name[-1] in "市县区" and not name.endswith("开发区"):
                called[name[:-1]] = code
        for name, code in called.items():
            yield name, Place(name, frozenset({code}))
        for word, means in self._synonyms.items():
            code = next((called[mean] for mean in means if mean in called), None)
            yield word, Place(word, frozenset({code})) if code else means
        # What an editor says of a word counts before what it is in a sentence.
        for word in GENERAL:
            yield word, GENERAL
        for word in QUESTIONS:
            yield word, None

    # --- asking -----------------------------------------------------------------------------

    def ask(self, typed: str, place: str = "") -> Answer:
        """What is found for a question in a place, the best first; `place` counts before one named."""
        if (number := self._numbers.get(normalised(typed))) is not None:
            return Answer([Hit(self, number, self._total, ())])
        return self._asked(read_question(typed), place, may_respell=True)

    def _asked(self, question: Question, place: str, *, may_respell: bool) -> Answer:
        words, named = [], ""
        for word in self._in_one_piece(question.words):
            stretches, code = self._taken_apart(word)
            named = named or code
            words.append(stretches)
        asked = place or named
        found = self._found(question, words, asked, named)
        if not found.hits and may_respell:
            respelt, read_as = self._respelt(question, words)
            if read_as:
                again = self._asked(respelt, asked, may_respell=False)
                if again.hits:
                    return Answer(again.hits, (), named or again.place, read_as, again.documents)
        return found

    def _found(
        self, question: Question, words: list[list[_Stretch]], asked: str, named: str
    ) -> Answer:
        lists, documents = self._required(question, asked)
        total: dict[int, float] = {}
        complete: set[int] | None = None
        # Those that have anything of what was asked for, a general word alone apart.
        close: set[int] = set()
        for of_one in lists:
            close |= of_one.keys()
            for number, value in of_one.items():
                total[number] = total.get(number, 0.0) + value
            complete = set(of_one) if complete is None else complete & set(of_one)
        asks_more = bool(lists or named or any(_is_specific(word) for word in words))
        for stretches in words:
            is_asked = _is_specific(stretches) or not asks_more
            worth, shares, whole = self._weighed(stretches, counts_general=not asks_more)
            for number, value in worth.items():
                total[number] = total.get(number, 0.0) + value
            if is_asked and any(stretch.weights for stretch in stretches):
                close |= {number for number, share in shares.items() if share}
                best = max(shares.values(), default=0.0)
                limit = max(ENOUGH, best * OF_THE_BEST) - 1e-9
                own = {
                    number
                    for number, share in shares.items()
                    if share >= limit or worth[number] >= WORTH_ENOUGH * whole
                }
                complete = own if complete is None else complete & own
        if complete is None:
            complete = set(range(len(self.subjects))) if named else set()
        applying = {
            number
            for number in {*complete, *total}
            if not asked or self._applies(self.subjects[number], asked)
        }
        spans = [stretch for stretches in words for stretch in stretches]
        hits = self._ranked(complete & applying, total, asked, spans)
        near: list[Hit] = []
        if not hits:
            near = self._ranked((close & applying) or close, total, asked, spans)
        return Answer(hits, near[:MOST_NEAR], named, (), documents)

    def _required(self, question: Question, asked: str) -> tuple[list[dict[int, float]], list[str]]:
        """By subject, what amounts and numbers of documents are worth: each has to be there."""
        found, named = [], []
        chain = self.places[asked].chain if asked in self.places else frozenset()
        for amount in question.amounts:
            of_one: dict[int, float] = {}
            for number, payer, rated in self._amounts.get(amount, ()):
                if payer and chain and payer not in chain and not self._is_below(payer, asked):
                    continue
                is_own = not chain or (payer or self.subjects[number].area) == asked
                value = 2 * self._total * rated * (1.0 if is_own else OF_OTHERS)
                of_one[number] = max(of_one.get(number, 0.0), value)
            found.append(of_one)
        for key in question.documents:
            by_document = self._documents.get(key, {})
            named += by_document
            numbers = {number for own in by_document.values() for number in own}
            found.append(dict.fromkeys(numbers, 2 * self._total))
        return found, named

    def _is_below(self, code: str, place: str) -> bool:
        return code in self.places and place in self.places[code].chain

    def _applies(self, subject: Subject, place: str) -> bool:
        """A programme of the place itself, of what it lies in, or of a part of it."""
        return subject.area in self.places[place].chain or self._is_below(subject.area, place)

    def _ranked(
        self,
        numbers: Iterable[int],
        total: Mapping[int, float],
        asked: str,
        stretches: Sequence[_Stretch],
    ) -> list[Hit]:
        scored = []
        for number in numbers:
            subject = self.subjects[number]
            score = total.get(number, 0.0)
            if asked:
                own = (subject.area == asked) + (asked in subject.pays)
                score += own * (0.15 * score + 0.2)
            scored.append((score * subject.weight, number))
        # Of what is alike, the catalogue's order has the main one first.
        scored.sort(key=lambda pair: (-round(pair[0], 2), pair[1]))
        return [Hit(self, number, score, stretches) for score, number in scored]

    # --- words ------------------------------------------------------------------------------

    def _taken_apart(self, word: Sequence[Run]) -> tuple[list[_Stretch], str]:
        """The stretches of a word that are looked for, and the place that it names."""
        stretches, code = [], ""
        for run in word:
            for own, named in self._of_run(self._readable(run)):
                code = code or named
                if own is not None:
                    stretches.append(own)
        return stretches, code

    def _in_one_piece(self, words: Sequence[tuple[Run, ...]]) -> Iterator[Sequence[Run]]:
        """Pinyin with blanks between the syllables as one word: a syllable alone says nothing."""
        for is_pinyin, neighbours in groupby(words, self._is_pinyin):
            group = list(neighbours)
            pieces = [self._best_reading(unit) for ((unit,),) in group] if is_pinyin else []
            if len(group) > 1 and any(len(piece) == 1 for piece in pieces):
                yield [tuple(HEARD + syllable for piece in pieces for syllable in piece)]
            else:
                yield from group

    def _is_pinyin(self, word: tuple[Run, ...]) -> bool:
        """A word of letters that is a syllable, or several and no word of the catalogue's."""
        if len(word) != 1 or len(word[0]) != 1 or not is_letters(unit := word[0][0]):
            return False
        readings = readings_of(unit)
        return any(len(each) == 1 for each in readings) or bool(
            readings and not self._is_word(unit)
        )

    def _readable(self, run: Run) -> Run:
        """Letters that are no word of the catalogue's as the syllables that are known best."""
        units: list[str] = []
        for unit in run:
            best = () if self._is_word(unit) else self._best_reading(unit)
            if best and (len(best) > 1 or len(run) > 1):
                units += [HEARD + syllable for syllable in best]
            else:
                units.append(unit)
        return tuple(units)

    def _best_reading(self, letters: str) -> tuple[str, ...]:
        """The syllables that are known best, of a lone one itself; none of what is no pinyin."""
        return max(readings_of(letters), key=self._familiarity, default=())

    def _is_word(self, unit: str) -> bool:
        return is_chinese(unit) or unit in self._postings or unit in self._synonyms

    def _familiarity(self, syllables: Sequence[str]) -> tuple[float, int]:
        units = tuple(HEARD + syllable for syllable in syllables)
        known = {
            at
            for place in range(len(units))
            if (found := self._phrases.at(units, place))
            for at in range(place, found[0])
        }
        for place, pair in enumerate(pairwise(syllables)):
            if " ".join(pair) in self._heard:
                known |= {place, place + 1}
        return len(known) / len(syllables), -len(syllables)

    def _of_run(self, run: Run) -> Iterator[tuple[_Stretch | None, str]]:
        own, synonyms, place = _Stretch(()), [], 0
        units: list[str] = []

        def closed() -> _Stretch | None:
            if not units:
                return None
            own.units = tuple(units)
            self._look_for(own, synonyms)
            return own

        while place < len(run):
            found = self._phrases.at(run, place)
            end, meaning = found or (place + 1, ())
            if found and (meaning is None or isinstance(meaning, Place)):
                code = next(iter(meaning.chain)) if isinstance(meaning, Place) else ""
                yield closed(), code
                own, synonyms, units = _Stretch(()), [], []
            else:
                begins = len(units)
                units += run[place:end]
                if meaning is GENERAL:
                    own.general |= set(range(begins, len(units)))
                elif found:
                    synonyms.append((begins, len(units), meaning))
            place = end
        yield closed(), ""

    def _look_for(self, stretch: _Stretch, synonyms: list[tuple[int, int, Sequence[str]]]) -> None:
        units, spans = stretch.units, stretch.spans
        for start, end, means in synonyms:
            for mean in means:
                self._add_term(stretch, start, end, mean, SYNONYM)
        for place, unit in enumerate(units):
            if unit[0] == HEARD:
                continue
            if is_letters(unit):
                self._add_letters(stretch, place, unit)
            elif len(units) == 1 and not is_particle(unit):
                self._add_gram(stretch, place, place + 1, unit, TYPED)
        for place, (first, second) in enumerate(pairwise(units)):
            if HEARD not in (first[0], second[0]):
                self._add_gram(stretch, place, place + 2, first + second, TYPED)
        for place, gram in self._heard_in(units, spans):
            sureness = TYPED if units[place][0] == HEARD else HEARD_SO
            self._add_gram(stretch, place, place + 2, gram, sureness)
        stretch.weights = self._weights(stretch)

    def _heard_in(self, units: Run, spans: Sequence[_Span]) -> Iterator[tuple[int, str]]:
        """Where a gram of the catalogue sounds like two units that it does not know as they are.

        Of signs that were typed, one has to be right, or the gram goes on into the next.
        """
        known = {
            place
            for span in spans
            for place in range(span.start, span.end)
            if units[place][0] != HEARD
        }
        unknown = [
            place for place in range(len(units) - 1) if not known.issuperset((place, place + 1))
        ]
        if not unknown:
            return
        sounds = [
            unit[1:] if unit[0] == HEARD else sound
            for unit, sound in zip(units, sounds_in(_plain(units)), strict=True)
        ]
        alike = {
            place: self._heard.get(f"{sounds[place]} {sounds[place + 1]}", ()) for place in unknown
        }
        for place, found in alike.items():
            before = {gram[1] for gram in alike.get(place - 1, ())}
            after = {gram[0] for gram in alike.get(place + 1, ())}
            for gram in found:
                is_right = gram[0] in (units[place], *before) or gram[1] in (
                    units[place + 1],
                    *after,
                )
                if HEARD in (units[place][0], units[place + 1][0]) or (
                    gram in self._prominent and (is_right or len(units) == 2)
                ):
                    yield place, gram

    def _add_gram(
        self, stretch: _Stretch, start: int, end: int, gram: str, sureness: float
    ) -> None:
        if found := self._postings.get(gram):
            rarity = log(1 + len(self.subjects) / len(found))
            is_pair = len(gram) == end - start == 2
            stretch.spans.append(_Span(start, end, sureness, rarity, found, gram, is_pair))

    def _add_term(
        self, stretch: _Stretch, start: int, end: int, term: str, sureness: float
    ) -> None:
        """A term of several grams, where all of them stand."""
        text = normalised(term)
        own = [self._postings.get(gram, {}) for gram in grams(text)]
        if not own:
            return
        fewest = min(own, key=len)
        found = {
            number: max(each[number] for each in own)
            for number in fewest
            if all(number in each for each in own)
        }
        if found:
            rarity = log(1 + len(self.subjects) / len(found))
            typed = "".join(stretch.units[start:end])
            shown = term if HEARD in typed or typed == text else f"{term}（{typed}）"
            stretch.spans.append(_Span(start, end, sureness, rarity, found, shown))

    def _add_letters(self, stretch: _Stretch, place: int, unit: str) -> None:
        """A word of letters: as it is, as the beginning of another, or as initials."""
        self._add_gram(stretch, place, place + 1, unit, TYPED)
        if all(map(is_letters, stretch.units)) and len(stretch.units) > 1:
            return  # the identifier of a programme
        for term in self._initials.get(unit, ()):
            self._add_term(stretch, place, place + 1, term, INITIALS)
            for mean in self._synonyms.get(term, ()):
                self._add_term(stretch, place, place + 1, mean, INITIALS * SYNONYM)
        if self._is_word(unit):
            return
        if len(unit) >= 3:
            for word in self._spelling.letters:
                if word.startswith(unit):
                    self._add_gram(stretch, place, place + 1, word, BEGINS)
        if len(unit) >= 3 and not any(span.start == place for span in stretch.spans):
            for term in self._spelling.with_initials(unit):
                self._add_term(stretch, place, place + 1, term, HEARD_SO)

    def _weights(self, stretch: _Stretch) -> list[float]:
        found = [0.0] * len(stretch.units)
        for span in stretch.spans:
            for place in range(span.start, span.end):
                found[place] = max(found[place], span.rarity)
        return [
            (weight or (0.0 if is_particle(unit) else UNKNOWN * self._total))
            * (OF_GENERAL if place in stretch.general else 1.0)
            for place, (unit, weight) in enumerate(zip(stretch.units, found, strict=True))
        ]

    def _weighed(
        self, stretches: Sequence[_Stretch], *, counts_general: bool
    ) -> tuple[dict[int, float], dict[int, float], float]:
        """By subject, what a word is worth in it, and which part of the word was found; and the most
        that it could be worth."""
        worth: dict[int, float] = {}
        share: dict[int, float] = {}
        whole = 0.0
        for stretch in stretches:
            size, weights = len(stretch.units), stretch.weights
            counted = [
                0.0 if place in stretch.general and not counts_general else weights[place]
                for place in range(size)
            ]
            whole += sum(counted)
            cells: Cells = {}
            for span in stretch.spans:
                places = range(span.start, span.end)
                values = [span.sureness * part for part in FIELDS]
                for number, part in span.found.items():
                    row = cells.get(number)
                    if row is None:
                        row = cells[number] = [0.0] * size
                    value = values[part]
                    for place in places:
                        if value > row[place]:
                            row[place] = value
            text = "".join(stretch.units)
            for number, row in cells.items():
                value = sum(weight * cell for weight, cell in zip(weights, row, strict=True))
                if size > 1 and text in self._names[number]:
                    value *= IN_ONE_PIECE
                worth[number] = worth.get(number, 0.0) + value
                part_found = sum(c for c, cell in zip(counted, row, strict=True) if cell)
                share[number] = share.get(number, 0.0) + part_found
        parts = {number: part / whole if whole else 0.0 for number, part in share.items()}
        return worth, parts, whole

    # --- what was mistyped, and why something was found -----------------------------------------

    def _respelt(
        self, question: Question, words: list[list[_Stretch]]
    ) -> tuple[Question, list[tuple[str, str]]]:
        read_as: list[tuple[str, str]] = []
        respelt = []
        for stretches in words:
            own = []
            for stretch in stretches:
                units = _plain(stretch.units)
                if term := self._spelling.nearest(units):
                    read_as.append(("".join(units), term))
                    own += runs(term)
                else:
                    own.append(units)
            if own:
                respelt.append(tuple(own))
        return Question(question.amounts, question.documents, tuple(respelt)), read_as

    def words_found(self, number: int, stretches: Sequence[_Stretch]) -> tuple[str, ...]:
        words: dict[str, None] = {}
        for stretch in stretches:
            best: list[_Span | None] = [None] * len(stretch.units)
            for span in stretch.spans:
                if number not in span.found:
                    continue
                value = span.sureness * FIELDS[span.found[number]]
                for place in range(span.start, span.end):
                    other = best[place]
                    if other is None or value > other.sureness * FIELDS[other.found[number]]:
                        best[place] = span
            words |= dict.fromkeys(_joined(best))
        return tuple(words)


def _joined(best: Sequence[_Span | None]) -> Iterator[str]:
    """Neighbouring pairs as one word."""
    word = ""
    for place, span in enumerate(best):
        if span is not None and span.is_pair:
            word += span.shown[place - span.start]
            continue
        if word:
            yield word
        word = ""
        if span is not None:
            yield span.shown
    if word:
        yield word


def _is_specific(stretches: Sequence[_Stretch]) -> bool:
    """Whether it asks for more than a general word."""
    return any(
        weight and place not in stretch.general
        for stretch in stretches
        for place, weight in enumerate(stretch.weights)
    )


def _plain(units: Sequence[str]) -> Run:
    return tuple(unit.removeprefix(HEARD) for unit in units)
