"""What a firm lists item by item: how it is answered, and what its items bring."""

import json
from datetime import date
from decimal import Decimal
from math import inf

import pytest

from policies.rules.answers import AnswersError, parse_answers, questionable
from policies.rules.assessment import plain_values, to_json
from policies.rules.columns import ColumnReader
from policies.rules.facts import Fact, Item
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.read_edition import compile_edition
from policies.rules.read_quantity import RuleError
from policies.rules.wording import formula_in_words

ON = date(2026, 11, 20)
ROWS = [
    {"key": "products", "label": "首台套产品", "type": "item_list", "unit": "万元",
     "choices": {"complete": "成套装备", "single": "单机", "part": "关键部件"}},
    {"key": "invoices", "label": "发票", "type": "item_list", "unit": "万元", "decimals": 2},
]  # fmt: skip
FACTS = {row["key"]: Fact.from_data({"section": "测试", **row}) for row in ROWS}
ALL_DONE = [
    {"amount": 4000, "kind": "complete", "date": "2026-03-01"},
    {"amount": 1000, "kind": "complete", "date": "2025-12-31"},
    {"amount": 3000, "kind": "single", "date": "2026-01-01"},
    {"amount": 10, "kind": "part", "date": "2024-06-30"},
]
BY_KIND = [{"kinds": ["complete"], "rate": 0.05, "cap": 150}, {"rate": 0.05, "cap": 100}]


def answered(**answers):
    return parse_answers(answers, FACTS, ON)


def paid(amount, **answers):
    """What one award pays, alone and in a column."""
    data = {"id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500"}
    data |= {"effective_from": "2021-01-01", "awards": [{"level": "city", "amount": amount}]}
    edition, known = compile_edition(data, FACTS), answered(**answers)
    judgement = judge(edition, Firm(known, ON))
    results = ColumnReader([edition], ON).read_answers([known])
    low, high = judgement.payable.pair
    pair = [low, inf if high is None else high]
    assert [float(results.arrays[f"total_{end}"][0][0]) for end in ("least", "most")] == pair
    assert results.missing("missing_for_amount", 0, 0) == set(judgement.missing_for_amount)
    return pair


# --- answers ----------------------------------------------------------------------------


def test_an_item_has_an_amount_a_kind_and_perhaps_a_day():
    found = answered(products=[{"amount": 12.5, "kind": "single"}], invoices=[{"amount": 3}])
    assert found["products"] == (Item(Decimal("12.5"), "single"),)
    assert found["invoices"] == (Item(Decimal(3)),)
    assert FACTS["products"].show(answered(products=ALL_DONE[:1])["products"]) == (
        "4000 万元（成套装备，2026-03-01）"
    )
    assert FACTS["products"].show(()) == "没有"


def test_items_are_kept_as_they_were_answered():
    found = answered(products=ALL_DONE, invoices=[])
    for kept in (plain_values(found), json.loads(to_json(found))):
        assert answered(**kept) == found


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ("4000", "应为逐项的列表，没有则填空列表"),
        ([4000], "第 1 项：应写 amount、kind、date"),
        ([{"kind": "single"}], "第 1 项：应写金额（万元）"),
        ([{"amount": 1, "kind": "single"}, {"amount": 1}], "第 2 项：种类应为下列代码之一：complete"),
        ([{"amount": 1, "kind": "car"}], "第 1 项：种类应为下列代码之一"),
        ([{"amount": -1, "kind": "single"}], "第 1 项：不能小于 0 万元"),
        ([{"amount": True, "kind": "single"}], "第 1 项：应为数字"),
        ([{"amount": 1, "kind": "single", "date": "2026-02-30"}], "第 1 项：没有这一天"),
        ([{"amount": 1, "kind": "single", "date": "2027-01-01"}], "第 1 项：不能晚于测算日期"),
        ([{"amount": 1, "kind": "single", "price": 2}], "第 1 项：应写 amount、kind、date"),
        ([{"amount": 1, "kind": "single"}] * 201, "最多填 200 项"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_item_is_named(items, expected):
    with pytest.raises(AnswersError) as error:
        answered(products=items)
    assert error.value.problems[0].expected.startswith(expected)


def test_items_without_kinds_have_none():
    with pytest.raises(AnswersError, match="第 1 项：不分种类"):
        answered(invoices=[{"amount": 1, "kind": "single"}])
    with pytest.raises(AnswersError, match="第 1 项：小数最多 2 位"):
        answered(invoices=[{"amount": 0.001}])


def test_an_improbable_item_is_asked_about():
    [problem] = questionable(answered(invoices=[{"amount": 1}, {"amount": 200_000}]), FACTS)
    assert "贰拾亿元" in problem.expected


# --- money ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "total"),
    [
        ({"by_kind": BY_KIND}, [150 + 50 + 100 + Decimal("0.5")] * 2),
        ({"by_kind": BY_KIND, "years": [0, 0]}, [250, 250]),
        ({"by_kind": BY_KIND, "years": [-1, 0]}, [300, 300]),
        # The first of a kind is the earliest.
        ({"by_kind": BY_KIND, "first_of_kind": True}, [50 + 100 + Decimal("0.5")] * 2),
        ({"by_kind": BY_KIND, "years": [0, 0], "first_of_kind": True}, [250, 250]),
        ({"by_kind": BY_KIND, "most": 200}, [200, 200]),
        ({"by_kind": [{"kinds": ["part"], "amount": 10}]}, [10, 10]),
        ({"amount": 10}, [40, 40]),
        ({"rate": 0.05, "cap": 20}, [Decimal("60.5")] * 2),
    ],
    ids=str,
)  # fmt: skip
def test_items_bring_what_their_kind_and_day_say(terms, total):
    assert paid({"items": {"fact": "products", **terms}}, products=ALL_DONE) == total


def test_a_day_that_was_not_said_leaves_open_what_turns_on_it():
    undated = [{"amount": 1000, "kind": "single"}, {"amount": 400, "kind": "single"}]
    dated = {"amount": 200, "kind": "single", "date": "2026-01-01"}
    own = {"fact": "products", "rate": 0.1}
    assert paid({"items": own}, products=undated) == [140, 140]
    assert paid({"items": {**own, "years": [0, 0]}}, products=[*undated, dated]) == [20, 160]
    first = {"items": {**own, "first_of_kind": True}}
    assert paid(first, products=undated) == [40, 100]
    assert paid(first, products=undated[:1]) == [100, 100]


def test_nothing_listed_brings_nothing_and_nothing_said_is_unknown():
    amount = {"items": {"fact": "products", "rate": 0.1}}
    assert paid(amount, products=[]) == [0, 0]
    assert paid(amount) == [0, 0]  # of what is published; the level is unknown
    assert paid({"together": {"amounts": [5, amount]}}) == [5, inf]


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ({"fact": "products"}, "应恰好有 rate（按比例）或 amount（每项多少）之一"),
        ({"fact": "products", "rate": 1, "amount": 1}, "应恰好有 rate"),
        ({"fact": "products", "by_kind": []}, "by_kind：应至少有一行"),
        ({"fact": "products", "by_kind": [{"kinds": ["car"], "rate": 1}]}, "没有种类 car"),
        ({"fact": "products", "rate": 1, "years": [0, -1]}, "从应不晚于到"),
        ({"fact": "products", "rate": 1, "years": 1}, "应为 [从, 到]"),
        ({"fact": "products", "rate": 1, "years": [0, 1]}, "应为 -100 至 0 的整数"),
        ({"fact": "invoices", "rate": 1, "first_of_kind": True}, "invoices 不分种类"),
    ],
    ids=str,
)  # fmt: skip
def test_terms_that_do_not_fit_are_refused(items, message):
    with pytest.raises(RuleError) as error:
        paid({"items": items})
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (
            {"by_kind": BY_KIND, "years": [0, 0], "most": 300},
            "首台套产品逐项计算：成套装备按 5%，最高 150 万元；其余按 5%，最高 100 万元；"
            "只算申报当年的；合计最高 300 万元",
        ),
        (
            {"amount": 10, "years": [-1, 0], "first_of_kind": True},
            "首台套产品逐项计算：每项 10 万元；只算申报前一年度至申报当年的；同一种只算第一项",
        ),
    ],
    ids=str,
)
def test_items_in_words(items, words):
    assert formula_in_words({"items": {"fact": "products", **items}}, FACTS) == words
