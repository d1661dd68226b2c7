"""The formulas of the packs, as formulas.yaml lists them: a row for each version."""

from collections.abc import Iterable, Mapping
from typing import Any

from policies.catalogue.packs import schema
from policies.catalogue.packs.edition_pack import Checks
from policies.rules.derived import DERIVED
from policies.rules.facts import Fact
from policies.rules.formulas import FactsWithFormulas, named_in
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_quantity import UNIT, RuleError, read_definition

Rows = list[Any]


def formula_name(row: Mapping[str, Any]) -> str:
    return f"{row['key']}/{row['effective_from']}"


def formulas_in(file: Any, facts: Mapping[str, Fact], checks: Checks) -> Rows:
    """Every version in the order of the file; what is wrong goes to the problems of `checks`."""
    shape = {"formulas": schema.must(schema.sequence)}
    if file is None or not schema.check_row(file, shape, file, "formulas", checks.problems):
        return []
    rows = schema.sound_rows(file, "formulas", schema.FORMULA, checks.problems)
    known = FactsWithFormulas(facts, {row["key"]: definition_of(row) for row in rows})
    seen: set[str] = set()
    for row in rows:
        if formula_name(row) in seen:
            checks.problems.add(row, "effective_from", f"{formula_name(row)} 不应重复出现")
        seen.add(formula_name(row))
        if row["key"] in facts or row["key"] in DERIVED:
            checks.problems.add(row, "key", f"{row['key']} 已经是指标的键")
        try:
            read_definition(definition_of(row), known, "quantity")
        except RuleError as error:
            checks.problems.add(row, UNIT if error.where == UNIT else "quantity", str(error))
        except UNREADABLE as error:
            what = f"算法的写法不对（{type(error).__name__}：{error}）"
            checks.problems.add(row, "quantity", what)
    return rows


def definition_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """As an edition carries it."""
    own = {name: row[name] for name in ("effective_from", "label", "quantity")}
    return own | {"unit": row.get("unit") or ""}


def formulas_named(content: Mapping[str, Any], rows: Iterable[Any]) -> dict[str, Any]:
    """The definitions that an edition carries: those that count on the day it starts, by key."""
    begun = [row for row in rows if row["effective_from"] <= content["effective_from"]]
    known = {
        row["key"]: definition_of(row)
        for row in sorted(begun, key=lambda row: row["effective_from"])
    }
    named = named_in([content["criteria"], content["awards"]], known)
    return {key: known[key] for key in sorted(named)}
