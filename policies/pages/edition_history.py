"""The editions of a programme as its page lists them: what each changed, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from policies.catalogue.content import CONTENT, edition_content
from policies.catalogue.models import Edition
from policies.presentation.changes import changes_between
from policies.presentation.edition_state import closed_in_words, in_force
from policies.rules.facts import Fact


@dataclass(frozen=True)
class HistoryLine:
    """`changes` are against the standing edition before it, or against what replaced it."""

    edition: Edition
    name: str
    closed: str
    changes: list[str]
    is_shown: bool


def edition_history(
    editions: Sequence[Edition], shown: Edition, facts: Mapping[str, Fact], on: date
) -> list[HistoryLine]:
    """`editions` come the newest first; one query for their content where there are several."""
    contents = {}
    if len(editions) > 1:
        rows = Edition.objects.filter(pk__in=[row.pk for row in editions])
        contents = {row.pk: edition_content(row) for row in rows.prefetch_related(*CONTENT)}
    pairs = {
        later.pk: (before, later)
        for later, before in pairwise([row for row in editions if row.is_standing])
    }
    by_key = {row.pk: row for row in editions}
    pairs |= {
        row.corrects_id: (by_key[row.corrects_id], row) for row in editions if row.corrects_id
    }
    current = in_force(editions, on)
    return [
        HistoryLine(
            edition=row,
            name=_name(row, current, on),
            closed=closed_in_words(row),
            changes=changes_between(*(contents[each.pk] for each in pairs[row.pk]), facts)
            if row.pk in pairs
            else [],
            is_shown=row == shown,
        )
        for row in editions
    ]


def _name(row: Edition, current: Edition | None, on: date) -> str:
    if row == current:
        return "现行版本"
    if row.is_standing and row.effective_from > on:
        return "将起用的版本"
    return {"corrected": "已更正的版本", "withdrawn": "已撤回的版本"}.get(row.status, "以前的版本")
