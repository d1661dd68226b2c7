"""Both sides of every number, year and term in the catalogue: holds at the limit, not beside it."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.derived import DERIVED
from policies.rules.firm import Firm
from policies.rules.limits import Limit, answers_to_try, limits_of, sides_of
from policies.rules.one_firm import compute, known, read, reads_by
from policies.rules.read_edition import compile_edition
from policies.rules.readings import MET, NOT_MET, Outcome, all_of, at_least, negate, unknown
from policies.rules.tree import AmountCase, Ladder, Not, walk
from policies.rules.witness import Witnesses
from tests.policies.packs import catalogue, facts

ON = date(2026, 11, 20)
EDITIONS = [
    compile_edition(pack.data(content), facts())
    for pack in catalogue().programmes
    for _, content in pack.editions
]
TRIED = {each.programme: answers_to_try(limits_of(*each.trees), facts(), ON) for each in EDITIONS}


def conditions_of(edition):
    """Every rule that decides something: its place, itself, and the rule it depends on."""
    for criterion in edition.criteria:
        for rule, when in ((criterion.rule, criterion.when), (criterion.when, None)):
            if rule:
                yield criterion.code, rule, when
    for place, award in enumerate(edition.awards):
        rules = [rule for tranche in award.tranches for rule in tranche.rules]
        rules += [rule for rule, _ in award.undecided]
        rules += [award.whole_when] if award.whole_when else []
        for tree in award.trees:
            rules += [row.when for row in walk(tree) if isinstance(row, AmountCase)]
        yield from ((f"awards[{place}]", rule, None) for rule in rules)


def rule_limits():
    for edition in EDITIONS:
        for name, condition, when in conditions_of(edition):
            # Its opposite turns at the same limit.
            rule = condition.part if isinstance(condition, Not) else condition
            for limit in dict.fromkeys(limits_of(rule)):
                for at, beside in possible_sides(edition.programme, limit):
                    label = f"{edition.programme} {name} {limit} {beside}"
                    yield pytest.param(edition.programme, rule, when, limit, at, beside, id=label)


def possible_sides(programme, limit):
    """Both sides, but for where no firm can stand, such as a year to come."""
    witnesses = Witnesses(TRIED[programme], ON)
    for at, beside in sides_of(limit, facts(), ON):
        if witnesses.find(equals(limit, beside)):
            yield at, beside


def asked(limit):
    return DERIVED[limit.fact].reads if limit.fact in DERIVED else (limit.fact,)


def meets(rule, firm):
    return read(rule, firm)


def fails(rule, firm):
    """Not met, or left open by the sources with nothing more to ask."""
    return MET if is_open(read(rule, firm)) else negate(read(rule, firm))


def stays_open(rule, firm):
    """Left open by the sources with nothing more to ask."""
    reading = read(rule, firm)
    if is_open(reading):
        return MET
    return reading if reading.outcome is Outcome.UNKNOWN else NOT_MET


def is_not_met(rule, firm):
    return NOT_MET if is_open(read(rule, firm)) else negate(read(rule, firm))


def is_open(reading):
    return reading.outcome is Outcome.UNKNOWN and not reading.missing


# What a rule says at a limit and beside it: where it never holds, it is open on one side only.
TURNS = (
    (meets, fails),
    (stays_open, is_not_met),
    (is_not_met, stays_open),
    (stays_open, meets),
)


def equals(limit, value):
    """Whether the firm stands exactly there, whatever the rule."""

    def read(firm):
        value_now = known(limit.fact, firm)
        whole = Decimal(1) if limit.whole is None else firm.answer(limit.whole)
        if value_now is None or whole is None:
            return unknown([*asked(limit), *([limit.whole] if limit.whole else [])])
        is_there = value_now == (value if isinstance(value, date) else value * whole)
        return MET if is_there else NOT_MET

    return read


@pytest.mark.parametrize(
    ("programme", "rule", "when", "limit", "at", "beside"), list(rule_limits())
)
def test_a_firm_at_the_limit_meets_what_it_fails_beside_it(
    programme, rule, when, limit, at, beside
):
    applies = reads_by(when) if when else lambda firm: MET
    tried = TRIED[programme]

    def says_beside(says, firm):
        """Some other answer to the same question puts it beside the limit, where it says this."""
        keys = asked(limit)
        others = [
            Firm({**firm.answers, key: value}, ON)
            for key in keys
            if key in firm.answers
            for value in tried[key]
        ]
        there = [all_of([equals(limit, beside)(other), says(rule, other)]) for other in others]
        return at_least(1, [*there, *(unknown((key,)) for key in keys if key not in firm.answers)])

    def turns(here, there):
        return lambda firm: all_of(
            [equals(limit, at)(firm), applies(firm), here(rule, firm), says_beside(there, firm)]
        )

    witnesses = Witnesses(tried, ON)
    assert any(witnesses.find(turns(here, there)) is not None for here, there in TURNS)


def ladders():
    for edition in EDITIONS:
        trees = (tree for award in edition.awards for tree in award.trees)
        found = [node for tree in trees for node in walk(tree) if isinstance(node, Ladder)]
        for place, ladder in enumerate(found):
            before = 0
            for limit, amount in ladder.steps:
                label = f"{edition.programme} {place} {limit}"
                yield pytest.param(ladder, limit, amount, before, id=label)
                before = amount


@pytest.mark.parametrize(("ladder", "limit", "amount", "before"), list(ladders()))
def test_a_step_of_a_ladder_begins_at_its_limit(ladder, limit, amount, before):
    ((at, beside),) = sides_of(Limit(ladder.of.fact, "at_least", limit), facts(), ON)
    assert compute(ladder, Firm({ladder.of.fact: at}, ON)).pair == [amount, amount]
    assert compute(ladder, Firm({ladder.of.fact: beside}, ON)).pair == [before, before]


def test_a_limit_of_years_since_is_tried_on_both_sides_by_the_calendar_year():
    for key, at, beside in (
        ("stat.years_since_upgrade", 2024, 2025),
        ("stat.full_years_after_entry", 2023, 2024),
    ):
        tried = answers_to_try([Limit(key, "at_least", 2)], facts(), ON)
        assert {at, beside} <= set(tried["stat.first_upgrade_year"])


def test_a_share_is_tried_on_both_sides_in_hundredths_of_the_whole():
    share = Limit("revenue.main_business.y0", "at_least", Decimal("0.5"), "revenue.operating.y0")
    tried = answers_to_try([share], facts(), ON)["revenue.main_business.y0"]
    assert {Decimal(50), Decimal("49.999999")} <= set(tried)


@pytest.mark.parametrize(
    ("operator", "operand", "sides"),
    [
        ("at_least", 300, [("300", "299.999999")]),
        ("at_most", 300, [("300", "300.000001")]),
        ("more_than", 300, [("300.000001", "300")]),
        ("less_than", 300, [("299.999999", "300")]),
        ("between", (2, 300), [("2", "1.999999"), ("300", "300.000001")]),
        ("is", 300, [("300", "299.999999"), ("300", "300.000001")]),
    ],
)
def test_the_sides_of_a_limit_are_the_smallest_step_apart(operator, operand, sides):
    operand = tuple(map(Decimal, operand)) if isinstance(operand, tuple) else Decimal(operand)
    limit = Limit("revenue.operating.y1", operator, operand)
    assert sides_of(limit, facts(), ON) == [tuple(map(Decimal, side)) for side in sides]


@pytest.mark.parametrize(
    ("key", "operator", "operand", "sides"),
    [
        ("enterprise.employees", "at_least", 300, [(300, 299)]),
        ("base.counted_tenants", "at_least", 20, [(20, 19)]),
        ("stat.first_upgrade_year", "is_year", -1, [(2025, 2024), (2025, 2026)]),
        (
            "enterprise.founded_on",
            "is_year",
            -1,
            [
                (date(2025, 1, 1), date(2024, 12, 31)),
                (date(2025, 12, 31), date(2026, 1, 1)),
            ],
        ),
        ("enterprise.founded_on", "full_years", 1, [(date(2025, 11, 20), date(2025, 11, 21))]),
        ("enterprise.founded_on", "full_months", 6, [(date(2026, 5, 20), date(2026, 5, 21))]),
        (
            "base.premises_term_end",
            "remaining_years",
            1,
            [(date(2027, 11, 20), date(2027, 11, 19))],
        ),
    ],
)
def test_counts_years_and_terms_step_by_one(key, operator, operand, sides):
    assert sides_of(Limit(key, operator, operand), facts(), ON) == sides


def test_answers_worth_trying_are_those_that_can_be_given():
    tried = answers_to_try([], facts(), ON)
    assert set(tried["accounting.sound"]) == {True, False}
    assert tried["base.type"] == list(facts()["base.type"].choices)
    titles = facts()["zjtx.tiers"].choices
    assert tried["zjtx.tiers"][0] == frozenset() and tried["zjtx.tiers"][-1] == frozenset(titles)
    assert len(tried["zjtx.tiers"]) == len(titles) + 2
    assert tried["broker.deals"] == [(), (Decimal(1),)]
    assert (
        ON in tried["enterprise.founded_on"] and date(2006, 1, 2) in tried["enterprise.founded_on"]
    )
    assert max(tried["enterprise.founded_on"]) <= ON
    assert {0, 1, 100} <= set(tried["enterprise.employees"])
    assert -1 not in tried["enterprise.employees"] and -1 in tried["net_profit.y1"]
    assert 2026 in tried["stat.first_upgrade_year"] and 2027 not in tried["stat.first_upgrade_year"]


def test_what_is_derived_from_facts_that_the_vocabulary_lacks_steps_by_one():
    assert sides_of(Limit("base.counted_tenants", "at_least", 20), {}, ON) == [(20, 19)]
