"""How answers are coded as columns, one firm a row, so that arrays are read by rules.

Yes and no are 1 and -1 with 0 for unknown; codes count the choices, 255 unknown; sets are bits, the
highest one alone unknown; numbers are whole in their fact's last decimal (money in 分), NaN unknown.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

import numpy as np

from policies.rules.answers import LARGEST_NUMBER
from policies.rules.facts import LISTS, Fact
from policies.rules.industry import INDUSTRY_FACTS, SECTION_OF, codes_of, possible_codes
from policies.rules.money import items_paid
from policies.rules.tree import Items

Answers = Mapping[str, Any]
Array = np.ndarray[Any, Any]
UNKNOWN_CODE = 255
_FINEST = 6  # decimals of a number that does not say
_EXACT_IN_FLOAT32 = 2**24


@dataclass(frozen=True)
class YesNo:
    fact: str
    dtype = "i1"

    def code(self, answers: Answers) -> int:
        value = answers.get(self.fact)
        return 0 if value is None else 1 if value else -1


@dataclass(frozen=True)
class Code:
    fact: str
    choices: tuple[str, ...]
    dtype = "u1"

    def code(self, answers: Answers) -> int:
        value = answers.get(self.fact)
        return UNKNOWN_CODE if value is None else _positions(self.choices)[value]


@dataclass(frozen=True)
class Bits:
    fact: str
    choices: tuple[str, ...]

    @property
    def dtype(self) -> str:
        return next(f"u{size}" for size in (1, 2, 4, 8) if len(self.choices) < 8 * size)

    @property
    def unknown(self) -> int:
        return 1 << (8 * np.dtype(self.dtype).itemsize - 1)

    def bits(self, codes: Iterable[str]) -> int:
        positions = _positions(self.choices)
        return sum(1 << positions[code] for code in dict.fromkeys(codes))

    def code(self, answers: Answers) -> int:
        value = answers.get(self.fact)
        return self.unknown if value is None else self.bits(value)


@dataclass(frozen=True)
class Number:
    """A number times `scale`, which makes it whole; in four bytes where they hold every one."""

    fact: str
    scale: int
    dtype: str

    def code(self, answers: Answers) -> float:
        value = answers.get(self.fact)
        return np.nan if value is None else float(value * self.scale)


@dataclass(frozen=True)
class Day:
    """A date as its day since the year 1."""

    fact: str
    dtype = "f4"

    def code(self, answers: Answers) -> float:
        value = answers.get(self.fact)
        return np.nan if value is None else value.toordinal()


@dataclass(frozen=True)
class FirstWholeYear:
    """The first year that a date leaves whole: its own where it is 1 January, else the next."""

    fact: str
    dtype = "f4"

    def code(self, answers: Answers) -> float:
        value: date | None = answers.get(self.fact)
        if value is None:
            return np.nan
        return value.year + ((value.month, value.day) != (1, 1))


@dataclass(frozen=True)
class HasItems:
    """Whether a list of amounts has any."""

    fact: str
    dtype = "i1"

    def code(self, answers: Answers) -> int:
        value = answers.get(self.fact)
        return 0 if value is None else 1 if value else -1


@dataclass(frozen=True)
class SharesOfItems:
    """The sum of a share of each amount of a list, each at most `cap`, in 万元."""

    fact: str
    rate: Decimal
    cap: Decimal | None
    dtype = "f8"

    def code(self, answers: Answers) -> float:
        value = answers.get(self.fact)
        if value is None:
            return np.nan
        parts = (item * self.rate for item in value)
        return float(sum(part if self.cap is None else min(part, self.cap) for part in parts))


@dataclass(frozen=True)
class ItemMoney:
    """What listed items bring in a year, at least or at most, in 万元."""

    fact: str
    items: Items
    year: int
    end: str
    dtype = "f8"

    def code(self, answers: Answers) -> float:
        value = answers.get(self.fact)
        if value is None:
            return np.nan
        return float(getattr(items_paid(self.items, value, self.year), self.end))


@dataclass(frozen=True)
class IndustryState:
    """The three answers to a firm's industry as one code, however little they tell."""

    fact = "industry"
    dtype = "u1"

    def code(self, answers: Answers) -> int:
        return industry_state(tuple(answers.get(key) for key in INDUSTRY_FACTS))


Column = (
    YesNo
    | Code
    | Bits
    | Number
    | Day
    | FirstWholeYear
    | HasItems
    | SharesOfItems
    | ItemMoney
    | IndustryState
)


@cache
def _positions(choices: tuple[str, ...]) -> dict[str, int]:
    return {code: position for position, code in enumerate(choices)}


def _every_industry_state() -> tuple[tuple[str | None, str | None, str | None], ...]:
    """What may be known of an industry; a section's states are neighbours, nothing known is last."""
    states: list[tuple[str | None, str | None, str | None]] = []
    for section in dict.fromkeys(SECTION_OF.values()):
        for code in codes_of(section):
            kind = _KIND_OF.get(code)
            states.append((section, None, kind) if kind else (section, code[1:], None))
        states.append((section, None, None))
    return (*states, (None, None, None))


_KIND_OF = {possible_codes(("K", None, kind))[0][0]: kind for kind in (
    "development", "property_management", "agency", "leasing", "other",
)}  # fmt: skip
INDUSTRY_STATES = _every_industry_state()
_STATE_OF_CODES = {
    codes: state
    for state, codes in reversed(
        [(number, possible_codes(known)) for number, known in enumerate(INDUSTRY_STATES)]
    )
}


@lru_cache(maxsize=20_000)
def industry_state(answered: tuple[str | None, str | None, str | None]) -> int:
    return _STATE_OF_CODES[possible_codes(answered)]


def column_of(fact: Fact) -> YesNo | Code | Bits | Number | Day | HasItems:
    """The column that holds a fact's answers."""
    choices = tuple(fact.choices)
    if fact.type == "bool":
        return YesNo(fact.key)
    if fact.type == "enum":
        if len(choices) > UNKNOWN_CODE:
            raise ValueError(f"{fact.key} has too many choices for a code of one byte")
        return Code(fact.key, choices)
    if fact.type == "enum_set":
        return Bits(fact.key, choices)
    if fact.type == "date":
        return Day(fact.key)
    if fact.type in LISTS:
        return HasItems(fact.key)
    decimals = 0 if fact.type == "int" else _FINEST if fact.decimals is None else fact.decimals
    scale = 10**decimals
    most = Decimal(1) if fact.type == "ratio" and fact.maximum is None else fact.maximum
    is_small = (LARGEST_NUMBER if most is None else most) * scale <= _EXACT_IN_FLOAT32
    return Number(fact.key, scale, "f4" if is_small else "f8")


def columns_of(firms: Sequence[Answers], columns: Iterable[Column]) -> dict[Column, Array]:
    """Checked answers as columns."""
    return {
        column: np.fromiter((column.code(answers) for answers in firms), column.dtype, len(firms))
        for column in columns
    }
