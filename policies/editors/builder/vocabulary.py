"""The facts that a rule may name: how a form shows them, and which of them somebody means."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.formulas import formulas_of
from policies.rules.industry import REAL_ESTATE_KINDS, SECTION_OF, SECTIONS
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_quantity import RuleError, read_formula
from policies.rules.size import CLASSES
from policies.search.sounds import initials_of, readings_of, sounds_of
from policies.search.text import is_chinese, normalised

DERIVED_SECTION, FORMULA_SECTION = "推算", "公式"
FORMULA = "formula"  # beside the types of facts: a number that is compared and computed with
SIZES = dict(zip(CLASSES, ("大型", "中型", "小型", "微型"), strict=True))
MOST_FOUND = 12


@dataclass(frozen=True)
class Named:
    """A fact, asked or derived: money in 万元 unless its unit says otherwise."""

    key: str
    label: str
    type: str
    section: str = ""
    unit: str = ""
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Vocabulary:
    facts: Mapping[str, Fact]
    named: Mapping[str, Named]
    industries: Mapping[str, str]  # codes that a rule may list, with their words

    def shown(self, key: str) -> str:
        """What the box of a fact holds: its label, and its key where another has the same."""
        named = self.named.get(key)
        if named is None:
            return key
        return f"{named.label}（{key}）" if named.label in self.repeated else named.label

    @cached_property
    def repeated(self) -> Collection[str]:
        """The labels that several facts have."""
        counts = Counter(each.label for each in self.named.values())
        return {label for label, count in counts.items() if count > 1}

    def meant(self, text: str, types: Collection[str] = (), *, is_asked: bool = False) -> list[str]:
        """The keys that a text may stand for, the nearest first: one where it is certain."""
        offered = [
            each
            for each in self.named.values()
            if (not types or each.type in types) and (not is_asked or each.key in self.facts)
        ]
        plain = normalised(text)
        if not plain:
            return []
        for exact in (
            [each.key for each in offered if each.key == text.strip()],
            [each.key for each in offered if normalised(self.shown(each.key)) == plain],
            [each.key for each in offered if normalised(each.label) == plain],
        ):
            if exact:
                return exact
        ranked = [(rank, each.key) for each in offered if (rank := _rank(each, plain)) is not None]
        return [key for _, key in sorted(ranked, key=lambda found: found[0])]


def vocabulary(facts: Mapping[str, Fact]) -> Vocabulary:
    named = {
        fact.key: Named(
            fact.key, fact.label, fact.type, fact.section, fact.unit or "", fact.choices
        )
        for fact in facts.values()
    }
    for key, derived in DERIVED.items():
        worded = facts.get(derived.worded_as or "")
        choices = worded.choices if worded else SIZES if key == "size.class" else {}
        unit = derived.unit or ""
        named[key] = Named(key, derived.label, derived.type, DERIVED_SECTION, unit, choices)
    for key, formula in formulas_of(facts).items():
        named[key] = Named(key, formula["label"], FORMULA, FORMULA_SECTION, _unit(key, facts))
    return Vocabulary(facts, named, _industries(facts))


def _unit(formula: str, facts: Mapping[str, Fact]) -> str:
    try:
        return read_formula(formula, facts, "").unit
    except (RuleError, *UNREADABLE):
        return ""


def _industries(facts: Mapping[str, Fact]) -> dict[str, str]:
    """Sections, divisions and kinds of 70 with their words, as `industry` rules list them."""
    words = {
        key: facts[key].choices if key in facts else {}
        for key in ("industry.section", "industry.division", "industry.real_estate_kind")
    }
    found = {code: words["industry.section"].get(code, code) for code in SECTIONS}
    for division, section in SECTION_OF.items():
        found[section + division] = words["industry.division"].get(division, section + division)
    for code, kind in REAL_ESTATE_KINDS.items():
        found[code] = words["industry.real_estate_kind"].get(kind, code)
    return {code: text if code in text else f"{code} {text}" for code, text in found.items()}


# --- what is typed ----------------------------------------------------------------------


def _rank(each: Named, plain: str) -> tuple[int, int, int] | None:
    """How near a fact is to what was typed, the least the nearest; None where it is not meant.

    Words separated by spaces all have to be found, in the wording, the section or the key; letters
    may be the sound of the wording, or its initials.
    """
    label, section = normalised(each.label), normalised(each.section)
    ranks = []
    for word in plain.split():
        if word in label:
            ranks.append((0, label.index(word)))
        elif word in each.key:
            ranks.append((1, each.key.index(word)))
        elif word in section:
            ranks.append((2, 0))
        elif word.isascii() and (at := _sounds_at(label, word)) is not None:
            ranks.append((3, at))
        elif word.isascii() and _sounds_at(section, word) is not None:
            ranks.append((4, 0))
        else:
            return None
    kind, at = max(ranks)
    return kind, at, len(label)


@lru_cache(maxsize=20_000)
def _sounds_at(text: str, letters: str) -> int | None:
    """Where the Chinese of a text sounds like these letters, or begins with them sign by sign."""
    chinese = "".join(sign for sign in text if is_chinese(sign))
    if not chinese:
        return None
    initials = initials_of(chinese)
    if len(letters) > 1 and letters in initials:
        return initials.index(letters)
    spoken = sounds_of(chinese)[0].split()
    for reading in readings_of(letters):
        for place in range(len(spoken) - len(reading) + 1):
            if tuple(spoken[place : place + len(reading)]) == reading:
                return place
    return None


def chosen(text: str, choices: Mapping[str, str]) -> list[str]:
    """The codes that a word may stand for, one where it is certain."""
    plain = normalised(text)
    if text.strip() in choices:
        return [text.strip()]
    exact = [code for code, words in choices.items() if normalised(words) == plain]
    if exact or not plain:
        return exact
    found = [code for code, words in choices.items() if plain in normalised(words)]
    if not found and plain.isascii():
        found = [
            code
            for code, words in choices.items()
            if _sounds_at(normalised(words), plain) is not None
        ]
    return found
