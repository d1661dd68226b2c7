"""The eight programmes for Polars and DuckDB, both with three-valued logic of their own.

Rules are turned from their trees into expressions or SQL; money is written by hand. Both are given
nullable columns with every derived fact and every test of industry ready.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import numpy as np

from policies.rules.column_data import (
    Array,
    Bits,
    Code,
    Column,
    FirstWholeYear,
    HasItems,
    IndustryState,
    YesNo,
)
from policies.rules.column_derived import DERIVED_COLUMNS
from policies.rules.column_plan import Node, Plan
from policies.rules.column_rules import Rules
from policies.rules.derived import DERIVED
from policies.rules.edition import DECIDING, LENIENT, Edition
from policies.rules.facts import Fact
from policies.rules.firm import add_months, latest_reaching
from policies.rules.tree import (
    AllOf,
    AnyOf,
    AtLeast,
    Cases,
    Industry,
    Leaf,
    Not,
    Open,
    Ratio,
    walk,
)
from tests.bench.peers import EIGHT, PLAIN, QINSHUI, YANGCHENG

Expression = Any


def name(key: str) -> str:
    return key.replace(".", "_")


def industry_name(codes: tuple[str, ...]) -> str:
    return "industry_" + "_".join(codes)


class Peer:
    """What turns rules into expressions; subclasses say how each is written."""

    def __init__(self, facts: Mapping[str, Fact], on: date) -> None:
        self.facts, self.on = facts, on
        self.unknown = self.literal(None)

    def codes(self, key: str, *codes: str) -> list[int]:
        return [list(self.facts[key].choices).index(code) for code in codes]

    def bits(self, key: str, *codes: str) -> int:
        return sum(1 << code for code in self.codes(key, *codes))

    def verdict(self, edition: Edition) -> Expression:
        parts = []
        for criterion in edition.criteria:
            if criterion.rule is None or criterion.kind not in DECIDING:
                continue
            found = self.rule(criterion.rule)
            if criterion.kind in LENIENT:
                found = self.any_of([found, self.unknown])
            if criterion.when:
                when = self.rule(criterion.when)
                negative = self.negate(when)
                found = self.all_of([self.any_of([found, negative]), self.any_of([when, negative])])
            parts.append(found)
        return self.all_of(parts)

    def rule(self, rule: Any) -> Expression:
        if isinstance(rule, Leaf):
            return self.leaf(rule)
        if isinstance(rule, AllOf | AnyOf):
            parts = [self.rule(part) for part in rule.parts]
            return self.all_of(parts) if isinstance(rule, AllOf) else self.any_of(parts)
        if isinstance(rule, AtLeast):
            return self.at_least(rule.count, [self.rule(part) for part in rule.parts])
        if isinstance(rule, Not):
            return self.negate(self.rule(rule.part))
        if isinstance(rule, Open):
            return self.unknown
        if isinstance(rule, Industry):
            return self.column(industry_name(rule.codes))
        if isinstance(rule, Ratio):
            return self.ratio(name(rule.part), name(rule.whole), *rule.at_least.as_integer_ratio())
        if isinstance(rule, Cases):
            found = self.rule(rule.otherwise) if rule.otherwise else None
            for row in reversed(rule.rows):
                when, then = self.rule(row.when), self.rule(row.then)
                # Where no row is left, the rows are known to speak for every firm.
                found = then if found is None else self.all_of(
                    [
                        self.any_of([self.negate(when), then]),
                        self.any_of([when, found]),
                        self.any_of([then, found]),
                    ]
                )  # fmt: skip
            return found
        raise TypeError(rule)

    def leaf(self, leaf: Leaf) -> Expression:
        fact, operand = self.facts.get(leaf.fact), leaf.operand
        key = leaf.fact
        if key == "base.counted_tenants":
            return self.between_bounds("tenants_low", "tenants_high", float(operand))
        if key == "region.city" or key in ("enterprise.is_legal_person", "size.is_sme"):
            return self.column(name(f"{key} {operand}").replace(" ", "_"))
        column = self.column(name(key))
        if fact is not None and fact.type == "bool":
            yes = self.column(name(key))
            wanted = [operand] if leaf.operator == "is" else list(operand)
            if leaf.opens:
                return self.opened(self.all_of([yes, self.negate(yes)]), yes)
            return yes if wanted == [True] else self.negate(yes)
        if fact is not None and fact.type == "enum":
            wanted = [operand] if leaf.operator == "is" else list(operand)
            found = self.among(column, self.codes(key, *wanted))
            opens = leaf.opens and self.among(column, self.codes(key, *leaf.opens[1]))
            return self.opened(found, opens) if leaf.opens else found
        if fact is not None and fact.type == "enum_set":
            wanted = [operand] if isinstance(operand, str) else list(operand)
            found = self.has_bits(column, self.bits(key, *wanted))
            if leaf.operator.startswith("lacks"):
                return self.negate(found)
            opens = leaf.opens and self.has_bits(column, self.bits(key, *leaf.opens[1]))
            return self.opened(found, opens) if leaf.opens else found
        if leaf.operator in ("full_years", "full_months"):
            months = operand * (12 if leaf.operator == "full_years" else 1)
            return self.compare(column, "<=", latest_reaching(self.on, months).toordinal())
        if leaf.operator == "remaining_years":
            return self.compare(column, ">=", add_months(self.on, 12 * operand).toordinal())
        if leaf.operator == "is_year":
            return self.compare(column, "==", self.on.year + operand)
        if leaf.operator == "between":
            low, high = operand
            return self.all_of(
                [self.compare(column, ">=", float(low)), self.compare(column, "<=", float(high))]
            )
        sign = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<", "is": "=="}
        return self.compare(column, sign[leaf.operator], float(operand) * self.scale(key))

    def scale(self, key: str) -> int:
        return (
            getattr(Rules(Plan(), self.facts, self.on, {}).column_of(key), "scale", 1)
            if (key in self.facts)
            else 10**6
            if key == "net_profit.sum3"
            else 1
        )

    # --- money --------------------------------------------------------------------------

    def money(self) -> dict[str, tuple[Expression, Expression]]:
        """Least and most now, in 万元, whatever the verdict."""
        one, number, column = self.one, self.number, self.column
        code = lambda key, *codes: self.among(column(name(key)), self.codes(key, *codes))  # noqa: E731
        qin, yang = (one(code("enterprise.county", each)) for each in (QINSHUI, YANGCHENG))
        age, got = column("stat_years_since_upgrade"), column("stat_first_award_received")
        kept = column("stat_never_left_library")
        past = self.all_of([self.compare(age, ">=", 1), got])
        not_past = self.any_of(
            [
                self.compare(age, "<", 1),
                self.all_of([self.compare(age, "==", 1), self.negate(got)]),
            ]
        )
        at3, at4 = self.compare(age, "==", 3), self.compare(age, "==", 4)
        may = lambda each: one(each, unless=True)  # noqa: E731
        entry, two, three = number(50) + qin * 30, number(15) + qin * 10, number(20) + qin * 10
        found = {
            "jc-xsg": (
                one(not_past) * entry + one(kept) * (one(at3) * two + one(at4) * three),
                (number(1) - one(past)) * entry
                + may(kept) * (may(at3) * two + may(at4) * three)
                + yang * 20,
            )
        }
        for programme, (plain, more) in PLAIN.items():
            found[programme] = (number(plain) + yang * more,) * 2
        private = one(code("enterprise.ownership", "private"))
        states = one(code("enterprise.ownership", "state_owned", "state_controlled"))
        reserve = one(self.compare(column("library_listing_reserve_year"), "==", self.on.year - 1))
        found["jc-share"] = (
            number(40) + (private + qin + yang * reserve) * 20,
            number(60) + (qin + yang - states) * 20,
        )
        invested = column("project_total_investment")
        step = one(self.compare(invested, ">=", 1000e6)) + one(self.compare(invested, ">=", 2000e6))
        open_ = self.is_null(invested)
        running = code("project.stage", "in_production")
        started = code("project.stage", "started", "in_production")
        again = self.all_of([running, column("project_start_award_received")])
        due = self.all_of([started, self.negate(again)])
        found["jc-proj-in"] = (
            (step + open_) * (one(due) * 20 + one(running) * 30),
            (step + open_ * 2) * (may(due) * 20 + may(running) * 30),
        )
        big = code("base.type", "industrial_park", "other_park", "building", "logistics")
        founded = self.compare(
            column("enterprise_founded_on"), "<=", latest_reaching(self.on, 12).toordinal()
        )
        approved = self.any_of([big, self.all_of([founded, column("base_county_approval")])])
        found["jc-base-city"] = number(30) + yang * one(approved) * 10, number(30) + yang * 10
        return found


class Polars(Peer):
    def __init__(self, facts: Mapping[str, Fact], on: date) -> None:
        import polars

        self.pl = polars
        super().__init__(facts, on)

    def literal(self, value: Any) -> Expression:
        return self.pl.lit(value, dtype=self.pl.Boolean)

    def column(self, key: str) -> Expression:
        return self.pl.col(key)

    def all_of(self, parts: list[Expression]) -> Expression:
        found = parts[0]
        for part in parts[1:]:
            found = found & part
        return found

    def any_of(self, parts: list[Expression]) -> Expression:
        found = parts[0]
        for part in parts[1:]:
            found = found | part
        return found

    def negate(self, part: Expression) -> Expression:
        return ~part

    def opened(self, found: Expression, opens: Expression) -> Expression:
        return self.pl.when(~found & opens).then(None).otherwise(found)

    def among(self, column: Expression, codes: list[int]) -> Expression:
        return self.any_of([column == self.pl.lit(code, self.pl.UInt8) for code in codes])

    def has_bits(self, column: Expression, bits: int) -> Expression:
        return (column & self.pl.lit(bits, self.pl.UInt8)) != 0

    def compare(self, column: Expression, sign: str, limit: float) -> Expression:
        operators: dict[str, Callable[[Any, Any], Any]] = {
            ">=": lambda a, b: a >= b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b,
            "<": lambda a, b: a < b, "==": lambda a, b: a == b,
        }  # fmt: skip
        return operators[sign](column, limit)

    def between_bounds(self, low: str, high: str, limit: float) -> Expression:
        pl = self.pl
        return pl.when(pl.col(low) >= limit).then(True).when(pl.col(high) < limit).then(False)

    def at_least(self, count: int, parts: list[Expression]) -> Expression:
        pl = self.pl
        sure = pl.sum_horizontal(part.fill_null(False).cast(pl.Int8) for part in parts)
        may = pl.sum_horizontal(part.fill_null(True).cast(pl.Int8) for part in parts)
        return pl.when(sure >= count).then(True).when(may < count).then(False)

    def ratio(self, part: str, whole: str, above: int, below: int) -> Expression:
        one, all_ = self.pl.col(part), self.pl.col(whole)
        return (one * below >= all_ * above) & (all_ != 0)

    def one(self, condition: Expression, unless: bool = False) -> Expression:
        return condition.fill_null(unless).cast(self.pl.Int16)

    def number(self, value: int) -> Expression:
        return self.pl.lit(value, self.pl.Int16)

    def is_null(self, column: Expression) -> Expression:
        return column.is_null().cast(self.pl.Int16)

    def query(self, editions: Mapping[str, Edition], table: Any) -> Callable[[], Any]:
        pl, money, wanted = self.pl, self.money(), []
        for programme in EIGHT:
            found = self.verdict(editions[programme])
            verdict = (
                pl.when(found.is_null()).then(0).when(found).then(1).otherwise(-1).cast(pl.Int8)
            )
            wanted.append(verdict.alias(f"verdict {programme}"))
            for end, amount in zip(("least", "most"), money[programme], strict=True):
                paid = pl.when(verdict >= 0).then(amount).otherwise(0).cast(pl.Int16)
                wanted.append(paid.alias(f"{end} {programme}"))
        lazy = pl.from_arrow(table).lazy().select(wanted)
        return lazy.collect

    def arrays(self, result: Any) -> dict[str, Array]:
        return {key: result[key].to_numpy() for key in result.columns}


class Text(str):
    """SQL that can be added and multiplied like an expression."""

    def __add__(self, other: Any) -> "Text":
        return Text(f"({self!s} + {other})")

    def __sub__(self, other: Any) -> "Text":
        return Text(f"({self!s} - {other})")

    def __mul__(self, other: Any) -> "Text":
        return Text(f"({self!s} * {other})")


class DuckDB(Peer):
    def literal(self, value: Any) -> Expression:
        return "NULL::BOOLEAN"

    def column(self, key: str) -> Expression:
        return Text(key)

    def all_of(self, parts: list[Expression]) -> Expression:
        return f"({' AND '.join(parts)})"

    def any_of(self, parts: list[Expression]) -> Expression:
        return f"({' OR '.join(parts)})"

    def negate(self, part: Expression) -> Expression:
        return f"(NOT {part})"

    def opened(self, found: Expression, opens: Expression) -> Expression:
        return f"(CASE WHEN (NOT {found}) AND {opens} THEN NULL ELSE {found} END)"

    def among(self, column: Expression, codes: list[int]) -> Expression:
        return f"({column} IN ({', '.join(map(str, codes))}))"

    def has_bits(self, column: Expression, bits: int) -> Expression:
        return f"(({column} & {bits}) <> 0)"

    def compare(self, column: Expression, sign: str, limit: float) -> Expression:
        return f"({column} {'=' if sign == '==' else sign} {limit!r})"

    def between_bounds(self, low: str, high: str, limit: float) -> Expression:
        return f"(CASE WHEN {low} >= {limit} THEN TRUE WHEN {high} < {limit} THEN FALSE END)"

    def at_least(self, count: int, parts: list[Expression]) -> Expression:
        sure = " + ".join(f"COALESCE({part}, FALSE)::TINYINT" for part in parts)
        may = " + ".join(f"COALESCE({part}, TRUE)::TINYINT" for part in parts)
        return f"(CASE WHEN {sure} >= {count} THEN TRUE WHEN {may} < {count} THEN FALSE END)"

    def ratio(self, part: str, whole: str, above: int, below: int) -> Expression:
        return f"({part} * {below} >= {whole} * {above} AND {whole} <> 0)"

    def one(self, condition: Expression, unless: bool = False) -> Expression:
        return Text(f"COALESCE({condition}, {str(unless).upper()})::SMALLINT")

    def number(self, value: int) -> Expression:
        return Text(f"{value}::SMALLINT")

    def is_null(self, column: Expression) -> Expression:
        return Text(f"({column} IS NULL)::SMALLINT")

    def query(self, editions: Mapping[str, Edition], table: Any) -> Callable[[], Any]:
        import duckdb

        connection = duckdb.connect()
        connection.execute("SET threads = 1")
        connection.register("given", table)
        connection.execute("CREATE TABLE firms AS SELECT * FROM given")
        money = self.money()
        verdicts = ", ".join(
            f"{self.verdict(editions[programme])} v{place}" for place, programme in enumerate(EIGHT)
        )
        wanted = []
        for place, programme in enumerate(EIGHT):
            v = f"v{place}"
            wanted.append(
                f"(CASE WHEN {v} IS NULL THEN 0 WHEN {v} THEN 1 ELSE -1 END)::TINYINT "
                f'"verdict {programme}"'
            )
            for end, amount in zip(("least", "most"), money[programme], strict=True):
                wanted.append(
                    f"(CASE WHEN {v} IS NULL OR {v} THEN {amount} ELSE 0 END)::SMALLINT "
                    f'"{end} {programme}"'
                )
        sql = f"SELECT {', '.join(wanted)} FROM (SELECT *, {verdicts} FROM firms)"
        return lambda: connection.execute(sql).fetchnumpy()

    def arrays(self, result: Any) -> dict[str, Array]:
        return {key: np.asarray(value) for key, value in result.items()}


def arrow_table(
    columns: Mapping[Column, Array],
    rows: int,
    editions: Mapping[str, Edition],
    facts: Mapping[str, Fact],
    on: date,
) -> Any:
    """What the peers read: nullable columns, and derived facts already computed."""
    import pyarrow

    found: dict[str, Any] = {}
    for column, array in columns.items():
        if isinstance(column, IndustryState | FirstWholeYear):
            continue
        key = name(column.fact)
        if isinstance(column, YesNo | HasItems):
            found[key] = pyarrow.array(array > 0, mask=array == 0)
        elif isinstance(column, Code | Bits):
            unknown = array == 255 if isinstance(column, Code) else array >= column.unknown
            found[key] = pyarrow.array(array, mask=unknown)
        else:
            found[key] = pyarrow.array(array, mask=np.isnan(array))
    plan = Plan()
    rules = Rules(plan, facts, on, DERIVED_COLUMNS)
    trees = [tree for edition in editions.values() for tree in edition.trees]
    nodes: dict[str, tuple[Node, str]] = {}
    for node in (each for tree in trees for each in walk(tree)):
        if isinstance(node, Industry):
            nodes[industry_name(node.codes)] = rules.rule(node), "truth"
        elif isinstance(node, Leaf) and node.fact in DERIVED:
            quantity = DERIVED_COLUMNS[node.fact].quantity
            if quantity is None:
                key = name(f"{node.fact} {node.operand}").replace(" ", "_")
                nodes[key] = rules.rule(node), "truth"
            elif node.fact == "base.counted_tenants":
                own = quantity(rules)
                nodes["tenants_low"] = own.low, "number"
                nodes["tenants_high"] = own.high, "number"
            else:
                own = quantity(rules)
                value = own.value
                if own.mirror is not None:
                    mirror = plan.constant(own.mirror, value.dtype)
                    value = plan.step(value.dtype, f"subtract({mirror}, {{0}}, out={{o}})", value)
                nodes[name(node.fact)] = value, "number"
    arrays = plan.compiled([node for node, _ in nodes.values()]).run(columns, rows)
    for (key, (_, kind)), array in zip(nodes.items(), arrays, strict=True):
        if kind == "truth":
            found[key] = pyarrow.array(array > 0, mask=array == 0)
        else:
            found[key] = pyarrow.array(array, mask=~np.isfinite(array))
    return pyarrow.table(found)
