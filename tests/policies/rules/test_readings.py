"""Kleene logic: unknown is never false and never true."""

import pytest

from policies.rules.readings import MET, NOT_MET, Outcome, all_of, at_least, negate, unknown

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
