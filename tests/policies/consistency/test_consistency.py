"""The check of the catalogue: the real one passes, and every kind of fault is found."""

from datetime import date

import pytest

from policies.consistency.catalogue import check_catalogue
from policies.consistency.jurisdictions import Place
from policies.rules.facts import Fact
from tests.policies.packs import catalogue, facts

ON = date(2026, 11, 20)
REVENUE = {"fact": "revenue", "at_least": 2000}
SOURCES = [{"document": "测试〔2024〕1号", "clause": "二（一）"}]
VOCABULARY = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], "question": "？", **row})
    for row in [
        {"key": "revenue", "type": "decimal", "unit": "万元", "minimum": 0},
        {"key": "before", "type": "decimal", "unit": "万元", "minimum": 0},
        {"key": "jobs", "type": "int", "unit": "人", "minimum": 0},
        {"key": "honest", "type": "bool"},
        {"key": "path", "type": "enum", "choices": {"new": "新开工", "merger": "兼并"}},
        {"key": "stat.first_upgrade_year", "type": "int", "unit": "年", "minimum": 1949},
        {"key": "mute", "type": "bool", "question": ""},
    ]
}


def place(code, name, level, parent):
    return code, Place(code, name, level, parent)


PLACES = dict(
    [
        place("100000", "中国", "nation", None),
        place("140000", "山西省", "province", "100000"),
        place("140500", "晋城市", "city", "140000"),
        place("140521", "沁水县", "county", "140500"),
        place("140800", "运城市", "city", "140000"),
        place("140821", "临猗县", "county", "140800"),
    ]
)


def criterion(rule, code="T.1", **more):
    return {"code": code, "kind": "gate", "rule": rule, "sources": SOURCES, **more}


def award(amount=10, **more):
    row = {"level": "city", "payer": "140500", "amount": amount, "sources": SOURCES}
    return {**row, **more}


def programme(criteria=None, awards=(), **more):
    return {
        "id": "p",
        "name": "测试项目",
        "family": "测试",
        "kind": "cash",
        "area": "140500",
        "screened": True,
        "effective_from": "2021-01-01",
        "criteria": [criterion(REVENUE)] if criteria is None else criteria,
        "awards": list(awards),
        **more,
    }


def faults(*programmes, places=PLACES):
    return [str(problem) for problem in check_catalogue(programmes, VOCABULARY, places, ON)]


def the_fault(*programmes):
    (fault,) = faults(*programmes)
    return fault


def real_contents():
    return [pack.data(content) for pack in catalogue().programmes for _, content in pack.editions]


def real_places():
    rows = catalogue().jurisdictions
    return {row["code"]: Place(**{key: row.get(key) for key in row}) for row in rows}


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("收入够多", "缺少 revenue 的说法"),
        ("[revenue|收入达到{}]、[jobs|有人]", "多出 jobs 的说法"),
        ("[revenue|收入达到2000万元]", "数字不要写在句子里"),
    ],
)
def test_a_sentence_names_every_test_of_its_rule_and_types_no_figure(sentence, told):
    fault = the_fault(programme([criterion(REVENUE, text="收入", sentence=sentence)]))
    assert fault.startswith("p 2021-01-01 版 条件 T.1（收入）：")
    assert told in fault
    assert faults(programme([criterion(REVENUE, sentence="[revenue|收入达到{}]")])) == []


@pytest.mark.parametrize("on", [ON, date(2027, 1, 1), date(2028, 2, 29), date(2026, 11, 30)])
def test_the_catalogue_holds_together_on_any_day(on):
    problems = check_catalogue(real_contents(), facts(), real_places(), on)
    assert [str(problem) for problem in problems] == []


def test_a_sound_programme_has_no_fault():
    assert faults(programme(awards=[award(), {"level": "county", "status": "unpublished"}])) == []


def test_a_material_bears_out_what_is_asked():
    sheet = {"name": "财务报表", "proves": ["revenue"]}
    whole = {"name": "申报材料", "proves": ["*"]}
    assert faults(programme(materials=[sheet, whole, {"name": "简介"}])) == []
    fault = the_fault(programme(materials=[{**sheet, "proves": ["revenue", "jobs"]}]))
    assert fault.startswith("p 2021-01-01 版 材料 财务报表：写明它证明 jobs（jobs）")


# --- criteria -----------------------------------------------------------------------------


def test_a_problem_names_programme_edition_and_row():
    problems = check_catalogue(
        [programme([criterion({"fact": "revenue", "at_least": 0}, text="收入")])],
        VOCABULARY,
        PLACES,
        ON,
    )
    assert str(problems[0]).startswith("p 2021-01-01 版 条件 T.1（收入）：")


@pytest.mark.parametrize(
    "rule",
    [
        {"fact": "revenue", "less_than": 0},
        {"all": [REVENUE, {"fact": "revenue", "at_most": 1999}]},
        {"fact": "path", "in": []},
        {"ratio": ["jobs", "jobs"], "at_least": 2},
        {"n_of": 2, "of": [{"fact": "path", "is": "new"}, {"fact": "path", "is": "merger"}]},
    ],
)
def test_a_criterion_that_cannot_be_met(rule):
    assert "T.1：没有找到能使它符合的答案" in the_fault(programme([criterion(rule)]))


@pytest.mark.parametrize(
    "rule",
    [
        {"fact": "revenue", "at_least": 0},
        {"fact": "path", "in": ["new", "merger"]},
        {"any": [{"fact": "honest", "is": True}, {"fact": "honest", "is": False}]},
        {"not": {"fact": "jobs", "less_than": 0}},
    ],
)
def test_a_criterion_that_cannot_fail(rule):
    assert "T.1：没有找到能使它不符合的答案" in the_fault(programme([criterion(rule)]))


def test_a_criterion_is_tried_where_it_applies():
    """Within its own *when* this one never fails."""
    row = criterion(REVENUE, when={"fact": "revenue", "at_least": 3000})
    assert "没有找到能使它不符合的答案" in the_fault(programme([row]))


def test_a_row_of_a_table_is_a_criterion_of_its_own():
    cases = [
        {"id": "T.1a", "when": {"fact": "path", "is": "new"}, "then": REVENUE},
        {
            "id": "T.1b",
            "when": {"fact": "path", "is": "merger"},
            "then": {"fact": "jobs", "at_least": 0},
        },
    ]
    assert "条件 T.1b：没有找到能使它不符合" in the_fault(programme([criterion({"cases": cases})]))


@pytest.mark.parametrize(
    "row",
    [
        {"rule": None, "kind": "manual"},
        {"rule": {"fact": "path", "in": []}, "kind": "open"},
        {"rule": {"fact": "path", "in": ["new"], "open": ["merger"]}},
        {"rule": {"any": [REVENUE, {"open": "C39"}]}},
    ],
)
def test_what_is_open_or_manual_is_excepted(row):
    asks_path = criterion({"fact": "path", "is": "new"}, "T.2")
    assert faults(programme([criterion(**row)]), programme([asks_path], id="q")) == []


def test_what_is_presumed_until_answered_can_still_fail():
    assert faults(programme([criterion({"presumed": REVENUE})])) == []


def test_criteria_that_exclude_each_other():
    rows = [criterion(REVENUE), criterion({"fact": "revenue", "less_than": 2000}, "T.2")]
    assert the_fault(programme(rows)).startswith(
        "p 2021-01-01 版：没有找到能同时符合全部条件的答案"
    )


# --- ladders ------------------------------------------------------------------------------


def ladder(*steps):
    return {"ladder": {"fact": "revenue", "steps": [list(step) for step in steps]}}


def test_a_ladder_that_leaves_admitted_firms_below_it():
    fault = the_fault(programme(awards=[award(ladder((3000, 20), (5000, 40)))]))
    assert "第 1 项奖补（市级140500）：分档有空档：不到最低一档 3000" in fault
    assert "revenue：2000 万元" in fault


def test_a_ladder_that_starts_where_the_criteria_do():
    assert faults(programme(awards=[award(ladder((2000, 20), (5000, 40)))])) == []


def test_a_ladder_with_two_steps_at_one_limit():
    fault = the_fault(programme(awards=[award(ladder((2000, 20), (2000, 40)))]))
    assert "第 1 项奖补（市级140500）：各档下限应由低到高且不重复" in fault


def bands(*limits, **more):
    cases = [
        {"when": {"fact": "revenue", **limit}, "amount": 10 * place}
        for place, limit in enumerate(limits, 1)
    ]
    return {"cases": cases, **more}


def test_a_table_with_a_gap():
    amount = bands({"between": [2000, 2999]}, {"at_least": 3000})
    assert "分档有空档：没有一档适用（revenue：2999.00" in the_fault(
        programme(awards=[award(amount)])
    )
    assert faults(programme(awards=[award({**amount, "otherwise": 5})])) == []


def test_a_table_with_an_overlap():
    amount = bands({"between": [2000, 3000]}, {"at_least": 3000})
    fault = the_fault(programme(awards=[award(amount)]))
    assert "分档有重叠：第 1 档和第 2 档同时适用（revenue：3000 万元）" in fault


def test_a_table_of_a_criterion_is_checked_too():
    cases = [
        {"when": {"fact": "path", "is": "new"}, "then": REVENUE},
        {
            "when": {"fact": "path", "in": ["new", "merger"]},
            "then": {"fact": "jobs", "at_least": 5},
        },
    ]
    fault = the_fault(programme([criterion({"cases": cases})]))
    assert "条件 T.1：分档有重叠" in fault


def first_tranche(past_from):
    years = "stat.years_since_upgrade"
    now, past = {"between": [0, 1]}, {"at_least": past_from}
    tranche = {
        "title": "首期",
        "amount": 10,
        "now_when": {"fact": years, **now},
        "past_when": {"fact": years, **past},
    }
    return programme(awards=[award(None, tranches=[tranche])])


def test_a_tranche_that_is_always_paid_before_it_is_due():
    assert "“首期”永远轮不到：算本期的也都算往期" in the_fault(first_tranche(0))


def test_a_tranche_paid_before_to_some_is_due_to_the_others():
    """What was paid before is due no more, so it counts once though both conditions hold."""
    assert faults(first_tranche(1)) == []


# --- facts --------------------------------------------------------------------------------


def test_a_fact_that_does_not_exist():
    assert "条件 T.1：没有指标 profit" in the_fault(
        programme([criterion({"fact": "profit", "at_least": 1})])
    )


def test_a_derived_fact_computed_from_one_that_does_not_exist():
    rule = {"fact": "project.filing_age", "at_most": 3}
    fault = the_fault(programme([criterion(rule)]))
    assert "条件 T.1：用到的指标 project.filing_year 不在指标表里" in fault


def test_a_fact_without_a_question():
    fault = the_fault(programme([criterion({"fact": "mute", "is": True})]))
    assert "条件 T.1：用到的指标 mute（mute）没有提问" in fault


def test_a_fact_that_no_screened_programme_asks():
    rows = [criterion({"fact": "honest", "is": True})]
    unscreened = programme(rows, screened=False)
    assert "条件 T.1：用到的指标 honest（honest）没有一个参与自测的项目会问到" in the_fault(
        unscreened
    )
    assert faults(unscreened, programme(rows, id="q")) == []


def test_a_fact_of_a_row_that_decides_nothing_is_not_asked():
    rows = [criterion(REVENUE), criterion({"fact": "honest", "is": True}, "T.2", kind="tranche")]
    assert "条件 T.2" in the_fault(programme(rows))


# --- clauses ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "told"),
    [
        ([], "没有写出处"),
        ([{"document": "测试〔2024〕1号"}], "出处 测试〔2024〕1号 没有写条款"),
        ([{"clause": "二"}], "出处没有写文件"),
    ],
)
def test_a_figure_without_document_or_clause(sources, told):
    assert f"第 1 项奖补（市级140500）：{told}" in the_fault(
        programme(awards=[award(sources=sources)])
    )
    assert f"条件 T.1：{told}" in the_fault(programme([criterion(REVENUE, sources=sources)]))


def test_a_fee_ceiling_is_a_figure_and_an_unpublished_award_is_none():
    ceiling = award(None, fee_cap=0.01, sources=[])
    assert "没有写出处" in the_fault(programme(awards=[ceiling]))
    assert faults(programme(awards=[award(None, status="unpublished", sources=[])])) == []


# --- jurisdictions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("area", "level", "payer"),
    [
        ("140500", "city", "140800"),
        ("140500", "county", "140821"),
        ("140521", "county", "140821"),
        ("140521", "city", "140800"),
    ],
)
def test_a_payer_outside_the_area(area, level, payer):
    fault = the_fault(programme(awards=[award(level=level, payer=payer)], area=area))
    assert "不在同一条线上" in fault


@pytest.mark.parametrize(
    ("level", "payer"), [("county", "140500"), ("city", "140521"), ("national", "140000")]
)
def test_a_payer_of_another_level(level, payer):
    fault = the_fault(programme(awards=[award(level=level, payer=payer)]))
    assert f"奖补级别与支付地区{PLACES[payer].name}的级别不一致" in fault


@pytest.mark.parametrize(
    ("level", "payer"),
    [
        ("national", "100000"),
        ("province", "140000"),
        ("city", "140500"),
        ("county", "140521"),
        ("local", "140521"),
        ("local", None),
    ],
)
def test_a_payer_above_or_below_the_area(level, payer):
    assert faults(programme(awards=[award(level=level, payer=payer)])) == []


def test_an_area_or_payer_that_does_not_exist():
    assert "适用地区 149900 不在行政区划里" in the_fault(programme(area="149900"))
    assert "支付地区 149900 不在行政区划里" in the_fault(programme(awards=[award(payer="149900")]))


# --- the same money -----------------------------------------------------------------------


def test_two_awards_of_one_payer_at_once():
    fault = the_fault(programme(awards=[award(10), award(20)]))
    assert "第 2 项奖补（市级140500）：与第 1 项奖补（市级140500）由同一级同一地区支付" in fault


def test_declared_the_same_money():
    assert faults(programme(awards=[award(10, same_money="C1"), award(20, same_money="C1")])) == []


def test_declared_alone():
    fault = the_fault(programme(awards=[award(same_money="C1")]))
    assert "声明与别项是同一笔钱（C1），但没有别项这样声明" in fault


CAP = {"group": "标准", "most": 15}


def test_awards_that_share_a_cap_or_are_chosen_from():
    two = [award(10, joint_cap=CAP), award(20, joint_cap=CAP)]
    assert faults(programme(awards=two)) == []
    fault = the_fault(programme(awards=two[:1]))
    assert "声明与别项合计不超过一个数（标准），但没有别项这样声明" in fault
    own = programme(awards=[award(only_highest=["改造"])])
    assert "声明与别的项目就高不重复（改造），但没有别项这样声明" in the_fault(own)
    assert faults(own, {**own, "id": "q"}) == []


GROWTH = {"growth": ["revenue", "before"]}


@pytest.mark.parametrize(
    "rule",
    [
        {"quantity": GROWTH, "at_least": 0.2},
        {"quantity": GROWTH, "between": [0.1, 0.2]},
        {"quantity": {"sum": ["revenue", "before"]}, "at_least": 1000},
        {"quantity": {"difference": ["revenue", "before"]}, "more_than": 500},
        {"quantity": {"product": ["jobs", 12]}, "at_most": 360},
        {"quantity": "revenue", "at_least": {"product": [2, "before"]}},
    ],
    ids=str,
)
def test_a_quantity_can_be_met_and_can_fail(rule):
    before = Fact.from_data(
        {
            "key": "before",
            "section": "测试",
            "label": "上年",
            "question": "？",
            "type": "decimal",
            "unit": "万元",
        }
    )
    problems = check_catalogue(
        [programme([criterion(rule)])], VOCABULARY | {"before": before}, PLACES, ON
    )
    assert [str(problem) for problem in problems] == []


def test_awards_that_no_firm_gets_together():
    first, second = (
        award(bands({"less_than": 3000}, otherwise=0)),
        award(bands({"at_least": 3000}, otherwise=0)),
    )
    assert faults(programme(awards=[first, second])) == []
    second = award(bands({"at_least": 2999}, otherwise=0))
    assert "没有声明是否为同一笔钱" in the_fault(programme(awards=[first, second]))


def test_awards_of_different_payers():
    other = award(level="county", payer="140521")
    assert faults(programme(awards=[award(), other])) == []


def test_limits_that_hang_on_each_other_are_met_by_an_example():
    """Growth of one fact over another cannot be hit by trying each for itself."""
    rows = [
        criterion({"quantity": {"growth": ["revenue", "before"]}, "between": [0.2, 0.21]}),
        criterion({"fact": "revenue", "at_least": 777}, "T.2"),
    ]
    told = the_fault(programme(rows))
    assert "没有找到" in told
    firm = {"revenue": 1205, "before": 1000}
    instead = {"code": "T.1", "is": "met", "with": firm}
    example = {"on": "2026-11-20", "firm": {"revenue": 1}, "criteria": [instead]}
    assert faults(programme(rows, examples=[example])) == []
