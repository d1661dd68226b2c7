"""Invented rules, amounts and editions of every kind that can be written, and firms to try them on."""

from datetime import date
from decimal import Decimal
from functools import cache

from hypothesis import strategies as st

from policies.rules.answers import contradictions
from policies.rules.facts import Fact, Item
from policies.rules.formulas import FactsWithFormulas
from tests.policies.packs import facts

ON = date(2026, 11, 20)
MONEY = ["revenue.operating.y1", "net_profit.y1", "assets.total.y1", "tax.paid.y0", "tax.base_paid"]
MONEY_LIMITS = [0, 0.1, 0.3, 300, 20000, 100000000]
COUNTS = ["enterprise.employees", "base.tenants", "base.teams", "hr.trainee_months"]
COUNT_LIMITS = [0, 3, 10, 20, 300]
YEARS = ["stat.first_upgrade_year", "reform.completed_year"]
DATES = ["enterprise.founded_on", "base.premises_term_end"]
DAYS = [date(2021, 1, 1), date(2023, 11, 20), date(2023, 11, 21), date(2025, 12, 31), ON]
CODES = [
    "base.type", "enterprise.county", "enterprise.subject_type", "reform.origin", "industry.section",
]  # fmt: skip
SETS = ["zjtx.tiers", "recognition.new_this_year", "credit.adverse_lists"]
TRUTHS = ["stat.four_above", "accounting.sound", "heritage.listed"]
DERIVED_TRUTHS = ["enterprise.is_legal_person", "size.is_sme", "size.is_small_or_micro"]
DERIVED_NUMBERS = [
    "base.counted_tenants", "net_profit.sum3", "reform.full_fiscal_years", "project.filing_age",
    "stat.years_since_upgrade", "stat.full_years_after_entry", "tax.new_local",
]  # fmt: skip
# What no shipped programme asks yet: several things with kinds and days.
PRODUCTS = Fact.from_data(
    {"key": "first.products", "section": "测试", "label": "首台套产品", "type": "item_list",
     "unit": "万元", "choices": {"complete": "成套", "single": "单机"}}
)  # fmt: skip
# What editors have given a name.
FORMULAS = {
    key: {"label": label, "unit": unit, "quantity": quantity}
    for key, label, unit, quantity in [
        ("formula.share", "占比", "比例", {"quotient": ["tax.paid.y0", "revenue.operating.y1"]}),
        ("formula.margin", "利润率", "", {
            "quotient": ["net_profit.y1", {"difference": ["revenue.operating.y1", "tax.paid.y0"]}]
        }),
        ("formula.teams", "户均团队", "", {"quotient": ["base.teams", "base.tenants"]}),
        ("formula.grown", "增幅", "", {"growth": ["assets.total.y1", "tax.base_paid"]}),
        ("formula.all", "合计", "万元", {"sum": ["net_profit.sum3", "tax.paid.y0", 3]}),
        ("formula.age", "年龄", "岁", {"full_years": "enterprise.founded_on"}),
        ("formula.months", "已满月数", "", {"full_months": "base.premises_term_end"}),
    ]
}  # fmt: skip
INDUSTRIES = ["B", "C", "G59", "F", "F52", "I", "K", "K7010", "L72", "P"]


@cache
def every_fact():
    return FactsWithFormulas({**facts(), PRODUCTS.key: PRODUCTS}, FORMULAS)


def some(values, least=0, most=3):
    return st.lists(st.sampled_from(values), min_size=least, max_size=most, unique=True)


@st.composite
def number_leaves(draw):
    kind = draw(st.sampled_from(["money", "count", "year", "derived", "share"]))
    keys, limits = {
        "money": (MONEY, MONEY_LIMITS),
        "count": (COUNTS, COUNT_LIMITS),
        "year": (YEARS, [2023, 2025, 2026]),
        "derived": (DERIVED_NUMBERS, [0, 1, 2, 3, 10, 23, 300]),
        "share": (["project.progress.y1", "tax.local_share"], [0, 0.5, 1]),
    }[kind]
    limit = st.sampled_from(limits)
    operator = draw(
        st.sampled_from(
            ["is", "in", "at_least", "at_most", "more_than", "less_than", "between"]
            + (["is_year"] if kind == "year" else [])
        )
    )
    operand = draw(
        {
            "in": st.lists(limit, max_size=3),
            "between": st.lists(limit, min_size=2, max_size=2).map(sorted),
            "is_year": st.sampled_from([-3, -1, 0]),
        }.get(operator, limit)
    )
    leaf = {"fact": draw(st.sampled_from(keys)), operator: operand}
    if draw(st.booleans()):
        opened = draw(st.sampled_from(["at_least", "at_most", "more_than", "less_than"]))
        leaf["open"] = {opened: draw(limit)}
    return leaf


@st.composite
def date_leaves(draw):
    operator, terms = draw(
        st.sampled_from(
            [
                ("full_years", [1, 3]),
                ("full_months", [6, 36]),
                ("remaining_years", [0, 1, 3]),
                ("is_year", [-3, -1, 0]),
            ]
        )
    )
    return {"fact": draw(st.sampled_from(DATES)), operator: draw(st.sampled_from(terms))}


@st.composite
def code_leaves(draw):
    key = draw(st.sampled_from([*CODES, *TRUTHS, *DERIVED_TRUTHS, "size.class", "region.city"]))
    if key in CODES:
        codes = ["B", "C", "K"] if key == "industry.section" else list(facts()[key].choices)[-6:]
    elif key == "size.class":
        codes = ["large", "medium", "small", "micro"]
    else:
        codes = ["140500", "140800"] if key == "region.city" else [True, False]
    operator = draw(st.sampled_from(["is", "in", "answered"]))
    operand = {"is": st.sampled_from(codes), "in": some(codes), "answered": st.just(True)}[operator]
    leaf = {"fact": key, operator: draw(operand)}
    return {**leaf, "open": draw(some(codes, 1))} if draw(st.booleans()) else leaf


@st.composite
def set_leaves(draw):
    key = draw(st.sampled_from(SETS))
    codes = list(facts()[key].choices)
    operator = draw(st.sampled_from(["has", "has_any", "lacks", "lacks_all", "non_empty"]))
    operand = st.sampled_from(codes) if operator in ("has", "lacks") else some(codes)
    leaf = {"fact": key, operator: True if operator == "non_empty" else draw(operand)}
    return {**leaf, "open": draw(some(codes, 1))} if draw(st.booleans()) else leaf


# --- quantities -------------------------------------------------------------------------

QUANTITY_LIMITS = st.sampled_from([0, 0.2, 0.5, 1, 20, 300, 20000])
OF_MONEY = st.sampled_from([*MONEY, "tax.new_local", "net_profit.sum3", 300])
OF_COUNTS = st.sampled_from([*COUNTS, "base.counted_tenants"])
SHARES = st.sampled_from(["project.progress.y1", "tax.local_share", 0.5, 2])


def _computed(parts):
    several = st.lists(parts, min_size=2, max_size=3)
    return st.one_of(
        several.map(lambda each: {"sum": each}),
        st.tuples(parts, parts).map(lambda each: {"difference": list(each)}),
        st.tuples(parts, SHARES).map(lambda each: {"product": list(each)}),
    )


def has_fact(quantity):
    if isinstance(quantity, dict):
        return any(has_fact(part) for parts in quantity.values() for part in parts)
    return isinstance(quantity, str)


def is_fraction(quantity):
    own = FORMULAS[quantity]["quantity"] if quantity in list(FORMULAS) else quantity
    return isinstance(own, dict) and bool({"growth", "quotient"} & set(own))


AMOUNTS_OF_MONEY = st.recursive(OF_MONEY, _computed, max_leaves=4).filter(has_fact)
QUANTITIES = st.one_of(
    AMOUNTS_OF_MONEY,
    # Of one unit: people and tenants do not add up.
    OF_COUNTS.flatmap(
        lambda key: st.recursive(st.sampled_from([key, 3]), _computed, max_leaves=3)
    ).filter(has_fact),
    st.tuples(OF_COUNTS, OF_MONEY).map(lambda each: {"product": list(each)}).filter(has_fact),
    st.tuples(st.sampled_from(["full_years", "full_months"]), st.sampled_from(DATES)).map(
        lambda each: dict([each])
    ),
    st.sampled_from([key for key in FORMULAS if not is_fraction(key)]),
)
# What is compared, but not computed with.
FRACTIONS = st.one_of(
    st.tuples(
        st.sampled_from(["growth", "quotient"]),
        st.recursive(OF_MONEY, _computed, max_leaves=2),
        st.one_of(OF_MONEY, OF_COUNTS),
    )
    .filter(lambda each: each[0] == "quotient" or each[2] in (*MONEY, "tax.new_local", 300))
    .map(lambda each: {each[0]: [each[1], each[2]]})
    .filter(has_fact),
    st.sampled_from([key for key in FORMULAS if is_fraction(key)]),
)


@st.composite
def comparisons(draw):
    operator = draw(st.sampled_from(["at_least", "at_most", "more_than", "less_than", "between"]))
    quantity = draw(st.one_of(QUANTITIES, FRACTIONS))
    if operator == "between":
        ends = draw(st.lists(QUANTITY_LIMITS, min_size=2, max_size=2).map(sorted))
        return {"quantity": quantity, operator: ends}
    limit = draw(QUANTITY_LIMITS)
    if not is_fraction(quantity) and draw(st.booleans()):
        limit = draw(st.sampled_from([quantity, {"product": [2, quantity]}]))
    return {"quantity": quantity, operator: limit}


LEAVES = st.one_of(
    comparisons(),
    st.tuples(
        st.sampled_from(list(FORMULAS)),
        st.sampled_from(["at_least", "at_most", "more_than", "less_than"]),
        st.sampled_from([-1, 0, 0.03, 0.5, 1, 3, 36, 300]),
    ).map(lambda each: {"fact": each[0], each[1]: each[2]}),
    number_leaves(),
    date_leaves(),
    code_leaves(),
    set_leaves(),
    st.sampled_from(["broker.deals", PRODUCTS.key]).map(
        lambda key: {"fact": key, "non_empty": True}
    ),
    some(INDUSTRIES, 1).map(lambda codes: {"industry": codes}),
    st.sampled_from([0.03, 0.5, 1]).map(
        lambda share: {"ratio": ["tax.paid.y0", "revenue.operating.y1"], "at_least": share}
    ),
    st.sampled_from([0.8, 1]).map(
        lambda share: {"ratio": ["base.teams", "base.tenants"], "at_least": share}
    ),
    st.just(
        {
            "first_reached": {
                "fact": "revenue.operating.y1",
                "before": "assets.total.y1",
                "limits": [300, 20000],
            }
        }
    ),
    st.just({"open": "C01"}),
)


def _composites(rules):
    parts = st.lists(rules, min_size=1, max_size=4)
    rows = st.lists(
        st.tuples(rules, rules, st.sampled_from([None, "A", "B", "C"])), min_size=1, max_size=3
    )
    return st.one_of(
        parts.map(lambda each: {"all": each}),
        parts.map(lambda each: {"any": each}),
        parts.flatmap(
            lambda each: st.integers(1, len(each)).map(lambda n: {"n_of": n, "of": each})
        ),
        rules.map(lambda rule: {"not": rule}),
        rules.map(lambda rule: {"presumed": rule}),
        st.tuples(rows, st.none() | rules).map(_table),
    )


def _table(rows_and_otherwise):
    rows, otherwise = rows_and_otherwise
    table = {
        "cases": [
            {"when": when, "then": then, **({"id": code} if code else {})}
            for when, then, code in rows
        ]
    }
    return table if otherwise is None else {**table, "otherwise": otherwise}


RULES = st.recursive(LEAVES, _composites, max_leaves=6)

FIGURES = st.sampled_from([0, 0.5, 5, 20, 100, 300])
STEPS = st.lists(FIGURES, min_size=1, max_size=3).map(
    lambda paid: [[limit, each] for limit, each in zip([300, 20000, 100000], paid, strict=False)]
)
PLAIN_AMOUNTS = st.one_of(
    FIGURES,
    st.lists(FIGURES, min_size=2, max_size=2).map(lambda ends: {"range": sorted(ends)}),
    FIGURES.map(lambda most: {"cap": most}),
    FIGURES.map(lambda least: {"at_least": least}),
    STEPS.map(lambda steps: {"ladder": {"fact": "revenue.operating.y1", "steps": steps}}),
    st.sampled_from(["assets.total.y1", "tax.new_local", "base.counted_tenants"]).map(
        lambda key: {"fact": key}
    ),
    st.tuples(
        st.sampled_from(["broker.deals", "assets.total.y1", "net_profit.sum3"]),
        st.sampled_from([None, 2]),
    ).map(lambda each: {"share": {"fact": each[0], "rate": 0.03, "cap": each[1]}}),
    st.tuples(st.sampled_from([0, 3]), st.sampled_from([None, 10])).map(
        lambda ends: {
            "per_head_month": {
                "yuan": 300,
                "heads": "enterprise.employees",
                "months": "hr.trainee_months",
                "min_months": ends[0],
                "max_months": ends[1],
            }
        }
    ),
    AMOUNTS_OF_MONEY.map(lambda quantity: {"of": quantity}),
    st.fixed_dictionaries(
        {"fact": st.just(PRODUCTS.key)},
        optional={
            "years": st.sampled_from([[0, 0], [-2, -1]]),
            "first_of_kind": st.booleans(),
            "most": st.sampled_from([5, 300]),
        },
    ).flatmap(
        lambda spec: st.sampled_from(
            [
                {"items": {**spec, "rate": 0.3, "cap": 20}},
                {"items": {**spec, "by_kind": [{"kinds": ["complete"], "amount": 8}]}},
                {"items": {**spec, "by_kind": [{"kinds": ["single"], "rate": 0.1}, {"amount": 2}]}},
            ]
        )
    ),
    st.tuples(
        QUANTITIES,
        st.sampled_from([0.03, 20, [0.1, 0.15], {"up_to": 0.1}]),
        st.sampled_from([None, 50]),
    ).map(lambda each: {"share": {"of": each[0], "rate": each[1], "cap": each[2]}}),
    st.tuples(
        st.one_of(QUANTITIES, FRACTIONS), st.sampled_from([1, 0.1, 300]), st.sampled_from([None, 5])
    ).map(lambda each: {"each": {"of": each[0], "every": each[1], "amount": 2, "cap": each[2]}}),
    st.tuples(st.one_of(QUANTITIES, FRACTIONS), STEPS).map(
        lambda each: {"ladder": {"of": each[0], "steps": each[1]}}
    ),
    STEPS.map(
        lambda steps: {
            "milestones": {
                "fact": "revenue.operating.y1",
                "before": "assets.total.y1",
                "received": "tax.base_paid",
                "steps": steps,
            }
        }
    ),
)


def is_known_amount(amount):
    known = {"range", "cap", "at_least", "ladder", "milestones"}
    return not isinstance(amount, dict) or bool(known & set(amount))


def _composed(amounts):
    several = st.lists(amounts, min_size=2, max_size=3)
    factors = st.sampled_from([0.5, 1.5])
    return st.one_of(
        _tables_of(amounts),
        st.tuples(several, st.sampled_from([None, 20, 150])).map(
            lambda each: {"together": {"amounts": each[0], "cap": each[1]}}
        ),
        several.map(lambda each: {"highest": each}),
        st.tuples(amounts, factors).map(
            lambda each: {"times": {"amount": each[0], "factor": each[1]}}
        ),
        st.tuples(amounts, st.lists(st.tuples(LEAVES, factors), min_size=1, max_size=2)).map(
            lambda each: {
                "times": {
                    "amount": each[0],
                    "cases": [{"when": when, "factor": factor} for when, factor in each[1]],
                }
            }
        ),
    )


def _tables_of(amounts):
    rows = st.lists(st.tuples(LEAVES, amounts), min_size=1, max_size=3)
    return st.tuples(rows, st.none() | amounts).map(
        lambda each: {
            "cases": [{"when": when, "amount": amount} for when, amount in each[0]],
            **({} if each[1] is None else {"otherwise": each[1]}),
        }
    )


AMOUNTS = st.recursive(PLAIN_AMOUNTS, _composed, max_leaves=3)
# What is known whatever a firm answers. (Of an amount that is not, whether it is due must be clear:
# `judge` forgets that it is unknown, see `test_an_unknown_amount_stays_unknown`.)
KNOWN_AMOUNTS = st.recursive(PLAIN_AMOUNTS.filter(is_known_amount), _composed, max_leaves=3)
WHENS = {"past_when": RULES, "void_when": LEAVES, "later": st.just(True)}
TRANCHES = st.one_of(
    st.fixed_dictionaries({"title": st.just("奖补"), "amount": AMOUNTS}, optional=WHENS),
    st.fixed_dictionaries(
        {"title": st.just("奖补"), "amount": KNOWN_AMOUNTS, "now_when": LEAVES}, optional=WHENS
    ),
)


@st.composite
def awards(draw):
    award = {
        "level": draw(st.sampled_from(["province", "city", "county", "county"])),
        "status": draw(
            st.sampled_from(["published"] * 4 + ["to_verify", "unpublished", "none_listed"])
        ),
    }
    if award["level"] == "county" and draw(st.booleans()):
        award["payer"] = draw(st.sampled_from(["140521", "140522"]))
    if award["status"] in ("published", "to_verify"):
        award["tranches"] = draw(st.lists(TRANCHES, min_size=1, max_size=3))
        if draw(st.booleans()):
            award["unsplit"] = {"amount": 20}
            if draw(st.booleans()):
                award["unsplit"]["whole_when"] = draw(LEAVES)
        whens = draw(st.lists(LEAVES, max_size=2))
        award["undecided"] = [{"when": when, "reason": "C01"} for when in whens]
    return award


@st.composite
def criteria(draw):
    kind = draw(
        st.sampled_from(["gate", "gate", "exclusion", "county_sheet", "open", "alternative"])
    )
    criterion = {"code": draw(st.sampled_from("ABCD")), "kind": kind, "rule": draw(RULES)}
    return {**criterion, "when": draw(RULES)} if draw(st.booleans()) else criterion


EDITIONS = st.fixed_dictionaries(
    {
        "id": st.just("invented"),
        "name": st.just("测试项目"),
        "family": st.just("测试"),
        "kind": st.just("cash"),
        "area": st.just("140500"),
        "effective_from": st.just("2021-01-01"),
        "formulas": st.just(FORMULAS),
        # Open money is looked at closely only where a verdict is not closed already.
        "criteria": st.lists(criteria(), max_size=3),
        "awards": st.lists(awards(), max_size=4),
    }
)


def _values():
    amounts = st.sampled_from(
        [Decimal(n) for n in ("0", "0.1", "0.2", "0.3", "9", "299.999999", "300", "20000", "99999")]
    )
    codes = {key: st.sampled_from(list(facts()[key].choices)) for key in CODES}
    codes["enterprise.county"] = st.sampled_from(["140521", "140522", "140525", "140802"])
    codes["base.type"] = st.sampled_from(["university", "industrial_park", "building"])
    return {
        **dict.fromkeys((*MONEY, "net_profit.y2", "net_profit.y3"), amounts),
        **dict.fromkeys(COUNTS, st.sampled_from([0, 3, 9, 10, 20, 300, 1000])),
        **dict.fromkeys((*YEARS, "project.filing_year"), st.sampled_from([2023, 2024, 2025, 2026])),
        **dict.fromkeys(("project.progress.y1", "tax.local_share"), st.sampled_from(
            [Decimal(n) for n in ("0", "0.5", "1")]
        )),
        "enterprise.founded_on": st.sampled_from(DAYS),
        "base.premises_term_end": st.sampled_from([*DAYS, date(2029, 11, 20), date(2029, 11, 19)]),
        **codes,
        **{key: st.frozensets(st.sampled_from(list(facts()[key].choices))) for key in SETS},
        **dict.fromkeys(TRUTHS, st.booleans()),
        "enterprise.city": st.sampled_from(["140500", "140800"]),
        "broker.deals": st.lists(amounts, max_size=2).map(tuple),
        PRODUCTS.key: st.lists(
            st.builds(
                Item,
                amounts,
                st.sampled_from(list(PRODUCTS.choices)),
                st.sampled_from([None, *DAYS]),
            ),
            max_size=3,
        ).map(tuple),
        "industry.section": st.sampled_from([code[0] for code in INDUSTRIES]),
        "industry.division": st.sampled_from(["06", "13", "51", "52", "59", "63", "65", "70", "72"]),
        "industry.real_estate_kind": st.sampled_from(["development", "leasing"]),
    }  # fmt: skip


FIRMS = st.fixed_dictionaries({}, optional=_values()).filter(
    lambda answers: not contradictions(answers, ON)
)
