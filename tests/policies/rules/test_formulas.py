"""Named formulas: read wherever a fact may stand, told with their parts, unknown when a part is."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.assessment import assess
from policies.rules.columns import ColumnReader
from policies.rules.facts import Fact
from policies.rules.firm import Firm, full_months
from policies.rules.formulas import FactsWithFormulas
from policies.rules.limits import limits_of
from policies.rules.one_firm import compute, estimate, read
from policies.rules.read_amount import read_amount
from policies.rules.read_edition import compile_edition, read_edition
from policies.rules.read_quantity import RuleError, read_definition, read_quantity
from policies.rules.read_rule import read_rule
from policies.rules.readings import MET, NOT_MET, Outcome
from policies.rules.tree import reads, unit_of
from policies.rules.wording import formula_in_words, rule_in_words
from tests.policies.rules import test_quantities as quantities
from tests.policies.rules.test_columns import is_same, judged
from tests.policies.rules.test_columns import read as read_column

ON = quantities.ON
BORN = Fact.from_data({"key": "born", "section": "测试", "label": "成立日期", "type": "date"})
FACTS = {**quantities.FACTS, "born": BORN}


def formula(label, unit, quantity):
    return {"label": label, "unit": unit, "quantity": quantity}


FORMULAS = {
    "f.share": formula("贷款占比", "比例", {"quotient": ["loan", "sales.y0"]}),
    "f.each": formula("人均销售", "", {"quotient": ["sales.y0", "people"]}),
    "f.three": formula("三年合计", "万元", {"sum": ["sales.y0", "sales.y1", "sales.y2"]}),
    "f.more": formula("新增销售", "", {"difference": ["sales.y0", "sales.y1"]}),
    "f.age": formula("年龄", "岁", {"full_years": "born"}),
}
KNOWN = FactsWithFormulas(FACTS, FORMULAS)


def edition_of(formulas=FORMULAS, **parts):
    data = {"id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "140500"}
    data |= {"effective_from": "2021-01-01", "formulas": formulas, **parts}
    return compile_edition(data, FACTS)


def gate(rule, **more):
    return {"code": "A", "kind": "gate", "text": "条件", "rule": rule, **more}


def alike(edition, *firms):
    """What each firm is told alone, after the columns said the same."""
    results = ColumnReader([edition], ON).read_answers(firms)
    found = []
    for number, answers in enumerate(firms):
        alone = judged(edition, Firm(answers, ON))
        for name, value in alone.items():
            together = read_column(results, 0, number)[name]
            assert is_same(name, value, together), (answers, name, value, together)
        found.append(alone)
    return found


# --- in the place of a fact -------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "met", "not_met"),
    [
        ({"fact": "f.share", "at_least": 0.04}, {"loan": 4, "sales_y0": 100}, {"loan": 3, "sales_y0": 100}),
        ({"fact": "f.share", "at_most": 0.04}, {"loan": 4, "sales_y0": 100}, {"loan": 5, "sales_y0": 100}),
        ({"fact": "f.share", "between": [0.1, 0.2]}, {"loan": 1, "sales_y0": 5}, {"loan": 1, "sales_y0": 4}),
        # A third is no decimal.
        ({"fact": "f.share", "more_than": 0.3333333333}, {"loan": 1, "sales_y0": 3}, {"loan": 1, "sales_y0": 4}),
        ({"fact": "f.each", "at_least": 0.5}, {"sales_y0": 5, "people": 10}, {"sales_y0": 5, "people": 11}),
        ({"quantity": "f.three", "at_least": {"product": [2, "loan"]}},
         {"sales_y0": 1, "sales_y1": 1, "sales_y2": 2, "loan": 2}, {"sales_y0": 1, "sales_y1": 1, "sales_y2": 1, "loan": 2}),
        ({"quantity": {"sum": ["f.more", "loan"]}, "at_least": 3}, {"sales_y0": 5, "sales_y1": 3, "loan": 1}, {"sales_y0": 5, "sales_y1": 4, "loan": 1}),
    ],
    ids=str,
)  # fmt: skip
def test_a_rule_names_a_formula_like_a_fact(rule, met, not_met):
    tree = read_rule(rule, KNOWN, "规则")
    edition = edition_of(criteria=[gate(rule)])
    for answers, reading, verdict in ((met, MET, "eligible"), (not_met, NOT_MET, "not_eligible")):
        firm = quantities.firm(**answers)
        assert read(tree, firm) is reading
        [told] = alike(edition, firm.answers)
        assert told["verdict"] == verdict


@pytest.mark.parametrize(
    ("amount", "answers", "pair"),
    [
        ({"ladder": {"of": "f.share", "steps": [[0.04, 5], [0.1, 9]]}}, {"loan": 1, "sales_y0": 10}, (9, 9)),
        ({"ladder": {"fact": "f.share", "steps": [[0.04, 5], [0.1, 9]]}}, {"loan": 1, "sales_y0": 11}, (5, 5)),
        ({"ladder": {"of": "f.share", "steps": [[0.04, 5]]}}, {"loan": 1, "sales_y0": 0}, (0, 0)),
        ({"share": {"fact": "f.more", "rate": 0.1, "cap": 3}}, {"sales_y0": 30, "sales_y1": 10}, (2, 2)),
        ({"share": {"of": {"sum": ["f.three", "loan"]}, "rate": 0.5}}, {"sales_y0": 1, "sales_y1": 2, "sales_y2": 3, "loan": 4}, (5, 5)),
        ({"each": {"of": "f.share", "every": 0.1, "amount": 2}}, {"loan": 3, "sales_y0": 10}, (6, 6)),
        ({"each": {"of": "f.age", "every": 2, "amount": 1}}, {"born": date(2021, 11, 20)}, (2, 2)),
        ({"of": "f.three"}, {"sales_y0": 1, "sales_y1": 2, "sales_y2": 3}, (6, 6)),
    ],
    ids=str,
)  # fmt: skip
def test_an_amount_is_computed_of_a_formula(amount, answers, pair):
    born = {"born": answers.pop("born")} if "born" in answers else {}
    given = Firm({**quantities.firm(**answers).answers, **born}, ON)
    assert tuple(compute(read_amount(amount, KNOWN, "金额"), given).pair) == pair
    edition = edition_of(awards=[{"level": "city", "amount": amount}])
    [told] = alike(edition, given.answers)
    assert (told["total_least"], told["total_most"]) == pair


def test_what_a_formula_lacks_is_what_its_parts_lack():
    rule = {"fact": "f.share", "at_least": 0.04}
    tree = read_rule(rule, KNOWN, "规则")
    assert reads(tree) == ("loan", "sales.y0")
    for answers, missing in (
        ({}, ("loan", "sales.y0")),
        ({"loan": 5}, ("sales.y0",)),
        ({"sales_y0": 5}, ("loan",)),
    ):
        reading = read(tree, quantities.firm(**answers))
        assert (reading.outcome, reading.missing) == (Outcome.UNKNOWN, missing)
        [told] = alike(edition_of(criteria=[gate(rule)]), quantities.firm(**answers).answers)
        assert told["missing"] == set(missing)


def test_of_nothing_there_is_no_part_and_no_question_is_asked_for_it():
    """Neither at least nor at most, whatever is divided: and nobody is asked what it was."""
    for operator in ("at_least", "at_most", "less_than"):
        rule = {"fact": "f.share", operator: 0.5}
        edition = edition_of(criteria=[gate(rule)])
        answers = quantities.firm(sales_y0=0).answers
        [told] = alike(edition, answers)
        assert (told["verdict"], told["missing"]) == ("not_eligible", set())
        [found] = assess([edition], answers, ON, FACTS)["programmes"][0]["criteria"]
        assert found["formulas"]["f.share"] | {"parts": 0} == {
            "label": "贷款占比", "unit": "比例", "in_words": "loan÷sales.y0", "parts": 0,
            "value": None, "has_none": True,
        }  # fmt: skip


def test_a_negative_divisor_turns_no_comparison_round():
    rule = {"quantity": {"quotient": ["loan", "net_profit.y1"]}, "at_most": 0.5}
    edition = edition_of(criteria=[gate(rule)])
    answers = quantities.firm(loan=4, net_profit_y1=-2).answers
    assert estimate(read_quantity({"quotient": ["loan", "net_profit.y1"]}, FACTS, "", may_grow=True),
                    Firm(answers, ON)).value == -2  # fmt: skip
    assert alike(edition, answers)[0]["verdict"] == "eligible"


# --- days -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "on", "months"),
    [
        (date(2026, 11, 20), ON, 0),
        (date(2026, 10, 20), ON, 1),
        (date(2026, 10, 21), ON, 0),
        (date(2025, 11, 20), ON, 12),
        (date(2025, 11, 21), ON, 11),
        (date(2024, 2, 29), date(2025, 2, 28), 12),
        (date(2026, 1, 31), date(2026, 3, 30), 1),
        (date(2030, 1, 1), ON, 0),
    ],
)
def test_months_are_full_on_the_day_that_the_term_of_a_rule_ends(since, on, months):
    assert full_months(since, on) == months
    for term in (months, months + 1):
        reached = read(
            read_rule({"fact": "born", "full_months": term}, FACTS, ""), Firm({"born": since}, on)
        )
        assert (reached is MET) == (term <= months) or since > on


def test_full_years_count_alike_alone_and_in_columns_on_every_day_of_two_years():
    days = [date.fromordinal(ON.toordinal() - n) for n in (*range(740), 20_000)]
    for limit in (0, 1, 2):
        edition = edition_of(criteria=[gate({"fact": "f.age", "at_most": limit})])
        told = alike(edition, {}, *({"born": day} for day in days))
        verdicts = [each["verdict"] for each in told]
        assert verdicts[0] == "unknown" and told[0]["missing"] == {"born"}
        assert verdicts[1:] == [
            "eligible" if full_months(day, ON) // 12 <= limit else "not_eligible" for day in days
        ]


# --- told -------------------------------------------------------------------------------


def test_words_tell_what_is_divided_by_what():
    words = rule_in_words({"fact": "f.share", "at_least": 0.04}, KNOWN)
    assert words == "贷款占比（loan÷sales.y0） ≥ 4%"
    assert rule_in_words({"fact": "f.age", "less_than": 35}, KNOWN) == (
        "年龄（成立日期至今满几年） < 35 岁"
    )
    amount = {"ladder": {"of": "f.share", "steps": [[0.04, 5]]}}
    assert formula_in_words(amount, KNOWN) == "按贷款占比（loan÷sales.y0）分档：达到 4% 给 5 万元"


def test_an_answer_tells_the_computed_value_and_its_parts():
    sentence = "[f.share|贷款占到销售的{}]"
    edition = edition_of(criteria=[gate({"fact": "f.share", "at_least": 0.35}, sentence=sentence)])
    answers = quantities.firm(loan=1, sales_y0=3).answers
    [programme] = assess([edition], answers, ON, FACTS)["programmes"]
    [entry] = programme["criteria"]
    assert entry["sentence"] == "贷款占到销售的35%"
    assert entry["values"] == answers
    told = entry["formulas"]["f.share"]
    assert (told["value"], told["parts"]) == (Decimal("0.333333"), ["loan", "sales.y0"])
    assert entry["gap"] == Decimal("0.05")


def test_what_names_no_formula_tells_of_none():
    edition = edition_of(criteria=[gate({"fact": "loan", "at_least": 1})])
    [entry] = assess([edition], {}, ON, FACTS)["programmes"][0]["criteria"]
    assert "formulas" not in entry


def test_the_nearest_change_is_one_of_what_is_divided():
    facts = {**FACTS, "loan": Fact.from_data(
        {"key": "loan", "section": "测试", "label": "贷款", "type": "decimal", "unit": "万元", "changeable": True}
    )}  # fmt: skip
    data = {"id": "p", "name": "p", "family": "测试", "kind": "cash", "area": "140500"}
    data |= {"effective_from": "2021-01-01", "formulas": FORMULAS}
    edition = compile_edition(
        {**data, "criteria": [gate({"fact": "f.share", "at_least": 0.5})]}, facts
    )
    answers = quantities.firm(loan=4, sales_y0=10).answers
    [programme] = assess([edition], answers, ON, facts)["programmes"]
    [change] = programme["near_miss"]["changes"]
    assert (change["fact"], change["to"], change["gap"]) == ("loan", 5, 1)


def test_limits_of_a_formula_are_those_of_its_parts():
    rules = [{"fact": "f.share", "at_least": 0.5}, {"fact": "f.age", "at_least": 3},
             {"fact": "f.age", "at_most": 3}]  # fmt: skip
    found = [str(limit) for rule in rules for limit in limits_of(read_rule(rule, KNOWN, ""))]
    assert found == ["loan at_least 0.5", "born full_years 3", "born full_years 4"]


# --- versions ---------------------------------------------------------------------------


def test_two_editions_keep_each_its_own_definition_under_one_key():
    """Also where columns read both at once."""
    newer = {"f.share": formula("贷款占比", "比例", {"quotient": ["loan", "sales.y1"]})}
    rule = {"fact": "f.share", "at_least": 0.5}
    editions = [edition_of(criteria=[gate(rule)]), edition_of(newer, criteria=[gate(rule)])]
    answers = quantities.firm(loan=5, sales_y0=10, sales_y1=100).answers
    told = assess(editions, answers, ON, FACTS)["programmes"]
    assert [each["verdict"] for each in told] == ["eligible", "not_eligible"]
    assert [each["criteria"][0]["formulas"]["f.share"]["in_words"] for each in told] == [
        "loan÷sales.y0", "loan÷sales.y1",
    ]  # fmt: skip
    arrays = ColumnReader(editions, ON).read_answers([answers]).arrays
    assert [column.tolist() for column in arrays["verdict"]] == [[1], [-1]]


def test_an_edition_knows_the_formulas_that_it_carries_only():
    data = {"id": "p", "name": "p", "family": "测试", "kind": "cash", "area": "140500"}
    data |= {"effective_from": "2021-01-01", "criteria": [gate({"fact": "f.share", "at_least": 1})]}
    assert read_edition(data, KNOWN).fault == "criteria[0] A.rule：没有指标 f.share"
    assert not read_edition({**data, "formulas": FORMULAS}, FACTS).fault


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        (formula("甲", "", {"sum": ["f.three", "loan"]}), "不能再用公式（三年合计）"),
        (formula("甲", "", "loan"), "单个指标直接用就可以"),
        (formula("甲", "", {"quotient": ["loan", "f.none"]}), "quotient[1]：没有指标 f.none"),
        (formula("甲", "", {"quotient": ["loan", "wage"]}), "万元、元不是同一个单位，不能相除"),
        (formula("甲", "", {"sum": [{"quotient": ["loan", "sales.y0"]}, 1]}), "增长率、比值只能"),
        (formula("甲", "", {"full_years": "loan"}), "full_years：应为一个日期指标"),
        (formula("甲", "元", {"sum": ["loan", "sales.y0"]}), "算出来的单位是万元，不是元"),
        (formula("甲", "比例", {"quotient": ["loan", "people"]}), "算出来的单位是万元/人，不是比例"),
        (formula("甲", "", {"sum": [1, 2]}), "应至少含一个指标"),
    ],
    ids=str,
)  # fmt: skip
def test_a_definition_that_cannot_be_computed_is_refused_in_words(definition, message):
    with pytest.raises(RuleError) as error:
        read_definition(definition, KNOWN, "怎么算")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("read", "data", "message"),
    [
        (read_rule, {"fact": "f.share", "is": 1}, "f.share 是公式，只能用 at_least"),
        (read_rule, {"fact": "f.share", "at_least": 1, "open": [2]}, "不能写待定的取值"),
        (read_rule, {"ratio": ["f.more", "loan"], "at_least": 1}, "f.more 是公式，这里只能用一个指标"),
        (read_rule, {"fact": "f.share", "at_least": "loan"}, "应与数字或同一单位（比例）"),
        (read_amount, {"share": {"of": "f.share", "rate": 1}}, "增长率、比值只能"),
        (read_amount, {"of": "f.age"}, "算出来的单位是岁，应为万元或元"),
        (read_amount, {"per_head_month": {"yuan": 1, "heads": "f.each", "months": "years"}},
         "f.each 是公式，这里只能用一个指标"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)  # fmt: skip
def test_where_no_formula_can_stand_it_is_told(read, data, message):
    with pytest.raises(RuleError) as error:
        read(data, KNOWN, "写法")
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("quantity", "unit"),
    [
        ("f.share", "比例"), ("f.each", "万元/人"), ("f.more", "万元"), ("f.age", "岁"),
        ({"quotient": ["people", "machines"]}, "人/台"), ({"full_months": "born"}, "月"),
        ({"quotient": ["loan", 3]}, "万元"),
    ],
    ids=str,
)  # fmt: skip
def test_units_of_formulas(quantity, unit):
    assert unit_of(read_quantity(quantity, KNOWN, "算式", may_grow=True)) == unit


# --- what was published -----------------------------------------------------------------


def test_what_is_published_is_read_though_a_fact_lost_the_figure_that_its_sentence_has():
    """The words of a fact change; a verdict does not hang on them."""
    from_1999 = {**FACTS["people"].__dict__, "label": "1999年以来的从业人员"}
    facts = {**FACTS, "people": Fact(**from_1999)}
    sentence = "[people|1999年以来的从业人员达到{}]"
    data = {"id": "p", "name": "p", "family": "测试", "kind": "cash", "area": "140500"}
    data |= {"effective_from": "2021-01-01"}
    data |= {"criteria": [gate({"fact": "people", "at_least": 20}, sentence=sentence)]}
    assert not read_edition(data, facts).fault
    assert "数字不要写在句子里" in read_edition(data, FACTS).fault
    kept = read_edition({**data, "is_published": True}, FACTS)
    assert not kept.fault
    assert kept.criteria[0].sentence.text == "1999年以来的从业人员达到20人"
