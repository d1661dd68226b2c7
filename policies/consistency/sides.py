"""Firms on both sides of each criterion: which examples stand there, and new ones that would."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from policies.consistency.examples import Example, Facts, faults_of, firm_of, tried_rows
from policies.rules.answers import AnswersError, contradictions, parse_answers
from policies.rules.assessment import plain_values
from policies.rules.edition import DECIDING, Edition, Entry
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.limits import answers_to_try, limits_of
from policies.rules.one_firm import read
from policies.rules.readings import MET, NOT_APPLICABLE, NOT_MET, Outcome, Reading, all_of
from policies.rules.witness import Read, Witnesses

IS_MET, FAILS, STAYS_OPEN = "met", "not_met", "unknown"
# A border between two answers is found by halving: from the largest number to the smallest step.
MOST_HALVINGS = 80
# An editor waits for it, for each criterion that lacks a side.
MOST_TRIED = 2_000
SMALLEST_STEP = 6  # decimals of a number that does not say

Row = dict[str, Any]


@dataclass(frozen=True)
class Lack:
    """A side of a criterion that no example shows, though answers lead there; `rows` of an example
    would show it, as far as they could be found beside that example's firm.
    """

    code: str
    side: str
    rows: tuple[Row, ...]


def side_of(reading: Reading) -> str | None:
    """What answers have decided; None where they have not, or the criterion does not apply."""
    if reading is MET:
        return IS_MET
    if reading is NOT_MET:
        return FAILS
    return STAYS_OPEN if reading.outcome is Outcome.UNKNOWN and not reading.missing else None


def answered_entries(edition: Edition) -> dict[str, list[Entry]]:
    """By code, the entries that answers decide; not what a person judges."""
    found: dict[str, list[Entry]] = {}
    for entry in edition.entries:
        if entry.rule is not None and entry.criterion.reads:
            found.setdefault(entry.code, []).append(entry)
    return found


def read_together(entries: Sequence[Entry]) -> Read:
    """What reads firms by all criteria of one code, as an answer has one entry of them."""

    def read_code(firm: Firm) -> Reading:
        readings = [
            NOT_APPLICABLE
            if entry.case and read(entry.case, firm) is NOT_MET
            else entry.criterion.read(firm)
            for entry in entries
        ]
        applying = [each for each in readings if each is not NOT_APPLICABLE] or readings[:1]
        return applying[0] if len(applying) == 1 else all_of(applying)

    return read_code


class Sides:
    """The criteria of an edition that answers decide, and its examples beside them.

    `on` is the day of a new example where there is none yet.
    """

    def __init__(
        self, edition: Edition, examples: Sequence[Example], facts: Facts, on: date
    ) -> None:
        self.edition, self.examples, self.facts, self.on = edition, examples, facts, on
        self._reads = {
            code: read_together(entries) for code, entries in answered_entries(edition).items()
        }

    @cached_property
    def shown(self) -> dict[str, set[str]]:
        """By code, the sides that rows of examples speak of and that come out so."""
        found: dict[str, set[str]] = {code: set() for code in self._reads}
        for example in self.examples:
            for tried in tried_rows(example, self.facts):
                if tried.place[0] == "criteria" and tried.firm and tried.row["code"] in found:
                    side = side_of(self._reads[tried.row["code"]](tried.firm))
                    if side == tried.row["is"]:
                        found[tried.row["code"]].add(side)
        return found

    def lacks(self) -> Iterator[Lack]:
        """The sides without an example: met, and not met or, where no answer fails it, left open."""
        for code, shown in self.shown.items():
            if IS_MET not in shown and (lack := self._lack(code, IS_MET)):
                yield lack
            if FAILS not in shown:
                lack = self._lack(code, FAILS)
                if lack is None and STAYS_OPEN not in shown:
                    lack = self._lack(code, STAYS_OPEN)
                if lack:
                    yield lack

    @cached_property
    def beside(self) -> Example:
        """The example that new rows are put into: the first that is sound, or of a firm that meets
        everything, or of one that says nothing where no such firm was found.
        """
        for example in self.examples:
            try:
                firm_of(example, self.facts)
            except AnswersError:
                continue
            return example
        answers = self._admitted() or {}
        firm = {key: plain_values(value) for key, value in answers.items()}
        return {"on": self.on.isoformat(), "firm": firm}

    def _admitted(self) -> dict[str, Any] | None:
        """Answers of a firm that nothing rules out and that meets all it can."""
        deciding = [each for each in self.edition.criteria if each.kind in DECIDING]

        def admits(firm: Firm) -> Reading:
            readings = [each.read(firm) for each in deciding]
            return all_of(
                each
                if each is NOT_MET or (each.outcome is Outcome.UNKNOWN and each.missing)
                else MET
                for each in readings
            )

        limits = limits_of(*self.edition.trees)
        return Witnesses(answers_to_try(limits, self.facts, self.on), self.on).find(admits)

    def _lack(self, code: str, side: str) -> Lack | None:
        """None where no answers lead to that side."""
        example = self.beside
        rows = _Search(self, code, example).rows(side)
        if rows is None:
            return None
        sound = []
        for row in rows:
            trial = {**example, "criteria": [row], "money": []}
            if not any(True for _ in faults_of(trial, self.edition, self.facts)):
                sound.append(row)
        return Lack(code, side, tuple(sound))


class _Search:
    """Looks for answers that bring one criterion to a side, beside the firm of an example."""

    def __init__(self, sides: Sides, code: str, example: Example) -> None:
        self.code, self.facts = code, sides.facts
        self.on = date.fromisoformat(example["on"])
        self.read = sides._reads[code]
        entries = answered_entries(sides.edition)[code]
        self.keys = [
            key
            for key in dict.fromkeys(key for each in entries for key in each.criterion.reads)
            if key in self.facts
        ]
        trees = [tree for each in entries for tree in each.criterion.trees]
        self.tried = answers_to_try(limits_of(*trees), self.facts, self.on)
        self.own = parse_answers(example["firm"], self.facts, self.on)

    def side(self, answers: Mapping[str, Any]) -> str | None:
        if contradictions(answers, self.on):
            return None
        return side_of(self.read(Firm(answers, self.on)))

    def rows(self, wanted: str) -> list[Row] | None:
        """A row on that side and, where one answer leads there, one just beside it on the other."""
        own = self.side(self.own)
        if own == wanted:
            return [self._row(wanted, {})]
        singles = [
            (key, value)
            for key in self.keys
            for value in self.tried[key]
            if self.side({**self.own, key: value}) == wanted
        ]
        # A limit tells more than a choice.
        singles.sort(key=lambda single: not _is_measured(self.facts[single[0]]))
        for key, value in singles:
            if not _is_measured(self.facts[key]):
                return [self._row(wanted, {key: value})]
            other = self._other_side(key, wanted)
            if other is not None:
                near, far = self._border(key, value, other, wanted)
                beyond = self.side({**self.own, key: far})
                return [
                    self._row(wanted, {key: near}),
                    *([self._row(beyond, {key: far})] if beyond else []),
                ]
        if singles:
            key, value = singles[0]
            return [self._row(wanted, {key: value})]
        return self._from_scratch(wanted)

    def _other_side(self, key: str, wanted: str) -> Any:
        """An answer to the same fact that leads elsewhere: the firm's own or one worth trying."""
        for value in (self.own.get(key), *self.tried[key]):
            if value is not None and self.side({**self.own, key: value}) not in (None, wanted):
                return value
        return None

    def _border(self, key: str, near: Any, far: Any, wanted: str) -> tuple[Any, Any]:
        """Two neighbouring answers, the first on the wanted side, the second not."""
        for _ in range(MOST_HALVINGS):
            middle = _between(self.facts[key], near, far)
            if middle is None:
                break
            side = self.side({**self.own, key: middle})
            if side == wanted:
                near = middle
            elif side is not None:
                far = middle
            else:
                break
        return near, far

    def _from_scratch(self, wanted: str) -> list[Row] | None:
        """All answers that the criterion reads anew, as few of them changed as possible."""
        others = {key: value for key, value in self.own.items() if key not in self.keys}
        found = Witnesses(self.tried, self.on).search(
            lambda reading: side_of(reading) == wanted, self.read, others, MOST_TRIED
        )
        if found is None:
            return None
        changed = {key: found.get(key) for key in self.keys if found.get(key) != self.own.get(key)}
        for key in list(changed):
            fewer = {name: value for name, value in changed.items() if name != key}
            if self.side(self._with(fewer)) == wanted:
                changed = fewer
        return [self._row(wanted, changed)]

    def _with(self, changed: Mapping[str, Any]) -> dict[str, Any]:
        answers = {**self.own, **changed}
        return {key: value for key, value in answers.items() if value is not None}

    def _row(self, side: str, changed: Mapping[str, Any]) -> Row:
        told = {
            key: plain_values(value) for key, value in changed.items() if value != self.own.get(key)
        }
        return {"code": self.code, "is": side, **({"with": told} if told else {})}


def _is_measured(fact: Fact) -> bool:
    return fact.is_numeric or fact.type == "date"


def _between(fact: Fact, first: Any, second: Any) -> Any:
    """Half-way in the steps of the fact; None where nothing lies between them."""
    if fact.type == "date":
        days = (second - first).days
        return first + timedelta(days=int(days / 2)) if abs(days) > 1 else None
    places = 0 if fact.type == "int" else SMALLEST_STEP if fact.decimals is None else fact.decimals
    step = Decimal(1).scaleb(-places)
    steps = (Decimal(second) - Decimal(first)) / step
    if abs(steps) <= 1:
        return None
    middle = Decimal(first) + int(steps / 2) * step
    return int(middle) if fact.type == "int" else middle
