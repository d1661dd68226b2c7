"""An edition under check: as written, as compiled, and what can be tried on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from policies.consistency.examples import firms_of
from policies.consistency.problem import Problem
from policies.rules.awards import Award
from policies.rules.edition import DECIDING, Criterion, Edition
from policies.rules.facts import Fact
from policies.rules.firm import Firm
from policies.rules.limits import answers_to_try, limits_of
from policies.rules.read_edition import compile_edition
from policies.rules.readings import MET, NOT_MET, Reading, all_of
from policies.rules.witness import MOST_TRIED, Read, Witnesses

LEVEL_NAMES = {
    "national": "国家级",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "local": "市县留成",
}


def criterion_name(row: Mapping[str, Any]) -> str:
    text = row.get("text")
    return f"条件 {row['code']}" + (f"（{text}）" if text else "")


def award_name(position: int, row: Mapping[str, Any]) -> str:
    payer = row.get("payer") or ("其余各县" if row["level"] == "county" else "")
    return f"第 {position} 项奖补（{LEVEL_NAMES[row['level']]}{payer}）"


@dataclass(frozen=True)
class CheckedEdition:
    """The edition's rows and what was compiled from them, with answers worth trying."""

    data: Mapping[str, Any]
    edition: Edition
    facts: Mapping[str, Fact]
    witnesses: Witnesses

    @classmethod
    def of(
        cls,
        data: Mapping[str, Any],
        facts: Mapping[str, Fact],
        on: date,
        most_tried: int = MOST_TRIED,
    ) -> "CheckedEdition":
        """Compile `data` and gather what to try, the firms of its `examples` first; raises RuleError
        with the place inside it."""
        edition = compile_edition(_without_presumptions(data), facts)
        tried = answers_to_try(limits_of(*edition.trees), facts, on)
        known = firms_of(data.get("examples") or (), facts)
        witnesses = Witnesses(tried, on, known=known, most_tried=most_tried)
        return cls(data, edition, facts, witnesses)

    @property
    def is_screened(self) -> bool:
        return bool(self.data.get("screened", True))

    def criteria(self) -> Iterator[tuple[str, Mapping[str, Any], Criterion]]:
        """Each criterion with its name for people and its row as written."""
        for row, criterion in zip(
            self.data.get("criteria") or (), self.edition.criteria, strict=True
        ):
            yield criterion_name(row), row, criterion

    def awards(self) -> Iterator[tuple[str, Mapping[str, Any], Award]]:
        for position, (row, award) in enumerate(
            zip(self.data.get("awards") or (), self.edition.awards, strict=True), 1
        ):
            yield award_name(position, row), row, award

    def admits(self, firm: Firm) -> Reading:
        """Whether no criterion rules the firm out; what the sources leave open may pass."""
        deciding = [c for c in self.edition.criteria if c.kind in DECIDING]
        return all_of(_may_pass(criterion.read(firm)) for criterion in deciding)

    def find_admitted(self, *reads: Read) -> dict[str, Any] | None:
        """Answers of a firm that is not ruled out and meets all of `reads`."""
        return self.witnesses.find(
            lambda firm: all_of([*(read(firm) for read in reads), self.admits(firm)])
        )

    def problem(self, row: str, fault: str) -> Problem:
        return Problem(self.edition.programme, self.edition.edition, row, fault)


def _may_pass(reading: Reading) -> Reading:
    if reading is NOT_MET:
        return NOT_MET
    return reading if reading.missing else MET


def _without_presumptions(data: Any) -> Any:
    """The same rows with nothing presumed, so that every answer is tried."""
    if isinstance(data, Mapping):
        if "presumed" in data:
            return _without_presumptions(data["presumed"])
        return {key: _without_presumptions(value) for key, value in data.items()}
    return [_without_presumptions(item) for item in data] if isinstance(data, list) else data
