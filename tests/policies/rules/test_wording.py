"""Rules and amounts in plain words."""

import pytest

from policies.rules.facts import Fact
from policies.rules.read_rule import read_rule
from policies.rules.wording import formula_in_words, requires, rule_in_words
from tests.policies.packs import editions, facts

ROWS = [
    {"key": "times", "label": "连续次数", "type": "int", "unit": "次"},
    {"key": "income", "label": "主营业务收入", "type": "decimal", "unit": "万元"},
    {"key": "before", "label": "以前最高收入", "type": "decimal", "unit": "万元"},
    {"key": "deals", "label": "逐项成交额", "type": "money_list", "unit": "万元"},
    {"key": "machines", "label": "装备数", "type": "int", "unit": "台"},
    {"key": "loan", "label": "贷款额", "type": "decimal", "unit": "万元"},
    {"key": "rate", "label": "年利率", "type": "ratio"},
    {"key": "years", "label": "贷款年数", "type": "int", "unit": "年"},
    {"key": "wage", "label": "人均补助", "type": "decimal", "unit": "元"},
    {"key": "people", "label": "人数", "type": "int", "unit": "人"},
    {"key": "parts", "label": "零件数", "type": "int"},
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


@pytest.mark.parametrize(
    ("rule", "words", "limit"),
    [
        ({"fact": "income", "at_least": 5}, "主营业务收入 ≥ 5 万元", "≥ 5 万元"),
        ({"fact": "income", "at_most": 5}, "主营业务收入 ≤ 5 万元", "≤ 5 万元"),
        ({"fact": "times", "between": [2, 3]}, "连续次数：2 次 至 3 次", "2 次 至 3 次"),
        ({"fact": "times", "in": [2, 3]}, "连续次数：属于：2、3", "属于：2、3"),
        ({"fact": "share", "more_than": 0.035}, "占比 > 3.5%", "> 3.5%"),
        ({"fact": "small", "is": True}, "小型或微型：是", "小型或微型：是"),
        ({"fact": "paid", "in": []}, "已领等级：须由主管部门确认", "须由主管部门确认"),
        ({"fact": "paid", "in": ["two", "none"]}, "已领等级：属于：二级、没有", "属于：二级、没有"),
        ({"fact": "paid", "answered": True}, *["已领等级：已填写"] * 2),
        ({"fact": "year", "is_year": 0}, "年份：申报当年", "申报当年"),
        ({"fact": "year", "is_year": -1}, "年份：申报前一年度", "申报前一年度"),
        ({"fact": "year", "is_year": -2}, "年份：申报年度 -2 年", "申报年度 -2 年"),
        ({"fact": "day", "full_years": 2}, "日期：满 2 年", "满 2 年"),
        ({"fact": "day", "full_months": 6}, "日期：满 6 个月", "满 6 个月"),
        ({"fact": "day", "remaining_years": 3}, "日期：剩余 3 年以上", "剩余 3 年以上"),
        ({"fact": "titles", "has": "b"}, "称号：含：乙", "含：乙"),
        ({"fact": "titles", "has_any": ["a", "b"]}, "称号：含其一：甲、乙", "含其一：甲、乙"),
        ({"fact": "titles", "lacks": "b"}, "称号：不含：乙", "不含：乙"),
        ({"fact": "titles", "non_empty": True}, *["称号：至少有一项"] * 2),
        (
            {"fact": "titles", "has": "a", "open": ["b"]},
            "称号：含：甲（乙时待定）",
            "含：甲（乙时待定）",
        ),
        (
            {"n_of": 2, "of": [{"fact": "small", "is": True}, {"fact": "paid", "is": "two"}]},
            "下列至少 2 项：（小型或微型：是；已领等级：二级）",
            "下列至少 2 项：（小型或微型：是；已领等级：二级）",
        ),
        (
            {"any": [{"fact": "small", "is": True}, {"fact": "income", "less_than": 5}]},
            "（小型或微型：是；或 主营业务收入 < 5 万元）",
            "小型或微型：是；或 主营业务收入 < 5 万元",
        ),
        ({"all": [{"fact": "income", "less_than": 5}]}, *["主营业务收入 < 5 万元"] * 2),
        (
            {"presumed": {"fact": "income", "less_than": 5}},
            "主营业务收入 < 5 万元（未填时视为符合）",
            "< 5 万元（未填时视为符合）",
        ),
        (
            {"ratio": ["income", "before"], "at_least": 0.5},
            *["主营业务收入 ÷ 以前最高收入 ≥ 50%"] * 2,
        ),
    ],
    ids=str,
)
def test_each_operator_in_words_with_and_without_its_fact(rule, words, limit):
    rows = [
        {"key": "share", "label": "占比", "type": "ratio"},
        {"key": "year", "label": "年份", "type": "int", "unit": "年"},
        {"key": "day", "label": "日期", "type": "date"},
        {"key": "titles", "label": "称号", "type": "enum_set", "choices": {"a": "甲", "b": "乙"}},
    ]
    known = FACTS | {row["key"]: Fact.from_data({"section": "测试", **row}) for row in rows}
    assert rule_in_words(rule, known) == words
    assert requires(read_rule(rule, known, "rule"), known) == limit


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"industry": ["B", "L72", "K7010", "K7090"]},
            "行业属于：采矿业、商务服务业、7010 房地产开发经营、7090 其他房地产业",
        ),
        ({"fact": "net_profit.sum3", "at_least": 5}, "三年净利润合计 ≥ 5 万元"),
        ({"fact": "region.city", "is": "140500"}, "注册地所在市：晋城市"),
        ({"fact": "size.is_sme", "is": False}, "属于中小微企业：否"),
    ],
)
def test_industries_and_derived_facts_have_names(rule, words):
    assert rule_in_words(rule, facts()) == words


def test_a_condition_without_a_rule_is_judged_by_people():
    assert requires(None, FACTS) == "由评审人员判断"


MORE = {"difference": ["income", "before"]}
GROWTH = {"growth": ["income", "before"]}
INTEREST = {"product": ["loan", "rate", "years"]}


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (
            {"quantity": {"sum": ["income", "before"]}, "at_least": 1000},
            "主营业务收入、以前最高收入合计 ≥ 1000 万元",
        ),
        ({"quantity": GROWTH, "at_least": 0.2}, "主营业务收入比以前最高收入的增长率 ≥ 20%"),
        ({"quantity": GROWTH, "between": [0, 1]}, "主营业务收入比以前最高收入的增长率：0% 至 100%"),
        (
            {"quantity": "income", "more_than": {"product": [2, "before"]}},
            "主营业务收入 > （以前最高收入的 2 倍）",
        ),
        (
            {"quantity": {"product": [0.5, {"sum": ["income", "loan"]}]}, "less_than": MORE},
            "（主营业务收入、贷款额合计）的 50% < （主营业务收入超过以前最高收入的部分）",
        ),
        (
            {"quantity": {"product": ["people", "years"]}, "at_most": 30},
            "人数 × 贷款年数 ≤ 30 人×年",
        ),
    ],
    ids=str,
)
def test_quantities_in_words(rule, words):
    assert rule_in_words(rule, FACTS) == words


LADDER = {"ladder": {"fact": "income", "steps": [[500, 10], [1000, 20]]}}
HEADS = {"yuan": 300, "heads": "times", "months": "times"}


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (5, "5 万元"),
        ({"range": [1, 2.50]}, "1 至 2.5 万元"),
        ({"cap": 5}, "最高 5 万元"),
        ({"at_least": 5}, "不少于 5 万元"),
        ({"fact": "income"}, "等于主营业务收入"),
        (LADDER, "按主营业务收入分档：达到 500 给 10 万元，达到 1000 给 20 万元"),
        ({"share": {"fact": "income", "rate": 0.03}}, "主营业务收入的 3%"),
        (
            {"share": {"fact": "deals", "rate": 0.03, "cap": 0, "per_item": True}},
            "逐项成交额的 3%，最高 0 万元（逐项计算）",
        ),
        (
            {"share": {"fact": "machines", "rate": 20, "cap": 50}},
            "按装备数，每台 20 万元，最高 50 万元",
        ),
        ({"share": {"fact": "parts", "rate": 2}}, "按零件数，每个 2 万元"),
        (
            {"share": {"of": MORE, "rate": 0.5}},
            "主营业务收入超过以前最高收入的部分（没有增加的不算）的 50%",
        ),
        (
            {"share": {"of": INTEREST, "rate": 0.4, "cap": 500}},
            "贷款额 × 年利率 × 贷款年数的 40%，最高 500 万元",
        ),
        ({"share": {"fact": "loan", "rate": [0.1, 0.15]}}, "贷款额的 10% 至 15%"),
        ({"share": {"fact": "loan", "rate": {"up_to": 0.1}}}, "不超过贷款额的 10%"),
        ({"of": {"product": ["people", "wage"]}}, "等于人数 × 人均补助"),
        (
            {"each": {"of": MORE, "every": 1000, "amount": 2, "cap": 50}},
            "按主营业务收入超过以前最高收入的部分（没有增加的不算），每满 1000 万元给 2 万元，最高 50 万元",
        ),
        ({"each": {"fact": "machines", "amount": 20}}, "按装备数，每台给 20 万元"),
        (
            {"each": {"of": GROWTH, "every": 0.05, "amount": 1}},
            "按主营业务收入比以前最高收入的增长率（没有增加的不算），每满 5%给 1 万元",
        ),
        (
            {"ladder": {"of": GROWTH, "steps": [[0.1, 5], [0.2, 10]]}},
            "按主营业务收入比以前最高收入的增长率（没有增加的不算）分档：达到 10% 给 5 万元，达到 20% 给 10 万元",
        ),
        (
            {"together": {"amounts": [5, {"each": {"fact": "machines", "amount": 20}}], "cap": 30}},
            "下列各项相加，最高 30 万元：（5 万元；按装备数，每台给 20 万元）",
        ),
        ({"highest": [5, {"cap": 8}]}, "下列各项只取最高的一项：（5 万元；最高 8 万元）"),
        ({"times": {"amount": {"cap": 8}, "factor": 1.5}}, "（最高 8 万元）的 1.5 倍"),
        (
            {
                "times": {
                    "amount": 8,
                    "cases": [{"when": {"fact": "small", "is": True}, "factor": 2}],
                }
            },
            "若 小型或微型：是，则 （8 万元）的 2 倍；其余 8 万元",
        ),
        ({"per_head_month": HEADS}, "每人每月 300 元 × 连续次数 × 连续次数"),
        (
            {"per_head_month": {**HEADS, "min_months": 3, "max_months": 6}},
            "每人每月 300 元 × 连续次数 × 连续次数，最多 6 个月，不满 3 个月不给",
        ),
        (
            {"cases": [{"when": {"fact": "small", "is": True}, "amount": 5}], "otherwise": 3},
            "若 小型或微型：是，则 5 万元；其余 3 万元",
        ),
        (
            {"cases": [{"when": {"fact": "small", "is": True}, "amount": 5}]},
            "若 小型或微型：是，则 5 万元",
        ),
    ],
    ids=str,
)
def test_each_kind_of_amount_in_words(amount, words):
    assert formula_in_words(amount, FACTS) == words
