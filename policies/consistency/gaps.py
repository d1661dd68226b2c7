"""Days on which a programme has no edition: firms that ask then get no answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any

from policies.consistency.problem import Problem


@dataclass(frozen=True)
class Gap:
    """From `first` on no edition counts; from `until` on the next one does, None where none comes."""

    first: date
    until: date | None

    def __str__(self) -> str:
        if self.until is None:
            return f"自 {self.first} 起没有版本，企业得不到答复，也不能申报"
        return f"{self.first} 起、{self.until} 前没有版本，这段时间企业得不到答复，也不能申报"


def gaps_between(terms: Iterable[tuple[date, date | None]]) -> list[Gap]:
    """The gaps after the first start; a term is the start and the end of an edition, without it."""
    in_order = sorted(terms, key=lambda term: term[0])
    gaps = [
        Gap(ends, starts)
        for (_, ends), (starts, _) in pairwise(in_order)
        if ends is not None and ends < starts
    ]
    last = in_order[-1][1] if in_order else None
    return [*gaps, Gap(last, None)] if last is not None else gaps


def check_gaps(contents: Iterable[Mapping[str, Any]], on: date) -> tuple[list[Problem], list[str]]:
    """The gaps from a day on, and the programmes that are retired for good, a line each.

    What was retired with a reason and has no later edition tells firms so itself: no problem.
    """
    by_programme: dict[str, dict[date, Mapping[str, Any]]] = {}
    for data in contents:
        starts = date.fromisoformat(str(data["effective_from"]))
        by_programme.setdefault(data["id"], {})[starts] = data
    problems, retired = [], []
    for programme, editions in by_programme.items():
        for gap in gaps_between((starts, _end(data)) for starts, data in editions.items()):
            before = max(starts for starts in editions if starts < gap.first)
            if gap.until is None and editions[before].get("is_retired"):
                retired.append(f"{programme} {before} 版：自 {gap.first} 起停用，没有后续版本")
            elif gap.until is None or gap.until > on:
                problems.append(Problem(programme, before.isoformat(), "起止日期", str(gap)))
    return problems, retired


def _end(data: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(data["ends"]) if data.get("ends") else None
