"""No small count is shown, and none follows from what is shown."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from applications.centre.figures.quarters import Quarter, quarters_until
from applications.centre.figures.small_counts import FEW, HIDDEN, halves_of, parts_of

COUNTS = st.dictionaries(st.integers(), st.integers(1, 40), max_size=8)


@pytest.mark.parametrize(
    ("counts", "shown", "rest"),
    [
        ({}, {}, None),
        ({"a": 8}, {"a": 8}, None),
        ({"a": 8, "b": 5}, {"a": 8, "b": 5}, None),
        ({"a": 8, "b": 4}, {}, 12),
        ({"a": 9, "b": 8, "c": 4}, {"a": 9}, 12),
        ({"a": 9, "b": 3, "c": 1}, {}, 13),
        ({"a": 9, "b": 3, "c": 2}, {"a": 9}, 5),
        ({"a": 4}, {}, None),
        ({"a": 2, "b": 2}, {}, None),
    ],
)
def test_small_parts_stay_together_with_the_smallest_large_one(counts, shown, rest):
    found = parts_of(counts)
    assert (found.shown, found.rest) == (shown, rest)


@given(COUNTS)
def test_nobody_works_out_a_small_part_from_the_whole(counts):
    found = parts_of(counts)
    assert all(count >= 5 for count in found.shown.values())
    hidden = sum(counts.values()) - sum(found.shown.values())
    if found.rest_parts and found.shown:
        assert found.rest_parts >= 2
        assert hidden >= 5
    assert found.rest in (None, hidden)


@given(COUNTS)
def test_nobody_adds_the_parts_up_where_the_whole_is_secret(counts):
    found = parts_of(counts, whole_is_secret=True)
    assert found.rest is None
    assert sum(found.shown.values()) <= max(0, sum(counts.values()) - 5)


@pytest.mark.parametrize(
    ("first", "second", "whole", "told"),
    [
        (5, 5, "10", ("5", "5")),
        (100, 4, "104", (HIDDEN, FEW)),
        (4, 100, "104", (FEW, HIDDEN)),
        (100, 0, "100", (HIDDEN, FEW)),
        (4, 4, "8", (HIDDEN, HIDDEN)),
        (1, 8, "9", (HIDDEN, HIDDEN)),
        (1, 9, "10", (FEW, HIDDEN)),
        (2, 1, FEW, (HIDDEN, HIDDEN)),
        (0, 0, FEW, (HIDDEN, HIDDEN)),
    ],
)
def test_of_a_whole_of_two_neither_follows_from_the_other(first, second, whole, told):
    found = halves_of(first, second)
    assert (found.whole, (found.first, found.second)) == (whole, told)


def test_quarters_follow_each_other_and_only_whole_ones_are_shown():
    assert str(Quarter(2024, 1).period) == "2024-01-01 至 2024-03-31"
    assert str(Quarter(2024, 4).period) == "2024-10-01 至 2024-12-31"
    assert [each.key for each in quarters_until(date(2026, 3, 31), 3)] == [
        "2026-1", "2025-4", "2025-3"
    ]  # fmt: skip
    assert quarters_until(date(2026, 3, 30), 1)[0].key == "2025-4"
