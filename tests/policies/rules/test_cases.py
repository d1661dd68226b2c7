"""Worked cases on the real catalogue: verdicts, reasons and amounts."""

from decimal import Decimal

import pytest

from policies.rules.answers import parse_answers
from policies.rules.assessment import assess, assess_edition
from policies.rules.firm import Firm
from tests.policies.packs import editions, facts, read_data

CASES = read_data("cases.yaml")["cases"]
EXPECTED = {"verdict", "failing", "failing_any", "undecided", "missing", "missing_any"} | {
    "missing_amount", "flags", "awards", "potential",
}  # fmt: skip


def document_of(case, programmes=None):
    on = case["on"]
    chosen = [e for e in editions() if programmes is None or e.programme in programmes]
    return assess(chosen, parse_answers(case["facts"], facts(), on), on, facts())


def interval(value):
    low, high = value if isinstance(value, list) else (value, value)
    return [Decimal(str(low)), None if high is None else Decimal(str(high))]


def check_level(fields, expected):
    if isinstance(expected, str):
        status, _, amount = expected.partition(":")
        assert fields["status"] == status
        if amount:
            assert fields["amount"] == interval(float(amount))
        return
    for key, value in expected.items():
        if key == "verdict":
            assert fields.get("undecided") is True
        elif key in ("headline", "price_cut"):
            assert fields[key] == Decimal(str(value))
        else:
            assert fields[key] == interval(value), key


def check_programme(result, expected):
    assert result["verdict"] == expected["verdict"]
    outcomes = {entry["id"]: entry["outcome"] for entry in result["criteria"]}
    failing = {code for code, outcome in outcomes.items() if outcome == "not_met"}
    open_codes = {code for code, outcome in outcomes.items() if outcome == "unknown"}
    assert set(expected.get("failing", [])) <= failing
    if "failing_any" in expected:
        assert set(expected["failing_any"]) & failing
    assert set(expected.get("undecided", [])) <= open_codes
    assert set(expected.get("missing", [])) <= set(result["missing"])
    if "missing_any" in expected:
        assert set(expected["missing_any"]) & set(result["missing"])
    assert set(expected.get("missing_amount", [])) <= set(result["missing_for_amount"])
    assert set(expected.get("flags", [])) <= set(result["flags"])
    levels = expected.get("awards") or expected.get("potential") or {}
    for level, money in levels.items():
        check_level(result["awards"][level], money)


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_case(case):
    results = {result["programme"]: result for result in document_of(case)["programmes"]}
    assert case["expect"]
    for programme, expected in case["expect"].items():
        assert set(expected) <= EXPECTED
        check_programme(results[programme], expected)


WITH_TOTALS = [case for case in CASES if "totals" in case]


@pytest.mark.parametrize("case", WITH_TOTALS, ids=[case["id"] for case in WITH_TOTALS])
def test_totals(case):
    expected = case["totals"]
    totals = document_of(case, expected["of"])["totals"]
    for key in ("now", "later", "all"):
        if key in expected:
            assert totals[key] == interval(expected[key]), key
    levels = {row["level"] for row in totals["unpublished"]}
    assert levels == set(expected.get("unpublished", []))


def given_verdicts(programme):
    return {case["expect"][programme]["verdict"] for case in CASES if programme in case["expect"]}


def is_ever_unknown(programme):
    """Whether leaving questions unanswered leaves it open, as it should wherever it asks any."""
    edition = next(edition for edition in editions() if edition.programme == programme)
    return assess_edition(edition, Firm({}, CASES[0]["on"]))["verdict"] == "unknown"


@pytest.mark.parametrize("programme", sorted({edition.programme for edition in editions()}))
def test_every_programme_has_an_example_of_each_verdict(programme):
    needed = {"eligible", "not_eligible"} | ({"unknown"} if is_ever_unknown(programme) else set())
    assert needed - given_verdicts(programme) == set()
