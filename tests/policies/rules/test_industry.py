"""Industries as GB/T 4754-2017 numbers them, and what belongs to what a rule lists."""

from datetime import date

import pytest

from policies.rules.firm import Firm
from policies.rules.industry import KNOWN_CODES, LISTED, SECTION_OF, belongs_to, possible_codes
from policies.rules.one_firm import read
from policies.rules.readings import MET, NOT_MET, unknown
from policies.rules.tree import Industry

# The first and the last division of each section, as the standard prints them.
SECTIONS = [
    "A01-05",
    "B06-12",
    "C13-43",
    "D44-46",
    "E47-50",
    "F51-52",
    "G53-60",
    "H61-62",
    "I63-65",
    "J66-69",
    "K70-70",
    "L71-72",
    "M73-75",
    "N76-79",
    "O80-82",
    "P83-83",
    "Q84-85",
    "R86-90",
    "S91-96",
    "T97-97",
]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section[0])
def test_a_section_has_its_divisions_and_no_others(section):
    letter, first, last = section[0], section[1:3], section[4:]
    own = sorted(division for division, owner in SECTION_OF.items() if owner == letter)
    assert (own[0], own[-1]) == (first, last)
    assert len(own) == int(last) - int(first) + 1


def test_the_sections_take_every_division_once():
    assert sorted(SECTION_OF) == [f"{number:02d}" for number in range(1, 98)]
    assert {"C", "L72", "K7010", "K7090"} <= LISTED
    assert not {"72", "L73", "U", "K7050", ""} & LISTED
    assert KNOWN_CODES["industry.real_estate_kind"] == {
        "development", "property_management", "agency", "leasing", "other",
    }  # fmt: skip


SECTION, DIVISION, KIND = "industry.section", "industry.division", "industry.real_estate_kind"


@pytest.mark.parametrize(
    ("answered", "listed", "reading"),
    [
        (("C", "35", None), ("C",), MET),
        (("C", None, None), ("C",), MET),
        ((None, "35", None), ("C",), MET),
        (("C", "35", None), ("D", "C34"), NOT_MET),
        (("C", "35", None), ("C34", "C35"), MET),
        (("C", None, None), ("C35",), unknown([DIVISION])),
        (("L", "71", None), ("L72",), NOT_MET),
        ((None, None, None), ("C",), unknown([SECTION, DIVISION])),
        (("P", None, None), ("P83",), MET),  # its only division
        (("K", None, None), ("K7010",), unknown([KIND])),
        ((None, "70", None), ("K7010",), unknown([KIND])),
        (("K", "70", None), ("K7010",), unknown([KIND])),
        (("K", "70", None), ("K",), MET),
        (("K", "70", None), ("L",), NOT_MET),
        (("K", "70", "development"), ("K7010",), MET),
        ((None, None, "leasing"), ("K7010", "K7020"), NOT_MET),
        (("K", "70", "leasing"), ("K7040",), MET),
    ],
)
def test_a_firm_belongs_where_all_codes_left_to_it_do(answered, listed, reading):
    assert belongs_to(answered, listed) == reading
    keys = (SECTION, DIVISION, KIND)
    answers = {key: code for key, code in zip(keys, answered, strict=True) if code}
    assert read(Industry(listed), Firm(answers, date(2026, 11, 20))) == reading


def test_the_codes_left_are_those_of_the_answers():
    assert possible_codes(("K", "70", "other")) == (("K7090",), ())
    assert possible_codes(("Q", None, None)) == (("Q84", "Q85"), (DIVISION,))
    # Nothing more is asked where a section has one division only.
    assert possible_codes(("T", None, None)) == (("T97",), ())
    every, missing = possible_codes((None, None, None))
    assert len(every) == 97 - 1 + 5 and "K70" not in every and "K7030" in every
    assert missing == (SECTION, DIVISION)
