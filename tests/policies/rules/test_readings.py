"""Kleene logic: unknown is never false and never true."""

import pytest

from policies.rules.readings import (
    MET,
    NOT_MET,
    Outcome,
    all_of,
    at_least,
    first_case,
    negate,
    unknown,
)

OPEN = unknown(["a"])


@pytest.mark.parametrize(
    ("parts", "every", "some"),
    [
        ([MET, MET], Outcome.MET, Outcome.MET),
        ([MET, NOT_MET], Outcome.NOT_MET, Outcome.MET),
        ([NOT_MET, OPEN], Outcome.NOT_MET, Outcome.UNKNOWN),
        ([MET, OPEN], Outcome.UNKNOWN, Outcome.MET),
        ([OPEN, OPEN], Outcome.UNKNOWN, Outcome.UNKNOWN),
    ],
)
def test_unknown_and_false_is_false_and_unknown_or_true_is_true(parts, every, some):
    assert all_of(parts).outcome is every
    assert at_least(1, parts).outcome is some


@pytest.mark.parametrize(
    ("met", "open_ones", "failed", "outcome"),
    [
        (4, 0, 4, Outcome.MET),
        (3, 1, 4, Outcome.UNKNOWN),
        (3, 0, 5, Outcome.NOT_MET),
        (0, 3, 5, Outcome.NOT_MET),
        (4, 4, 0, Outcome.MET),
    ],
)
def test_at_least_four_of_eight(met, open_ones, failed, outcome):
    assert at_least(4, [MET] * met + [OPEN] * open_ones + [NOT_MET] * failed).outcome is outcome


def test_negating_unknown_stays_unknown_with_what_it_lacks():
    assert negate(OPEN) == OPEN
    assert negate(MET) == NOT_MET


def test_what_stays_open_names_each_fact_and_reason_once():
    one, other = unknown(["a", "b"], ["C01"]), unknown(["b", "c"], ["C01", "C02"])
    assert all_of([one, MET, other]) == unknown(["a", "b", "c"], ["C01", "C02"])
    assert all_of([one, MET]) is one


FIRST, SECOND = unknown(["first"]), unknown(["second"])


@pytest.mark.parametrize(
    ("rows", "otherwise", "reading"),
    [
        ([(MET, MET), (MET, NOT_MET)], None, MET),
        ([(NOT_MET, MET), (MET, NOT_MET)], MET, NOT_MET),
        ([(NOT_MET, NOT_MET)], None, MET),  # no row speaks of the firm
        ([(NOT_MET, NOT_MET)], NOT_MET, NOT_MET),
        ([(NOT_MET, NOT_MET)], SECOND, SECOND),
        ([(MET, SECOND)], None, SECOND),
        ([(FIRST, MET), (MET, MET)], NOT_MET, MET),
        ([(FIRST, NOT_MET), (NOT_MET, MET)], NOT_MET, NOT_MET),
        ([(FIRST, MET), (MET, NOT_MET)], None, FIRST),
        ([(FIRST, NOT_MET)], None, NOT_MET),
        ([(FIRST, SECOND), (MET, SECOND)], None, unknown(["first", "second"])),
        ([(FIRST, MET), (SECOND, NOT_MET)], MET, unknown(["first", "second"])),
        ([(FIRST, SECOND)], None, unknown(["first", "second"])),
    ],
)
def test_a_table_is_decided_where_all_rows_still_possible_agree(rows, otherwise, reading):
    assert first_case(rows, otherwise) == reading
