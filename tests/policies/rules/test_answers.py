"""What a firm typed becomes a value of its fact's type, or a problem that says what was expected."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from policies.rules.answers import (
    LARGEST_NUMBER,
    AnswersError,
    amount_in_words,
    contradictions,
    parse_answers,
    questionable,
)
from policies.rules.facts import Fact

ON = date(2026, 11, 20)
ROWS = [
    {"key": "yes", "type": "bool"},
    {"key": "count", "type": "int", "unit": "人"},
    {"key": "year", "type": "int", "unit": "年", "minimum": 1949, "maximum": 2100},
    {"key": "amount", "type": "decimal", "unit": "万元"},
    {"key": "score", "type": "decimal", "minimum": 0, "maximum": 120, "decimals": 2},
    {"key": "net_profit.y1", "type": "decimal", "unit": "万元"},
    {"key": "share", "type": "ratio"},
    {"key": "growth", "type": "ratio", "minimum": -1, "maximum": 10},
    {"key": "day", "type": "date"},
    {"key": "base.premises_term_end", "type": "date"},
    {"key": "code", "type": "enum", "choices": {"a": "甲", "b": "乙"}},
    {"key": "codes", "type": "enum_set", "choices": {"a": "甲", "b": "乙"}},
    {"key": "deals", "type": "money_list", "unit": "万元"},
    {"key": "many", "type": "enum", "choices": {f"c{n}": str(n) for n in range(13)}},
    {"key": "enterprise.employees", "type": "int", "unit": "人"},
]
FACTS = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in ROWS
}


def parsed(key, value):
    return parse_answers({key: value}, FACTS, ON)[key]


def refused(key, value):
    with pytest.raises(AnswersError) as caught:
        parse_answers({key: value}, FACTS, ON)
    [problem] = caught.value.problems
    assert (problem.key, problem.value) == (key, value)
    return problem.expected


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("yes", True, True),
        ("yes", False, False),
        ("count", 0, 0),
        ("count", 5.0, 5),
        ("count", 10**8, 10**8),
        ("year", 1949, 1949),
        ("year", 2100, 2100),
        ("amount", 0.1, Decimal("0.1")),
        ("amount", 0, Decimal(0)),
        ("amount", LARGEST_NUMBER, LARGEST_NUMBER),
        ("amount", Decimal("0.000001"), Decimal("0.000001")),
        ("amount", Decimal("1.50000000"), Decimal("1.5")),
        ("score", Decimal("0.01"), Decimal("0.01")),
        ("score", 120, Decimal(120)),
        ("net_profit.y1", -LARGEST_NUMBER, -LARGEST_NUMBER),
        ("share", 0, Decimal(0)),
        ("share", 1, Decimal(1)),
        ("growth", -1, Decimal(-1)),
        ("growth", 10, Decimal(10)),
        ("day", "2026-11-20", ON),
        ("day", date(1900, 1, 1), date(1900, 1, 1)),
        ("base.premises_term_end", "2126-12-31", date(2126, 12, 31)),
        ("code", "a", "a"),
        ("codes", [], frozenset()),
        ("codes", ["b", "a", "a"], frozenset("ab")),
        ("deals", [1, 2.5], (Decimal(1), Decimal("2.5"))),
        ("deals", [1] * 200, (Decimal(1),) * 200),
    ],
)
def test_a_value_within_its_bounds_is_taken(key, value, expected):
    found = parsed(key, value)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("yes", 1, "应填“是”或“否”"),
        ("yes", "true", "应填“是”或“否”"),
        ("count", True, "应为数字"),
        ("amount", False, "应为数字"),
        ("deals", [True], "应为数字"),
        ("amount", "5", "应为数字"),
        ("amount", float("inf"), "应为数字"),
        ("amount", Decimal("NaN"), "应为数字"),
        ("count", 5.5, "应为整数"),
        ("count", -1, "不能小于 0 人"),
        ("count", 10**8 + 1, "不能大于 100000000 人"),
        ("year", 1948, "不能小于 1949 年"),
        ("year", 2101, "不能大于 2100 年"),
        ("amount", Decimal("-0.01"), "不能小于 0 万元"),
        ("amount", LARGEST_NUMBER + 1, "不能大于 100000000 万元，请核对单位"),
        ("amount", Decimal("0.0000001"), "小数最多 6 位"),
        ("score", Decimal("0.001"), "小数最多 2 位"),
        ("score", 121, "不能大于 120，请核对单位"),
        ("net_profit.y1", -LARGEST_NUMBER - 1, "不能小于 -100000000 万元"),
        ("share", Decimal("-0.1"), "不能小于 0"),
        ("share", Decimal("1.01"), "不能大于 1"),
        ("growth", Decimal("-1.1"), "不能小于 -1"),
        ("growth", Decimal("10.1"), "不能大于 10"),
        ("day", "2026-11-21", "不能晚于测算日期 2026-11-20"),
        ("day", "1899-12-31", "年份不合常理"),
        ("base.premises_term_end", "2127-01-01", "年份不合常理"),
        ("day", "2026-02-30", "没有这一天"),
        ("day", "20261120", "应为日期"),
        ("day", datetime(2026, 11, 20), "应为日期"),  # noqa: DTZ001
        ("day", 20261120, "应为日期"),
        ("code", "c", "应为下列代码之一：a（甲）、b（乙）"),
        ("code", ["a"], "应为下列代码之一"),
        ("codes", "a", "应为代码列表"),
        ("codes", ["a", "c"], "应为下列代码之一"),
        ("codes", [1], "应为下列代码之一"),
        ("deals", 5, "应为金额列表"),
        ("deals", [1] * 201, "最多填 200 项"),
        ("deals", [-1], "不能小于 0 万元"),
    ],
)
def test_what_does_not_fit_is_told_what_was_expected(key, value, expected):
    assert refused(key, value).startswith(expected)


def test_a_long_list_of_codes_is_cut_after_twelve():
    expected = refused("many", "x")
    assert "c11（11）等" in expected and "c12" not in expected
    assert not refused("code", "x").endswith("等")


def test_every_problem_is_told_at_once():
    with pytest.raises(AnswersError) as caught:
        parse_answers({"nothing": 1, "count": "x" * 200, "yes": True}, FACTS, ON)
    keys = [problem.key for problem in caught.value.problems]
    assert keys == ["nothing", "count"]
    said = str(caught.value.problems[1])
    assert said == f"count：'{'x' * 79}，应为数字"
    assert str(caught.value) == f"nothing：1，不认识的指标，请核对名称；{said}"


@pytest.mark.parametrize(
    ("answers", "at"),
    [
        ({"enterprise.city": "140500", "enterprise.county": "140521"}, None),
        ({"enterprise.city": "140800", "enterprise.county": "140521"}, "enterprise.city"),
        ({"enterprise.city": "140800"}, None),
        ({"industry.section": "C", "industry.division": "35"}, None),
        ({"industry.section": "D", "industry.division": "35"}, "industry.division"),
        ({"industry.real_estate_kind": "leasing"}, None),
        ({"industry.section": "K", "industry.real_estate_kind": "leasing"}, None),
        ({"industry.division": "70", "industry.real_estate_kind": "leasing"}, None),
        (
            {"industry.section": "L", "industry.real_estate_kind": "leasing"},
            "industry.real_estate_kind",
        ),
        (
            {"industry.division": "71", "industry.real_estate_kind": "leasing"},
            "industry.real_estate_kind",
        ),
        ({"stat.first_upgrade_year": 1949}, None),
        ({"stat.first_upgrade_year": 2026}, None),
        ({"stat.first_upgrade_year": 1948}, "stat.first_upgrade_year"),
        ({"project.filing_year": 2027}, "project.filing_year"),
        ({"reform.completed_year": 2027}, "reform.completed_year"),
        ({"library.listing_reserve_year": 2027}, "library.listing_reserve_year"),
        ({"base.tenants": 5, "base.small_micro_tenants": 5}, None),
        ({"base.tenants": 0, "base.small_micro_tenants": 0}, None),
        ({"base.tenants": 5, "base.small_micro_tenants": 6}, "base.small_micro_tenants"),
        ({"base.small_micro_tenants": 6}, None),
    ],
)
def test_answers_that_cannot_both_be_true_contradict(answers, at):
    assert [problem.key for problem in contradictions(answers, ON)] == ([at] if at else [])


@pytest.mark.parametrize(
    ("key", "value", "is_asked"),
    [
        ("amount", Decimal(100_000), True),
        ("amount", Decimal("99999.99"), False),
        ("net_profit.y1", Decimal(-100_000), True),
        ("deals", (Decimal(5), Decimal(100_000)), True),
        ("deals", (), False),
        ("enterprise.employees", 20_000, True),
        ("enterprise.employees", 19_999, False),
        ("count", 200_000, False),
        ("nothing", Decimal(10**7), False),
    ],
)
def test_the_improbable_is_asked_about_and_not_refused(key, value, is_asked):
    assert [problem.key for problem in questionable({key: value}, FACTS)] == [key] * is_asked


def test_the_largest_of_several_amounts_is_read_out():
    [problem] = questionable({"deals": (Decimal(-5), Decimal(200_000))}, FACTS)
    assert "人民币贰拾亿元，" in problem.expected


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1", "壹万元"),
        ("0.0001", "壹元"),
        ("0.00011", "壹元壹角"),
        ("0.000101", "壹元壹分"),
        ("0.000001", "壹分"),
        ("0.1001", "壹仟零壹元"),
        ("10", "壹拾万元"),
        ("10000", "壹亿元"),
        ("10020", "壹亿零贰拾万元"),
        ("15000", "壹亿伍仟万元"),
        ("100000000", "壹万亿元"),
        ("1000.0001", "壹仟万零壹元"),
        ("1000.1", "壹仟万壹仟元"),
        ("10000.1", "壹亿零壹仟元"),
        ("-0.5", "负伍仟元"),
    ],
)
def test_places_without_a_digit_are_read_as_one_zero(amount, words):
    assert amount_in_words(Decimal(amount)) == words
