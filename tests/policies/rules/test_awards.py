"""Money as it really comes: tranches, caps, totals whose split is not printed."""

from decimal import Decimal

import pytest

from policies.rules.assessment import assess

UPGRADED = {"fact": "stat.years_since_upgrade", "is": 0}
STAGED = {
    "level": "province",
    "tranches": [
        {
            "title": "首次",
            "amount": 30,
            "now_when": UPGRADED,
            "past_when": {"fact": "stat.years_since_upgrade", "at_least": 1},
        },
        {
            "title": "满两年",
            "amount": 5,
            "now_when": {"fact": "stat.full_years_after_entry", "is": 2},
            "past_when": {"fact": "stat.full_years_after_entry", "at_least": 3},
            "void_when": {"fact": "stat.never_left_library", "is": False},
        },
    ],
}


@pytest.fixture
def paid(edition, facts, on):
    def pay(award, **answers):
        keys = {"year": "stat.first_upgrade_year", "stayed": "stat.never_left_library"}
        known = {keys.get(name, name): value for name, value in answers.items()}
        document = assess([edition(awards=[award])], known, on, facts)
        return document["programmes"][0]["awards"][award["level"]]

    return pay


@pytest.mark.parametrize(
    ("year", "stayed", "now", "later"),
    [
        (2026, None, [30, 30], [5, 5]),
        (2025, True, [0, 0], [5, 5]),
        (2024, True, [0, 0], [5, 5]),
        (2023, True, [5, 5], [0, 0]),
        (2023, None, [0, 5], [0, 0]),
        (2023, False, [0, 0], [0, 0]),
        (2022, True, [0, 0], [0, 0]),
    ],
)
def test_a_tranche_is_past_now_or_later(paid, year, stayed, now, later):
    answers = {"year": year} | ({} if stayed is None else {"stayed": stayed})
    fields = paid(STAGED, **answers)
    assert (fields["now"], fields["later"]) == (now, later)


def test_a_tranche_that_cannot_be_placed_is_nothing_to_everything(paid):
    assert paid(STAGED)["now"] == [0, 35]


@pytest.mark.parametrize(("year", "total"), [(2026, [20, 20]), (2023, [0, 20])])
def test_a_total_without_split_narrows_the_sum(paid, year, total):
    award = {"level": "city", "unsplit": {"amount": 20, "whole_when": UPGRADED}}
    fields = paid(award, year=year)
    assert (fields["now"], fields["later"], fields["total"]) == ([0, 20], [0, 20], total)


@pytest.mark.parametrize(
    ("amount", "answers", "expected"),
    [
        ({"range": [25, 50]}, {}, [25, 50]),
        ({"cap": 50}, {}, [0, 50]),
        ({"at_least": 5}, {}, [5, None]),
        ({"ladder": {"fact": "revenue", "steps": [[1000, 20], [2000, 40]]}}, {}, [20, 40]),
        (
            {"ladder": {"fact": "revenue", "steps": [[1000, 20], [2000, 40]]}},
            {"revenue": Decimal("1999.99")},
            [20, 20],
        ),
        (
            {"ladder": {"fact": "revenue", "steps": [[1000, 20], [2000, 40]]}},
            {"revenue": Decimal(2000)},
            [40, 40],
        ),
        ({"share": {"fact": "revenue", "rate": 0.03, "cap": 5}}, {"revenue": Decimal(100)}, [3, 3]),
        ({"share": {"fact": "revenue", "rate": 0.03, "cap": 5}}, {"revenue": Decimal(900)}, [5, 5]),
    ],
)
def test_each_kind_of_amount(paid, amount, answers, expected):
    assert paid({"level": "city", "amount": amount}, **answers)["now"] == expected


def test_a_formula_without_its_fact_is_unknown_not_zero(paid):
    assert paid({"level": "city", "amount": {"fact": "revenue"}}) == {"status": "unknown"}


def test_an_unpublished_level_has_no_figures(paid):
    assert paid({"level": "city", "status": "unpublished"}) == {"status": "unpublished"}


def test_money_to_verify_stays_out_of_totals(edition, facts, on):
    award = {"level": "national", "status": "to_verify", "amount": 100}
    document = assess([edition(awards=[award])], {}, on, facts)
    assert document["programmes"][0]["awards"]["national"]["amount"] == [100, 100]
    assert document["totals"]["all"] == [0, 0]
