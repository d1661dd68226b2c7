"""What columns of firms lack: for each firm the asked facts that rules and money wait for, as bits."""

from collections.abc import Callable
from typing import Any

import numpy as np

from policies.rules import size
from policies.rules.awards import COUNTY, Award, Tranche
from policies.rules.column_amounts import milestones, quantity_in_wan
from policies.rules.column_data import INDUSTRY_STATES, UNKNOWN_CODE, Array, Bits, Code, Number
from policies.rules.column_derived import DERIVED_COLUMNS, INDICATORS
from policies.rules.column_money import award_of, own_awards
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_rules import Rules
from policies.rules.column_sums import written
from policies.rules.derived import DERIVED, TYPES_COUNTING_TEAMS
from policies.rules.edition import Criterion, Edition
from policies.rules.industry import INDUSTRY_FACTS, belongs_to, possible_codes
from policies.rules.tree import (
    AMOUNTS,
    RULES,
    ActualCost,
    AllOf,
    Amount,
    AmountCases,
    AnyOf,
    AtLeast,
    Cap,
    Cases,
    FirstReached,
    Fixed,
    Floor,
    Industry,
    Ladder,
    Leaf,
    Milestones,
    Not,
    Open,
    PerHeadMonth,
    Presumed,
    Range,
    Ratio,
    Rule,
    Share,
    reader,
)

# Word of 64 facts -> its step; a word without one is 0 for every firm.
Words = dict[int, Node]
NONE: Words = {}


class Missing:
    """What reads into a plan which facts are missing: bits of `facts`, 64 of them a word."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.plan: Plan = rules.plan
        self.facts: list[str] = []
        self._read: dict[Rule, Words] = {}

    def bit(self, key: str) -> tuple[int, str]:
        if key not in self.facts:
            self.facts.append(key)
        word, place = divmod(self.facts.index(key), 64)
        return word, self.plan.constant(1 << place, "u8")

    def where(self, test: str, condition: Outcome, key: str) -> Words:
        """The fact where `test` holds of an outcome: `equal`, `greater` … against 0."""
        word, bit = self.bit(key)
        if isinstance(condition, int):
            return (
                {word: self.plan.step("u8", f"{{o}}.fill({bit})")}
                if (getattr(np, test)(condition, 0))
                else NONE
            )
        zero = self.plan.constant(0, "i1")
        code = f"{test}({{0}}, {zero}, t); multiply(t, {bit}, {{o}})"
        return {word: self.plan.step("u8", code, condition)}

    def kept(self, test: str, condition: Outcome, words: Words) -> Words:
        if isinstance(condition, int):
            return words if getattr(np, test)(condition, 0) else NONE
        zero = self.plan.constant(0, "i1")
        code = f"{test}({{0}}, {zero}, t); multiply({{1}}, t, {{o}})"
        return {n: self.plan.step("u8", code, condition, node) for n, node in words.items()}

    def merged(self, *groups: Words) -> Words:
        found: Words = {}
        for group in groups:
            for n, node in group.items():
                own = found.get(n)
                if own is None or own == node:
                    found[n] = node
                else:
                    found[n] = self.plan.step("u8", "bitwise_or({0}, {1}, {o})", own, node)
        return found

    def rule(self, rule: Rule) -> Words:
        if rule not in self._read:
            self._read[rule] = _RULES[type(rule)](rule, self)
        return self._read[rule]

    def undecided(self, rule: Rule, *groups: Words) -> Words:
        return self.kept("equal", self.rules.rule(rule), self.merged(*groups))

    def fact(self, key: str) -> Words:
        """The fact where it is unknown; of a derived one what would narrow it."""
        if key in DERIVED_COLUMNS:
            return _DERIVED[key](self)
        return self.where("greater", self.lacks(key), key)

    def lacks(self, key: str) -> Node:
        """Yes where a fact is unknown, else no."""
        rules, plan = self.rules, self.plan
        if key in INDUSTRY_FACTS:
            raise ValueError("the three facts of an industry are one column")
        column = rules.column_of(key)
        node = plan.column(column)
        if isinstance(column, Code | Bits):
            unknown = plan.constant(
                UNKNOWN_CODE if isinstance(column, Code) else column.unknown, column.dtype
            )
            return plan.difference(
                f"equal({{0}}, {unknown}, t)", f"not_equal({{0}}, {unknown}, f)", node
            )
        if node.dtype == "i1":
            zero = plan.constant(0, "i1")
            return plan.difference(f"equal({{0}}, {zero}, t)", f"not_equal({{0}}, {zero}, f)", node)
        return plan.lacks(node)

    # --- of an edition ------------------------------------------------------------------

    def criterion(self, criterion: Criterion) -> Words:
        if criterion.rule is None:
            return NONE
        words = self.rule(criterion.rule)
        if criterion.when is None:
            return words
        when = self.rules.rule(criterion.when)
        return self.kept("greater_equal", when, self.merged(self.rule(criterion.when), words))

    def verdict(self, edition: Edition, verdict: Outcome) -> Words:
        """What may still change an open verdict."""
        found = []
        for entry in edition.entries:
            if entry.is_deciding:
                words = self.criterion(entry.criterion)
                if entry.case:
                    words = self.kept("greater_equal", self.rules.rule(entry.case), words)
                found.append(words)
        return self.kept("equal", verdict, self.merged(*found))

    def money(self, edition: Edition, verdict: Outcome, for_verdict: Words) -> Words:
        """What may change the money only."""
        found = [self._level(level, awards) for level, awards in edition.awards_by_level.items()]
        wanted = self.kept("greater_equal", verdict, self.merged(*found))
        return {
            n: self.plan.step(
                "u8", "invert({1}, {o}); bitwise_and({o}, {0}, {o})", node, for_verdict[n]
            )
            if n in for_verdict
            else node
            for n, node in wanted.items()
        }

    def _level(self, level: str, awards: tuple[Award, ...]) -> Words:
        groups = own_awards(awards, self.rules) if level == "county" else [(1, list(awards))]
        found = []
        for own, group in groups:
            if isinstance(own, Node):
                found.append(self.fact(COUNTY))
            found += [self.kept("greater", own, self._award(award)) for award in group]
        return self.merged(*found)

    def _award(self, award: Award) -> Words:
        if award.status in ("unpublished", "none_listed"):
            return NONE
        rules, plan = self.rules, self.plan
        words = self.merged(*(self._tranche(tranche) for tranche in award.tranches))
        if award.unsplit is not None and award.whole_when:
            words = self.merged(words, self.rule(award.whole_when))
        for rule, _ in award.undecided:
            more = self.rule(rule)
            if not more:
                continue
            # Nothing stays nothing, whatever is open.
            paid = award_of(award, rules).total.high
            if not paid.is_nothing:
                node = written(paid, plan)
                none = plan.constant(0, node.dtype)
                pays = plan.outcome(f"not_equal({{0}}, {none}, t); copyto({{o}}, t8)", node)
            else:
                pays = -1
            kept = [self.kept("greater", pays, more)]
            for node in words.values():
                none = plan.constant(0, "u8")
                lacks = plan.outcome(f"not_equal({{0}}, {none}, t); copyto({{o}}, t8)", node)
                kept.append(self.kept("greater", lacks, more))
            words = self.merged(words, *kept)
        return words

    def _tranche(self, tranche: Tranche) -> Words:
        rules, plan = self.rules, self.plan
        void, past = (
            rules.rule(rule) if rule else -1 for rule in (tranche.void_when, tranche.past_when)
        )
        alive = plan.all_of(plan.negate(void), plan.negate(past))
        words = self.amount(tranche.amount)
        if not tranche.later:
            now = rules.rule(tranche.now_when) if tranche.now_when else 1
            is_later = plan.all_of(plan.negate(past), plan.negate(now))
            of_void = self.rule(tranche.void_when) if tranche.void_when else NONE
            others = [self.rule(rule) for rule in (tranche.past_when, tranche.now_when) if rule]
            # What is surely later waits for nothing more.
            words = self.merged(words, self.kept("less_equal", is_later, of_void), *others)
        return self.kept("greater_equal", alive, words)

    def amount(self, amount: Amount) -> Words:
        return _AMOUNTS[type(amount)](amount, self)


# --- rules ------------------------------------------------------------------------------


def _leaf(leaf: Leaf, missing: Missing) -> Words:
    return missing.undecided(leaf, missing.fact(leaf.fact))


def _parts(rule: AllOf | AnyOf | AtLeast, missing: Missing) -> Words:
    return missing.undecided(rule, *(missing.rule(part) for part in rule.parts))


def _cases(rule: Cases, missing: Missing) -> Words:
    """Of the rows that may still speak for the firm."""
    plan, rules = missing.plan, missing.rules
    found = []
    reached: Outcome = 1  # no where a row before speaks for the firm
    for row in rule.rows:
        when = rules.rule(row.when)
        considered = plan.all_of(plan.presumed(reached), plan.presumed(when))
        words = missing.merged(missing.rule(row.when), missing.rule(row.then))
        found.append(missing.kept("greater", considered, words))
        reached = plan.all_of(plan.presumed(reached), plan.presumed(plan.negate(when)))
    if rule.otherwise is not None:
        found.append(missing.kept("greater", reached, missing.rule(rule.otherwise)))
    return missing.undecided(rule, *found)


def _by_state(table: list[tuple[str, ...]], missing: Missing) -> Words:
    """The facts that each state of an industry lacks."""
    found = []
    for key in dict.fromkeys(key for keys in table for key in keys):
        lacks = [1 if key in keys else -1 for keys in table]
        codes = missing.plan.by_code(missing.rules.industry, lacks)
        found.append(missing.where("greater", codes, key))
    return missing.merged(*found)


def _industry(rule: Industry, missing: Missing) -> Words:
    return _by_state([belongs_to(state, rule.codes).missing for state in INDUSTRY_STATES], missing)


def _ratio(rule: Ratio, missing: Missing) -> Words:
    return missing.undecided(rule, missing.fact(rule.part), missing.fact(rule.whole))


_RULES: dict[type, Callable[[Any, Missing], Words]] = {
    Leaf: _leaf,
    Industry: _industry,
    Ratio: _ratio,
    AllOf: _parts,
    AnyOf: _parts,
    AtLeast: _parts,
    Not: lambda rule, missing: missing.rule(rule.part),
    Presumed: lambda rule, missing: NONE,
    FirstReached: lambda rule, missing: missing.rule(rule.spelt_out),
    Open: lambda rule, missing: NONE,
    Cases: _cases,
}
reader(RULES, _RULES)


# --- derived facts ----------------------------------------------------------------------


def _each_unknown(*keys: str) -> Callable[[Missing], Words]:
    return lambda missing: missing.merged(*(missing.fact(key) for key in keys))


def _region_city(missing: Missing) -> Words:
    both = missing.plan.all_of(missing.lacks("enterprise.county"), missing.lacks("enterprise.city"))
    return missing.where("greater", both, "enterprise.county")


def _counted_tenants(missing: Missing) -> Words:
    plan, rules = missing.plan, missing.rules
    choices = rules.facts["base.type"].choices
    table = [1 if code in TYPES_COUNTING_TEAMS else -1 for code in choices]
    counts = plan.by_code(rules.column("base.type"), table)
    kind_lacks, tenants_lack, teams_lack = (
        missing.lacks(key) for key in ("base.type", "base.tenants", "base.teams")
    )
    open_ = missing.where("greater", kind_lacks, "base.type")
    teams = missing.where("greater", teams_lack, "base.teams")
    with_tenants = missing.kept("greater_equal", counts, missing.merged(open_, teams))
    without = missing.merged(
        missing.where("greater", tenants_lack, "base.tenants"),
        open_,
        missing.kept("greater", counts, teams),
    )
    found = missing.merged(
        missing.kept("less", tenants_lack, with_tenants),
        missing.kept("greater", tenants_lack, without),
    )
    return _without_value("base.counted_tenants", found, missing)


def _without_value(key: str, words: Words, missing: Missing) -> Words:
    quantity = DERIVED_COLUMNS[key].quantity
    return missing.kept("greater", missing.plan.lacks(quantity(missing.rules).value), words)


def _new_local_tax(missing: Missing) -> Words:
    keys = DERIVED["tax.new_local"].reads
    return _without_value("tax.new_local", _each_unknown(*keys)(missing), missing)


def _size(missing: Missing) -> Words:
    """What would narrow the class; asked only where a leaf over the size is undecided."""
    plan, rules = missing.plan, missing.rules
    codes: list[tuple[str, ...]] = []
    for state in INDUSTRY_STATES:
        rows = size.possible_rows(state)
        codes.append(possible_codes(state)[1] if len(rows) > 1 else ())
    columns = [rules.column_of(key) for key in INDICATORS]
    scales = tuple(column.scale for column in columns if isinstance(column, Number))
    function, scaled = plan.constant(_lacks_indicator), plan.constant(scales)
    found = [_by_state(codes, missing)]
    for place, key in enumerate(INDICATORS):
        lacks = plan.outcome(
            f"{function}({{o}}, {{0}}, [{{1}}, {{2}}, {{3}}], {place}, {scaled})",
            rules.industry,
            *(plan.column(column) for column in columns),
        )
        found.append(missing.where("greater", lacks, key))
    return missing.merged(*found)


def _lacks_indicator(
    out: Array, states: Array, values: list[Array], place: int, scales: tuple[int, ...]
) -> None:
    """Yes where a row of the size table still waits for an indicator."""
    out.fill(-1)
    lacking = np.isnan(values[place])
    for state in np.unique(states[lacking]):
        firms = np.flatnonzero(lacking & (states == state))
        for row in size.possible_rows(INDUSTRY_STATES[state]):
            if row is None or INDICATORS[place] not in row[0]:
                continue
            is_micro = np.zeros(len(firms), bool)
            for key, limit in zip(row[0], row[1][-1], strict=True):
                own = INDICATORS.index(key)
                is_micro |= values[own][firms] < limit * scales[own]
            out[firms[~is_micro]] = 1


_DERIVED: dict[str, Callable[[Missing], Words]] = {
    "region.city": _region_city,
    "enterprise.is_legal_person": _each_unknown("enterprise.subject_type"),
    "size.class": _size,
    "size.is_sme": _size,
    "size.is_small_or_micro": _size,
    "base.counted_tenants": _counted_tenants,
    "net_profit.sum3": _each_unknown(*DERIVED["net_profit.sum3"].reads),
    "reform.full_fiscal_years": _each_unknown(*DERIVED["reform.full_fiscal_years"].reads),
    "project.filing_age": _each_unknown("project.filing_year"),
    "stat.years_since_upgrade": _each_unknown("stat.first_upgrade_year"),
    "stat.full_years_after_entry": _each_unknown("stat.first_upgrade_year"),
    "tax.new_local": _new_local_tax,
}
reader(tuple(DERIVED), _DERIVED)


# --- amounts ----------------------------------------------------------------------------


def _by_case(amount: AmountCases, missing: Missing) -> Words:
    plan, rules = missing.plan, missing.rules
    found = missing.amount(amount.otherwise) if amount.otherwise else NONE
    for row in reversed(amount.rows):
        when = rules.rule(row.when)
        found = missing.merged(
            missing.rule(row.when),
            missing.kept("greater_equal", when, missing.amount(row.amount)),
            missing.kept("greater_equal", plan.negate(when), found),
        )
    return found


def _at_milestones(amount: Milestones, missing: Missing) -> Words:
    """Only where some limit may be newly passed."""
    plan, rules = missing.plan, missing.rules
    keys = (amount.fact, amount.before, amount.received)
    any_passed = plan.outcome(
        f"{plan.constant(milestones)}({{o}}, {{0}}, {{1}}, {{2}}, {plan.constant(amount)}, 'any')",
        *(quantity_in_wan(key, rules) for key in keys),
    )
    words = missing.merged(*(missing.fact(key) for key in keys))
    return missing.kept("greater", any_passed, words)


_AMOUNTS: dict[type, Callable[[Any, Missing], Words]] = {
    **dict.fromkeys((Fixed, Range, Cap, Floor), lambda amount, missing: NONE),
    **dict.fromkeys((ActualCost, Ladder, Share), lambda amount, missing: missing.fact(amount.fact)),
    AmountCases: _by_case,
    PerHeadMonth: lambda amount, missing: missing.merged(
        missing.fact(amount.heads), missing.fact(amount.months)
    ),
    Milestones: _at_milestones,
}
reader(AMOUNTS, _AMOUNTS)
