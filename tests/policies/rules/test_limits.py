"""Both sides of every number, year and term in the catalogue: holds at the limit, not beside it."""

from datetime import date
from decimal import Decimal

import pytest

from policies.rules.derived import DERIVED
from policies.rules.firm import Firm
from policies.rules.limits import Limit, answers_to_try, limits_of, sides_of
from policies.rules.money import compile_amount
from policies.rules.readings import MET, NOT_MET, Outcome, all_of, any_of, decided, negate, unknown
from policies.rules.rule import compile_rule, shown_value
from policies.rules.witness import Witnesses
from tests.policies.packs import catalogue, facts

ON = date(2026, 11, 20)
CONDITIONS = ("rule", "when", "now_when", "past_when", "void_when", "whole_when")
CONTENTS = [pack.data(content) for pack in catalogue().programmes for _, content in pack.editions]
TRIED = {content["id"]: answers_to_try(limits_of([content]), facts(), ON) for content in CONTENTS}


def conditions_of(data):
    """Every rule in a criterion or award that decides something, with the rule it depends on."""
    if isinstance(data, dict):
        for name in CONDITIONS:
            if data.get(name) is not None and not isinstance(data[name], list):
                rule = data[name].get("not", data[name])  # its opposite turns at the same limit
                yield rule, data.get("when") if name == "rule" else None
        for name, value in data.items():
            if name != "rule":
                yield from conditions_of(value)
    elif isinstance(data, list):
        for value in data:
            yield from conditions_of(value)


def rule_limits():
    for content in CONTENTS:
        rows = [(row["code"], row) for row in content["criteria"]]
        rows += [(f"awards[{place}]", row) for place, row in enumerate(content["awards"])]
        for name, row in rows:
            for data, when in conditions_of(row):
                for limit in dict.fromkeys(hashable(limit) for limit in limits_of(data)):
                    for at, beside in possible_sides(content["id"], limit):
                        label = f"{content['id']} {name} {limit} {beside}"
                        yield pytest.param(content["id"], data, when, limit, at, beside, id=label)


def possible_sides(programme, limit):
    """Both sides, but for where no firm can stand, such as a year to come."""
    witnesses = Witnesses(TRIED[programme], ON)
    for at, beside in sides_of(limit, facts(), ON):
        if witnesses.find(equals(limit, beside)):
            yield at, beside


def hashable(limit):
    operand = tuple(limit.operand) if isinstance(limit.operand, list) else limit.operand
    return Limit(limit.fact, limit.operator, operand, limit.whole)


def asked(limit):
    return DERIVED[limit.fact].reads if limit.fact in DERIVED else (limit.fact,)


def meets(rule, firm):
    return rule.read(firm)


def fails(rule, firm):
    """Not met, or left open by the sources with nothing more to ask."""
    return MET if is_open(rule.read(firm)) else negate(rule.read(firm))


def stays_open(rule, firm):
    """Left open by the sources with nothing more to ask."""
    reading = rule.read(firm)
    if is_open(reading):
        return MET
    return reading if reading.outcome is Outcome.UNKNOWN else NOT_MET


def is_not_met(rule, firm):
    return NOT_MET if is_open(rule.read(firm)) else negate(rule.read(firm))


def is_open(reading):
    return reading.outcome is Outcome.UNKNOWN and not reading.missing


# What a rule says at a limit and beside it: where it never holds, it is open on one side only.
TURNS = ((meets, fails), (stays_open, is_not_met), (is_not_met, stays_open))


def equals(limit, value):
    """Whether the firm stands exactly there, whatever the rule."""

    def read(firm):
        known = shown_value(firm, limit.fact)
        whole = Decimal(1) if limit.whole is None else firm.answer(limit.whole)
        if known is None or whole is None:
            return unknown([*asked(limit), *([limit.whole] if limit.whole else [])])
        return decided(known == value if isinstance(value, date) else known == value * whole)

    return read


@pytest.mark.parametrize(
    ("programme", "data", "when", "limit", "at", "beside"), list(rule_limits())
)
def test_a_firm_at_the_limit_meets_what_it_fails_beside_it(
    programme, data, when, limit, at, beside
):
    rule = compile_rule(data, facts(), "rule")
    applies = compile_rule(when, facts(), "when").read if when else lambda firm: MET
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
        return any_of([*there, *(unknown((key,)) for key in keys if key not in firm.answers)])

    def turns(here, there):
        return lambda firm: all_of(
            [equals(limit, at)(firm), applies(firm), here(rule, firm), says_beside(there, firm)]
        )

    witnesses = Witnesses(tried, ON)
    assert any(witnesses.find(turns(here, there)) is not None for here, there in TURNS)


def ladders():
    for content in CONTENTS:
        for place, ladder in enumerate(_ladders_in(content["awards"])):
            before = 0
            for limit, amount in ladder["steps"]:
                yield pytest.param(
                    ladder, limit, amount, before, id=f"{content['id']} {place} {limit}"
                )
                before = amount


def _ladders_in(data):
    if isinstance(data, dict):
        if "ladder" in data:
            yield data["ladder"]
        data = list(data.values())
    for value in data if isinstance(data, list) else ():
        yield from _ladders_in(value)


@pytest.mark.parametrize(("ladder", "limit", "amount", "before"), list(ladders()))
def test_a_step_of_a_ladder_begins_at_its_limit(ladder, limit, amount, before):
    formula = compile_amount({"ladder": ladder}, facts(), "amount")
    ((at, beside),) = sides_of(Limit(ladder["fact"], "at_least", limit), facts(), ON)
    assert formula.compute(Firm({ladder["fact"]: at}, ON)).pair == [amount, amount]
    assert formula.compute(Firm({ladder["fact"]: beside}, ON)).pair == [before, before]
