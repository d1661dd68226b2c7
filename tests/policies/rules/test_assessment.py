"""The answer document in the types of JSON."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from policies.rules.answers import parse_answers
from policies.rules.assessment import assess, plain_values, to_json
from policies.rules.read_edition import read_edition
from tests.policies.packs import catalogue, editions, facts, read_data

VALUES = {
    "whole": Decimal("20.00"),
    "part": Decimal("0.5"),
    "codes": frozenset({"b", "a"}),
    "day": date(2026, 1, 2),
    "rows": ({"yes": True}, [None, "text"]),
}
PLAIN = {
    "whole": 20,
    "part": 0.5,
    "codes": ["a", "b"],
    "day": "2026-01-02",
    "rows": [{"yes": True}, [None, "text"]],
}


def test_values_have_a_plain_form():
    assert plain_values(VALUES) == json.loads(to_json(VALUES)) == PLAIN
    assert [type(plain_values(VALUES)[key]) for key in ("whole", "part")] == [int, float]


@pytest.mark.parametrize("told", [plain_values, to_json])
def test_what_has_none_is_refused(told):
    with pytest.raises(TypeError, match="bytes"):
        told({"x": b"1"})


def other_words(fact):
    """The fact as an editor may word it anew: nothing of what answers mean is another."""
    texts = dict.fromkeys(("label", "question", "help", "section"), "改了的文字")
    choices = {code: f"改了{number}" for number, code in enumerate(fact.choices)}
    return replace(fact, choices=choices, **texts)


def test_no_verdict_and_no_money_hangs_on_the_words_of_facts():
    """Of all that is published: sentences too are read as they were."""
    worded = {key: other_words(fact) for key, fact in facts().items()}
    before = editions()
    after = [
        read_edition({**programme.data(content), "is_published": True}, worded)
        for programme in catalogue().programmes
        if programme.row["screened"]
        for _, content in programme.editions
    ]
    assert [each.fault for each in after if each.fault] == []
    for case in read_data("cases.yaml")["cases"]:
        answers = parse_answers(case["facts"], facts(), case["on"])
        then, now = (
            assess(each, answers, case["on"], known)
            for each, known in ((before, facts()), (after, worded))
        )
        assert then["totals"] == now["totals"]
        for one, other in zip(then["programmes"], now["programmes"], strict=True):
            assert one["edition"] == other["edition"]
            for name in ("verdict", "missing", "missing_for_amount", "awards", "near_miss"):
                assert one[name] == other[name], (one["programme"], name)
            outcomes = [[(each["id"], each["outcome"], each["gap"], each["values"])
                         for each in row["criteria"]] for row in (one, other)]  # fmt: skip
            assert outcomes[0] == outcomes[1]
