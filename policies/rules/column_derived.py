"""Derived facts for columns of firms: their values, what bounds them and what they lack."""

from collections.abc import Callable
from functools import cache

import numpy as np

from policies.rules import size
from policies.rules.column_data import (
    INDUSTRY_STATES,
    UNKNOWN_CODE,
    Array,
    FirstWholeYear,
)
from policies.rules.column_leaves import (
    DerivedColumn,
    Leaves,
    Quantity,
    of_code,
    of_quantity,
    of_truth,
    outcome_of,
    quantity_of,
)
from policies.rules.column_plan import Node, Outcome
from policies.rules.derived import DERIVED, TYPES_COUNTING_TEAMS
from policies.rules.firm import Firm
from policies.rules.tree import Leaf, reader


def _number(quantity: Callable[[Leaves], Quantity]) -> DerivedColumn:
    return DerivedColumn(lambda leaf, leaves: of_quantity(leaf, quantity(leaves), leaves), quantity)


def _region_city(leaf: Leaf, leaves: Leaves) -> Outcome:
    """By the county where it is known, else by the city."""
    plan = leaves.plan
    tables = []
    for key in ("enterprise.county", "enterprise.city"):
        choices = leaves.facts[key].choices
        values = [
            DERIVED[leaf.fact].formula(Firm({key: code}, leaves.on)).value for code in choices
        ]
        tables.append([outcome_of(leaf, value) for value in values])
    nodes = [leaves.column("enterprise.county"), leaves.column("enterprise.city")]
    by_county, by_city = (
        plan.by_code(node, table) for node, table in zip(nodes, tables, strict=True)
    )
    if isinstance(by_county, int) or isinstance(by_city, int):
        raise ValueError("a city is either one that is named or is not")
    unknown = plan.constant(UNKNOWN_CODE, "u1")
    return plan.outcome(
        f"equal({{2}}, {unknown}, t); multiply(t8, {{1}}, out={{o}}); add({{o}}, {{0}}, out={{o}})",
        by_county,
        by_city,
        nodes[0],
    )


def _is_legal_person(leaf: Leaf, leaves: Leaves) -> Outcome:
    key = "enterprise.subject_type"
    formula = DERIVED[leaf.fact].formula
    values = [formula(Firm({key: code}, leaves.on)).value for code in leaves.facts[key].choices]
    return of_code(leaves.plan, leaves.column(key), values, leaf)


# --- the size of a firm -----------------------------------------------------------------

INDICATORS = (size.EMPLOYEES, size.REVENUE, size.ASSETS)
_LIMITED = size.CLASSES[:-1]  # micro has no lower limit


class SizeLimits:
    """The lower limits of a size class for each state of an industry.

    `limits` are of states that are in one row of the table, `rows` of those in several; `needs` are
    bits of the indicators that a state has.
    """

    def __init__(self, name: str, scales: tuple[int, ...], dtypes: tuple[str, ...]) -> None:
        place = _LIMITED.index(name)
        self.limits = [np.full(256, -np.inf, dtype) for dtype in dtypes]
        needs = [0] * 256
        self.rows: dict[int, list[list[tuple[int, float]]]] = {}
        for state, answered in enumerate(INDUSTRY_STATES):
            rows = size.possible_rows(answered)
            if None in rows:  # not in the table: nothing is known whatever the figures
                needs[state] = _NEVER_KNOWN
                continue
            limited = [
                [
                    (INDICATORS.index(key), float(limit * scales[INDICATORS.index(key)]))
                    for key, limit in zip(row[0], row[1][place], strict=True)
                ]
                for row in rows
                if row is not None
            ]
            if len(limited) > 1:
                self.rows[state] = limited
                needs[state] = _SEVERAL_ROWS
                continue
            for indicator, limit in limited[0]:
                self.limits[indicator][state] = limit
                needs[state] |= 1 << indicator
        self.needs = bytes(needs)


_NEVER_KNOWN, _SEVERAL_ROWS = 8, 16
_size_limits = cache(SizeLimits)


def _at_least_of_size(
    out: Array,
    states: Array,
    values: list[Array],
    limits: SizeLimits,
    t: Array,
    f: Array,
    u: Array,
    v: Array,
    x: Array,
    x4: Array,
) -> None:
    """Whether firms reach the limits of a size class, by all rows that their industry may be in."""
    needs = np.frombuffer(states.tobytes().translate(limits.needs), np.uint8)
    places = states.astype(np.intp)
    lacks = u
    lacks.fill(_NEVER_KNOWN)
    f.fill(0)
    for indicator, (value, limit) in enumerate(zip(values, limits.limits, strict=True)):
        # Any place is one of the table, which this mode takes on trust.
        room = x4 if value.dtype == x4.dtype else x
        np.take(limit, places, out=room, mode="wrap")
        np.less(value, room, t)
        np.logical_or(f, t, f)
        np.not_equal(value, value, t)
        np.multiply(t.view(np.uint8), np.uint8(1 << indicator), v)
        np.bitwise_or(lacks, v, lacks)
    # Yes, less where something needed is unknown or the limit is missed, less again where missed.
    np.bitwise_and(lacks, needs, lacks)
    np.not_equal(lacks, np.uint8(0), t)
    np.logical_or(t, f, t)
    np.add(t.view(np.int8), f.view(np.int8), out)
    np.subtract(np.int8(1), out, out)
    np.greater_equal(needs, np.uint8(_SEVERAL_ROWS), t)
    for state, rows in limits.rows.items() if t.any() else ():
        firms = np.flatnonzero(states == state)
        found = []
        for row in rows:
            reached = np.ones(len(firms), np.int8)
            for indicator, limit in row:
                value = values[indicator][firms]
                step = (value >= limit).view(np.int8) - (value < limit).view(np.int8)
                np.minimum(reached, step, out=reached)
            found.append(reached)
        least, most = np.minimum.reduce(found), np.maximum.reduce(found)
        out[firms] = np.where(least == most, least, 0)


def _reaches(name: str, leaves: Leaves) -> Node:
    columns = [leaves.column_of(key) for key in INDICATORS]
    scales = tuple(getattr(column, "scale", 1) for column in columns)
    limits = _size_limits(name, scales, tuple(column.dtype for column in columns))
    plan = leaves.plan
    function, table = plan.constant(_at_least_of_size), plan.constant(limits)
    return plan.outcome(
        f"{function}({{o}}, {{0}}, [{{1}}, {{2}}, {{3}}], {table}, t, f, u, v, x, x4)",
        leaves.industry,
        *(plan.column(column) for column in columns),
    )


def _size_class(leaf: Leaf, leaves: Leaves) -> Outcome:
    plan = leaves.plan
    function = plan.constant(_class_of)
    codes = plan.step(
        "u1",
        f"{function}({{o}}, {{0}}, {{1}}, {{2}})",
        *(_reaches(name, leaves) for name in _LIMITED),
    )
    return of_code(plan, codes, list(size.CLASSES), leaf)


def _class_of(out: Array, large: Array, medium: Array, small: Array) -> None:
    """The largest class that is reached, where none above may be."""
    out.fill(UNKNOWN_CODE)
    above = np.ones(len(out), bool)
    for code, reached in enumerate((large, medium, small)):
        out[above & (reached > 0)] = code
        above &= reached < 0
    out[above] = len(_LIMITED)


def _is_sme(leaf: Leaf, leaves: Leaves) -> Outcome:
    return of_truth(leaves.plan, leaves.plan.negate(_reaches("large", leaves)), leaf)


def _is_small_or_micro(leaf: Leaf, leaves: Leaves) -> Outcome:
    return of_truth(leaves.plan, leaves.plan.negate(_reaches("medium", leaves)), leaf)


# --- numbers ----------------------------------------------------------------------------


def _counted_tenants(leaves: Leaves) -> Quantity:
    """Tenants and the teams that count; where that is open, between without and with them."""
    plan = leaves.plan
    choices = list(leaves.facts["base.type"].choices)
    counts = [1 if code in TYPES_COUNTING_TEAMS else -1 for code in choices]
    kind = plan.by_code(leaves.column("base.type"), counts)
    kind = plan.everywhere(kind, "i1") if isinstance(kind, int) else kind
    tenants, teams = leaves.column("base.tenants"), leaves.column("base.teams")
    function = plan.constant(_tenants)
    parts = (kind, tenants, teams)
    low, high, value = (
        plan.step("f4", f"{function}({{o}}, {{0}}, {{1}}, {{2}}, {which!r})", *parts)
        for which in ("low", "high", "value")
    )
    return Quantity(value, low=low, high=high)


def _tenants(out: Array, counts: Array, tenants: Array, teams: Array, which: str) -> None:
    """Written in few steps, as every one of them is felt: unknown ends are put in last."""
    if which == "value":
        low, high = np.empty_like(out), np.empty_like(out)
        _tenants(low, counts, tenants, teams, "low")
        _tenants(high, counts, tenants, teams, "high")
        np.copyto(out, low)
        np.copyto(out, np.nan, where=low != high)
        return
    end = np.full_like(out, 0 if which == "low" else np.inf)
    mask = (counts > 0 if which == "low" else counts >= 0).view(np.int8).astype(np.int32)
    np.negative(mask, mask)
    choose = np.fmax if which == "low" else np.fmin
    choose(teams, end, out)
    np.bitwise_and(out.view(np.int32), mask, out.view(np.int32))
    np.add(out, tenants, out)
    choose(out, end, out)


def _net_profit_sum(leaves: Leaves) -> Quantity:
    parts = [quantity_of(key, leaves) for key in DERIVED["net_profit.sum3"].reads]
    value = leaves.plan.step(
        "f8",
        "add({0}, {1}, out={o}); add({o}, {2}, out={o})",
        *(part.value for part in parts),
    )
    return Quantity(value, parts[0].scale)


def _full_fiscal_years(leaves: Leaves) -> Quantity:
    reformed = leaves.column("reform.completed_year")
    first = leaves.plan.column(FirstWholeYear("enterprise.founded_on"))
    return Quantity(leaves.plan.step("f4", "subtract({0}, {1}, out={o})", reformed, first))


def _years_since(key: str, less: int = 0) -> Callable[[Leaves], Quantity]:
    return lambda leaves: Quantity(leaves.column(key), mirror=leaves.on.year - less)


def _new_local_tax(leaves: Leaves) -> Quantity:
    """In the last decimal of money times that of a share."""
    parts = [quantity_of(key, leaves) for key in DERIVED["tax.new_local"].reads]
    plan = leaves.plan
    function = plan.constant(_retained)
    nodes = [part.value for part in parts]
    low, value = (
        plan.step("f8", f"{function}({{o}}, {{0}}, {{1}}, {{2}}, {which!r})", *nodes)
        for which in ("low", "value")
    )
    high = plan.step("f8", f"{function}({{o}}, {{0}}, {{1}}, {{2}}, 'high')", *nodes)
    return Quantity(value, parts[0].scale * parts[2].scale, low=low, high=high)


def _retained(out: Array, paid: Array, base: Array, share: Array, which: str) -> None:
    np.subtract(paid, base, out)
    np.multiply(out, share, out)
    out[(share == 0) | (paid <= base)] = 0
    if which != "value":
        out[np.isnan(out)] = 0 if which == "low" else np.inf


DERIVED_COLUMNS = reader(
    tuple(DERIVED),
    {
        "region.city": DerivedColumn(_region_city),
        "enterprise.is_legal_person": DerivedColumn(_is_legal_person),
        "size.class": DerivedColumn(_size_class),
        "size.is_sme": DerivedColumn(_is_sme),
        "size.is_small_or_micro": DerivedColumn(_is_small_or_micro),
        "base.counted_tenants": _number(_counted_tenants),
        "net_profit.sum3": _number(_net_profit_sum),
        "reform.full_fiscal_years": _number(_full_fiscal_years),
        "project.filing_age": _number(_years_since("project.filing_year")),
        "stat.years_since_upgrade": _number(_years_since("stat.first_upgrade_year")),
        "stat.full_years_after_entry": _number(_years_since("stat.first_upgrade_year", less=1)),
        "tax.new_local": _number(_new_local_tax),
    },
)
