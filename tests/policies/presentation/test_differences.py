"""What a draft says otherwise: field by field in words, with the numbers that became others."""

from copy import deepcopy

import pytest

from policies.presentation.changes import changes_between
from policies.presentation.differences import changed_numbers, differences_between
from tests.policies.packs import facts

LIMIT = {"fact": "revenue.main_business.y0", "at_least": 2000}
CONTENT = {
    "notices": ["先问县里。"],
    "criteria": [
        {
            "code": "A.1", "kind": "gate", "text": "收入", "rule": LIMIT,
            "sentence": "[revenue.main_business.y0|主营业务收入达到{}]",
            "sources": [{"document": "甲", "clause": "一"}, {"document": "乙", "clause": "二"}],
        },
        {
            "code": "A.2", "kind": "gate", "text": "人数", "sources": [{"document": "甲"}],
            "rule": {"fact": "enterprise.employees", "at_least": 20},
        },
    ],
    "awards": [
        {
            "level": "city", "status": "published", "sources": [{"document": "甲", "clause": "三"}],
            "tranches": [{"title": "首次", "amount": 20}, {"title": "次年", "amount": 10}],
        }
    ],
    "materials": [{"name": "执照"}, {"name": "报表", "note": "盖章"}],
    "steps": [
        {
            "level": "county", "kind": "review", "actor": "县局", "title": "审核", "text": "看材料",
            "time_limit": "5个工作日",
        }
    ],
}  # fmt: skip


@pytest.fixture
def after():
    return deepcopy(CONTENT)


def differences(after, before=CONTENT):
    return differences_between(before, after, facts(), {})


def only(after, before=CONTENT):
    (found,) = differences(after, before)
    return found, {each.label: (each.before, each.after) for each in found.aspects}


def test_a_limit_is_told_as_from_what_to_what_once_though_two_fields_name_it(after):
    after["criteria"][0]["rule"] = {**LIMIT, "at_least": 1500}
    found, fields = only(after)
    assert found.numbers == [("2000 万元", "1500 万元")]
    assert set(fields) == {"公开的说法", "规则"}
    assert "1500" in fields["规则"][1]


def test_rows_and_sources_that_only_stand_elsewhere_say_the_same(after):
    for part in ("criteria", "materials"):
        after[part].reverse()
    after["criteria"][1]["sources"].reverse()
    assert differences(after) == []
    assert changes_between(CONTENT, after, facts(), {}) == []


def test_each_field_of_each_part_is_told(after):
    after["criteria"][0]["sources"][0]["clause"] = "九"
    after["awards"][0]["tranches"][0]["amount"] = 30
    after["awards"][0]["tranches"][1]["condition"] = "留在规上"
    after["materials"][1]["note"] = "盖章，一式两份"
    after["steps"][0]["time_limit"] = "10个工作日"
    after["notices"].append("限额用完为止。")
    after["places"] = {"most": 20}
    found = {each.what: each for each in differences(after)}
    told = {what: {each.label: each.after for each in row.aspects} for what, row in found.items()}
    assert told["条件"] == {"依据": "乙 二；甲 九"}
    assert told["奖补"] == {"首次：金额": "30 万元", "次年：以后给付的条件": "留在规上"}
    assert found["奖补"].numbers == [("20 万元", "30 万元")]
    assert told["材料"] == {"说明": "盖章，一式两份"}
    assert found["办理环节"].numbers == [("5 个工作日", "10 个工作日")]
    assert (found["提示"].how, found["提示"].title) == ("新增", "限额用完为止。")
    assert found["名额和择优"].how == "新增"


def test_tranches_of_one_title_are_told_apart(after):
    before = deepcopy(CONTENT)
    for content, last in ((before, 10), (after, 12)):
        content["awards"][0]["tranches"] = [{"amount": 20}, {"amount": last}, {"amount": 5}]
    (found,) = differences(after, before)
    assert [(each.label, each.numbers) for each in found.aspects] == [
        ("金额（第 2 项）：金额", (("10 万元", "12 万元"),))
    ]


def test_examples_are_told_in_words(after):
    example = {
        "title": "刚过界限", "on": "2026-06-01", "firm": {"enterprise.employees": 20},
        "criteria": [{"code": "A.2", "is": "met"}], "money": [{"level": "city", "now": [20, None]}],
    }  # fmt: skip
    before = {**deepcopy(CONTENT), "examples": [example]}
    after["examples"] = [
        {
            **example,
            "criteria": [{"code": "A.2", "is": "not_met", "with": {"enterprise.employees": 19}}],
            "money": [{"level": "city", "now": [20, 30]}],
        }
    ]
    found, fields = only(after, before)
    assert (found.what, found.title) == ("例子", "刚过界限")
    assert fields["预期：市级"] == ("现在给 20 以上", "现在给 20至30")
    assert fields["预期：A.2"] == ("符合", "")
    assert [new for label, (_, new) in fields.items() if "19" in label] == ["不符合"]


def test_what_is_new_and_what_is_gone_is_told_whole(after):
    gone = after["criteria"].pop(1)
    after["criteria"].append({**gone, "code": "A.3"})
    new, old = differences(after)
    assert (new.how, new.before, new.after, new.name) == ("新增", None, 1, "criteria::1")
    assert (old.how, old.before, old.after, old.name) == ("取消", 1, None, "criteria:1:")
    assert ("规则", "", True) in [
        (each.label, each.before, "20" in each.after) for each in new.aspects
    ]


def test_rules_that_cannot_be_read_are_compared_too(after):
    after["criteria"][0]["rule"] = {"fact": "no.such", "is": 1}
    after["places"] = {"most": "许多"}
    assert [each.what for each in differences(after)] == ["条件", "名额和择优"]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ("收入 ≥ 2000 万元", "收入 ≥ 1500 万元", (("2000 万元", "1500 万元"),)),
        ("最高 50 万元，按 10% 给", "最高 50 万元，按 12% 给", (("10%", "12%"),)),
        ("20人", "20人以上", ()),
        ("收入 ≥ 2000 万元；或满 1 年", "收入 ≥ 1500 万元", (("2000 万元", "1500 万元"),)),
        ("满1年", "满18个月", (("1 年", "18 个月"),)),
    ],
)
def test_numbers_are_paired_where_the_words_around_them_stayed(before, after, found):
    assert changed_numbers(before, after) == found
