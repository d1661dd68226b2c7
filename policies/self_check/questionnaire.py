"""The questionnaire: which questions a step asks, and when nothing is left to ask."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from policies.rules.edition import Edition
from policies.rules.facts import Fact
from policies.rules.questions import open_facts

# Who and where: nearly every programme turns on these.
FIRST_QUESTIONS = (
    "enterprise.county",
    "enterprise.subject_type",
    "enterprise.ownership",
    "industry.section",
    "industry.division",
    "enterprise.employees",
)
FEWEST, MOST = 5, 8


def chosen(editions: Iterable[Edition], families: Sequence[str]) -> tuple[Edition, ...]:
    """The editions of the families a firm asked for; all where it named none."""
    return tuple(edition for edition in editions if not families or edition.family in families)


def remaining(
    editions: Iterable[Edition],
    answers: Mapping[str, Any],
    asked: Iterable[str],
    on: date,
    facts: Mapping[str, Fact],
) -> list[str]:
    """Facts that can still change a verdict or an amount and were not put aside as unclear."""
    put_aside = set(asked)
    return [key for key in open_facts(editions, answers, on, facts) if key not in put_aside]


def next_step(keys: Sequence[str], facts: Mapping[str, Fact]) -> list[str]:
    """The next questions: those of one section together, filled up from the following ones."""
    sections = list(dict.fromkeys(facts[key].section for key in keys))
    step: list[str] = []
    for section in sections:
        step += [key for key in keys if facts[key].section == section]
        if len(step) >= FEWEST:
            break
    return step[:MOST]
