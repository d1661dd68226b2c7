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


@pytest.mark.parametrize(("section", "asked"), [("C", False), ("F", True), ("M", False)])
def test_the_division_is_asked_only_where_limits_differ_by_it(section, asked):
    _, missing = possible_classes(Firm({"industry.section": section}, date(2026, 11, 20)))
    assert ("industry.division" in missing) is asked
