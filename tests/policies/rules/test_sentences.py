"""Conditions in sentences: read against a rule, filled in, and marked for a firm."""

import re
from datetime import date

import pytest

from policies.rules.assessment import assess_edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.read_edition import compile_edition, read_criterion
from policies.rules.read_rule import RuleError
from tests.policies.packs import catalogue, editions, facts

ROWS = [
    {"key": "income", "label": "主营业务收入", "type": "decimal", "unit": "万元"},
    {"key": "before", "label": "以前最高收入", "type": "decimal", "unit": "万元"},
    {"key": "share", "label": "占比", "type": "ratio"},
    {"key": "months", "label": "月数", "type": "int", "unit": "月"},
    {"key": "since", "label": "近两年起始日期", "type": "date"},
    {"key": "listed", "label": "全国500强", "type": "bool"},
    {"key": "small", "label": "小型或微型", "type": "bool"},
    {
        "key": "paid",
        "label": "已领等级",
        "type": "enum",
        "choices": {"none": "没有", "two": "二级", "one": "一级"},
    },
]
FACTS = {row["key"]: Fact.from_data({"section": "测试", **row}) for row in ROWS}
INCOME = {"fact": "income", "at_least": 2000}
SMALL = {"fact": "small", "is": True}
TABLE = {
    "cases": [
        {"when": {"fact": "paid", "is": "two"}, "then": {"fact": "income", "at_least": 5}},
        {"when": {"fact": "paid", "is": "one"}, "then": {"fact": "income", "at_least": 9}},
    ],
    "otherwise": SMALL,
}
TABLE_TOLD = (
    "[paid|{}]的[income|达到{}]；[paid|{}]的[income|达到{}]；其他的[small|属于小型或微型企业]"
)


def criterion(rule, sentence, **other):
    row = {"code": "T.1", "kind": "gate", "rule": rule, "sentence": sentence, **other}
    return read_criterion(row, FACTS, "T.1")


@pytest.mark.parametrize(
    ("rule", "sentence", "told"),
    [
        (INCOME, "[income|主营业务收入达到{}]", "主营业务收入达到2000万元"),
        (
            {"all": [SMALL, INCOME]},
            "[income|收入达到{}]，且[small|属于小型或微型企业]",
            "收入达到2000万元，且属于小型或微型企业",
        ),
        (
            {"any": [INCOME, {"fact": "income", "less_than": 5}]},
            "[income|达到{}]，或者[income|低于{}]",
            "达到2000万元，或者低于5万元",
        ),
        (
            {"fact": "months", "between": [3, 12]},
            "[months|{0}以上，{1}以下]",
            "3个月以上，12个月以下",
        ),
        ({"fact": "months", "between": [3, 12]}, "[months|{}]", "3个月至12个月"),
        ({"fact": "share", "at_least": 0.6}, "[share|{}以上]", "60%以上"),
        ({"fact": "income", "more_than": 0}, "[income|收入大于{}]", "收入大于0"),
        ({"fact": "since", "full_years": 2}, "[since|近两年起满{}]", "近两年起满2年"),
        ({"fact": "since", "is_year": -1}, "[since|在{}开始]", "在申报前一年度开始"),
        (
            {"ratio": ["income", "before"], "at_least": 0.03},
            "[income|占以前的{}以上]",
            "占以前的3%以上",
        ),
        (
            {"first_reached": {"fact": "income", "before": "before", "limits": [500, 1000]}},
            "[income|首次达到{}之一]",
            "首次达到500万元、1000万元之一",
        ),
        (
            {"n_of": 1, "of": [SMALL, {"fact": "listed", "is": True}]},
            "下列至少[n_of|{}项]：[small|小型]、[listed|进入全国500强]",
            "下列至少1项：小型、进入全国500强",
        ),
        ({"not": {"fact": "paid", "is": "two"}}, "[paid|没有领过{}]", "没有领过二级"),
        (
            {"fact": "paid", "is": "none", "open": ["two"]},
            "[paid|{}领过]",
            "没有领过（二级时待定）",
        ),
        (
            {"fact": "months", "is": 3, "open": {"more_than": 3}},
            "[months|正好{}]",
            "正好3个月（超过3个月时待定）",
        ),
        ({"open": "C39"}, "[open|由主管部门确认]", "由主管部门确认"),
        (
            TABLE,
            TABLE_TOLD,
            "二级的达到5万元；一级的达到9万元；其他的属于小型或微型企业",
        ),
        (
            {"cases": TABLE["cases"]},
            "[paid|{}]的[income|达到{}]；[paid|{}]的[income|达到{}]",
            "二级的达到5万元；一级的达到9万元",
        ),
        (
            {"all": [INCOME, {"fact": "before", "at_least": 2000}]},
            "[income|收入]和[before|以前最高收入都达到{}]",
            "收入和以前最高收入都达到2000万元",
        ),
    ],
)
def test_a_sentence_is_filled_in_from_its_rule(rule, sentence, told):
    assert criterion(rule, sentence).in_a_sentence == told


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("[income|达到{}]、[income|达到{}]", "多出 income 的说法"),
        ("[small|小型]", "缺少 income 的说法；多出 small 的说法"),
        ("达到", "缺少 income 的说法"),
    ],
)
def test_a_refusal_names_what_lacks_and_what_is_too_much_and_nothing_else(sentence, told):
    with pytest.raises(RuleError) as refused:
        criterion(INCOME, sentence)
    assert str(refused.value).endswith(f"：{told}")


WHEN = {"fact": "paid", "is": "two"}


def test_a_sentence_may_name_what_it_applies_to():
    own, both = "[income|达到{}]", "[paid|通过{}的]，[income|达到{}]"
    assert criterion(INCOME, own, when=WHEN).in_a_sentence == "达到2000万元"
    assert criterion(INCOME, both, when=WHEN).in_a_sentence == "通过二级的，达到2000万元"
    with pytest.raises(RuleError, match="缺少 paid"):
        both_whens = {"all": [WHEN, {"fact": "paid", "is": "one"}]}
        criterion(INCOME, both, when=both_whens)


@pytest.mark.parametrize(
    ("rule", "sentence", "told"),
    [
        ({"all": [SMALL, INCOME]}, "[small|小型]", "缺少 income 的说法"),
        (INCOME, "[income|达到{}]，[small|小型]", "多出 small 的说法"),
        (INCOME, "[income|达到{}]、[income|达到{}]", "多出 income 的说法"),
        ({"any": [INCOME, INCOME, SMALL]}, "[small|小型]", "缺少 income（2 处） 的说法"),
        ({"n_of": 1, "of": [SMALL]}, "[small|小型]", "缺少 n_of"),
        (INCOME, "[income|收入够多]", "income 的说法里要用 {} 写出界限（2000万元）"),
        ({"fact": "months", "between": [3, 12]}, "[months|满{0}]", "写出界限（12个月）"),
        (SMALL, "[small|小型{}]", "没有界限可以填进 {}"),
        (INCOME, "[income|达到{1}]", "没有界限可以填进 {1}"),
        (INCOME, "[income|达到2000万元]", "数字不要写在句子里，在说法里写 {}：“2000”"),
        (INCOME, "[income|达到{}]，满两年", "“两年”"),
        (INCOME, "[income|达到{}]的百分之六十", "“百分之六十”"),
        (INCOME, "[income|达到{}]，至少一项", "“一项”"),
        (SMALL, "[small|进入全国500强]", "“500”"),
        (INCOME, "[income|达到{}", "“[”的位置不对"),
        (INCOME, "达到{}[income|收入{}]", "“{”的位置不对"),
        (INCOME, "收入|[income|达到{}]", "“|”的位置不对"),
        ({"fact": "small", "in": [True], "open": [False]}, "[small|小型]", "要写明“待定”"),
    ],
)
def test_a_sentence_that_does_not_fit_its_rule_says_why(rule, sentence, told):
    with pytest.raises(RuleError) as raised:
        criterion(rule, sentence)
    assert told in raised.value.message
    assert raised.value.where == "T.1.sentence"


def test_what_is_lacking_and_what_is_too_much_are_told_where_they_are():
    for rule, sentence, message in (
        (INCOME, "[income|达到{}]，[small|小型]", "多出 small 的说法"),
        ({"all": [SMALL, INCOME]}, "[small|小型]", "缺少 income 的说法"),
        (INCOME, "[small|小型]", "缺少 income 的说法；多出 small 的说法"),
    ):
        with pytest.raises(RuleError) as raised:
            criterion(rule, sentence)
        assert raised.value.message == message


@pytest.mark.parametrize(
    "words", ["上一年度", "前一年度", "任一条件", "同一项目", "统一办理", "近两年"]
)
def test_words_that_limit_nothing_are_no_figures(words):
    rule = {"all": [INCOME, {"fact": "since", "is_year": 0}]}
    told = criterion(rule, f"{words}[income|达到{{}}]、[since|{{}}起]").in_a_sentence
    assert told == f"{words}达到2000万元、申报当年起"


@pytest.mark.parametrize(("sentence", "told"), [("由专家看材料", "由专家看材料"), ("", "")])
def test_what_no_rule_decides_is_told_in_plain_words(sentence, told):
    row = {"code": "T.1", "kind": "manual", "sentence": sentence}
    assert read_criterion(row, FACTS, "T.1").in_a_sentence == told


def test_rows_with_codes_have_sentences_of_their_own():
    rows = [
        {**row, "id": f"T.1{letter}", "sentence": f"[paid|{{}}的{letter}]，[income|达到{{}}]"}
        for letter, row in zip("ab", TABLE["cases"], strict=True)
    ]
    read = criterion({"cases": rows}, "")
    assert read.in_a_sentence == "二级的a，达到5万元；一级的b，达到9万元"
    # Half of a condition would be told as if it were the whole.
    rows[1] = {**rows[1], "sentence": ""}
    assert criterion({"cases": rows}, "").in_a_sentence == ""
    rows[1]["sentence"] = "[paid|{}]"
    with pytest.raises(RuleError, match=r"cases\[1\]\.sentence：缺少 income"):
        criterion({"cases": rows}, "")


# --- marked for a firm ------------------------------------------------------------------


def entry_of(rule, sentence, answers, **other):
    row = {"code": "T.1", "kind": "gate", "rule": rule, "sentence": sentence, **other}
    data = {
        "id": "t",
        "name": "试",
        "family": "试",
        "kind": "cash",
        "area": "140500",
        "effective_from": "2021-01-01",
        "criteria": [row],
    }
    firm = Firm(answers, date(2026, 11, 20))
    [entry] = assess_edition(compile_edition(data, FACTS), firm)["criteria"]
    return entry


def marks(*arguments, **other):
    entry = entry_of(*arguments, **other)
    assert entry["sentence"] == "".join(phrase["text"] for phrase in entry["phrases"])
    return [str(each["outcome"]) for each in entry["phrases"] if each["outcome"]]


BOTH = {"any": [INCOME, SMALL]}
BOTH_TOLD = "[income|达到{}]，或者[small|属于小型或微型企业]"


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({}, ["unknown", "unknown"]),
        ({"income": 2000}, ["met", "unknown"]),
        ({"income": 1, "small": True}, ["not_met", "met"]),
    ],
)
def test_each_phrase_is_marked_with_its_own_reading(answers, told):
    assert marks(BOTH, BOTH_TOLD, answers) == told


def test_a_phrase_says_what_is_denied_or_presumed():
    denied = {"not": {"any": [SMALL, {"fact": "listed", "is": True}]}}
    told = "[small|不是小型]，[listed|也没有进入500强]"
    assert marks(denied, told, {"small": False, "listed": True}) == ["met", "not_met"]
    presumed = {"presumed": {"fact": "paid", "is": "none"}}
    assert marks(presumed, "[paid|{}领过]", {}) == ["met"]
    assert marks({"not": presumed}, "[paid|领过]", {}) == ["not_met"]


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"paid": "one", "income": 9}, ["met", "met"]),
        ({"paid": "none", "small": False}, ["not_met"]),
        ({"income": 9}, ["unknown", "met", "unknown", "met", "unknown"]),
    ],
)
def test_rows_of_a_table_that_do_not_apply_are_not_marked(answers, told):
    assert marks(TABLE, TABLE_TOLD, answers) == told


def test_a_condition_that_does_not_apply_has_no_marks():
    entry = entry_of(INCOME, "[paid|通过{}的]，[income|达到{}]", {"paid": "one"}, when=WHEN)
    assert entry["outcome"] == "not_applicable"
    assert not any(phrase["outcome"] for phrase in entry["phrases"])


def test_the_limit_of_a_single_test_stays_beside_the_sentence():
    entry = entry_of(INCOME, "[income|收入达到{}]", {"income": 1})
    assert (entry["requires"], entry["sentence"]) == ("≥ 2000 万元", "收入达到2000万元")
    assert entry_of(INCOME, "", {})["sentence"] is None


def base(**services):
    edition = next(each for each in editions() if each.programme == "jc-base-city")
    answers = {f"base.service.{name}": is_there for name, is_there in services.items()}
    answers |= {"enterprise.county": "140522", "base.type": "building"}
    entries = assess_edition(edition, Firm(answers, date(2026, 11, 20)))["criteria"]
    return {entry["id"]: entry for entry in entries}


def test_at_least_four_of_eight_services_shows_which():
    entry = base(information=True, training=True, marketing=False)["BC.11"]
    told = {phrase["text"]: phrase["outcome"] for phrase in entry["phrases"] if phrase["outcome"]}
    assert told == {
        "4项": "unknown",
        "信息服务": "met",
        "人员培训": "met",
        "市场营销": "not_met",
        **dict.fromkeys(("创业辅导", "创新支持", "投融资服务", "管理咨询", "专业服务"), "unknown"),
    }


def test_rows_of_one_code_are_told_in_one_sentence():
    entries = base()
    assert entries["BC.1"]["sentence"].endswith(
        "；阳城县的工业园区型、其他园区型、楼宇型、物流型基地，另要求注册成立满1年"
    )
    assert "商务秘书型" in entries["BC.4"]["sentence"]


# --- the shipped catalogue --------------------------------------------------------------


def rows():
    """Each criterion of the packs once, as it is written."""
    found = {}
    for programme in catalogue().programmes:
        for _, content in programme.editions:
            found |= {str(row): row for row in content["criteria"] if row.get("rule")}
    return list(found.values())


def test_every_condition_of_the_catalogue_is_told_in_a_sentence():
    for edition in editions():
        for entry in edition.entries:
            assert entry.rule is None or entry.sentence, entry.code
    assert all(read_criterion(row, facts(), "").in_a_sentence for row in rows())


def moved(value):
    """The same rule with every number of it three higher."""
    if isinstance(value, dict):
        return {key: value[key] if key == "sentence" else moved(value[key]) for key in value}
    if isinstance(value, list):
        return [moved(item) for item in value]
    return value + 3 if isinstance(value, int | float) and not isinstance(value, bool) else value


def figures(text):
    return re.findall(r"\d+(?:\.\d+)?", text)


def test_no_figure_is_typed_each_follows_the_rule():
    with_figures = 0
    for row in rows():
        rule = moved(row["rule"])
        if rule == row["rule"]:
            continue
        with_figures += 1
        before, after = (
            read_criterion({**row, "rule": each}, facts(), row["code"]).in_a_sentence
            for each in (row["rule"], rule)
        )
        shared = set(figures(before)) & set(figures(after))
        own_words = " ".join(fact.label for fact in facts().values())
        assert before != after, row["code"]
        assert all(figure in own_words for figure in shared), (row["code"], before, after)
    assert with_figures > 50


def test_sentences_are_short_and_not_those_of_a_machine():
    told = [read_criterion(row, facts(), "").in_a_sentence for row in rows()]
    assert not [text for text in told if re.search("若 |并非|[≥≤<>_{}]|true", text)]
    assert sum(len(text) <= 60 for text in told) > 0.9 * len(told)


def test_only_a_table_and_a_list_of_seven_ways_need_more_than_sixty_signs():
    long = {
        criterion.code: len(criterion.in_a_sentence)
        for edition in editions()
        for criterion in edition.criteria
        if len(criterion.in_a_sentence) > 60
    }
    assert long.keys() == {"SH.8", "ZC.9"}
    assert max(long.values()) < 150
