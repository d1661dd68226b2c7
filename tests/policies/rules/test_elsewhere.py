"""Clauses of documents of other places, each with figures on both sides of what it says.

In words of our own: 三门峡 (稳岗返还), 宁波 (重大工业投资), 青岛 and its districts (首台套), 阜阳 (制造强省).
"""

from datetime import date
from decimal import Decimal
from math import inf

import pytest

from policies.rules.columns import VERDICTS, ColumnReader
from policies.rules.facts import Fact, Item
from policies.rules.firm import Firm
from policies.rules.judgement import judge
from policies.rules.read_edition import compile_edition
from policies.rules.totals import choices, sums

ON = date(2026, 11, 20)
SIZES = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}
ROWS = [
    {"key": "enterprise.county", "type": "enum", "choices": {"411202": "湖滨区", "330203": "海曙区"}},
    {"key": "insured.here", "type": "bool"},
    {"key": "insured.months", "type": "int", "unit": "月"},
    {"key": "insured.people", "type": "int", "unit": "人"},
    {"key": "insured.laid_off", "type": "int", "unit": "人"},
    {"key": "insured.paid", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "firm.dishonest", "type": "bool"},
    {"key": "firm.kind", "type": "enum", "choices": {**SIZES, "society": "社会团体", "self": "个体工商户"}},
    {"key": "invest.total", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "invest.equipment", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "invest.field", "type": "enum", "choices": {"chips": "集成电路", "key": "重点领域", "other": "其他"}},
    {"key": "invest.listed", "type": "bool"},
    {"key": "invest.stage", "type": "enum", "choices": {"started": "已开工", "done": "已竣工"}},
    {"key": "tax.city.after", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "tax.city.before", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "first.kind", "type": "enum", "choices": {"complete": "成套", "single": "单机", "part": "部件"}},
    {"key": "first.sales", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "first.price", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "loan.amount", "type": "decimal", "unit": "万元", "decimals": 6},
    {"key": "loan.rate", "type": "ratio", "decimals": 4},
    {"key": "loan.years", "type": "decimal", "unit": "年", "decimals": 2, "maximum": 30},
    {"key": "standard.international", "type": "int", "unit": "项"},
    {"key": "standard.national", "type": "int", "unit": "项"},
    {"key": "clean.class_100", "type": "decimal", "unit": "㎡", "decimals": 2},
    {"key": "clean.class_500", "type": "decimal", "unit": "㎡", "decimals": 2},
]  # fmt: skip
FACTS = {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in ROWS
}


def answered(answers):
    return {
        key: Decimal(str(value)) if FACTS[key].type in ("decimal", "ratio") else value
        for key, value in answers.items()
    }


def judged(content, answers):
    """The judgement of one firm, which is that of its column too."""
    plain = {"id": "p", "name": "测试项目", "family": "测试", "kind": "cash", "area": "411200"}
    edition = compile_edition({**plain, "effective_from": "2020-01-01", **content}, FACTS)
    answers = answered(answers)
    judgement = judge(edition, Firm(answers, ON))
    results = ColumnReader([edition], ON).read_answers([answers])
    read = {name: arrays[0][0] for name, arrays in results.arrays.items()}
    assert VERDICTS[int(read["verdict"])] == judgement.verdict
    for name in ("missing", "missing_for_amount"):
        assert results.missing(name, 0, 0) == set(getattr(judgement, name))
    paid = judgement.payable
    assert float(read["total_least"]) == pytest.approx(float(paid.low))
    most = inf if paid.high is None else float(paid.high)
    assert float(read["total_most"]) == pytest.approx(most)
    return judgement


def paid(amount, **answers):
    """What one amount gives; None at an end that is open."""
    keys = {key.replace(".", "_"): key for key in FACTS}
    answers = {keys[name]: value for name, value in answers.items()}
    return judged({"awards": [{"level": "city", "amount": amount}]}, answers).payable.pair


def gate(rule):
    return {"code": "A", "kind": "gate", "rule": rule}


# --- 三门峡: unemployment insurance given back to who keeps its people -----------------------

# Laid off at most 5.5 % of the insured; with 30 insured or fewer, 20 %.
KEEPS_PEOPLE = {
    "cases": [
        {
            "when": {"fact": "insured.people", "at_most": 30},
            "then": {"quantity": "insured.laid_off", "at_most": {"product": [0.2, "insured.people"]}},
        }
    ],
    "otherwise": {
        "quantity": "insured.laid_off", "at_most": {"product": [0.055, "insured.people"]},
    },
}  # fmt: skip
INSURANCE = {
    "criteria": [
        gate({"fact": "insured.here", "is": True}),
        gate({"fact": "insured.months", "at_least": 12}),
        gate(KEEPS_PEOPLE),
        {"code": "B", "kind": "exclusion", "rule": {"fact": "firm.dishonest", "is": False}},
    ],
    "awards": [
        {
            "level": "city",
            "amount": {
                "cases": [
                    {
                        "when": {"fact": "firm.kind", "is": "large"},
                        "amount": {"share": {"fact": "insured.paid", "rate": 0.3}},
                    }
                ],
                "otherwise": {"share": {"fact": "insured.paid", "rate": 0.6}},
            },
        }
    ],
}
STAYS = {
    "insured.here": True, "insured.months": 12, "insured.people": 200, "insured.laid_off": 11,
    "firm.dishonest": False, "firm.kind": "small", "insured.paid": 10,
}  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({}, "eligible"),
        ({"insured.laid_off": 12}, "not_eligible"),
        ({"insured.people": 30, "insured.laid_off": 6}, "eligible"),
        ({"insured.people": 30, "insured.laid_off": 7}, "not_eligible"),
        ({"insured.people": 31, "insured.laid_off": 1}, "eligible"),
        ({"insured.people": 31, "insured.laid_off": 2}, "not_eligible"),
        ({"insured.months": 11}, "not_eligible"),
        ({"insured.here": False}, "not_eligible"),
        ({"firm.dishonest": True}, "not_eligible"),
    ],
    ids=str,
)
def test_insurance_is_given_back_to_who_lays_off_few(answers, verdict):
    assert judged(INSURANCE, STAYS | answers).verdict == verdict


@pytest.mark.parametrize(
    ("kind", "share"), [("small", 6), ("society", 6), ("self", 6), ("large", 3)]
)
def test_large_firms_get_half_of_what_others_get(kind, share):
    assert judged(INSURANCE, STAYS | {"firm.kind": kind}).payable.pair == [share, share]


def test_who_lays_off_nobody_keeps_people_however_many_there_are():
    unknown = {key: value for key, value in STAYS.items() if key != "insured.people"}
    assert judged(INSURANCE, unknown | {"insured.laid_off": 0}).verdict == "eligible"
    assert judged(INSURANCE, unknown).missing == ("insured.people",)


# --- 宁波: equipment at the start and at completion, then tax that only later years know -------


def by_field(rate, chips, key, other):
    def share(cap):
        return {"share": {"fact": "invest.equipment", "rate": rate, "cap": cap}}

    return {
        "cases": [
            {"when": {"fact": "invest.field", "is": "chips"}, "amount": share(chips)},
            {"when": {"fact": "invest.field", "is": "key"}, "amount": share(key)},
        ],
        "otherwise": share(other),
    }


STARTED = {"fact": "invest.stage", "in": ["started", "done"]}
DONE = {"fact": "invest.stage", "is": "done"}
MORE_TAX = {"difference": ["tax.city.after", "tax.city.before"]}
INVESTMENT = {
    "criteria": [
        gate({"fact": "invest.total", "at_least": 10_000}),
        gate({"fact": "invest.listed", "is": True}),
    ],
    "awards": [
        {
            "level": "city",
            "tranches": [
                {"title": "开工", "amount": by_field(0.03, 1500, 900, 600), "now_when": STARTED},
                {"title": "竣工", "amount": by_field(0.07, 3500, 2100, 1400), "now_when": DONE},
                {
                    "title": "新增税收", "later": True, "condition": "竣工后两年",
                    "amount": {"share": {"of": MORE_TAX, "rate": 0.6}},
                },
            ],
        }
    ],
}  # fmt: skip
INVESTS = {
    "invest.total": 10_000, "invest.listed": True, "invest.stage": "started",
    "invest.field": "other", "invest.equipment": 8_000,
}  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ({}, "eligible"),
        ({"invest.total": 9_999.99}, "not_eligible"),
        ({"invest.listed": False}, "not_eligible"),
    ],
    ids=str,
)
def test_investment_has_a_least_size_and_a_listed_industry(answers, verdict):
    assert judged(INVESTMENT, INVESTS | answers).verdict == verdict


@pytest.mark.parametrize(
    ("answers", "now", "later"),
    [
        ({}, 240, 560),
        ({"invest.equipment": 20_000}, 600, 1400),
        ({"invest.equipment": 19_000}, 570, 1330),
        ({"invest.equipment": 20_001}, 600, 1400),
        ({"invest.equipment": 50_000, "invest.field": "key"}, 900, 2100),
        ({"invest.equipment": 50_000, "invest.field": "chips"}, 1500, 3500),
        ({"invest.stage": "done"}, 800, 0),
    ],
    ids=str,
)
def test_equipment_is_paid_at_the_start_and_at_completion(answers, now, later):
    """The share of the tax is known only afterwards: what is certain counts nevertheless."""
    level = judged(INVESTMENT, INVESTS | answers).levels["city"]
    assert level.status == "published"
    assert level.is_partly_known
    assert level.now.pair == [now, now]
    assert (level.later.low, level.later.high) == (later, None)
    assert level.total.pair == [now + later, None]
    assert level.missing == ("tax.city.after", "tax.city.before")


@pytest.mark.parametrize(("after", "total"), [(300, 860), (200, 800), (100, 800)])
def test_of_the_tax_only_what_is_more_is_shared(after, total):
    answers = INVESTS | {"tax.city.after": after, "tax.city.before": 200}
    level = judged(INVESTMENT, answers).levels["city"]
    assert level.total.pair == [total, total]
    assert not level.is_partly_known


def test_with_nothing_certain_beside_it_money_stays_unknown():
    amount = {"share": {"of": MORE_TAX, "rate": 0.6}}
    level = judged({"awards": [{"level": "city", "amount": amount}]}, {}).levels["city"]
    assert level.status == "unknown"


# --- 青岛 and its districts: the first of a machine ----------------------------------------


def by_kind(complete, single, part=0):
    """A cap for each kind, or what is paid for it."""
    return {
        "cases": [
            {"when": {"fact": "first.kind", "is": "complete"}, "amount": complete},
            {"when": {"fact": "first.kind", "is": "single"}, "amount": single},
        ],
        "otherwise": part,
    }


def share(fact, rate, cap):
    return {"share": {"fact": fact, "rate": rate, "cap": cap}}


@pytest.mark.parametrize(
    ("kind", "sales", "city"),
    [
        ("complete", 2_999, 149.95), ("complete", 3_000, 150), ("complete", 3_001, 150),
        ("single", 2_000, 100), ("single", 2_001, 100), ("single", 1_999, 99.95),
    ],
)  # fmt: skip
def test_a_year_s_sales_of_a_first_machine(kind, sales, city):
    amount = by_kind(share("first.sales", 0.05, 150), share("first.sales", 0.05, 100))
    assert paid(amount, first_kind=kind, first_sales=sales) == [Decimal(str(city))] * 2


@pytest.mark.parametrize(
    ("kind", "price", "district"),
    [
        ("complete", 333, 99.9), ("complete", 334, 100), ("single", 166, 49.8), ("single", 167, 50),
        ("part", 1, 10), ("part", 1_000, 10),
    ],
)  # fmt: skip
def test_a_district_pays_a_share_of_the_price_and_so_much_for_a_part(kind, price, district):
    amount = by_kind(share("first.price", 0.3, 100), share("first.price", 0.3, 50), 10)
    assert paid(amount, first_kind=kind, first_price=price) == [Decimal(str(district))] * 2


@pytest.mark.parametrize(
    ("kind", "revenue", "district"),
    [
        ("complete", 29, 29),
        ("complete", 31, 30),
        ("single", 21, 20),
        ("part", 11, 10),
        ("part", 9, 9),
    ],
)
def test_a_district_pays_no_more_than_it_has_of_the_firm(kind, revenue, district):
    amount = by_kind(
        share("tax.city.after", 1, 30),
        share("tax.city.after", 1, 20),
        share("tax.city.after", 1, 10),
    )
    assert paid(amount, first_kind=kind, tax_city_after=revenue) == [district, district]


# --- 阜阳: equipment or a loan, standards, clean rooms --------------------------------------

INTEREST = {
    "share": {
        "of": {"product": ["loan.amount", "loan.rate", "loan.years"]},
        "rate": 0.4,
        "cap": 500,
    }
}


@pytest.mark.parametrize(
    ("loan", "rate", "years", "half"),
    [
        (1_000, 0.05, 2, 40), (10_000, 0.05, 2.5, 500), (10_000, 0.05, 2.6, 500),
        (10_000, 0.05, 2.49, 498), (0, 0.05, 2, 0),
    ],
)  # fmt: skip
def test_interest_is_loan_times_rate_times_years(loan, rate, years, half):
    assert paid(INTEREST, loan_amount=loan, loan_rate=rate, loan_years=years) == [half, half]
    assert paid(INTEREST, loan_amount=0) == [0, 0]


@pytest.mark.parametrize(
    ("equipment", "loan", "total"), [(1_000, 2_000, 80), (1_000, 2_001, 80.04), (7_000, 9_999, 500)]
)
def test_of_equipment_and_interest_only_one_is_paid(equipment, loan, total):
    either = {"highest": [share("invest.equipment", 0.08, 500), INTEREST]}
    answers = {
        "invest_equipment": equipment,
        "loan_amount": loan,
        "loan_rate": 0.05,
        "loan_years": 2,
    }
    assert paid(either, **answers) == [Decimal(str(total))] * 2


STANDARDS = {
    "together": {
        "amounts": [
            {"each": {"fact": "standard.international", "amount": 100}},
            {"each": {"fact": "standard.national", "amount": 50}},
        ],
        "cap": 150,
    }
}


@pytest.mark.parametrize(
    ("international", "national", "total"),
    [(0, 0, 0), (0, 2, 100), (1, 0, 100), (1, 1, 150), (1, 2, 150), (2, 0, 150), (0, 4, 150)],
)
def test_standards_have_one_cap_together(international, national, total):
    found = paid(STANDARDS, standard_international=international, standard_national=national)
    assert found == [total, total]


def test_once_the_joint_cap_is_reached_the_rest_does_not_matter():
    assert paid(STANDARDS, standard_international=2) == [150, 150]
    assert paid(STANDARDS, standard_international=1) == [100, 150]


@pytest.mark.parametrize(
    ("fine", "coarse", "total"), [(100, 0, 10), (0, 100, 5), (100.5, 30, 11.55)]
)
def test_clean_rooms_are_paid_by_the_square_metre(fine, coarse, total):
    rooms = {
        "together": {
            "amounts": [
                {"share": {"fact": "clean.class_100", "rate": 0.1}},
                {"share": {"fact": "clean.class_500", "rate": 0.05}},
            ]
        }
    }
    found = paid(rooms, clean_class_100=fine, clean_class_500=coarse)
    assert found == [Decimal(str(total))] * 2


# --- several products or projects, each with its own kind and cap ---------------------------

LISTED = [
    {"key": "first.products", "type": "item_list", "unit": "万元",
     "choices": {"complete": "成套", "single": "单机"}},
    {"key": "bases.projects", "type": "item_list", "unit": "万元"},
]  # fmt: skip
FACTS |= {
    row["key"]: Fact.from_data({"section": "测试", "label": row["key"], **row}) for row in LISTED
}


@pytest.mark.parametrize(
    ("products", "city"),
    [
        ([("complete", 4_000), ("single", 1_000)], 200),
        ([("complete", 3_000), ("complete", 2_000), ("single", 2_001)], 350),
        ([("single", 1_999)], 99.95),
        ([], 0),
    ],
)
def test_each_product_has_the_cap_of_its_kind(products, city):
    share_of_sales = {
        "items": {
            "fact": "first.products",
            "years": [0, 0],
            "by_kind": [
                {"kinds": ["complete"], "rate": 0.05, "cap": 150},
                {"kinds": ["single"], "rate": 0.05, "cap": 100},
            ],
        }
    }
    sold = tuple(Item(Decimal(sales), kind, date(2026, 3, 1)) for kind, sales in products)
    before = (Item(Decimal(9_000), "complete", date(2025, 12, 31)),)
    found = paid(share_of_sales, first_products=sold + before)
    assert found == [Decimal(str(city))] * 2


@pytest.mark.parametrize(("projects", "total"), [([6_250], 500), ([6_251, 1_000], 580), ([100], 8)])
def test_each_project_of_equipment_has_its_own_cap(projects, total):
    equipment = {"items": {"fact": "bases.projects", "rate": 0.08, "cap": 500}}
    found = paid(equipment, bases_projects=tuple(Item(Decimal(each)) for each in projects))
    assert found == [total, total]


# --- maker and user share one cap; one subsidy or the other, of two programmes ----------------


def test_maker_and_user_of_a_first_machine_share_one_cap():
    cap = {"group": "首台套", "most": 100}
    makes, buys = ({"level": "city", "amount": share(key, 0.3, None), "joint_cap": cap}
                   for key in ("first.sales", "first.price"))  # fmt: skip
    for sales, price, total in ((100, 100, 60), (200, 200, 100), (400, 0, 100)):
        found = judged({"awards": [makes, buys]}, {"first.sales": sales, "first.price": price})
        assert sums([found])[2].pair == [total, total]


@pytest.mark.parametrize(("equipment", "counts", "total"), [(1_001, "a", 80.08), (999, "b", 80)])
def test_of_two_programmes_only_the_subsidy_that_is_more_counts(equipment, counts, total):
    only = {"level": "city", "only_highest": ["四基"]}
    pays = {"a": share("invest.equipment", 0.08, 500), "b": INTEREST}
    answers = {
        "invest.equipment": equipment, "loan.amount": 2_000, "loan.rate": 0.05, "loan.years": 2,
    }  # fmt: skip
    found = [
        judged({"id": name, "awards": [{**only, "amount": amount}]}, answers)
        for name, amount in pays.items()
    ]
    assert sums(found)[2].pair == [Decimal(str(total))] * 2
    [choice] = choices(found)
    assert [option.programme for option in choice.counts] == [counts]
