"""Reading columns of firms: a plan for editions on a day gives verdicts, money and what is missing.

The same judgements as `judgement.judge` gives, for a million firms at a time; nothing is in words.
A block of columns comes in, a block of results goes out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from policies.rules.awards import LEVELS
from policies.rules.column_data import Answers, Array, Column, columns_of
from policies.rules.column_derived import DERIVED_COLUMNS
from policies.rules.column_lacking import Words
from policies.rules.column_missing import Missing
from policies.rules.column_money import all_of, capped, level_of
from policies.rules.column_plan import ROWS_OF_BLOCK, Node, Outcome, Plan
from policies.rules.column_rules import Rules
from policies.rules.column_sums import where, written
from policies.rules.column_totals import Option, Parts, Share, Sums, parts_of, together
from policies.rules.edition import LENIENT, Criterion, Edition
from policies.rules.judgement import ELIGIBLE, NOT_ELIGIBLE, UNDECIDED
from policies.rules.tree import Rule

VERDICTS = {-1: NOT_ELIGIBLE, 0: UNDECIDED, 1: ELIGIBLE}
MONEY = tuple(f"{when}_{end}" for when in ("now", "later", "total") for end in ("least", "most"))
# A verdict is -1, 0 or 1. Money is 万元 of all published levels, an open maximum infinite. Levels are
# bits in the order of LEVELS; missing facts are bits in the order of `Results.facts`.
RESULTS = (
    "verdict", *MONEY, "unknown_levels", "unpublished_levels", "missing", "missing_for_amount",
)  # fmt: skip
# Over all editions that are read, where it is wanted: see `Results.together`.
TOGETHER = "together"


@dataclass(frozen=True)
class Results:
    """Arrays by result and place of the edition; what is missing in words of 64 facts each.

    `together` is what all programmes that a firm is eligible for pay, by the names of MONEY: the same
    money counts once, and of programmes that exclude each other those that pay most.
    """

    facts: tuple[str, ...]
    arrays: Mapping[str, Sequence[Array]]
    words: Mapping[tuple[str, int], Mapping[int, Array]] = field(repr=False)
    together: Mapping[str, Array] = field(default_factory=dict)

    def missing(self, name: str, edition: int, firm: int) -> frozenset[str]:
        """The keys of what one firm lacks, of `missing` or `missing_for_amount`."""
        return frozenset(
            key
            for place, key in enumerate(self.facts)
            if (word := self.words[name, edition].get(place // 64)) is not None
            and int(word[firm]) >> place % 64 & 1
        )


class ColumnReader:
    """Reads columns of firms by editions on a day; only the `wanted` results are computed."""

    def __init__(
        self, editions: Sequence[Edition], on: date, wanted: Sequence[str] = RESULTS
    ) -> None:
        self.editions = tuple(editions)
        facts = {key: fact for edition in editions for key, fact in edition.facts.items()}
        self._plan = Plan()
        self._rules = Rules(self._plan, facts, on, DERIVED_COLUMNS)
        self._missing = Missing(self._rules)
        self._wanted = tuple(wanted)
        self._places: dict[tuple[str, int], int] = {}
        self._words: dict[tuple[str, int], dict[int, int]] = {}
        self._parts: list[Placed] = []
        nodes: list[Node] = []
        for place, edition in enumerate(self.editions):
            found, words = self._read(edition)
            for name, node in found.items():
                self._places[name, place] = len(nodes)
                nodes.append(node)
            for name, own in words.items():
                self._words[name, place] = {n: len(nodes) + i for i, n in enumerate(own)}
                nodes += own.values()
            if TOGETHER in self._wanted:
                self._parts.append(_placed(self._parts_of(edition), nodes))
        self._program = self._plan.compiled(nodes)

    @property
    def columns(self) -> list[Column]:
        """The columns that the results turn on."""
        return self._program.columns

    def read(
        self, columns: Mapping[Column, Array], rows: int, rows_of_block: int = ROWS_OF_BLOCK
    ) -> Results:
        arrays = self._program.run(columns, rows, rows_of_block)
        names = dict.fromkeys(name for name, _ in self._places)
        return Results(
            tuple(self._missing.facts),
            {
                name: [arrays[self._places[name, place]] for place in range(len(self.editions))]
                for name in names
            },
            {
                key: {n: arrays[position] for n, position in own.items()}
                for key, own in self._words.items()
            },
            self._together(arrays, rows) if TOGETHER in self._wanted else {},
        )

    def _together(self, arrays: Sequence[Array], rows: int) -> dict[str, Array]:
        own: list[Sums] = []
        same: dict[str, list[Sums]] = {}
        options: list[Option] = []
        for edition, parts in zip(self.editions, self._parts, strict=True):
            own.append([arrays[place] for place in parts.own])
            for share, (places, present) in parts.shares.items():
                sums = [arrays[place] for place in places]
                if share.same:
                    same.setdefault(share.same, []).append(sums)
                else:
                    is_there = arrays[present] > 0
                    options.append(Option(edition.programme, share.groups, sums, is_there))
        return dict(zip(MONEY, together(own, same, options, rows), strict=True))

    def _parts_of(self, edition: Edition) -> Parts:
        return parts_of(edition, verdict_of(edition, self._rules), self._rules)

    def read_answers(self, firms: Sequence[Answers]) -> Results:
        return self.read(columns_of(firms, self.columns), len(firms))

    # --- an edition ---------------------------------------------------------------------

    def _read(self, edition: Edition) -> tuple[dict[str, Node], dict[str, Words]]:
        plan, rules = self._plan, self._rules
        verdict = verdict_of(edition, rules)
        found: dict[str, Node] = {}
        words: dict[str, Words] = {}
        if "verdict" in self._wanted:
            found["verdict"] = _as_node(verdict, "i1", plan)
        caps = {award: award.joint_cap for award in edition.awards
                if award.joint_cap in edition.shared_caps}  # fmt: skip
        levels = {
            name: level_of(name, level.awards, rules, caps.get)
            for name, level in edition.levels.items()
        }
        joint = [
            capped(cap.most, all_of([level.apart[cap][0] for level in levels.values()
                                     if cap in level.apart], plan), plan)
            for cap in edition.shared_caps
        ]  # fmt: skip
        paid = all_of([*(level.paid for level in levels.values()), *joint], plan)
        for when, pay in zip(("now", "later", "total"), paid, strict=True):
            for end, money in (("least", pay.low), ("most", pay.high)):
                if f"{when}_{end}" in self._wanted:
                    gated = where("not no", verdict, money)
                    found[f"{when}_{end}"] = written(gated, plan)
        may_pay = plan.presumed(verdict)
        for name in ("unknown", "unpublished"):
            if f"{name}_levels" in self._wanted:
                bits = {
                    1 << LEVELS.index(key): plan.all_of(getattr(level, name), may_pay)
                    for key, level in levels.items()
                }
                found[f"{name}_levels"] = _bits_of(bits, plan)
        if {"missing", "missing_for_amount"} & set(self._wanted):
            for_verdict = self._missing.verdict(edition, verdict)
            if "missing" in self._wanted:
                words["missing"] = for_verdict
            if "missing_for_amount" in self._wanted:
                words["missing_for_amount"] = self._missing.money(edition, verdict, for_verdict)
        return found, words


class Placed(NamedTuple):
    """Where the results of `Parts` stand among all: of each share its money and whether it counts."""

    own: Sequence[int]
    shares: Mapping[Share, tuple[Sequence[int], int]]


def _placed(parts: Parts, nodes: list[Node]) -> Placed:
    def put(*more: Node) -> list[int]:
        nodes.extend(more)
        return list(range(len(nodes) - len(more), len(nodes)))

    return Placed(
        put(*parts.own),
        {
            share: (put(*steps), put(parts.present[share])[0])
            for share, steps in parts.shares.items()
        },
    )


def _as_node(outcome: Outcome, dtype: str, plan: Plan) -> Node:
    return outcome if isinstance(outcome, Node) else plan.everywhere(outcome, dtype)


def _bits_of(bits: Mapping[int, Outcome], plan: Plan) -> Node:
    """The bits whose outcomes are yes."""
    zero = plan.constant(0, "i1")
    lines = ["{o}.fill(0)"]
    nodes: list[Node] = []
    for bit, outcome in bits.items():
        value = plan.constant(bit, "u1")
        if isinstance(outcome, Node):
            lines.append(
                f"greater({{{len(nodes)}}}, {zero}, t); multiply(t, {value}, u); add({{o}}, u, {{o}})"
            )
            nodes.append(outcome)
        elif outcome == 1:
            lines.append(f"add({{o}}, {value}, {{o}})")
    return plan.step("u1", "; ".join(lines), *nodes)


def verdict_of(edition: Edition, rules: Rules) -> Outcome:
    """The least of what its deciding entries say; criteria under one *when* are held together."""
    if edition.fault:
        return 0
    plan = rules.plan
    strict: dict[Rule | None, list[Outcome]] = {}
    lenient: dict[Rule | None, list[Outcome]] = {}
    others: list[Outcome] = []
    cases: dict[int, list[Rule | None]] = {}
    criteria: dict[int, Criterion] = {}
    for entry in edition.entries:
        if entry.is_deciding:
            criteria[id(entry.criterion)] = entry.criterion
            cases.setdefault(id(entry.criterion), []).append(entry.case)
    for key, criterion in criteria.items():
        if criterion.rule is None:
            others.append(0)
            continue
        found = rules.rule(criterion.rule)
        is_lenient = criterion.kind in LENIENT
        if None not in cases[key]:
            # A row counts only where it may speak for the firm, whether the *when* is known or not.
            speak = plan.any_of(*(rules.rule(case) for case in cases[key] if case))
            own = plan.at_least_open(found) if is_lenient else found
            silent = plan.certain(plan.negate(speak))
            others.append(plan.any_of(_where_it_applies(criterion.when, own, rules), silent))
            continue
        group = lenient if is_lenient else strict
        group.setdefault(criterion.when, []).append(found)
    for when in dict.fromkeys((*strict, *lenient)):
        found = plan.all_of(
            *strict.get(when, ()), plan.at_least_open(plan.all_of(*lenient.get(when, ())))
        )
        others.append(_where_it_applies(when, found, rules))
    return plan.all_of(*others)


def _where_it_applies(when: Rule | None, found: Outcome, rules: Rules) -> Outcome:
    """What is found where the *when* is met, yes where it is not, open where nobody knows."""
    if when is None:
        return found
    plan, applies = rules.plan, rules.rule(when)
    return plan.all_of(plan.any_of(found, plan.negate(applies)), plan.known(applies))
