"""Quantities: sums, differences, products and growth of facts, and what rules and money make of them."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.near_miss import near_miss
from policies.rules.one_firm import compute, estimate, read
from policies.rules.read_amount import read_amount
from policies.rules.read_edition import compile_edition
from policies.rules.read_quantity import RuleError, read_quantity
from policies.rules.read_rule import read_rule
from policies.rules.readings import MET, NOT_MET, Outcome
from policies.rules.remedies import gap
from policies.rules.tree import unit_of
from policies.rules.wording import requires
from tests.generated import TIMES, examples
from tests.policies.rules import invented
from tests.policies.rules.test_properties import less

ON = date(2026, 11, 20)
ROWS = [
    {"key": "sales.y0", "type": "decimal", "unit": "万元", "changeable": True},
    {"key": "sales.y1", "type": "decimal", "unit": "万元"},
    {"key": "sales.y2", "type": "decimal", "unit": "万元"},
    {"key": "loan", "type": "decimal", "unit": "万元"},
    {"key": "rate", "type": "ratio", "decimals": 4},
    {"key": "years", "type": "int", "unit": "年"},
    {"key": "machines", "type": "int", "unit": "台"},
    {"key": "people", "type": "int", "unit": "人"},
    {"key": "wage", "type": "decimal", "unit": "元"},
    {"key": "net_profit.y1", "type": "decimal", "unit": "万元"},
    {"key": "in_mountains", "type": "bool"},
]
FACTS = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in ROWS
}
THREE_YEARS = {"sum": ["sales.y0", "sales.y1", "sales.y2"]}
MORE = {"difference": ["sales.y0", "sales.y1"]}
GROWTH = {"growth": ["sales.y0", "sales.y1"]}
INTEREST = {"product": ["loan", "rate", "years"]}


def firm(**answers):
    """A number for each fact, with `_` for the dot of its key."""
    keys = {key.replace(".", "_"): key for key in FACTS}
    given = {
        keys[name]: Decimal(str(value)) if isinstance(value, float) else value
        for name, value in answers.items()
    }
    return Firm(given, ON)


def pays(amount, **answers):
    return compute(read_amount(amount, FACTS, "金额"), firm(**answers))


def says(rule, **answers):
    return read(read_rule(rule, FACTS, "规则"), firm(**answers))


# --- what is known of them --------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "answers", "low", "high"),
    [
        (THREE_YEARS, {"sales_y0": 1, "sales_y1": 2, "sales_y2": 3}, 6, 6),
        (THREE_YEARS, {"sales_y0": 1, "sales_y2": 3}, 4, None),
        (THREE_YEARS, {}, 0, None),
        ({"sum": ["sales.y0", "net_profit.y1"]}, {"sales_y0": 5}, 5 - 10**8, None),
        (MORE, {"sales_y0": 5, "sales_y1": 9}, -4, -4),
        (MORE, {"sales_y0": 5}, None, 5),
        (MORE, {"sales_y1": 5}, -5, None),
        ({"product": ["loan", "rate"]}, {"loan": 200}, 0, 200),
        ({"product": ["loan", "rate"]}, {"rate": 0.05}, 0, None),
        ({"product": ["loan", "rate"]}, {"rate": 0}, 0, 0),
        (INTEREST, {"loan": 200, "rate": 0.05, "years": 2}, 20, 20),
        ({"product": [{"difference": [3, "rate"]}, "loan"]}, {"loan": 10}, 20, 30),
        ({"sum": [{"product": ["loan", "rate"]}, "sales.y0"]}, {"loan": 0, "sales_y0": 7}, 7, 7),
    ],
    ids=str,
)
def test_what_is_unknown_lies_between_two_ends(quantity, answers, low, high):
    found = estimate(read_quantity(quantity, FACTS, "算式"), firm(**answers))
    assert (found.low, found.high) == (low, high)
    assert found.value == (low if low == high else None)
    assert bool(found.missing) == (low != high)


def test_growth_is_exact_and_of_nothing_before_there_is_none():
    grown = read_quantity(GROWTH, FACTS, "算式", may_grow=True)
    assert estimate(grown, firm(sales_y0=4, sales_y1=3)).value * 3 == 1
    for before in (0, -5):
        found = estimate(grown, firm(sales_y0=4, sales_y1=before))
        assert (found.value, found.missing) == (None, ())
    assert estimate(grown, firm(sales_y0=4)).missing == ("sales.y1",)


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        (THREE_YEARS, "万元"),
        (INTEREST, "万元"),
        ({"product": ["people", "wage"]}, "元"),
        ({"product": ["people", "years"]}, "人×年"),
        ({"product": ["rate", "rate"]}, "比例"),
        ({"sum": ["sales.y0", {"product": ["rate", 300]}]}, "万元"),
        ({"sum": ["rate", 1]}, "比例"),
        (GROWTH, "比例"),
        ({"product": ["rate", 300]}, ""),
    ],
    ids=str,
)
def test_units_of_what_is_computed(quantity, unit):
    assert unit_of(read_quantity(quantity, FACTS, "算式", may_grow=True)) == unit


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (read_quantity, {"sum": ["sales.y0", "people"]}, "算.sum：万元、人不是同一个单位，不能相加减"),
        (read_quantity, {"difference": ["sales.y0", "wage"]}, "万元、元不是同一个单位"),
        (read_quantity, {"product": ["sales.y0", "wage"]}, "算.product：万元、元都是钱，不能相乘"),
        (read_quantity, {"sum": ["sales.y0"]}, "应为至少两项的列表"),
        (read_quantity, {"difference": ["sales.y0", "sales.y1", 1]}, "应为两项的列表"),
        (read_quantity, {"sum": [1, 2]}, "应至少含一个指标"),
        (read_quantity, {"sum": ["sales.y0", GROWTH]}, "增长率、比值只能与界限比较"),
        (read_quantity, {"power": ["sales.y0", 2]}, "或恰好含 sum、difference、product、growth、quotient、full_years、full_months 之一"),
        (read_quantity, {"sum": ["sales.y9", 1]}, "没有指标 sales.y9"),
        (read_quantity, {"sum": ["in_mountains", 1]}, "in_mountains 是 bool 型，应为数字"),
        (read_rule, {"quantity": THREE_YEARS, "is": 3}, "应恰好有一个运算"),
        (read_rule, {"quantity": THREE_YEARS, "at_least": "people"}, "同一单位（万元）"),
        (read_rule, {"quantity": GROWTH, "at_least": "rate"}, "应与数字或同一单位（比例）"),
        (read_rule, {"quantity": GROWTH, "between": [1, 0]}, "下限大于上限"),
        (read_rule, {"quantity": GROWTH, "between": 1}, "应为 [下限, 上限]"),
        (read_amount, {"of": {"product": ["people", "years"]}}, "算出来的单位是人×年，应为万元或元"),
        (read_amount, {"share": {"rate": 1}}, "应恰好有 fact 或 of 之一"),
        (read_amount, {"share": {"fact": MORE, "rate": 1}}, "算式写在 of 里"),
        (read_amount, {"share": {"of": MORE, "rate": [0.2, 0.1]}}, "下限大于上限"),
        (read_amount, {"share": {"of": MORE, "rate": {"most": 0.1}}}, "应为数字、[下限, 上限] 或 up_to"),
        (read_amount, {"share": {"of": MORE, "rate": 1, "per_item": True}}, "才能逐项计算"),
        (read_amount, {"each": {"of": MORE, "every": 0, "amount": 1}}, "each.every：应大于 0"),
        (read_amount, {"together": {"amounts": [1]}}, "应至少有两项金额"),
        (read_amount, {"times": {"amount": 1, "factor": 0}}, "factor：应大于 0"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)  # fmt: skip
def test_what_cannot_be_computed_is_refused_in_words(read, data, message):
    with pytest.raises(RuleError) as error:
        read(data, FACTS, "算")
    assert message in str(error.value)


# --- held against limits ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "met", "not_met"),
    [
        (
            {"quantity": GROWTH, "at_least": 0.2},
            {"sales_y0": 12, "sales_y1": 10},
            {"sales_y0": 11.999999, "sales_y1": 10},
        ),
        # A third is no decimal.
        (
            {"quantity": GROWTH, "more_than": 0.3333333333},
            {"sales_y0": 4, "sales_y1": 3},
            {"sales_y0": 3.9, "sales_y1": 3},
        ),
        ({"quantity": GROWTH, "at_most": 0.2}, {"sales_y0": 0, "sales_y1": 1}, {"sales_y1": 0}),
        ({"quantity": GROWTH, "at_least": -1}, {"sales_y0": 0, "sales_y1": 1}, {"sales_y1": 0}),
        (
            {"quantity": THREE_YEARS, "at_least": 1000},
            {"sales_y0": 400, "sales_y1": 600},
            {"sales_y0": 400, "sales_y1": 300, "sales_y2": 299.99},
        ),
        (
            {"quantity": "sales.y0", "at_least": {"product": [2, "sales.y1"]}},
            {"sales_y0": 10, "sales_y1": 5},
            {"sales_y0": 9.99, "sales_y1": 5},
        ),
        (
            {"quantity": MORE, "between": [5, 10]},
            {"sales_y0": 15, "sales_y1": 5},
            {"sales_y0": 15.01, "sales_y1": 5},
        ),
        ({"quantity": MORE, "less_than": 0}, {"sales_y0": 1, "sales_y1": 2}, {"sales_y0": 2, "sales_y1": 2}),
    ],
    ids=str,
)  # fmt: skip
def test_a_quantity_is_held_against_its_limit(rule, met, not_met):
    assert says(rule, **met) is MET
    assert says(rule, **not_met) is NOT_MET


def test_an_undecided_comparison_says_what_it_lacks():
    reading = says({"quantity": THREE_YEARS, "at_least": 1000}, sales_y1=999)
    assert (reading.outcome, reading.missing) == (Outcome.UNKNOWN, ("sales.y0", "sales.y2"))


@pytest.mark.parametrize(
    ("rule", "answers", "short"),
    [
        ({"quantity": GROWTH, "at_least": 0.2}, {"sales_y0": 11, "sales_y1": 10}, 1),
        ({"quantity": THREE_YEARS, "at_least": 10}, {"sales_y0": 1, "sales_y1": 2, "sales_y2": 3}, 4),
        ({"quantity": INTEREST, "at_least": 10}, {"loan": 1, "rate": 0.1, "years": 1}, None),
        ({"quantity": THREE_YEARS, "at_most": 1}, {"sales_y0": 1, "sales_y1": 2, "sales_y2": 3}, None),
    ],
    ids=str,
)  # fmt: skip
def test_how_far_a_quantity_falls_short_is_told_of_its_first_fact(rule, answers, short):
    assert gap(read_rule(rule, FACTS, "规则"), firm(**answers)) == short


@pytest.mark.parametrize("rule", [{"quantity": GROWTH, "at_least": 0.2},
                                  {"quantity": GROWTH, "more_than": 0.1},
                                  {"quantity": MORE, "at_least": 2}], ids=str)  # fmt: skip
def test_the_nearest_change_of_a_quantity_would_meet_it(rule, edition_of):
    edition = edition_of(criteria=[{"code": "A", "kind": "gate", "rule": rule}])
    own = firm(sales_y0=11, sales_y1=10)
    found = near_miss(judge(edition, own), own, FACTS)
    [change] = found["changes"]
    assert (change["fact"], change["to"] > 11) == ("sales.y0", True)
    assert judge(edition, Firm({**own.answers, "sales.y0": change["to"]}, ON)).verdict == "eligible"


def test_a_sentence_tells_the_limit_of_a_quantity(edition_of):
    criterion = {
        "code": "A", "kind": "gate", "rule": {"quantity": GROWTH, "at_least": 0.2},
        "sentence": "[sales.y0|销售收入比上年增长{}以上]",
    }  # fmt: skip
    [entry] = edition_of(criteria=[criterion]).entries
    assert entry.sentence.text == "销售收入比上年增长20%以上"
    assert requires(entry.rule, FACTS) == "sales.y0比sales.y1的增长率 ≥ 20%"


# --- money ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("amount", "answers", "pair"),
    [
        # 每增长 1000 万元奖励 2 万元
        ({"each": {"of": MORE, "every": 1000, "amount": 2}}, {"sales_y0": 1999, "sales_y1": 0}, (2, 2)),
        ({"each": {"of": MORE, "every": 1000, "amount": 2}}, {"sales_y0": 2000, "sales_y1": 0}, (4, 4)),
        ({"each": {"of": MORE, "every": 1000, "amount": 2}}, {"sales_y0": 0, "sales_y1": 5000}, (0, 0)),
        ({"each": {"of": MORE, "every": 1000, "amount": 2, "cap": 5}}, {"sales_y0": 9000, "sales_y1": 0}, (5, 5)),
        ({"each": {"of": GROWTH, "every": 0.05, "amount": 1}}, {"sales_y0": 12, "sales_y1": 10}, (4, 4)),
        ({"each": {"of": GROWTH, "every": 0.05, "amount": 1}}, {"sales_y0": 9, "sales_y1": 10}, (0, 0)),
        ({"each": {"of": GROWTH, "every": 0.05, "amount": 1}}, {"sales_y1": 0}, (0, 0)),
        # 每台 20 万元，每户最高 50 万元
        ({"each": {"fact": "machines", "amount": 20, "cap": 50}}, {"machines": 2}, (40, 40)),
        ({"each": {"fact": "machines", "amount": 20, "cap": 50}}, {"machines": 3}, (50, 50)),
        ({"share": {"fact": "loan", "rate": [0.1, 0.15]}}, {"loan": 100}, (10, 15)),
        ({"share": {"fact": "loan", "rate": [0.1, 0.15], "cap": 12}}, {"loan": 100}, (10, 12)),
        ({"share": {"fact": "loan", "rate": {"up_to": 0.1}}}, {"loan": 100}, (0, 10)),
        ({"share": {"of": MORE, "rate": 0.5}}, {"sales_y0": 9, "sales_y1": 4}, (Decimal("2.5"), Decimal("2.5"))),
        ({"share": {"of": MORE, "rate": 0.5}}, {"sales_y0": 4, "sales_y1": 9}, (0, 0)),
        ({"of": {"product": ["people", "wage"]}}, {"people": 30, "wage": 500}, (Decimal("1.5"), Decimal("1.5"))),
        ({"share": {"of": {"product": ["people", "wage"]}, "rate": 0.5}}, {"people": 40, "wage": 500}, (1, 1)),
        ({"ladder": {"of": GROWTH, "steps": [[0.1, 5], [0.2, 10]]}}, {"sales_y0": 11.9, "sales_y1": 10}, (5, 5)),
        ({"ladder": {"of": GROWTH, "steps": [[0.1, 5], [0.2, 10]]}}, {"sales_y0": 12, "sales_y1": 10}, (10, 10)),
        ({"ladder": {"of": THREE_YEARS, "steps": [[10, 5], [20, 8]]}}, {"sales_y0": 15, "sales_y1": 5}, (8, 8)),
        ({"together": {"amounts": [{"each": {"fact": "machines", "amount": 100}}, {"each": {"fact": "people", "amount": 50}}], "cap": 150}},
         {"machines": 1, "people": 2}, (150, 150)),
        ({"together": {"amounts": [{"each": {"fact": "machines", "amount": 100}}, {"each": {"fact": "people", "amount": 50}}], "cap": 150}},
         {"machines": 0, "people": 2}, (100, 100)),
        ({"highest": [{"share": {"fact": "loan", "rate": 0.1}}, {"cap": 8}]}, {"loan": 100}, (10, 10)),
        ({"highest": [{"share": {"fact": "loan", "rate": 0.1}}, {"cap": 12}]}, {"loan": 100}, (10, 12)),
        ({"times": {"amount": {"share": {"fact": "loan", "rate": 0.1, "cap": 8}}, "factor": 1.5}}, {"loan": 100}, (12, 12)),
        ({"times": {"amount": 8, "cases": [{"when": {"fact": "in_mountains", "is": True}, "factor": 1.5}]}}, {}, (8, 12)),
        ({"times": {"amount": 8, "cases": [{"when": {"fact": "in_mountains", "is": True}, "factor": 1.5}]}}, {"in_mountains": False}, (8, 8)),
        # A cap outside is not raised with the amount.
        ({"together": {"amounts": [{"times": {"amount": 8, "factor": 1.5}}, 0], "cap": 10}}, {}, (10, 10)),
    ],
    ids=str,
)  # fmt: skip
def test_each_amount_of_quantities(amount, answers, pair):
    found = pays(amount, **answers)
    assert tuple(found.pair) == pair
    assert found.is_known


@pytest.mark.parametrize(
    ("amount", "answers", "pair"),
    [
        ({"share": {"of": THREE_YEARS, "rate": 0.1, "cap": 50}}, {"sales_y0": 500}, [50, 50]),
        ({"share": {"of": MORE, "rate": 0.1}}, {"sales_y0": 0}, [0, 0]),
        ({"each": {"of": THREE_YEARS, "every": 100, "amount": 2, "cap": 8}}, {"sales_y0": 450}, [8, 8]),
        ({"highest": [60, {"share": {"fact": "loan", "rate": 0.5, "cap": 50}}]}, {}, [60, 60]),
        ({"together": {"amounts": [60, {"share": {"fact": "loan", "rate": 0.5}}], "cap": 60}}, {}, [60, 60]),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_answer_would_change_is_known(amount, answers, pair):
    found = pays(amount, **answers)
    assert (found.pair, found.missing, found.is_known) == (pair, (), True)


@pytest.mark.parametrize(
    ("amount", "answers", "pair", "missing"),
    [
        ({"share": {"of": THREE_YEARS, "rate": 0.1}}, {"sales_y0": 500}, [50, None], ("sales.y1", "sales.y2")),
        ({"share": {"of": INTEREST, "rate": 0.4, "cap": 500}}, {"loan": 100}, [0, 500], ("rate", "years")),
        ({"highest": [20, {"share": {"fact": "loan", "rate": 0.5, "cap": 50}}]}, {}, [20, 50], ("loan",)),
        ({"together": {"amounts": [20, {"share": {"fact": "loan", "rate": 0.5}}], "cap": 60}}, {}, [20, 60], ("loan",)),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_unknown_is_not_nothing(amount, answers, pair, missing):
    found = pays(amount, **answers)
    assert (found.pair, found.missing, found.is_known) == (pair, missing, False)


# --- whatever a firm answers ------------------------------------------------------------


@st.composite
def firms_and_parts(draw):
    answers = draw(invented.FIRMS)
    kept = draw(st.lists(st.booleans(), min_size=len(answers), max_size=len(answers)))
    return Firm(answers, ON), Firm(less(answers, kept), ON)


def presumes(node):
    """What says more of an unknown than that it is unknown: what is presumed, and ladders, which
    begin with their lowest step."""
    return any(word in repr(node) for word in ("presumed", "ladder", "milestones"))


many = settings(
    max_examples=examples(100),
    deadline=None,
    derandomize=TIMES == 1,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@many
@given(invented.AMOUNTS.filter(lambda each: not presumes(each)), firms_and_parts())
def test_money_of_the_unknown_holds_whatever_a_firm_answers(data, firms):
    whole, part = firms
    amount = read_amount(data, invented.every_fact(), "金额")
    (low, high), (new_low, new_high) = compute(amount, part).pair, compute(amount, whole).pair
    assert new_low >= low
    assert high is None or (new_high is not None and new_high <= high)


@many
@given(invented.comparisons(), firms_and_parts())
def test_a_decided_comparison_stays_so_whatever_a_firm_answers(data, firms):
    whole, part = firms
    rule = read_rule(data, invented.every_fact(), "规则")
    before, after = read(rule, part), read(rule, whole)
    assert before.outcome in (Outcome.UNKNOWN, after.outcome)
    assert set(before.missing).isdisjoint(part.answers)
    assert bool(before.missing) == (before.outcome is Outcome.UNKNOWN)


@pytest.fixture
def edition_of():
    def build(**parts):
        data = {"id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500"}
        return compile_edition({**data, "effective_from": "2021-01-01", **parts}, FACTS)

    return build
