"""What a case says, as people read it: each answer with its unit and the year it speaks of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from policies.rules.facts import Fact
from policies.rules.years import dated

OTHERS = "其他"


@dataclass(frozen=True)
class Submitted:
    """One answer; `before` is what was handed in first, where a correction changed it."""

    key: str
    section: str
    label: str
    value: str
    year: int | None = None
    before: str = ""


def answers_in_words(
    answers: Mapping[str, Any],
    facts: Mapping[str, Fact],
    year: int,
    corrections: Iterable[Mapping[str, Any]] = (),
) -> list[Submitted]:
    """The answers of a case of `year`, in the order of the questionnaire.

    `corrections` are the details of its events, the oldest first; the first that changed an answer
    tells how it was handed in.
    """
    first: dict[str, Any] = {}
    for details in corrections:
        for key, (before, _) in details.get("changes", {}).items():
            first.setdefault(key, before)
    known = [key for key in facts if key in answers or key in first]
    stray = [key for key in answers if key not in facts]
    return [
        Submitted(
            key=key,
            section=facts[key].section if key in facts else OTHERS,
            label=label_of(key, facts),
            value=shown(key, answers.get(key), facts),
            year=dated(key, year)[1] if key in facts else None,
            before=shown(key, first[key], facts) if key in first else "",
        )
        for key in known + stray
    ]


def label_of(key: str, facts: Mapping[str, Fact]) -> str:
    return facts[key].label if key in facts else key


def shown(key: str, value: Any, facts: Mapping[str, Fact]) -> str:
    if value is None:
        return "未填"
    return facts[key].show(value) if key in facts else str(value)
