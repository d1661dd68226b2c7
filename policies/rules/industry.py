"""Industry codes of GB/T 4754-2017: sections, their divisions, and membership tests."""

from functools import cache, lru_cache

from policies.rules.firm import Firm
from policies.rules.readings import MET, NOT_MET, Reading, unknown

# The last division of each section; its first comes after the last of the one before.
_LAST_DIVISIONS = {
    "A": 5, "B": 12, "C": 43, "D": 46, "E": 50, "F": 52, "G": 60, "H": 62, "I": 65, "J": 69,
    "K": 70, "L": 72, "M": 75, "N": 79, "O": 82, "P": 83, "Q": 85, "R": 90, "S": 96, "T": 97,
}  # fmt: skip
SECTIONS = tuple(_LAST_DIVISIONS)
SECTION_OF = {
    f"{number:02d}": next(section for section, last in _LAST_DIVISIONS.items() if number <= last)
    for number in range(1, _LAST_DIVISIONS["T"] + 1)
}
REAL_ESTATE_KINDS = {
    "K7010": "development",
    "K7020": "property_management",
    "K7030": "agency",
    "K7040": "leasing",
    "K7090": "other",
}
# What a rule may list: sections (C), divisions (L72) and kinds of 70 (K7010).
LISTED = frozenset(SECTIONS).union(
    REAL_ESTATE_KINDS, (section + division for division, section in SECTION_OF.items())
)
# The codes that the table of industries knows, by the fact that asks for them.
KNOWN_CODES = {
    "industry.section": frozenset(SECTIONS),
    "industry.division": frozenset(SECTION_OF),
    "industry.real_estate_kind": frozenset(REAL_ESTATE_KINDS.values()),
}
INDUSTRY_FACTS = tuple(KNOWN_CODES)


def codes_of(section: str) -> list[str]:
    """All codes a firm of this section may have: section + division, or K70n0."""
    if section == "K":
        return list(REAL_ESTATE_KINDS)
    return [section + division for division, owner in SECTION_OF.items() if owner == section]


Answered = tuple[str | None, str | None, str | None]  # to INDUSTRY_FACTS, in their order


def industry_of(firm: Firm) -> Answered:
    get = firm.answers.get
    return get("industry.section"), get("industry.division"), get("industry.real_estate_kind")


@cache
def possible_codes(answered: Answered) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The codes still possible and the answers that would narrow them."""
    section, division, kind = answered
    if division is not None and division != "70":
        return (SECTION_OF[division] + division,), ()
    if kind is not None:  # which only firms of section K have
        return tuple(code for code, name in REAL_ESTATE_KINDS.items() if name == kind), ()
    if section is None and division is None:
        every = tuple(code for letter in SECTIONS for code in codes_of(letter))
        return every, ("industry.section", "industry.division")
    if section == "K" or division == "70":
        return tuple(codes_of("K")), ("industry.real_estate_kind",)
    codes = tuple(codes_of(section))
    return codes, (() if len(codes) == 1 else ("industry.division",))


@lru_cache(maxsize=10_000)
def belongs_to(answered: Answered, listed: tuple[str, ...]) -> Reading:
    """Whether the firm's industry is among sections (C), divisions (L72) or K70 kinds."""
    codes, missing = possible_codes(answered)
    hits = sum(code.startswith(listed) for code in codes)
    if hits == len(codes):
        return MET
    return NOT_MET if hits == 0 else unknown(missing)
