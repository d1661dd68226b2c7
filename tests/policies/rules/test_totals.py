"""Totals: what the eligible programmes pay together, and nothing of the others."""

import pytest

from policies.rules.assessment import assess

GATE = {"code": "A.1", "kind": "gate", "text": "在库", "rule": {"fact": "library", "is": True}}


@pytest.mark.parametrize(
    ("answers", "paid"), [({"library": True}, [12, 12]), ({"library": False}, [7, 7]), ({}, [7, 7])]
)
def test_only_eligible_programmes_count(edition, facts, on, answers, paid):
    editions = [
        edition([GATE], [{"level": "city", "amount": 5}, {"level": "county", "fee_cap": 1}]),
        edition(
            [], [{"level": "city", "amount": 7}, {"level": "province", "status": "unpublished"}]
        ),
    ]
    found = assess(editions, answers, on, facts)["totals"]
    assert found["now"] == found["all"] == paid
    assert found["later"] == [0, 0]
    assert found["unpublished"] == [{"programme": "p", "level": "province"}]


def test_now_and_later_are_summed_apart(edition, facts, on):
    tranches = [
        {"title": "首期", "amount": 5},
        {"title": "次年", "amount": {"at_least": 3}, "later": True},
    ]
    once = {"level": "city", "tranches": tranches, "same_money": "C1"}
    more = {"level": "county", "tranches": [*tranches[:1], {**tranches[1], "amount": 2}]}
    found = assess([edition(awards=[once, more]), edition(awards=[once])], {}, on, facts)["totals"]
    assert (found["now"], found["later"], found["all"]) == ([10, 10], [5, None], [15, None])
