"""What columns of firms lack: for each firm the asked facts that rules and money wait for, as bits."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from policies.rules.awards import COUNTY, Award, Tranche
from policies.rules.column_amounts import (
    amount_of,
    below_cap,
    may_be_highest,
    milestones,
    quantity_in_wan,
)
from policies.rules.column_data import INDUSTRY_STATES
from policies.rules.column_lacking import NONE, Lacking, Words, by_state
from policies.rules.column_money import award_of, own_awards
from policies.rules.column_plan import Node, Outcome
from policies.rules.column_quantities import ends_of, has_no_value, undecided
from policies.rules.column_rules import Rules
from policies.rules.column_sums import written
from policies.rules.edition import Criterion, Edition
from policies.rules.industry import belongs_to
from policies.rules.tree import (
    AMOUNTS,
    QUANTITIES,
    RULES,
    ActualCost,
    AllOf,
    Amount,
    AmountCases,
    AnyOf,
    AtLeast,
    Cap,
    Cases,
    Comparison,
    Constant,
    Difference,
    Each,
    FirstReached,
    Fixed,
    Floor,
    FullTerms,
    Growth,
    Highest,
    Industry,
    Items,
    Ladder,
    Leaf,
    Milestones,
    Named,
    Not,
    Open,
    PerHeadMonth,
    Presumed,
    Product,
    Quantity,
    Quotient,
    Range,
    Ratio,
    Rule,
    Share,
    ShareOfItems,
    SumOf,
    Times,
    Together,
    Value,
    parts_of,
    reaches,
    reader,
)


class Missing(Lacking):
    """What reads into a plan what rules, amounts and editions wait for."""

    def __init__(self, rules: Rules) -> None:
        super().__init__(rules)
        self._read: dict[Rule, Words] = {}

    def rule(self, rule: Rule) -> Words:
        if rule not in self._read:
            self._read[rule] = _RULES[type(rule)](rule, self)
        return self._read[rule]

    def undecided(self, rule: Rule, *groups: Words) -> Words:
        return self.kept("equal", self.rules.rule(rule), self.merged(*groups))

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
        found = [self._level(name, level.awards) for name, level in edition.levels.items()]
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
            paid = written(award_of(award, rules).total.high, plan)
            none = plan.constant(0, paid.dtype)
            pays = plan.outcome(f"not_equal({{0}}, {none}, t); copyto({{o}}, t8)", paid)
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

    def quantity(self, quantity: Quantity) -> Words:
        return _QUANTITIES[type(quantity)](quantity, self)

    def amount(self, amount: Amount) -> Words:
        return _AMOUNTS[type(amount)](amount, self)


# --- rules ------------------------------------------------------------------------------


def _leaf(leaf: Leaf, missing: Missing) -> Words:
    """A value that stays open is known, and lacks nothing."""
    return missing.undecided(replace(leaf, opens=None), missing.fact(leaf.fact))


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


def _industry(rule: Industry, missing: Missing) -> Words:
    return by_state([belongs_to(state, rule.codes).missing for state in INDUSTRY_STATES], missing)


def _ratio(rule: Ratio, missing: Missing) -> Words:
    return missing.undecided(rule, missing.fact(rule.part), missing.fact(rule.whole))


def _comparison(rule: Comparison, missing: Missing) -> Words:
    """Of what lies between two ends, each of them on its own."""
    parts: list[Rule] = [rule]
    if rule.operator == "between":
        parts = [
            Comparison(rule.quantity, operator, (end,))
            for operator, end in zip(("at_least", "at_most"), rule.operands, strict=True)
        ]
    found = []
    for part, operand in zip(parts, rule.operands, strict=True):
        words = (missing.quantity(rule.quantity), missing.quantity(operand))
        found.append(missing.undecided(part, *words))
    return missing.undecided(rule, *found)


_RULES: dict[type, Callable[[Any, Missing], Words]] = {
    Leaf: _leaf,
    Industry: _industry,
    Ratio: _ratio,
    Comparison: _comparison,
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


# --- quantities -------------------------------------------------------------------------


def _of_parts(quantity: Any, missing: Missing) -> Words:
    return missing.merged(*(missing.quantity(part) for part in parts_of(quantity)))


def _product(quantity: Product, missing: Missing) -> Words:
    """Nothing times whatever is nothing."""
    is_open = undecided(ends_of(quantity, missing.rules), missing.plan)
    return missing.kept("greater", is_open, _of_parts(quantity, missing))


def _fraction(quantity: Growth | Quotient, missing: Missing) -> Words:
    return missing.kept("less", has_no_value(quantity, missing.rules), _of_parts(quantity, missing))


_QUANTITIES: dict[type, Callable[[Any, Missing], Words]] = {
    Value: lambda quantity, missing: missing.fact(quantity.fact),
    Constant: lambda quantity, missing: NONE,
    SumOf: _of_parts,
    Difference: _of_parts,
    Product: _product,
    Growth: _fraction,
    Quotient: _fraction,
    FullTerms: lambda quantity, missing: missing.fact(quantity.fact),
    Named: lambda quantity, missing: missing.quantity(quantity.quantity),
}
reader(QUANTITIES, _QUANTITIES)


# --- amounts ----------------------------------------------------------------------------


def _of_quantity(amount: ActualCost | Share | Each, missing: Missing) -> Words:
    """Unless a cap is reached or nothing is left whatever is unknown."""
    is_open = amount_of(amount, missing.rules).unknown
    return missing.kept("greater", is_open, missing.quantity(amount.of))


def _on_ladder(amount: Ladder, missing: Missing) -> Words:
    return missing.merged(
        *(missing.rule(reaches(amount.of, "at_least", limit)) for limit, _ in amount.steps)
    )


def _together(amount: Together, missing: Missing) -> Words:
    words = missing.merged(*(missing.amount(part) for part in amount.parts))
    return missing.kept("greater", below_cap(amount, missing.rules), words)


def _highest(amount: Highest, missing: Missing) -> Words:
    kept = [
        missing.kept("greater", may, missing.amount(part))
        for part, may in zip(amount.parts, may_be_highest(amount, missing.rules), strict=True)
    ]
    return missing.merged(*kept)


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
    **dict.fromkeys((ActualCost, Share, Each), _of_quantity),
    Ladder: _on_ladder,
    **dict.fromkeys((ShareOfItems, Items), lambda amount, missing: missing.fact(amount.fact)),
    Together: _together,
    Highest: _highest,
    Times: lambda amount, missing: missing.amount(amount.amount),
    AmountCases: _by_case,
    PerHeadMonth: lambda amount, missing: missing.merged(
        missing.fact(amount.heads), missing.fact(amount.months)
    ),
    Milestones: _at_milestones,
}
reader(AMOUNTS, _AMOUNTS)
