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


OPEN, UNPUBLISHED = {"level": "county", "amount": 5}, {"level": "county", "status": "unpublished"}
NONE, UNSURE = {**UNPUBLISHED, "status": "none_listed"}, {**OPEN, "status": "to_verify"}
FORMULA = {"level": "county", "amount": {"fact": "revenue"}}


@pytest.fixture
def county(edition, facts, on):
    """What the county pays by several awards together, and the totals of the answer."""

    def pay(*rows, **answers):
        document = assess([edition(awards=rows)], answers, on, facts)
        return document["programmes"][0]["awards"]["county"], document

    return pay


@pytest.mark.parametrize(
    ("rows", "status", "now"),
    [
        ([OPEN, OPEN], "published", [10, 10]),
        ([OPEN, UNPUBLISHED], "published", [5, 5]),
        ([UNPUBLISHED, OPEN], "published", [5, 5]),
        ([UNPUBLISHED, NONE], "unpublished", None),
        ([NONE, UNPUBLISHED], "none_listed", None),
        ([UNSURE, UNPUBLISHED], "to_verify", None),
        ([FORMULA, UNPUBLISHED], "unknown", None),
    ],
)
def test_a_level_of_several_awards_is_published_where_one_of_them_is(county, rows, status, now):
    fields, document = county(*rows)
    assert (fields["status"], fields.get("now")) == (status, now)
    assert document["totals"]["now"] == (now or [0, 0])
    names = {status: [{"programme": "p", "level": "county"}]}
    for name in ("unpublished", "unknown"):
        assert document["totals"][name] == names.get(name, [])


def test_a_tranche_whose_amount_nobody_knows_says_so(county):
    _, document = county(FORMULA)
    [row] = document["programmes"][0]["tranches"]
    assert (row["status"], row["amount"], row["when"]) == ("unknown", None, "now")
    _, document = county(FORMULA, revenue=Decimal(8))
    [row] = document["programmes"][0]["tranches"]
    assert (row["status"], row["amount"]) == ("published", [8, 8])


def test_money_that_is_yet_to_be_verified_adds_nothing_to_what_is_published(county):
    fields, _ = county(OPEN, UNSURE)
    assert (fields["status"], fields["now"], fields["total"]) == ("published", [5, 5], [5, 5])


OWN = {"level": "county", "payer": "140521", "amount": 7}


@pytest.mark.parametrize(
    ("rows", "place", "status", "now"),
    [
        ([OWN, OPEN], "140521", "published", [7, 7]),
        ([OWN, OPEN], "140522", "published", [5, 5]),
        ([OWN], "140522", "none_listed", None),
        ([OWN, {**OWN, "payer": "140522", "amount": 9}], "140522", "published", [9, 9]),
        ([OWN, OWN], "140521", "published", [14, 14]),
        ([OWN, OPEN], None, "unknown", None),
        ([OPEN], None, "published", [5, 5]),
    ],
)
def test_a_countys_own_awards_take_the_place_of_the_common_ones(county, rows, place, status, now):
    answers = {"enterprise.county": place} if place else {}
    fields, document = county(*rows, **answers)
    assert (fields["status"], fields.get("now")) == (status, now)
    asked = document["programmes"][0]["missing_for_amount"]
    assert asked == (["enterprise.county"] if status == "unknown" else [])


VOID = {"fact": "library", "is": False}
LEAVES = {
    "level": "county",
    "tranches": [{"title": "奖补", "amount": 5, "void_when": VOID}],
}


@pytest.mark.parametrize(
    ("answers", "now", "total", "missing"),
    [
        ({}, [0, 5], [0, 5], ["library"]),
        ({"library": True}, [5, 5], [5, 5], []),
        ({"library": False}, [0, 0], [0, 0], []),
    ],
)
def test_whether_a_tranche_is_void_leaves_its_money_open(county, answers, now, total, missing):
    fields, document = county(LEAVES, **answers)
    assert (fields["now"], fields["total"]) == (now, total)
    assert document["programmes"][0]["missing_for_amount"] == missing


def test_what_is_always_later_never_comes_now(county):
    tranches = [
        {"title": "首期", "amount": 5},
        {"title": "次年", "amount": 3, "later": True, "past_when": {"fact": "honest", "is": False}},
    ]
    award = {"level": "county", "tranches": tranches}
    for answers, later in (({}, [3, 3]), ({"honest": True}, [3, 3]), ({"honest": False}, [0, 0])):
        fields, document = county(award, **answers)
        assert (fields["now"], fields["later"]) == ([5, 5], later)
        whens = [row["when"] for row in document["programmes"][0]["tranches"]]
        assert whens == ["now"] + ["later"] * (later == [3, 3])


@pytest.mark.parametrize(
    ("year", "stayed", "rows"),
    [
        (2026, True, [("首次", "now", 2026, [30, 30]), ("满两年", "later", 2029, [5, 5])]),
        (2023, True, [("满两年", "now", 2026, [5, 5])]),
        (2023, None, [("满两年", "now", 2026, [0, 5])]),
        (2022, True, []),
        (2026, False, [("首次", "now", 2026, [30, 30])]),
        (
            None,
            True,
            [("首次", "undecided", None, [0, 30]), ("满两年", "undecided", None, [0, 5])],
        ),
    ],
)
def test_a_row_for_each_tranche_that_may_still_come(edition, facts, on, year, stayed, rows):
    keys = {"stat.first_upgrade_year": year, "stat.never_left_library": stayed}
    answers = {key: value for key, value in keys.items() if value is not None}
    document = assess([edition(awards=[STAGED])], answers, on, facts)
    found = document["programmes"][0]["tranches"]
    assert [(row["title"], row["when"], row["year"], row["amount"]) for row in found] == rows


@pytest.mark.parametrize(
    ("answers", "now", "undecided"),
    [
        ({}, [0, 5], True),
        ({"honest": True}, [0, 5], True),
        ({"honest": False}, [5, 5], None),
    ],
)
def test_where_it_is_open_whether_a_level_pays_its_least_is_nothing(
    county, answers, now, undecided
):
    award = {**OPEN, "undecided": [{"when": {"fact": "honest", "is": True}, "reason": "C01"}]}
    fields, document = county(award, **answers)
    assert (fields["now"], fields["total"]) == (now, now)
    assert fields.get("undecided") is undecided
    entry = document["programmes"][0]
    assert entry["flags"] == (["C01"] if undecided else [])
    assert entry["missing_for_amount"] == ([] if answers else ["honest"])


def test_the_figures_beside_a_levels_money_are_told_where_it_is_published(county):
    award = {**OPEN, "headline": 8, "fee_cap": 2, "price_cut": 3}
    fields, _ = county(award)
    assert (fields["headline"], fields["fee_cap"], fields["price_cut"]) == (8, 2, 3)
    fields, document = county({**award, "status": "to_verify"})
    assert fields == {"status": "to_verify", "amount": [5, 5]}
    assert document["programmes"][0]["tranches"][0]["status"] == "to_verify"


def test_a_total_without_split_has_a_row_of_its_own(county):
    _, document = county({"level": "county", "unsplit": {"amount": 20}})
    [row] = document["programmes"][0]["tranches"]
    assert (row["when"], row["year"], row["amount"]) == ("undecided", None, [0, 20])
    assert (row["kind"], row["status"]) == ("unsplit", "published")
