"""Firms on both sides of each criterion are found, right beside its limits, and told where they lack."""

from datetime import date

import pytest

from policies.consistency.coverage import gaps_of
from policies.consistency.examples import faults_of
from policies.consistency.sides import Sides
from policies.rules.facts import Fact
from policies.rules.read_edition import compile_edition
from tests.policies.packs import catalogue, facts

ON = date(2026, 11, 20)


def shipped():
    return [
        (compile_edition(pack.data(content), facts()), pack.row["id"], content["effective_from"])
        for pack in catalogue().programmes
        for _, content in pack.editions
    ]


def test_nothing_in_the_shipped_catalogue_is_left_untried():
    for edition, programme, starts in shipped():
        examples = catalogue().examples.by_edition.get((programme, starts), [])
        sides = Sides(edition, examples, facts(), ON)
        assert (programme, list(sides.lacks()), list(gaps_of(sides))) == (programme, [], [])


def test_both_sides_of_every_shipped_criterion_are_found_from_nothing():
    """And each row that was found comes out as it says."""
    count = 0
    for edition, programme, _ in shipped():
        sides = Sides(edition, [], facts(), ON)
        rows = [row for lack in sides.lacks() for row in lack.rows]
        example = {**sides.beside, "criteria": rows}
        assert (programme, list(faults_of(example, edition, facts()))) == (programme, [])
        assert (programme, list(Sides(edition, [example], facts(), ON).lacks())) == (programme, [])
        count += len(rows)
    assert count > 600


# --- one rule ---------------------------------------------------------------------------

VOCABULARY = {
    "revenue": Fact("revenue", "经营", "收入", "decimal", unit="万元", decimals=2),
    "before": Fact("before", "经营", "上年收入", "decimal", unit="万元", decimals=2),
    "heads": Fact("heads", "经营", "人数", "int", unit="人"),
    "since": Fact("since", "经营", "成立日期", "date"),
    "kind": Fact("kind", "经营", "类型", "enum", choices={"a": "甲", "b": "乙"}),
    "new": Fact("new", "经营", "首次", "bool"),
}


def edition_of(*criteria, awards=()):
    rows = [{"kind": "gate", "text": "", **row} for row in criteria]
    return compile_edition(
        {
            "id": "t", "name": "测试", "family": "测试", "kind": "cash", "area": "140500",
            "effective_from": "2026-01-01", "criteria": rows, "awards": list(awards),
        },
        VOCABULARY,
    )  # fmt: skip


def rows_of(rule, firm, **more):
    sides = Sides(
        edition_of({"code": "T.1", "rule": rule, **more}),
        [{"on": ON.isoformat(), "firm": firm}],
        VOCABULARY,
        ON,
    )
    return [row for lack in sides.lacks() for row in lack.rows]


@pytest.mark.parametrize(
    ("rule", "firm", "beside"),
    [
        ({"fact": "revenue", "at_least": 20}, {"revenue": 500}, (20, 19.99)),
        ({"fact": "revenue", "more_than": 20}, {"revenue": 500}, (20.01, 20)),
        ({"fact": "heads", "at_most": 30}, {"heads": 3}, (30, 31)),
        ({"fact": "since", "full_years": 2}, {"since": "2001-05-01"}, ("2024-11-20", "2024-11-21")),
        (
            {"quantity": {"growth": ["revenue", "before"]}, "at_least": 0.1},
            {"revenue": 300, "before": 200},
            (220, 219.99),
        ),
        ({"ratio": ["revenue", "before"], "at_least": 0.25}, {"revenue": 300, "before": 200}, (50, 49.99)),
    ],
)  # fmt: skip
def test_the_row_that_fails_stands_one_step_from_one_that_is_met(rule, firm, beside):
    rows = rows_of(rule, firm)
    assert rows[0] == {"code": "T.1", "is": "met"}
    found = {row["is"]: list(row["with"].values()) for row in rows[1:]}
    assert {side: values[0] for side, values in found.items()} == {
        "met": beside[0],
        "not_met": beside[1],
    }


def test_a_choice_turns_and_several_answers_change_together_where_one_does_not_do():
    assert rows_of({"fact": "kind", "is": "a"}, {"kind": "a"})[1] == {
        "code": "T.1", "is": "not_met", "with": {"kind": "b"},
    }  # fmt: skip
    either = {"any": [{"fact": "kind", "is": "a"}, {"fact": "new", "is": True}]}
    met, fails = rows_of(either, {"kind": "a", "new": True})
    assert (met["is"], fails["is"]) == ("met", "not_met")
    assert fails["with"] == {"kind": "b", "new": False}


def test_a_side_that_no_answer_leads_to_is_not_asked_for():
    assert [row["is"] for row in rows_of({"fact": "revenue", "at_least": 0}, {"revenue": 5})] == [
        "met"
    ]
    lenient = rows_of({"fact": "new", "is": True}, {"new": True}, kind="county_sheet")
    assert [(row["is"], row.get("with")) for row in lenient] == [
        ("met", None), ("unknown", {"new": False}),
    ]  # fmt: skip


# --- what no example tries --------------------------------------------------------------

LADDER = {
    "level": "city",
    "tranches": [
        {"amount": {"ladder": {"fact": "revenue", "steps": [[100, 5], [500, 9]]}}},
        {
            "title": "次年",
            "amount": {"share": {"fact": "before", "rate": 0.1, "cap": 10}},
            "now_when": {"fact": "new", "is": True},
        },
    ],
}
EITHER = {
    "code": "T.1",
    "rule": {"any": [{"fact": "heads", "at_least": 30}, {"fact": "kind", "is": "b"}]},
    "when": {"fact": "new", "is": True},
}
FIRM = {"revenue": 100, "before": 50, "heads": 40, "kind": "a", "new": True}


def untried(*rows):
    example = {
        "on": ON.isoformat(),
        "firm": FIRM,
        "criteria": [row for row in rows if "code" in row],
        "money": [row for row in rows if "level" in row],
    }
    sides = Sides(edition_of(EITHER, awards=[LADDER]), [example], VOCABULARY, ON)
    return [f"{gap.which} {gap.told}" for gap in gaps_of(sides)]


def test_each_side_way_limit_row_tranche_and_cap_is_told_until_an_example_tries_it():
    assert untried() == ["T.1 没有一个例子写到它", "0 没有一个例子写到它"]
    first = ({"code": "T.1", "is": "met"}, {"level": "city"})
    told = untried(*first)
    assert [line.split("：")[0] for line in told] == [
        "T.1 没有不符合的例子",
        "T.1 没有不适用的例子（适用前提",
        "T.1 没有例子满足其中的“类型",
        "T.1 没有例子正好在界限上和界限外一点",
        "0 没有例子落在第 2 档",
        "0 “次年”没有本期给付的条件不成立的例子",
        "0 没有例子达到封顶",
    ]
    assert untried(
        *first,
        {"code": "T.1", "is": "not_met", "with": {"heads": 29}},
        {"code": "T.1", "is": "met", "with": {"heads": 30}},
        {"code": "T.1", "is": "met", "with": {"kind": "b"}},
        {"code": "T.1", "is": "not_applicable", "with": {"new": False}},
        {"level": "city", "with": {"revenue": 500}},
        {"level": "city", "with": {"new": False}},
        {"level": "city", "with": {"before": 5000}},
    ) == []  # fmt: skip


def test_a_firm_far_from_a_limit_does_not_try_it():
    """Else 30 could become 20 and no example would notice."""
    told = untried(
        {"code": "T.1", "is": "met"}, {"code": "T.1", "is": "not_met", "with": {"heads": 1}}
    )
    assert any("没有例子正好在界限上和界限外一点：人数" in line for line in told)
