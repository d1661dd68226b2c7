"""Facts: their rows of a pack, and their values in the words a firm reads."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.facts import Fact, plain

PLAIN = {"key": "x", "section": "测试", "label": "x"}


@pytest.mark.parametrize(
    ("kind", "more", "value", "shown"),
    [
        ("bool", {}, True, "是"),
        ("bool", {}, False, "否"),
        ("bool", {}, None, "未填"),
        ("enum", {"choices": {1: "甲"}}, "1", "甲"),
        ("enum", {}, "gone", "gone"),
        ("enum_set", {"choices": {"b": "乙", "a": "甲"}}, frozenset("ba"), "甲、乙"),
        ("enum_set", {}, frozenset(), "没有"),
        ("ratio", {}, Decimal("0.035"), "3.5%"),
        ("money_list", {}, (Decimal("1.50"), Decimal(20)), "1.5、20 万元"),
        ("money_list", {}, (), "没有"),
        ("decimal", {"unit": "万元"}, Decimal("20.00"), "20 万元"),
        ("decimal", {}, Decimal("0.10"), "0.1"),
        ("int", {"unit": "人"}, 300, "300 人"),
        ("int", {"unit": "年"}, 2026, "2026 年"),
        ("int", {}, 0, "0"),
        ("date", {}, date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_a_value_is_shown_as_a_firm_reads_it(kind, more, value, shown):
    assert Fact.from_data({**PLAIN, "type": kind, **more}).show(value) == shown


@pytest.mark.parametrize(
    ("number", "text"), [(1000, "1000"), (Decimal("1E+3"), "1000"), (Decimal("10.0"), "10")]
)
def test_a_number_has_no_exponent_and_no_zeros_at_its_end(number, text):
    assert plain(number) == text


def test_a_row_says_what_may_be_answered():
    bare = Fact.from_data({**PLAIN, "type": "decimal"})
    assert (bare.minimum, bare.maximum, bare.decimals, bare.changeable) == (None, None, None, False)
    full = Fact.from_data(
        {**PLAIN, "type": "int", "minimum": 0, "maximum": 1.5, "decimals": 0, "changeable": True}
    )
    assert (full.minimum, full.maximum, full.decimals) == (0, Decimal("1.5"), 0)
    assert full.changeable and full.is_numeric
    assert not Fact.from_data({**PLAIN, "type": "enum"}).is_numeric
