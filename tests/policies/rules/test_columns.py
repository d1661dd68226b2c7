"""Columns of firms are judged as each firm is on its own."""

from collections import defaultdict
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import product
from math import inf

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from policies.rules.answers import contradictions, parse_answers
from policies.rules.awards import LEVELS
from policies.rules.column_data import column_of, columns_of
from policies.rules.columns import MONEY, VERDICTS, ColumnReader
from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.industry import SECTIONS
from policies.rules.judgement import ELIGIBLE, judge
from policies.rules.limits import answers_to_try, limits_of
from policies.rules.read_edition import read_edition
from policies.rules.size import possible_rows
from tests.generated import TIMES, examples
from tests.policies.packs import editions, facts, read_data
from tests.policies.rules import invented
from tests.policies.rules.test_properties import FIRMS, jincheng, yuncheng

ON = date(2026, 11, 20)
# Half a 元: money that differs by less is the same.
HALF_A_YUAN = 0.00005


@cache
def reader(on):
    return ColumnReader(editions(), on)


def judged(edition, firm):
    """What one firm is told, in the form of the columns."""
    judgement = judge(edition, firm)
    money = [inf if end is None else float(end) for each in judgement.paid for end in each.pair]
    statuses = {name: level.status for name, level in judgement.levels.items()}
    return {
        "verdict": judgement.verdict,
        "missing": set(judgement.missing),
        "missing_for_amount": set(judgement.missing_for_amount),
        "unknown_levels": {name for name, status in statuses.items() if status == "unknown"},
        "unpublished_levels": {
            name for name, status in statuses.items() if status == "unpublished"
        },
        **dict(zip(MONEY, money, strict=True)),
    }


def read(results, place, number):
    """What the columns say of one firm."""

    def levels(name):
        bits = int(results.arrays[name][place][number])
        return {level for bit, level in enumerate(LEVELS) if bits >> bit & 1}

    return {
        "verdict": VERDICTS[int(results.arrays["verdict"][place][number])],
        "missing": results.missing("missing", place, number),
        "missing_for_amount": results.missing("missing_for_amount", place, number),
        "unknown_levels": levels("unknown_levels"),
        "unpublished_levels": levels("unpublished_levels"),
        **{name: float(results.arrays[name][place][number]) for name in MONEY},
    }


def is_same(name, one, other):
    if name in MONEY:
        return one == other or abs(one - other) < HALF_A_YUAN
    return one == other


def assert_same(firms, on):
    results = reader(on).read_answers(firms)
    for number, answers in enumerate(firms):
        firm = Firm(answers, on)
        for place, edition in enumerate(editions()):
            alone, together = judged(edition, firm), read(results, place, number)
            for name, value in alone.items():
                assert is_same(name, value, together[name]), (edition.programme, name, answers)


def days_of_cases():
    found = defaultdict(list)
    for case in read_data("cases.yaml")["cases"]:
        found[case["on"]].append(parse_answers(case["facts"], facts(), case["on"]))
    return sorted(found.items())


@pytest.mark.parametrize(("on", "firms"), days_of_cases())
def test_the_worked_cases_come_out_alike(on, firms):
    assert_same(firms, on)


def at_limits():
    """Answers on both sides of every limit of the catalogue, or none."""
    limits = limits_of(*(tree for edition in editions() for tree in edition.trees))
    tried = answers_to_try(limits, facts(), ON)
    optional = {key: st.sampled_from(values) for key, values in tried.items()}
    return (
        st.fixed_dictionaries({}, optional=optional)
        .flatmap(lambda each: st.sampled_from([each, jincheng(each), yuncheng(each)]))
        .filter(lambda answers: not contradictions(answers, ON))
    )


@settings(
    max_examples=examples(60),
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.one_of(FIRMS, at_limits()))
def test_any_firm_comes_out_alike(answers):
    assert_same([answers], ON)


@pytest.mark.parametrize("rows_of_block", [1, 3, 100])
def test_blocks_of_any_size_give_the_same(rows_of_block):
    firms = dict(days_of_cases())[ON]
    own = ColumnReader(editions(), ON, ["verdict", "total_most"])
    columns = columns_of(firms, own.columns)
    whole = own.read(columns, len(firms))
    parted = own.read(columns, len(firms), rows_of_block)
    for name in ("verdict", "total_most"):
        for one, other in zip(whole.arrays[name], parted.arrays[name], strict=True):
            assert one.tolist() == other.tolist()


def test_what_is_not_wanted_is_not_computed():
    """Money alone needs facts that verdicts do not."""
    verdicts = ColumnReader(editions(), ON, ["verdict"])
    everything = reader(ON)
    assert {c.fact for c in verdicts.columns} < {c.fact for c in everything.columns}


def test_money_is_exact_to_the_last_decimal(edition, facts):
    """0.1 + 0.2 of three profits would not be 0.3 in fractions of two."""
    own = edition(
        criteria=[
            {
                "code": "A",
                "kind": "gate",
                "rule": {"ratio": ["research", "revenue"], "at_least": 0.03},
            }
        ]
    )
    columns = ColumnReader([own], ON, ["verdict"])
    firms = [
        {"research": Decimal(research), "revenue": Decimal(revenue)}
        for research, revenue in [
            ("0.3", "10"), ("0.299999", "10"), ("3000000", "100000000"),
            ("2999999.999999", "100000000"), ("0.000003", "0.0001"), ("0", "0"), ("0.21", "7"),
        ]
    ]  # fmt: skip
    verdicts = columns.read_answers(firms).arrays["verdict"][0].tolist()
    assert verdicts == [1, -1, 1, -1, 1, -1, 1]


@settings(
    max_examples=examples(200),
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(invented.EDITIONS, st.lists(invented.FIRMS, min_size=1, max_size=8))
def test_rules_of_every_kind_come_out_alike(data, firms):
    edition = read_edition(data, invented.every_fact())
    assume(not edition.fault)
    assert_alike(edition, firms)


def assert_alike(edition, firms):
    results = ColumnReader([edition], ON).read_answers(firms)
    for number, answers in enumerate(firms):
        alone, together = judged(edition, Firm(answers, ON)), read(results, 0, number)
        for name, value in alone.items():
            assert is_same(name, value, together[name]), (answers, name, value, together[name])


@pytest.mark.parametrize("kind", ["gate", "open"])
def test_a_row_that_does_not_speak_does_not_wait_for_whether_the_criterion_applies(kind):
    """None of 0 is a share, so that the row does not speak; how old the firm is does not matter."""
    for_a_year = {"fact": "enterprise.founded_on", "full_years": 1}
    share = {"ratio": ["tax.paid.y0", "revenue.operating.y1"], "at_least": 0.03}
    rows = [{"id": "A", "when": share, "then": for_a_year}]
    edition = only(
        criteria=[{"code": "A", "kind": kind, "when": for_a_year, "rule": {"cases": rows}}]
    )
    firm = {"revenue.operating.y1": Decimal(0)}
    assert judged(edition, Firm(firm, ON))["verdict"] == ELIGIBLE
    assert_alike(edition, [firm, {}, {"revenue.operating.y1": Decimal(1)}])


def test_where_a_firm_is_does_not_decide_under_the_code_of_an_alternative():
    """Rows of one code stand together, and the first says whether they decide."""
    nowhere = {"not": {"presumed": {"fact": "enterprise.county", "is": "140828"}}}
    edition = only(
        criteria=[
            {"code": "D", "kind": "alternative", "rule": {"fact": "stat.four_above", "is": True}},
            {"code": "D", "kind": "gate", "rule": nowhere},
        ]
    )
    assert judged(edition, Firm({}, ON))["verdict"] == ELIGIBLE
    assert_alike(edition, [{}, {"enterprise.county": "140828"}, {"enterprise.county": "140521"}])


@pytest.mark.parametrize("below", [0, 1])
def test_a_firm_at_the_limits_of_any_industry_that_may_be_its_own_comes_out_alike(below):
    firms = [
        {
            "industry.section": section,
            **dict(zip(indicators, (each - below for each in limit), strict=True)),
        }
        for section in SECTIONS
        for indicators, limits in filter(None, possible_rows((section, None, None)))
        for limit in limits
    ]
    codes = ["large", "medium", "small", "micro"]
    rules = [{"fact": "size.class", "is": code} for code in codes]
    rules += [{"fact": "size.is_sme", "is": True}, {"fact": "size.is_small_or_micro", "is": True}]
    for rule in rules:
        assert_alike(only(criteria=[gate(rule)]), firms)


@pytest.mark.parametrize(
    ("key", "values"),
    [("stat.four_above", (True, False)), ("project.kind", ("industrial", "none"))],
)
def test_whatever_passes_or_stays_open_of_few_values_comes_out_alike(key, values):
    some = [[], [values[0]], [values[1]], list(values)]
    firms = [{}, *({key: value} for value in values)]
    for passing, opens in product(some, [None, *some[1:]]):
        rule = {"fact": key, "in": passing, **({"open": opens} if opens else {})}
        for each in (rule, {"not": rule}):
            assert_alike(only(criteria=[gate(each)]), firms)


COMPARED = {
    "at_least": 20, "at_most": 20, "more_than": 20, "less_than": 20, "is": 20, "between": [20, 30],
}  # fmt: skip


@pytest.mark.parametrize("operator", COMPARED)
def test_a_number_that_is_only_bounded_comes_out_alike(operator):
    """Tenants count alone, with teams too, or nobody knows; and so does tax that stays in place."""
    tenants = [
        {"base.tenants": tenants, **teams, **kind}
        for tenants in (14, 15, 16, 19, 20, 21, 31)
        for teams in ({}, {"base.teams": 0}, {"base.teams": 5})
        for kind in ({}, *({"base.type": code} for code in facts()["base.type"].choices))
    ]
    keys = DERIVED["tax.new_local"].reads
    taxes = [
        {key: Decimal(value) for key, value in zip(keys, values, strict=True) if value is not None}
        for values in product((None, 20, 40), (None, 0, 20), (None, "0.5", 1))
    ]
    for key, firms in (("base.counted_tenants", tenants), ("tax.new_local", taxes)):
        rule = {"fact": key, operator: COMPARED[operator]}
        assert_alike(only(criteria=[gate(rule)]), firms)


NOW = "revenue.operating.y1"
PASSED = {"fact": NOW, "before": "assets.total.y1", "received": "tax.base_paid"}
AMOUNTS = [
    1, 5, {"range": [1, 5]}, {"range": [0, 6]}, {"cap": 5}, {"at_least": 1}, {"fact": NOW},
    {"ladder": {"fact": NOW, "steps": [[2, 1], [4, 5]]}},
    {"milestones": {**PASSED, "steps": [[2, 1], [4, 5]]}},
]  # fmt: skip


@pytest.mark.parametrize("amount", AMOUNTS, ids=str)
def test_an_amount_by_cases_comes_out_alike(amount):
    """Where it is open which of two it is: the less and the more of both."""
    when = {"fact": "stat.four_above", "is": True}
    numbers = [
        {},
        *({NOW: Decimal(now)} for now in (0, 1, 3, 4)),
        *(
            {NOW: Decimal(now), "assets.total.y1": Decimal(0), "tax.base_paid": Decimal(1)}
            for now in (0, 3, 4)
        ),
    ]
    truths = [{}, {"stat.four_above": True}, {"stat.four_above": False}]
    firms = [truth | each for truth in truths for each in numbers]
    for otherwise in ({}, *({"otherwise": each} for each in AMOUNTS)):
        cases = {"cases": [{"when": when, "amount": amount}], **otherwise}
        assert_alike(only(awards=[{"level": "city", "amount": cases}]), firms)


def gate(rule):
    return {"code": "A", "kind": "gate", "rule": rule}


def only(**parts):
    edition = read_edition(content(**parts), facts())
    assert not edition.fault
    return edition


def content(**parts):
    data = {"id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500"}
    return {**data, "effective_from": "2021-01-01", **parts}


def test_the_same_amount_paid_twice_counts_twice():
    tranche = {"amount": {"fact": "assets.total.y1"}}
    data = {
        "id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500",
        "effective_from": "2021-01-01",
        "awards": [{"level": "city", "tranches": [tranche, tranche]}],
    }  # fmt: skip
    reader_ = ColumnReader([read_edition(data, facts())], ON, ["now_least", "now_most"])
    arrays = reader_.read_answers([{"assets.total.y1": Decimal("0.1")}]).arrays
    assert arrays["now_least"][0].tolist() == arrays["now_most"][0].tolist() == [0.2]


def test_an_unknown_amount_stays_unknown():
    """One that stays, whenever it is paid, is not published from nothing to any amount."""
    data = {
        "id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500",
        "effective_from": "2021-01-01",
        "awards": [
            {
                "level": "city",
                "tranches": [
                    {
                        "amount": {"fact": "hr.social_insurance_amount"},
                        "now_when": {"fact": "stat.four_above", "is": True},
                    }
                ],
            }
        ],
    }  # fmt: skip
    edition = read_edition(data, facts())
    together = read(ColumnReader([edition], ON).read_answers([{}]), 0, 0)
    assert together["unknown_levels"] == {"city"}
    assert judged(edition, Firm({}, ON))["unknown_levels"] == {"city"}


def test_a_derived_value_that_stays_open_lacks_nothing():
    """Small by its revenue alone: the other indicator would change nothing."""
    data = {
        "id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500",
        "effective_from": "2021-01-01",
        "criteria": [
            {"code": "A", "kind": "gate", "rule": {"fact": "size.is_sme", "is": False, "open": [True]}}
        ],
    }  # fmt: skip
    answers = {"industry.real_estate_kind": "development", "revenue.operating.y1": Decimal(299)}
    edition = read_edition(data, facts())
    together = read(ColumnReader([edition], ON).read_answers([answers]), 0, 0)
    assert together["missing"] == judged(edition, Firm(answers, ON))["missing"] == set()


def test_a_code_of_one_byte_has_room_for_255_choices():
    row = {"key": "x", "section": "测试", "label": "x", "type": "enum"}
    full = Fact.from_data({**row, "choices": {str(n): str(n) for n in range(255)}})
    codes = [column_of(full).code({"x": choice}) for choice in (None, *full.choices)]
    assert sorted(codes) == list(range(256))
    with pytest.raises(ValueError, match="x has too many choices"):
        column_of(Fact.from_data({**row, "choices": {str(n): str(n) for n in range(256)}}))


YES, NO, OPEN = (
    {"presumed": {"open": "C01"}},
    {"not": {"presumed": {"open": "C01"}}},
    {"open": "C01"},
)
ASKED = {"fact": "stat.four_above", "is": True}
SETTLED = {"yes": YES, "no": NO, "open": OPEN}


def settled_rules():
    """Rules of parts that are settled before any answer, beside one that is asked."""
    kinds = list(facts()["base.type"].choices)
    yield from ({"fact": "base.type", "in": [], "open": kinds}, {"fact": "base.tenants", "in": []})
    for each in SETTLED.values():
        yield from ({"not": each}, {"presumed": each})
        for kind in ("all", "any"):
            yield from ({kind: [each]}, {kind: [each, ASKED]}, {kind: [ASKED, each, ASKED]})
        for count in (1, 2, 3):
            yield {"n_of": count, "of": [each, YES, ASKED]}
        for then in (*SETTLED.values(), ASKED):
            yield {"cases": [{"when": each, "then": then}], "otherwise": ASKED}
            yield {"cases": [{"when": ASKED, "then": then}, {"when": each, "then": ASKED}]}


def settled_editions():
    plain = {"kind": "gate", "code": "A"}
    for rule in settled_rules():
        yield [{**plain, "rule": rule}], []
    for when in SETTLED.values():
        for kind in ("gate", "county_sheet", "open"):
            for rule in (*SETTLED.values(), ASKED):
                yield [{**plain, "kind": kind, "rule": rule, "when": when}], []
                yield [{**plain, "kind": kind, "rule": when, "when": rule}], []
    for name in ("void_when", "past_when", "now_when"):
        for when in SETTLED.values():
            for other in ({}, {"void_when": ASKED}, {"past_when": ASKED}, {"now_when": ASKED}):
                tranche = {"amount": 5, **other, name: when}
                yield [], [{"level": "city", "tranches": [tranche, {"amount": 1, "later": True}]}]
    for when in (*SETTLED.values(), ASKED):
        yield [], [{"level": "city", "unsplit": {"amount": 20, "whole_when": when}}]
        undecided = [{"when": when, "reason": "C01"}]
        for amount in (0, 5, {"fact": "assets.total.y1"}):
            yield [], [{"level": "city", "amount": amount, "undecided": undecided}]
        for amount in (3, {"fact": "assets.total.y1"}):
            cases = {"cases": [{"when": when, "amount": 5}], "otherwise": amount}
            yield [], [{"level": "city", "amount": cases}]


def test_what_is_settled_before_any_answer_comes_out_alike():
    plain = {"name": "测试项目", "family": "测试", "kind": "cash", "area": "140500"}
    tried = [
        read_edition(
            {**plain, "id": f"p{place}", "effective_from": "2021-01-01",
             "criteria": criteria, "awards": awards},
            facts(),
        )
        for place, (criteria, awards) in enumerate(settled_editions())
    ]  # fmt: skip
    assert not any(each.fault for each in tried)
    firms = [{}, {"stat.four_above": True}, {"stat.four_above": False, "base.tenants": 3}]
    results = ColumnReader(tried, ON).read_answers(firms)
    for number, answers in enumerate(firms):
        for place, each in enumerate(tried):
            alone, together = judged(each, Firm(answers, ON)), read(results, place, number)
            for name, value in alone.items():
                assert is_same(name, value, together[name]), (each.trees, name, answers)


@pytest.mark.parametrize(
    ("more", "value", "code", "dtype"),
    [
        ({"type": "int", "maximum": 1000}, 300, 300, "f4"),
        ({"type": "int"}, 300, 300, "f8"),  # up to 100,000,000, beyond what four bytes hold
        ({"type": "ratio", "decimals": 4}, Decimal("0.1234"), 1234, "f4"),
        ({"type": "decimal", "decimals": 2, "maximum": 120}, Decimal("1.07"), 107, "f4"),
        ({"type": "decimal"}, Decimal("0.000007"), 7, "f8"),
    ],
    ids=str,
)
def test_a_number_is_a_whole_one_in_its_column(more, value, code, dtype):
    column = column_of(Fact.from_data({"key": "x", "section": "测试", "label": "x", **more}))
    assert (column.code({"x": value}), column.dtype) == (code, dtype)
