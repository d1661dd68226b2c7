"""What only Yangcheng offers: who it is for, who it is not for, and what must be known first."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.assessment import assess
from tests.policies.packs import catalogue, editions, facts

ON = date(2026, 11, 20)
FIRM = {
    "enterprise.county": "140522",
    "enterprise.subject_type": "company",
    "enterprise.ownership": "private",
    "industry.section": "C",
    "enterprise.employees": 80,
    "enterprise.rankings": frozenset({"shanxi_100"}),
    "stat.direct_reporting": False,
    "tax.increase": Decimal(100),
}
LARGE = {"enterprise.employees": 1000, "revenue.operating.y1": Decimal(40000)}
# Each row: programme, an answer that fails it, the criterion then failed.
FAILURES = [
    ("yang-eval", {"enterprise.subject_type": "unincorporated"}, "YANG-EVAL.2"),
    ("yang-train", LARGE, "YANG-TRAIN.2"),
    ("yang-title", {"enterprise.ownership": "collective"}, "YANG-TITLE.2"),
    ("yang-tax", {"tax.increase": Decimal("99.999999")}, "YANG-TAX.2"),
    ("yang-tax", {"enterprise.ownership": "foreign"}, "YANG-TAX.3"),
    ("yang-top", {"enterprise.rankings": frozenset()}, "YANG-TOP.2"),
    ("yang-fin", {"enterprise.county": "140521"}, "YANG-FIN.1"),
    ("yang-rights", LARGE | {"enterprise.ownership": "state_owned"}, "YANG-RIGHTS.2"),
    ("yang-safe", {"industry.section": "F"}, "YANG-SAFE.2"),
    ("yang-safe", {"stat.direct_reporting": True}, "YANG-SAFE.3"),
    ("yang-invest", LARGE, "YANG-INVEST.2"),
]
# Each row: programme, the answers left out, the facts then missing.
GAPS = [
    ("yang-eval", ["enterprise.subject_type"], {"enterprise.subject_type"}),
    (
        "yang-train",
        ["enterprise.employees"],
        {"enterprise.employees", "revenue.operating.y1"},
    ),
    ("yang-title", ["enterprise.ownership"], {"enterprise.ownership"}),
    ("yang-tax", ["tax.increase"], {"tax.increase"}),
    ("yang-top", ["enterprise.rankings"], {"enterprise.rankings"}),
    ("yang-fin", ["enterprise.county"], {"enterprise.county"}),
    ("yang-safe", ["stat.direct_reporting"], {"stat.direct_reporting"}),
    (
        "yang-invest",
        ["enterprise.employees"],
        {"enterprise.employees", "revenue.operating.y1"},
    ),
    (
        "yang-rights",
        ["enterprise.ownership", "enterprise.employees"],
        {"enterprise.ownership", "enterprise.employees", "revenue.operating.y1"},
    ),
]
PROGRAMMES = sorted(pack.row["id"] for pack in catalogue().programmes if "yang-" in pack.row["id"])


def result_of(programme, answers):
    chosen = [edition for edition in editions() if edition.programme == programme]
    return assess(chosen, answers, ON, facts())["programmes"][0]


def failed(result):
    return [entry["id"] for entry in result["criteria"] if entry["outcome"] == "not_met"]


def test_every_programme_has_a_case_of_each_verdict():
    assert len(PROGRAMMES) == 9
    assert {programme for programme, _, _ in FAILURES} == set(PROGRAMMES)
    assert {programme for programme, _, _ in GAPS} == set(PROGRAMMES)


@pytest.mark.parametrize("programme", PROGRAMMES)
def test_it_is_open_to_a_small_private_factory_of_the_county(programme):
    assert result_of(programme, FIRM)["verdict"] == "eligible"


@pytest.mark.parametrize(("programme", "answers", "code"), FAILURES)
def test_one_answer_fails_it(programme, answers, code):
    result = result_of(programme, FIRM | answers)
    assert result["verdict"] == "not_eligible"
    assert failed(result) == [code]
    assert result["awards"] == {}


@pytest.mark.parametrize(("programme", "left_out", "missing"), GAPS)
def test_an_answer_left_out_leaves_it_open(programme, left_out, missing):
    known = {key: value for key, value in FIRM.items() if key not in left_out}
    result = result_of(programme, known)
    assert result["verdict"] == "unknown"
    assert set(result["missing"]) == missing


@pytest.mark.parametrize("programme", PROGRAMMES)
@pytest.mark.parametrize(
    ("place", "verdict"),
    [
        ({"enterprise.city": "140500"}, "unknown"),
        ({"enterprise.city": "140800"}, "not_eligible"),
        ({"enterprise.county": "140521"}, "not_eligible"),
    ],
)
def test_the_city_alone_does_not_say_the_county(programme, place, verdict):
    firm = {key: value for key, value in FIRM.items() if key != "enterprise.county"}
    result = result_of(programme, firm | place)
    assert result["verdict"] == verdict
    assert result["missing"] == (["enterprise.county"] if verdict == "unknown" else [])


def test_other_ownership_stays_open_for_titles_without_a_question():
    result = result_of("yang-title", FIRM | {"enterprise.ownership": "other"})
    assert result["verdict"] == "unknown"
    assert result["missing"] == []
    assert "O31" in result["flags"]


def test_a_large_private_firm_and_a_small_state_firm_may_complain():
    assert result_of("yang-rights", FIRM | LARGE)["verdict"] == "eligible"
    small_state = FIRM | {"enterprise.ownership": "state_owned"}
    assert result_of("yang-rights", small_state)["verdict"] == "eligible"


@pytest.mark.parametrize(
    ("increase", "award"), [("100", "10"), ("250", "25"), ("12345.67", "1234.567")]
)
def test_a_tenth_of_all_new_tax_is_paid(increase, award):
    county = result_of("yang-tax", FIRM | {"tax.increase": Decimal(increase)})["awards"]["county"]
    assert county["now"] == [Decimal(award), Decimal(award)]


@pytest.mark.parametrize(
    ("rankings", "award"),
    [
        ({"shanxi_100"}, [50, 50]),
        ({"national_500"}, [100, 100]),
        ({"national_500", "shanxi_100"}, [100, 150]),
    ],
)
def test_rankings_pay_by_list(rankings, award):
    result = result_of("yang-top", FIRM | {"enterprise.rankings": frozenset(rankings)})
    assert result["awards"]["county"]["now"] == award
    assert "C37" in result["flags"]


@pytest.mark.parametrize(("local_share", "now"), [("0.35", 70), ("0.05", 20)])
def test_new_tax_counts_once_the_larger(local_share, now):
    """The city returns the local share of the same new tax (C38)."""
    upgraded = {
        "revenue.main_business.y0": Decimal(3000),
        "stat.direct_reporting": True,
        "stat.first_time_above_scale": True,
        "stat.entry_path": "below_scale",
        "stat.first_upgrade_year": 2025,
        "tax.base_paid": Decimal(400),
        "tax.paid.y0": Decimal(600),
        "tax.local_share": Decimal(local_share),
        "tax.increase": Decimal(200),
    }
    both = [e for e in editions() if e.programme in ("yang-tax", "jc-xsg-tax")]
    document = assess(both, FIRM | upgraded, ON, facts())
    assert [result["verdict"] for result in document["programmes"]] == ["eligible", "eligible"]
    assert document["totals"]["now"] == document["totals"]["all"] == [now, now]


def test_unanswered_rankings_show_what_could_be_paid():
    known = {key: value for key, value in FIRM.items() if key != "enterprise.rankings"}
    assert result_of("yang-top", known)["awards"]["county"]["now"] == [50, 150]
