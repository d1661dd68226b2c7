"""The whole catalogue under check, edition by edition and across editions."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from policies.consistency.checked_edition import CheckedEdition, award_name, criterion_name
from policies.consistency.clauses import check_clauses
from policies.consistency.criteria import check_criteria
from policies.consistency.jurisdictions import Places, check_jurisdictions
from policies.consistency.ladders import check_ladders
from policies.consistency.overlaps import check_overlaps
from policies.consistency.problem import Problem
from policies.consistency.same_money import check_same_money, declared_once
from policies.consistency.used_facts import asked_facts, check_facts, check_proofs
from policies.rules.facts import Fact
from policies.rules.read_edition import NOT_WELL_FORMED, UNREADABLE
from policies.rules.read_rule import RuleError
from policies.rules.witness import MOST_TRIED

EMPTY = "没有条件，也没有奖补"


def check_catalogue(
    contents: Iterable[Mapping[str, Any]],
    facts: Mapping[str, Fact],
    places: Places,
    on: date,
    most_tried: int = MOST_TRIED,
) -> list[Problem]:
    """Every problem of the editions, given as compile_edition takes them, perhaps with `examples`."""
    contents = list(contents)
    problems = check_overlaps(contents)
    editions: list[CheckedEdition] = []
    for data in contents:
        try:
            editions.append(CheckedEdition.of(data, facts, on, most_tried))
        except RuleError as error:
            problems.append(_unreadable(data, error))
            continue
        except UNREADABLE:
            problems.append(_problem(data, NOT_WELL_FORMED))
            continue
        if not (data.get("criteria") or data.get("awards")):
            problems.append(_problem(data, EMPTY))
    asked = asked_facts(editions)
    for checked in editions:
        in_vocabulary = set(checked.edition.fact_keys) <= facts.keys()
        problems += check_facts(checked, asked)
        problems += check_proofs(checked)
        problems += check_clauses(checked)
        problems += check_jurisdictions(checked, places)
        if in_vocabulary:  # otherwise nothing can be tried
            problems += check_criteria(checked)
            problems += check_ladders(checked)
            problems += check_same_money(checked)
    return [*problems, *declared_once(editions)]


def _problem(data: Mapping[str, Any], fault: str) -> Problem:
    return Problem(data["id"], str(data["effective_from"]), "", fault)


def _unreadable(data: Mapping[str, Any], error: RuleError) -> Problem:
    """A rule or amount that does not compile, with the row that it stands in."""
    row, found = error.where, re.match(r"(criteria|awards)\[(\d+)\]", error.where)
    if found:
        index = int(found[2])
        written = data[found[1]][index]
        is_criterion = found[1] == "criteria"
        row = criterion_name(written) if is_criterion else award_name(index + 1, written)
    return Problem(data["id"], str(data["effective_from"]), row, error.message)
