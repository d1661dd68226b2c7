"""Intervals of money: their ends, what is open, and what each kind of amount gives at its limits."""

from decimal import Decimal

import pytest

from policies.rules.firm import Estimate, exactly
from policies.rules.money import (
    NOTHING,
    Money,
    actual_cost,
    at_milestones,
    by_case,
    exact,
    headline,
    hull,
    merged,
    on_ladder,
    per_head_month,
    share_of,
    share_of_items,
    unknown_money,
)
from policies.rules.readings import MET, NOT_MET, unknown
from policies.rules.tree import Milestones, PerHeadMonth, Share, ShareOfItems, Value

OPEN = Money(Decimal(5), None, ("a",))
SPAN = Money(Decimal(2), Decimal(9), ("b", "a"))


def test_sums_add_both_ends_and_stay_open_where_one_is():
    assert SPAN.plus(exact(Decimal(1))) == Money(Decimal(3), Decimal(10), ("b", "a"))
    for one, other in ((OPEN, SPAN), (SPAN, OPEN)):
        assert one.plus(other).pair == [7, None]
    assert OPEN.plus(SPAN).missing == ("a", "b")
    assert NOTHING.plus(SPAN) == SPAN.plus(NOTHING) == SPAN


def test_of_two_the_larger_has_the_larger_ends():
    low, high = Money(Decimal(1), Decimal(20)), SPAN
    assert low.larger(high) == high.larger(low) == Money(Decimal(2), Decimal(20), ("b", "a"))
    assert OPEN.larger(low).pair == low.larger(OPEN).pair == [5, None]


def test_what_is_perhaps_paid_is_nothing_at_the_least():
    assert SPAN.perhaps(("c",)) == Money(Decimal(0), Decimal(9), ("b", "a", "c"))
    assert OPEN.perhaps().pair == [0, None]


@pytest.mark.parametrize("together", [Money.plus, Money.larger])
def test_money_is_known_only_where_all_of_it_is(together):
    lost = unknown_money(("x",))
    assert lost.pair == [0, None]
    assert not together(lost, SPAN).is_known
    assert not together(SPAN, lost).is_known
    assert together(SPAN, OPEN).is_known
    assert not lost.perhaps().is_known


def test_the_hull_reaches_from_the_lowest_to_the_highest():
    assert hull([SPAN]) is SPAN
    assert hull([SPAN], ("x",)) == Money(Decimal(2), Decimal(9), ("x", "b", "a"))
    assert hull([SPAN, exact(Decimal(12)), exact(Decimal(1))]).pair == [1, 12]
    assert hull([SPAN, OPEN]).pair == [2, None]
    assert not hull([SPAN, unknown_money(())]).is_known


def test_each_lacking_fact_is_named_once_as_they_come():
    assert merged(("b", "a"), (), ("a", "c")) == ("b", "a", "c")
    assert merged(("a",)) == ("a",)
    assert merged((), ()) == ()


VALUE = Value("a", "万元")
STEPS = ((Decimal(100), Decimal(5)), (Decimal(200), Decimal(8)))


@pytest.mark.parametrize(
    ("value", "pair"), [("99.99", [0, 0]), ("100", [5, 5]), ("199.99", [5, 5]), ("200", [8, 8])]
)
def test_a_step_begins_at_its_limit(value, pair):
    reached = [MET if Decimal(value) >= limit else NOT_MET for limit, _ in STEPS]
    assert on_ladder(STEPS, reached).pair == pair


def test_a_ladder_without_its_fact_is_any_of_its_steps():
    lacking = unknown(("a",))
    assert on_ladder(STEPS, [lacking, lacking]) == Money(Decimal(5), Decimal(8), ("a",))
    assert on_ladder(STEPS, [MET, lacking]) == Money(Decimal(5), Decimal(8), ("a",))
    assert on_ladder(STEPS, [lacking, NOT_MET]) == Money(Decimal(5), Decimal(5), ("a",))


def test_a_table_gives_the_first_row_that_holds():
    one, two, rest = (exact(Decimal(number)) for number in (1, 2, 3))
    assert by_case([(NOT_MET, one), (MET, two), (MET, rest)], rest) == two
    assert by_case([(NOT_MET, one), (NOT_MET, two)], rest) == rest
    assert by_case([(unknown(["a"]), one), (MET, two)], rest) == Money(
        Decimal(1), Decimal(2), ("a",)
    )
    assert by_case([(unknown(["a"]), one), (unknown(["b"]), two)], rest) == Money(
        Decimal(1), Decimal(3), ("a", "b")
    )


def test_a_formula_without_its_fact_is_unknown_not_nothing():
    nothing_said, share = Estimate(missing=("a",)), Share(VALUE, *[Decimal("0.1")] * 2)
    assert share_of(share, nothing_said) == actual_cost(nothing_said) == unknown_money(("a",))
    items = ShareOfItems("a", Decimal("0.1"))
    assert share_of_items(items, None, ("a",)) == unknown_money(("a",))
    assert actual_cost(exactly(Decimal(7))) == exact(Decimal(7))


@pytest.mark.parametrize(
    ("cap", "value", "paid"),
    [
        (None, Decimal(100), 10),
        (Decimal(9), Decimal(89), Decimal("8.9")),
        (Decimal(9), Decimal(90), 9),
        (Decimal(9), Decimal(91), 9),
        (Decimal(9), (Decimal(80), Decimal(300)), 17),  # each item has its own cap
        (Decimal(0), Decimal(100), 0),
        (Decimal(9), (), 0),
    ],
)
def test_a_share_is_held_by_its_cap(cap, value, paid):
    rate = Decimal("0.1")
    if isinstance(value, tuple):
        found = share_of_items(ShareOfItems("a", rate, cap), value, ())
    else:
        found = share_of(Share(VALUE, rate, rate, cap), exactly(value))
    assert found.pair == [paid, paid]


@pytest.mark.parametrize(
    ("months", "paid"), [(2, 0), (3, "0.18"), (5, "0.3"), (6, "0.36"), (7, "0.36")]
)
def test_months_count_from_the_least_to_the_most(months, paid):
    amount = PerHeadMonth(Decimal(300), "heads", "months", 3, 6)
    assert per_head_month(amount, 2, months, ()).low == Decimal(paid)
    assert per_head_month(amount, 2, months, ()).high == Decimal(paid)


def test_months_without_a_most_all_count_and_each_fact_is_needed():
    amount = PerHeadMonth(Decimal(500), "heads", "months", 0, None)
    assert per_head_month(amount, 4, 50, ()).pair == [10, 10]
    for heads, months in ((None, 3), (3, None)):
        assert per_head_month(amount, heads, months, ("a",)) == unknown_money(("a",))


MILESTONES = Milestones(
    "now", "before", "received", tuple((Decimal(10**n), Decimal(n * n)) for n in (1, 2, 3))
)


@pytest.mark.parametrize(
    ("now", "before", "received", "pair", "first"),
    [
        (9, 0, 0, [0, 0], None),
        (10, 0, 0, [1, 1], 1),
        (10, 10, 0, [0, 0], None),
        (100, 10, 0, [4, 4], 4),
        (100, 9, 0, [4, 5], 4),
        (100, 9, 1, [3, 5], 4),
        (100, 9, 6, [0, 5], 4),
        (100, 9, None, [0, 5], 4),
        (1000, 0, 0, [9, 14], 9),
    ],
)
def test_a_milestone_is_passed_from_below_to_its_limit(now, before, received, pair, first):
    numbers = (Decimal(now), Decimal(before), None if received is None else Decimal(received))
    assert at_milestones(MILESTONES, *numbers, ()).pair == pair
    assert headline(MILESTONES, *numbers[:2]) == first


def test_a_milestone_without_a_fact_is_every_place_still_possible():
    assert at_milestones(MILESTONES, None, Decimal(10), Decimal(0), ("now",)) == Money(
        Decimal(4), Decimal(13), ("now",)
    )
    assert headline(MILESTONES, None, Decimal(10)) is None
    assert headline(MILESTONES, None, Decimal(100)) == 9
    unknown_before = at_milestones(MILESTONES, Decimal(100), None, Decimal(0), ("before",))
    assert unknown_before == Money(Decimal(4), Decimal(5), ("before",))
    assert at_milestones(MILESTONES, None, Decimal(1000), None, ("now",)) == NOTHING
