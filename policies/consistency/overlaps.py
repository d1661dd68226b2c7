"""Of one programme, one edition is in force on a day."""

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from policies.consistency.problem import Problem

OVERLAP = "与 {other} 起的版本同时有效：前一个应在后一个起用的那天止用"


def check_overlaps(contents: Iterable[Mapping[str, Any]]) -> list[Problem]:
    """A problem for each edition that is still in force when the next one of its programme begins."""
    by_programme: dict[str, list[Mapping[str, Any]]] = {}
    for data in contents:
        by_programme.setdefault(data["id"], []).append(data)
    problems = []
    for programme, editions in by_programme.items():
        in_order = sorted(editions, key=lambda data: str(data["effective_from"]))
        for earlier, later in pairwise(in_order):
            starts, ends = str(later["effective_from"]), earlier.get("ends")
            if ends is None or str(ends) > starts:
                message = OVERLAP.format(other=starts)
                day = str(earlier["effective_from"])
                problems.append(Problem(programme, day, "起止日期", message))
    return problems
