"""Editions: a programme's rules of one period, compiled once from their data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.rules.awards import LEVELS, Award, compile_award
from policies.rules.facts import Fact
from policies.rules.rule import Rule, RuleError, compile_rule

__all__ = ["UNREADABLE", "Criterion", "Edition", "RuleError", "compile_edition"]

# What compiling raises where a rule or an amount is not written as it should be.
UNREADABLE = (
    RuleError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError,
)  # fmt: skip
NOT_WELL_FORMED = "规则或金额的写法不对，请逐条打开核对。"
KINDS = ("gate", "exclusion", "alternative", "tranche", "county_sheet", "open", "manual")
DECIDING = ("gate", "exclusion", "county_sheet", "open")
# Failing one of these leaves the verdict open instead of closing it.
LENIENT = ("county_sheet", "open")


@dataclass(frozen=True)
class Criterion:
    code: str
    kind: str
    text: str
    rule: Rule | None
    when: Rule | None
    reason: str | None
    sources: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class Edition:
    """A programme's compiled rules; `edition` is its starting day as text.

    `conflicts` are said of the whole programme; `notes` are all codes that it, its criteria or its
    awards name, whichever firm they touch. `tier` is the fact and the code of the title that the programme brings, if it brings one.
    `fault` says why it could not be compiled; it then has no criteria and awards, and no verdict.
    """

    programme: str
    name: str
    family: str
    edition: str
    area: str
    kind: str
    beneficiary: str
    summary: str
    benefit: str
    tier: tuple[str, str] | None
    conflicts: tuple[str, ...]
    notes: tuple[str, ...]
    notices: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    awards: tuple[Award, ...]
    fault: str = ""

    @property
    def fact_keys(self) -> tuple[str, ...]:
        """The asked facts it reads, in the order of its criteria and awards."""
        keys = [
            key
            for criterion in self.criteria
            for rule in (criterion.when, criterion.rule)
            if rule
            for key in rule.reads
        ]
        keys += [key for award in self.awards for key in award.reads]
        return tuple(dict.fromkeys(keys))

    def awards_of(self, level: str) -> tuple[Award, ...]:
        return tuple(award for award in self.awards if award.level == level)

    @property
    def levels(self) -> list[str]:
        return [level for level in LEVELS if self.awards_of(level)]


def compile_edition(data: Mapping[str, Any], facts: Mapping[str, Fact]) -> Edition:
    """Compile a programme's entry merged with one of its editions.

    `data` has the pack's keys (id, name, family, kind, area, beneficiary, conflicts,
    effective_from, notices, criteria, awards). Raises RuleError with the place inside it.
    """
    criteria = []
    for index, row in enumerate(data.get("criteria") or []):
        where = f"criteria[{index}] {row.get('code', '')}".strip()
        criteria.append(_compile_criterion(row, facts, where))
    awards = tuple(
        compile_award(row, facts, f"awards[{index}]")
        for index, row in enumerate(data.get("awards") or [])
    )
    return Edition(
        programme=data["id"],
        name=data["name"],
        family=data["family"],
        edition=str(data["effective_from"]),
        area=str(data["area"]),
        kind=data["kind"],
        beneficiary=data.get("beneficiary", "enterprise"),
        summary=data.get("summary", ""),
        benefit=data.get("benefit") or "service",
        tier=_tier(data.get("tier")),
        conflicts=tuple(data.get("conflicts") or ()),
        notes=tuple(dict.fromkeys(_named(data))),
        notices=tuple(data.get("notices") or ()),
        criteria=tuple(criteria),
        awards=awards,
    )


def _named(data: Any) -> Iterator[str]:
    """What is said of rules and awards anywhere inside them: codes of notes, or words."""
    if isinstance(data, Mapping):
        for name, value in data.items():
            if name == "conflicts":
                yield from value or ()
            elif name in ("reason", "open", "same_money") and isinstance(value, str):
                yield value
            else:
                yield from _named(value)
    elif isinstance(data, list | tuple):
        for value in data:
            yield from _named(value)


def _tier(data: Mapping[str, str] | None) -> tuple[str, str] | None:
    return (data["fact"], data["code"]) if data else None


def _compile_criterion(row: Mapping[str, Any], facts: Mapping[str, Fact], where: str) -> Criterion:
    kind = row.get("kind")
    if kind not in KINDS:
        raise RuleError(f"{where}.kind", f"应为 {'、'.join(KINDS)} 之一")
    rule = row.get("rule")
    if (rule is None) != (kind == "manual"):
        raise RuleError(where, "人工判断的条件不写规则，其余条件都要有规则")
    when = row.get("when")
    return Criterion(
        code=row["code"],
        kind=kind,
        text=row.get("text", ""),
        rule=None if rule is None else compile_rule(rule, facts, f"{where}.rule"),
        when=None if when is None else compile_rule(when, facts, f"{where}.when"),
        reason=row.get("reason"),
        sources=tuple(dict(source) for source in row.get("sources") or ()),
    )
