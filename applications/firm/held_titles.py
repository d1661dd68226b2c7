"""Titles that a firm says it holds, of which nothing says on which day they end.

No source prints how long a title lasts, and no question asks for its day: it stands in the firm's
certificate, which has a day of its own once it is in the library.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.rules.edition import Edition as Rules
from policies.rules.facts import Fact

# How often a firm passed in a row: above zero the title stands.
COUNTED = {
    "hte.consecutive_count": "高新技术企业",
    "tech_sme.consecutive_passes": "科技型中小企业",
}
# What the firm gained this year, by the options of this fact; two of them are counted above.
NEW = "recognition.new_this_year"
COUNTED_TOO = {"hte": "高新技术企业", "tech_sme_first": "科技型中小企业"}


@dataclass(frozen=True)
class HeldTitle:
    """Of the firm, or of its subject `owner`; `fact` and `code` are the answer that says so."""

    owner: int | None
    fact: str
    code: str
    name: str


def held_titles(
    said: Iterable[tuple[int | None, str, Any]],
    answers: Mapping[str, Any],
    facts: Mapping[str, Fact],
    editions: Iterable[Rules],
) -> Iterator[HeldTitle]:
    """Each title once; `said` are lasting answers with their owners, `answers` the firm's of today."""
    of_ladders = {rules.tier[0] for rules in editions if rules.tier}
    for owner, key, value in said:
        if key in COUNTED and value > 0:
            yield HeldTitle(owner, key, "", COUNTED[key])
        elif key in of_ladders and isinstance(value, frozenset):
            choices = facts[key].choices
            # In the order of the ladder.
            yield from (
                HeldTitle(owner, key, each, choices[each]) for each in choices if each in value
            )
    counted = {COUNTED[key] for _, key, value in said if key in COUNTED and value > 0}
    for code in sorted(answers.get(NEW, ())):
        name = COUNTED_TOO.get(code) or facts[NEW].choices[code]
        if name not in counted:
            yield HeldTitle(None, NEW, code, name)
