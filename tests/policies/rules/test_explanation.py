"""What the entry of a programme says of each condition: values, reasons, and one entry a code."""

from decimal import Decimal

import pytest

from policies.rules.assessment import assess

SCALE = {"code": "A", "kind": "gate", "text": "规模", "rule": {"fact": "revenue", "at_least": 2000}}
HONEST = {"code": "A", "kind": "gate", "text": "守信", "rule": {"fact": "honest", "is": True}}


@pytest.fixture
def entry(edition, facts, on):
    def explain(*criteria, **answers):
        document = assess([edition(criteria)], answers, on, facts)
        return document["programmes"][0]

    return explain


@pytest.mark.parametrize("kind", ["county_sheet", "open"])
@pytest.mark.parametrize("reason", [None, "C01"])
def test_a_lenient_condition_that_fails_stays_open_for_its_reason(entry, kind, reason):
    found = entry({**SCALE, "kind": kind, "reason": reason}, revenue=Decimal(1))
    [criterion] = found["criteria"]
    assert found["verdict"] == "unknown"
    assert (criterion["outcome"], criterion["reason"]) == ("unknown", reason)
    assert found["flags"] == ([reason] if reason else [])
    assert (criterion["gap"], criterion["missing"]) == (1999, [])


def test_a_gate_that_fails_closes_the_verdict_and_says_why(entry):
    found = entry({**SCALE, "reason": "C01"}, revenue=Decimal(1))
    [criterion] = found["criteria"]
    assert (found["verdict"], criterion["outcome"]) == ("not_eligible", "not_met")
    assert (criterion["reason"], found["flags"], criterion["gap"]) == ("C01", ["C01"], 1999)
    assert criterion["values"] == {"revenue": 1}


def test_what_is_met_or_lacks_an_answer_gives_no_reason(entry):
    met = entry({**SCALE, "reason": "C01"}, revenue=Decimal(2000))
    lacking = entry({**SCALE, "reason": "C01"})
    for found, outcome, missing in ((met, "met", []), (lacking, "unknown", ["revenue"])):
        [criterion] = found["criteria"]
        assert (criterion["outcome"], criterion["missing"]) == (outcome, missing)
        assert (criterion["reason"], criterion["gap"], found["flags"]) == (None, None, [])
    assert (lacking["criteria"][0]["values"], lacking["missing"]) == ({}, ["revenue"])


OTHERWISE = {"fact": "library", "is": False}


@pytest.mark.parametrize(
    ("answers", "outcome", "verdict"),
    [
        ({"library": True, "revenue": Decimal(1)}, "not_applicable", "eligible"),
        ({"library": False, "revenue": Decimal(1)}, "not_met", "not_eligible"),
        ({"library": False, "revenue": Decimal(2000)}, "met", "eligible"),
        ({"revenue": Decimal(1)}, "unknown", "unknown"),
        ({}, "unknown", "unknown"),
    ],
)
def test_a_condition_holds_only_where_it_applies(entry, answers, outcome, verdict):
    found = entry({**SCALE, "when": OTHERWISE}, **answers)
    assert (found["criteria"][0]["outcome"], found["verdict"]) == (outcome, verdict)
    missing = [key for key in ("library", "revenue") if key not in answers]
    assert found["missing"] == (missing if outcome == "unknown" else [])


@pytest.mark.parametrize(
    ("answers", "outcome", "text"),
    [
        ({"revenue": Decimal(2000), "honest": True}, "met", "规模；守信"),
        ({"revenue": Decimal(1), "honest": True}, "not_met", "规模；守信"),
        ({"revenue": Decimal(2000), "honest": False}, "not_met", "规模；守信"),
        ({"revenue": Decimal(2000)}, "unknown", "规模；守信"),
        ({"revenue": Decimal(1)}, "not_met", "规模；守信"),
    ],
)
def test_rows_of_one_code_are_one_entry_that_all_have_to_hold(entry, answers, outcome, text):
    [criterion] = entry(SCALE, HONEST, **answers)["criteria"]
    assert (criterion["outcome"], criterion["text"], criterion["values"]) == (
        outcome,
        text,
        answers,
    )
    assert criterion["requires"] == "≥ 2000 万元；且 honest：是"
    assert criterion["missing"] == (["honest"] if outcome == "unknown" else [])


def test_of_rows_of_one_code_those_that_do_not_apply_say_nothing(entry):
    never = {**SCALE, "when": OTHERWISE}
    [criterion] = entry(never, HONEST, library=True, honest=True, revenue=Decimal(1))["criteria"]
    assert (criterion["outcome"], criterion["text"]) == ("met", "守信")
    [criterion] = entry(never, {**never, "text": "再次"}, library=True)["criteria"]
    assert (criterion["outcome"], criterion["text"]) == ("not_applicable", "规模")


@pytest.mark.parametrize(
    ("kind", "verdict"),
    [("gate", "not_eligible"), ("exclusion", "not_eligible"), ("county_sheet", "unknown"),
     ("open", "unknown"), ("alternative", "eligible"), ("tranche", "eligible")],
)  # fmt: skip
def test_the_kind_of_a_condition_says_what_its_failing_does(entry, kind, verdict):
    assert entry({**SCALE, "kind": kind}, revenue=Decimal(1))["verdict"] == verdict


def test_a_condition_that_people_judge_leaves_the_verdict_alone(entry):
    found = entry({"code": "A", "kind": "manual", "text": "评审"})
    assert found["verdict"] == "eligible"
    assert found["criteria"][0]["outcome"] == "manual"


@pytest.mark.parametrize(
    ("year", "is_past"),
    [(2026, False), (2025, False), (2024, False), (2023, True), (2020, True)],
)
def test_a_condition_of_a_tranche_is_past_where_no_coming_year_meets_it(entry, year, is_past):
    rule = {"fact": "stat.years_since_upgrade", "between": [5, 6]}
    if is_past:
        rule = {"fact": "stat.years_since_upgrade", "is": 1}
    row = {"code": "A", "kind": "tranche", "text": "满五年", "rule": rule}
    [criterion] = entry(row, **{"stat.first_upgrade_year": year})["criteria"]
    assert criterion["outcome"] == "not_met"
    assert criterion["is_past"] is is_past


def test_only_the_condition_of_the_place_is_told_to_a_firm_of_elsewhere(entry):
    rule = {"fact": "enterprise.county", "is": "140521"}
    place = {"code": "P", "kind": "gate", "text": "注册地", "rule": rule}
    found = entry(place, SCALE, **{"enterprise.county": "140522", "revenue": Decimal(1)})
    assert [row["id"] for row in found["criteria"]] == ["P"]
    assert (found["verdict"], found["missing"], found["awards"]) == ("not_eligible", [], {})
    found = entry(place, SCALE, revenue=Decimal(1))
    assert [row["id"] for row in found["criteria"]] == ["P", "A"]
