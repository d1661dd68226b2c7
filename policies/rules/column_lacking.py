"""What facts of columns of firms lack, asked and derived, as bits for each firm."""

from collections.abc import Callable

import numpy as np

from policies.rules import size
from policies.rules.column_data import INDUSTRY_STATES, UNKNOWN_CODE, Array, Bits, Code, Number
from policies.rules.column_derived import DERIVED_COLUMNS, INDICATORS
from policies.rules.column_plan import Node, Outcome, Plan
from policies.rules.column_rules import Rules
from policies.rules.derived import DERIVED, TYPES_COUNTING_TEAMS
from policies.rules.industry import possible_codes
from policies.rules.tree import reader

# Word of 64 facts -> its step; a word without one is 0 for every firm.
Words = dict[int, Node]
NONE: Words = {}


class Lacking:
    """What reads into a plan which facts are unknown: bits of `facts`, 64 of them a word."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.plan: Plan = rules.plan
        self.facts: list[str] = []

    def bit(self, key: str) -> tuple[int, str]:
        if key not in self.facts:
            self.facts.append(key)
        word, place = divmod(self.facts.index(key), 64)
        return word, self.plan.constant(1 << place, "u8")

    def where(self, condition: Node, key: str) -> Words:
        """The fact where an outcome is yes."""
        word, bit = self.bit(key)
        zero = self.plan.constant(0, "i1")
        code = f"greater({{0}}, {zero}, t); multiply(t, {bit}, {{o}})"
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

    def fact(self, key: str) -> Words:
        """The fact where it is unknown; of a derived one what would narrow it."""
        if key in DERIVED_COLUMNS:
            return _DERIVED[key](self)
        return self.where(self.lacks(key), key)

    def lacks(self, key: str) -> Node:
        """Yes where a fact is unknown, else no."""
        rules, plan = self.rules, self.plan
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


def by_state(table: list[tuple[str, ...]], lacking: Lacking) -> Words:
    """The facts that each state of an industry lacks."""
    found = []
    for key in dict.fromkeys(key for keys in table for key in keys):
        lacks = [1 if key in keys else -1 for keys in table]
        codes = lacking.plan.by_code(lacking.rules.industry, lacks)
        found.append(lacking.where(codes, key))
    return lacking.merged(*found)


# --- derived facts ----------------------------------------------------------------------


def _each_unknown(*keys: str) -> Callable[[Lacking], Words]:
    return lambda lacking: lacking.merged(*(lacking.fact(key) for key in keys))


def _region_city(lacking: Lacking) -> Words:
    both = lacking.plan.all_of(lacking.lacks("enterprise.county"), lacking.lacks("enterprise.city"))
    return lacking.where(both, "enterprise.county")


def _counted_tenants(lacking: Lacking) -> Words:
    plan, rules = lacking.plan, lacking.rules
    choices = rules.facts["base.type"].choices
    table = [1 if code in TYPES_COUNTING_TEAMS else -1 for code in choices]
    counts = plan.by_code(rules.column("base.type"), table)
    kind_lacks, tenants_lack, teams_lack = (
        lacking.lacks(key) for key in ("base.type", "base.tenants", "base.teams")
    )
    open_ = lacking.where(kind_lacks, "base.type")
    teams = lacking.where(teams_lack, "base.teams")
    with_tenants = lacking.kept("greater_equal", counts, lacking.merged(open_, teams))
    without = lacking.merged(
        lacking.where(tenants_lack, "base.tenants"),
        open_,
        lacking.kept("greater", counts, teams),
    )
    found = lacking.merged(
        lacking.kept("less", tenants_lack, with_tenants),
        lacking.kept("greater", tenants_lack, without),
    )
    return _without_value("base.counted_tenants", found, lacking)


def _without_value(key: str, words: Words, lacking: Lacking) -> Words:
    quantity = DERIVED_COLUMNS[key].quantity
    return lacking.kept("greater", lacking.plan.lacks(quantity(lacking.rules).value), words)


def _new_local_tax(lacking: Lacking) -> Words:
    keys = DERIVED["tax.new_local"].reads
    return _without_value("tax.new_local", _each_unknown(*keys)(lacking), lacking)


def _size(lacking: Lacking) -> Words:
    """What would narrow the class; asked only where a leaf over the size is undecided."""
    plan, rules = lacking.plan, lacking.rules
    codes: list[tuple[str, ...]] = []
    for state in INDUSTRY_STATES:
        rows = size.possible_rows(state)
        codes.append(possible_codes(state)[1] if len(rows) > 1 else ())
    columns = [rules.column_of(key) for key in INDICATORS]
    scales = tuple(column.scale for column in columns if isinstance(column, Number))
    function, scaled = plan.constant(_lacks_indicator), plan.constant(scales)
    found = [by_state(codes, lacking)]
    for place, key in enumerate(INDICATORS):
        lacks = plan.outcome(
            f"{function}({{o}}, {{0}}, [{{1}}, {{2}}, {{3}}], {place}, {scaled})",
            rules.industry,
            *(plan.column(column) for column in columns),
        )
        found.append(lacking.where(lacks, key))
    return lacking.merged(*found)


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


_DERIVED: dict[str, Callable[[Lacking], Words]] = {
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
