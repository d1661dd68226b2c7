"""Rules and amounts in plain words."""

import pytest

from policies.rules.facts import Fact
from policies.rules.wording import formula_in_words, requires, rule_in_words
from tests.policies.packs import editions, facts

ROWS = [
    {"key": "times", "label": "连续次数", "type": "int", "unit": "次"},
    {"key": "income", "label": "主营业务收入", "type": "decimal", "unit": "万元"},
    {"key": "before", "label": "以前最高收入", "type": "decimal", "unit": "万元"},
    {"key": "small", "label": "小型或微型", "type": "bool"},
    {
        "key": "paid",
        "label": "已领等级",
        "type": "enum",
        "choices": {"none": "没有", "two": "二级"},
    },
]
FACTS = {row["key"]: Fact.from_data({"section": "测试", **row}) for row in ROWS}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"fact": "times", "is": 3, "open": {"more_than": 3}, "reason": "O11"},
            "连续次数：等于 3 次（> 3 次时待定）",
        ),
        (
            {"fact": "paid", "is": "none", "open": ["two"], "reason": "O11"},
            "已领等级：没有（二级时待定）",
        ),
        (
            {"fact": "paid", "in": ["none"], "open": ["two"], "reason": "O11"},
            "已领等级：属于：没有（二级时待定）",
        ),
        (
            {"fact": "small", "in": [True], "open": [False], "reason": "C67"},
            "小型或微型：是（否时待定）",
        ),
        ({"presumed": {"fact": "paid", "is": "none"}}, "已领等级：没有（未填时视为符合）"),
        (
            {"first_reached": {"fact": "income", "before": "before", "limits": [500, 1000]}},
            "主营业务收入首次达到 500、1000 万元之一",
        ),
        (
            {"all": [{"fact": "times", "at_least": 2}, {"fact": "paid", "is": "none"}]},
            "（连续次数 ≥ 2 次；且 已领等级：没有）",
        ),
        (
            {
                "cases": [
                    {"when": {"fact": "times", "is": 3}, "then": {"fact": "paid", "is": "two"}}
                ],
                "otherwise": {"not": {"fact": "income", "less_than": 5}},
            },
            "若 连续次数：等于 3 次，则 已领等级：二级；其余 并非：主营业务收入 < 5 万元",
        ),
    ],
)
def test_a_rule_in_words(rule, words):
    assert rule_in_words(rule, FACTS) == words


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("YUN-IPO.2", "（北京证券交易所时待定）"),
        ("JC-ZJTX-LIST.3", "（科创板、北京证券交易所时待定）"),
        ("JC-XSG-LOAN.2", "属于小型或微型企业：是（否时待定）"),
        ("SH.9", "（有非重大违法违规，未取得书面说明时待定）"),
        ("YUN-HTE-3.3", "（> 3 次时待定）"),
    ],
)
def test_what_stays_open_is_worded_beside_the_condition(code, told):
    found = [row for each in editions() for row in each.criteria if row.code == code]
    assert found
    assert all(told in requires(row.rule, facts()) for row in found)


def test_no_condition_requires_a_bare_yes_or_no():
    rules = [row.rule for each in editions() for row in each.criteria if row.rule]
    assert not {requires(rule, facts()) for rule in rules} & {"是", "否"}


def test_milestones_in_words():
    spec = {"fact": "income", "before": "before", "received": "before"}
    amount = {"milestones": {**spec, "steps": [[500, 10], [1000, 20]]}}
    words = "按主营业务收入分档：首次达到 500 给 10 万元，首次达到 1000 给 20 万元"
    assert formula_in_words(amount, FACTS) == words
