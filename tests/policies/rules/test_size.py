"""The enterprise size class at every limit of 工信部联企业〔2011〕300号."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.firm import Firm
from policies.rules.size import is_small_or_micro, is_sme, possible_classes, size_class
from tests.policies.packs import read_data

KEYS = {
    "section": "industry.section",
    "division": "industry.division",
    "real_estate_kind": "industry.real_estate_kind",
    "employees": "enterprise.employees",
    "operating": "revenue.operating.y1",
    "assets": "assets.total.y1",
}
ROWS = read_data("size.yaml")["rows"]


def firm_of(row):
    answers = {fact: row[key] for key, fact in KEYS.items() if key in row}
    for key in ("revenue.operating.y1", "assets.total.y1"):
        if key in answers:
            answers[key] = Decimal(str(answers[key]))
    return Firm(answers, date(2026, 11, 20))


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_size_row(row):
    firm = firm_of(row)
    assert (size_class(firm).value or "unknown") == row["size"]
    words = {True: "true", False: "false", None: "unknown"}
    if "sme" in row:
        assert words[is_sme(firm).value] == row["sme"]
    if "small_or_micro" in row:
        assert words[is_small_or_micro(firm).value] == row["small_or_micro"]


# Lower limits of large, medium and small, as the table prints them; one industry of each row.
LIMITS = {
    ("A", "01"): {"operating": (20000, 500, 50)},
    ("B", "06"): {"employees": (1000, 300, 20), "operating": (40000, 2000, 300)},
    ("D", "44"): {"employees": (1000, 300, 20), "operating": (40000, 2000, 300)},
    ("E", "50"): {"operating": (80000, 6000, 300), "assets": (80000, 5000, 300)},
    ("F", "51"): {"employees": (200, 20, 5), "operating": (40000, 5000, 1000)},
    ("F", "52"): {"employees": (300, 50, 10), "operating": (20000, 500, 100)},
    ("G", "55"): {"employees": (1000, 300, 20), "operating": (30000, 3000, 200)},
    ("G", "59"): {"employees": (200, 100, 20), "operating": (30000, 1000, 100)},
    ("G", "60"): {"employees": (1000, 300, 20), "operating": (30000, 2000, 100)},
    ("H", "61"): {"employees": (300, 100, 10), "operating": (10000, 2000, 100)},
    ("I", "64"): {"employees": (2000, 100, 10), "operating": (100000, 1000, 100)},
    ("I", "65"): {"employees": (300, 100, 10), "operating": (10000, 1000, 50)},
    ("K", "70", "development"): {"operating": (200000, 1000, 100), "assets": (10000, 5000, 2000)},
    ("K", "70", "property_management"): {
        "employees": (1000, 300, 100), "operating": (5000, 1000, 500),
    },
    ("K", "70", "agency"): {"employees": (300, 100, 10)},
    ("L", "72"): {"employees": (300, 100, 10), "assets": (120000, 8000, 100)},
    ("Q", "85"): {"employees": (300, 100, 10)},
    ("R", "90"): {"employees": (300, 100, 10)},
}  # fmt: skip
CLASSES = ("large", "medium", "small", "micro")


def sides_of_limits():
    for industry, indicators in LIMITS.items():
        for indicator, limits in indicators.items():
            for limit, at, below in zip(limits, CLASSES, CLASSES[1:], strict=False):
                yield pytest.param(industry, indicator, limit, at, below, id=f"{industry} {limit}")


@pytest.mark.parametrize(("industry", "indicator", "limit", "at", "below"), list(sides_of_limits()))
def test_a_class_begins_at_the_limit_of_each_indicator(industry, indicator, limit, at, below):
    large = {name: limits[0] for name, limits in LIMITS[industry].items()}
    row = large | dict(zip(("section", "division", "real_estate_kind"), industry, strict=False))
    less = limit - (1 if indicator == "employees" else Decimal("0.01"))
    for value, size in ((limit, at), (less, below)):
        firm = firm_of(row | {indicator: value})
        assert size_class(firm).value == size
        assert is_sme(firm).value is (size != "large")
        assert is_small_or_micro(firm).value is (size in ("small", "micro"))


def test_what_is_not_answered_leaves_the_classes_that_it_may_still_give():
    industry = {"section": "C", "division": "35"}
    few = firm_of({**industry, "employees": 299})
    assert possible_classes(few) == ({"small", "micro"}, ("revenue.operating.y1",))
    assert (size_class(few).value, is_small_or_micro(few).value) == (None, True)
    many = firm_of({**industry, "employees": 1000})
    assert possible_classes(many) == (set(CLASSES), ("revenue.operating.y1",))
    assert is_sme(many) == is_small_or_micro(many)
    assert (is_sme(many).value, is_sme(many).missing) == (None, ("revenue.operating.y1",))
    nothing = firm_of(industry)
    both = ("enterprise.employees", "revenue.operating.y1")
    assert (size_class(nothing).missing, is_sme(nothing).missing) == (both, both)


def test_what_the_table_leaves_out_has_any_class_and_nothing_to_ask():
    school = firm_of({"section": "P", "division": "83", "employees": 5})
    assert possible_classes(school) == (set(CLASSES), ())
    assert (is_sme(school).value, is_sme(school).missing) == (None, ())


def test_rows_that_agree_on_a_class_leave_nothing_to_ask_of_sme():
    """Wholesale and retail have limits of their own; below both, either gives the answer."""
    shop = firm_of({"section": "F", "employees": 9, "operating": 50})
    assert (is_sme(shop).value, is_small_or_micro(shop).value) == (True, True)
    huge = firm_of({"section": "F", "employees": 300, "operating": 40000})
    assert (size_class(huge).value, is_sme(huge).value) == ("large", False)


@pytest.mark.parametrize(("section", "asked"), [("C", False), ("F", True), ("M", False)])
def test_the_division_is_asked_only_where_limits_differ_by_it(section, asked):
    _, missing = possible_classes(Firm({"industry.section": section}, date(2026, 11, 20)))
    assert ("industry.division" in missing) is asked
