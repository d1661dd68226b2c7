"""Where one of several ways is enough, the others are not told as failed."""

from datetime import date
from decimal import Decimal

import pytest

from policies.catalogue.vocabulary import Vocabulary
from policies.presentation.programme import Guide, programme_row
from policies.rules.assessment import assess
from policies.rules.facts import Fact
from policies.rules.read_edition import compile_edition
from tests.policies.packs import editions, facts

KINDS = {"revenue": "decimal", "library": "bool", "honest": "bool"}
FACTS = {
    key: Fact.from_data({"key": key, "type": kind, "section": "测试", "label": key})
    for key, kind in KINDS.items()
}
PROGRAMME = {
    "id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500",
    "effective_from": "2021-01-01", "awards": [],
}  # fmt: skip
SALES = {"fact": "revenue", "at_least": 2000}
LISTED = {"fact": "library", "is": True}
WHOLE = {
    "code": "A", "kind": "gate", "text": "规模达标，或已入库", "rule": {"any": [SALES, LISTED]},
    "sentence": "[revenue|收入达到{}]，或[library|已入库]",
}  # fmt: skip
BIG = {"code": "A.1", "kind": "alternative", "text": "规模达标", "rule": SALES}
IN = {"code": "A.2", "kind": "alternative", "text": "已入库", "rule": LISTED}
BIG_ENOUGH = {"revenue": Decimal(3000), "library": False}
TOO_SMALL = {"revenue": Decimal(1), "library": False}


def told(answers, *criteria, forget=()):
    """What a page says of each condition for a firm; `forget` is left out of the assessment."""
    edition = compile_edition({**PROGRAMME, "criteria": list(criteria)}, FACTS)
    [entry] = assess([edition], answers, date(2026, 11, 20), FACTS)["programmes"]
    kept = [
        {key: value for key, value in row.items() if key not in forget} for row in entry["criteria"]
    ]
    row = programme_row({**entry, "criteria": kept}, Vocabulary(FACTS, {}), Guide())
    return {row["code"]: row for row in row["criteria"]}


@pytest.mark.parametrize("answers", [BIG_ENOUGH, {"revenue": Decimal(3000)}])
def test_what_another_way_makes_up_for_is_not_needed_and_says_why(answers):
    rows = told(answers, WHOLE, BIG, IN)
    assert (rows["A.1"]["word"], rows["A.2"]["word"]) == ("符合", "不需要")
    assert rows["A.2"]["outcome"] == "not_needed"
    assert "“规模达标，或已入库”已经符合（“规模达标”）" in rows["A.2"]["enough"]
    marks = [(phrase["mark"], phrase["outcome"]) for phrase in rows["A"]["phrases"]]
    assert [mark for mark in marks if mark[0]] == [("✓", "met"), ("○", "not_needed")]
    assert "有一种就够" in rows["A"]["enough"]


def test_it_is_told_as_failed_where_no_way_is_open():
    rows = told(TOO_SMALL, WHOLE, BIG, IN)
    assert [row["word"] for row in rows.values()] == ["不符合"] * 3
    assert [phrase["mark"] for phrase in rows["A"]["phrases"] if phrase["mark"]] == ["✗", "✗"]
    assert not any(row["enough"] for row in rows.values())


def test_it_is_needed_where_one_of_two_conditions_still_wants_it():
    other = {"code": "B", "kind": "gate", "rule": {"any": [{"fact": "honest", "is": True}, LISTED]}}
    rows = told(BIG_ENOUGH | {"honest": False}, WHOLE, {**other, "text": "守信"}, BIG, IN)
    assert (rows["A"]["word"], rows["B"]["word"], rows["A.2"]["word"]) == (
        "符合",
        "不符合",
        "不符合",
    )


def test_a_denial_offers_no_ways():
    denied = {**WHOLE, "rule": {"not": {"any": [SALES, LISTED]}}, "sentence": ""}
    rows = told(TOO_SMALL, denied, BIG)
    assert (rows["A"]["word"], rows["A.1"]["enough"]) == (
        "符合",
        "可选的情形之一；其他条件已经够了，不需要这一种",
    )


def test_an_assessment_kept_from_before_is_told_by_its_verdict():
    rows = told(BIG_ENOUGH, WHOLE, BIG, IN, forget=["offered_in"])
    assert (rows["A.2"]["word"], rows["A.2"]["outcome"]) == ("不需要", "not_needed")
    rows = told(TOO_SMALL, WHOLE, BIG, IN, forget=["offered_in"])
    assert rows["A.2"]["word"] == "不符合"


def test_each_alternative_of_the_catalogue_says_what_it_is_offered_in():
    entries = [
        (criterion["id"], criterion["offered_in"])
        for programme in assess(list(editions()), {}, date(2026, 11, 20), facts())["programmes"]
        for criterion in programme["criteria"]
        if criterion["kind"] == "alternative"
    ]
    offered = dict(entries)
    assert offered["DP.1"] == ["ZC.9"]
    assert offered["JC-ZJTX-CITY.2"] == ["JC-ZJTX-CITY.1"]
    assert offered["SH.8d"] == ["SH.7", "SH.8a", "SH.8b", "SH.8c"]
    assert [code for code, whole in entries if not whole] == []
