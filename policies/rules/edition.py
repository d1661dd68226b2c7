"""Editions: a programme's rules of one period, and how they judge one firm."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from policies.rules.awards import LEVELS, Award, JointCap, Level, across_levels
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.one_firm import Read, Source
from policies.rules.readings import MANUAL, NOT_APPLICABLE, Outcome, Reading, unknown
from policies.rules.sentences import Sentence
from policies.rules.tree import Cases, Open, Rule, reads, walk

KINDS = ("gate", "exclusion", "alternative", "tranche", "county_sheet", "open", "manual")
DECIDING = ("gate", "exclusion", "county_sheet", "open")
# Failing one of these leaves the verdict open instead of closing it.
LENIENT = ("county_sheet", "open")
ELIGIBLE, NOT_ELIGIBLE, UNDECIDED = "eligible", "not_eligible", "unknown"
# A material that bears out all that a firm says: the whole set, where no list tells its parts.
EVERYTHING = "*"
PLACE = {"enterprise.county", "enterprise.city"}


@dataclass(frozen=True, eq=False)
class Criterion:
    code: str
    kind: str
    text: str
    rule: Rule | None
    when: Rule | None
    reason: str | None
    sources: tuple[dict[str, str], ...]
    sentence: Sentence | None = None
    row_sentences: tuple[Sentence | None, ...] = ()  # of each row of its table

    @property
    def in_a_sentence(self) -> str:
        """What people wrote of the whole condition; empty where they did not."""
        if self.sentence:
            return self.sentence.text
        rows = self.row_sentences
        return "；".join(row.text for row in rows if row) if rows and all(rows) else ""

    @property
    def trees(self) -> tuple[Rule, ...]:
        return tuple(rule for rule in (self.when, self.rule) if rule)

    @cached_property
    def reads(self) -> tuple[str, ...]:
        return reads(*self.trees)

    def read(self, firm: Firm) -> Reading:
        """Its reading on its own, without the other criteria of its edition."""
        return self._reads_on(firm.on)(firm)

    @cached_property
    def _reads_on(self) -> Callable[[date], Read]:
        source = Source()
        return source.function(_judged(self, source))


@dataclass(frozen=True, eq=False)
class Entry:
    """What the answer has an entry of: a criterion, or one row of its table that has a code.

    `is_deciding` follows the first criterion of the code, as rows that share one count together.
    """

    code: str
    criterion: Criterion
    rule: Rule | None
    case: Rule | None
    is_deciding: bool
    sentence: Sentence | None


@dataclass(frozen=True)
class Places:
    """So many are chosen each `period`, by `ranked_by`: to meet the conditions is no place yet."""

    most: int | None
    period: str = "年"
    ranked_by: str = ""

    @property
    def in_words(self) -> str:
        limit = f"每{self.period}不超过 {self.most} 家" if self.most else ""
        order = f"按{self.ranked_by}择优" if self.ranked_by else ""
        return f"{'，'.join(filter(None, (limit, order)))}：符合条件不等于入选。"


@dataclass(frozen=True, eq=False)
class Edition:
    """A programme's compiled rules; `edition` is its starting day as text.

    `conflicts` are said of the whole programme; `notes` are all codes that it, its criteria or its
    awards name, whichever firm they touch. `tier` is the fact and the code of the title that the
    programme brings, if it brings one. `facts` are those it was read with.
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
    facts: Mapping[str, Fact] = field(repr=False)
    fault: str = ""
    places: Places | None = None

    @cached_property
    def fact_keys(self) -> tuple[str, ...]:
        """The asked facts it reads, in the order of its criteria and awards."""
        keys = [key for criterion in self.criteria for key in criterion.reads]
        keys += [key for award in self.awards for key in award.reads]
        return tuple(dict.fromkeys(keys))

    @property
    def trees(self) -> tuple[Any, ...]:
        """Every rule and amount it is written with."""
        parts = (*self.criteria, *self.awards)
        return tuple(tree for part in parts for tree in part.trees)

    @cached_property
    def levels(self) -> dict[str, Level]:
        """The levels that its documents speak of, from the highest down."""
        found = {
            name: tuple(award for award in self.awards if award.level == name) for name in LEVELS
        }
        return {name: Level(name, awards) for name, awards in found.items() if awards}

    @cached_property
    def shared_caps(self) -> tuple[JointCap, ...]:
        """The caps that awards of several levels share."""
        return across_levels(self.awards)

    @cached_property
    def entries(self) -> tuple[Entry, ...]:
        """In the order of their codes' first criteria."""
        found: dict[str, list[Entry]] = {}
        for criterion in self.criteria:
            for code, rule, case, sentence in _rows(criterion):
                own = found.setdefault(code, [])
                is_deciding = own[0].is_deciding if own else criterion.kind in DECIDING
                own.append(Entry(code, criterion, rule, case, is_deciding, sentence))
        return tuple(entry for own in found.values() for entry in own)

    @cached_property
    def place_criteria(self) -> tuple[Criterion, ...]:
        """Criteria that decide, and turn on nothing but where the firm is."""
        deciding = {id(entry.criterion) for entry in self.entries if entry.is_deciding}
        return tuple(
            criterion
            for criterion in self.criteria
            if criterion.kind in DECIDING
            and id(criterion) in deciding
            and criterion.kind not in LENIENT
            and not criterion.when
            and criterion.reads
            and PLACE.issuperset(criterion.reads)
        )

    @cached_property
    def judges_on(self) -> Callable[[date], Read]:
        """What makes, for a day, the function from a firm to the verdict and a reading for each entry;
        to no readings where the firm lies outside the programme's area."""
        if self.fault:
            return lambda on: lambda firm: (UNDECIDED, ())
        source = Source()
        outside = [f"{source.rule(criterion.rule)} is N" for criterion in self.place_criteria]
        if outside:
            source.leave_where(" or ".join(outside), f"{source.constant(NOT_ELIGIBLE)}, None")
        names = []
        for entry in self.entries:
            name = source.let(("criterion", id(entry.criterion)), _judged(entry.criterion, source))
            if entry.case:
                without = source.constant(NOT_APPLICABLE)
                case = f"{without} if {source.rule(entry.case)} is N else {name}"
                name = source.let(("entry", id(entry)), case)
            names.append(name)
        deciding = [
            (name, bool(entry.case or entry.criterion.when))
            for name, entry in zip(names, self.entries, strict=True)
            if entry.is_deciding
        ]
        readings = f"({''.join(f'{name}, ' for name in names)})"
        return source.function(f"({_verdict(deciding, source)}, {readings})")


def _rows(
    criterion: Criterion,
) -> list[tuple[str, Rule | None, Rule | None, Sentence | None]]:
    """Code, rule, *when* and sentence of the criterion, or of each row of its table where rows
    have codes."""
    rule = criterion.rule
    if not isinstance(rule, Cases) or not rule.has_codes:
        return [(criterion.code, rule, None, criterion.sentence)]
    return [
        (row.id or criterion.code, row.then, row.when, sentence or criterion.sentence)
        for row, sentence in zip(rule.rows, criterion.row_sentences, strict=True)
    ]


def _verdict(deciding: list[tuple[str, bool]], source: Source) -> str:
    """The verdict by the names of the deciding readings, and whether each may not apply."""
    words = (source.constant(word) for word in (ELIGIBLE, NOT_ELIGIBLE, UNDECIDED))
    eligible, not_eligible, undecided = words
    if not deciding:
        return eligible
    failed = " or ".join(f"{name} is N" for name, _ in deciding)
    without = source.constant(NOT_APPLICABLE)
    passed = " and ".join(
        f"({name} is Y or {name} is {without})" if may_not_apply else f"{name} is Y"
        for name, may_not_apply in deciding
    )
    return f"{not_eligible} if {failed} else {eligible} if {passed} else {undecided}"


def _judged(criterion: Criterion, source: Source) -> str:
    """The reading of one criterion: its *when*, its rule, and what its kind makes of a failure."""
    if criterion.rule is None:
        return source.constant(MANUAL)
    name = source.rule(criterion.rule)
    judged = name
    reasons = (criterion.reason,) if criterion.reason else ()
    if criterion.reason and _may_stay_open(criterion.rule):
        judged = f"{name} if {name} is Y or {name} is N else " + source.call(
            _with_reasons, name, source.constant(reasons)
        )
    if criterion.kind in LENIENT:
        judged = f"{source.constant(unknown(reasons=reasons))} if {name} is N else ({judged})"
    if criterion.when is None:
        return judged
    when = source.rule(criterion.when)
    both = source.call(_open_when, when, name)
    return (
        f"{source.constant(NOT_APPLICABLE)} if {when} is N "
        f"else ({judged}) if {when} is Y else {both}"
    )


def _may_stay_open(rule: Rule) -> bool:
    return any(isinstance(node, Open) or getattr(node, "opens", None) for node in walk(rule))


def _with_reasons(reading: Reading, reasons: tuple[str, ...]) -> Reading:
    """What stays open with nothing more to ask, for the criterion's reason if it has none."""
    if reading.outcome is not Outcome.UNKNOWN or reading.missing or reading.reasons:
        return reading
    return Reading(Outcome.UNKNOWN, (), reasons)


def _open_when(when: Reading, reading: Reading) -> Reading:
    return unknown((*when.missing, *reading.missing), when.reasons + reading.reasons)
