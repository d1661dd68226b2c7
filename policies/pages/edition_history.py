"""The editions of a programme as its page lists them: by which document each came, what it changed
against the one before, and what became of it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.presentation.changes import changes_between, cited_in
from policies.presentation.edition_state import closed_in_words, in_force
from policies.presentation.sources import Source, by_document, cited

FIRST = "本站收录的第一个版本，前面没有可以比较的。"
SAME = "条件、奖补、材料和办理环节与前一个版本相同。"
SAME_CORRECTED = "条件、奖补、材料和办理环节与更正后的版本相同。"


@dataclass(frozen=True)
class HistoryLine:
    """`sources` are the documents by which it came, each with its clauses; `changes`, each with its own clauses, are against
    the standing edition before it, or against what replaced it; `against` says so where there are
    none, or where nothing came before.
    """

    edition: Edition
    name: str
    closed: str
    sources: list[tuple[Source, list[Source]]]
    changes: list[tuple[str, list[Source]]]
    against: str
    is_shown: bool


def edition_history(
    editions: Sequence[Edition],
    shown: Edition,
    known: Catalogue,
    rests_on: Iterable[Mapping[str, str]],
    on: date,
) -> list[HistoryLine]:
    """`editions` come the newest first; what they say is read where there are several.

    `rests_on` are the clauses of the one shown.
    """
    contents = known.contents_of(editions) if len(editions) > 1 else {}
    standing = [row for row in editions if row.is_standing]
    pairs = {later.pk: (before, later) for later, before in pairwise(standing)}
    by_key = {row.pk: row for row in editions}
    pairs |= {
        row.corrects_id: (by_key[row.corrects_id], row) for row in editions if row.corrects_id
    }
    documents = known.documents
    current = in_force(editions, on)

    def line(row: Edition) -> HistoryLine:
        changes = (
            changes_between(
                *(contents[each.pk] for each in pairs[row.pk]), known.facts, known.areas
            )
            if row.pk in pairs
            else []
        )
        against = ""
        if row.pk in pairs and not changes:
            against = SAME if row.is_standing else SAME_CORRECTED
        elif standing and row == standing[-1]:
            against = FIRST
        return HistoryLine(
            edition=row,
            name=_name(row, current, on),
            closed=closed_in_words(row),
            sources=by_document(cited_in(contents[row.pk]) if contents else rests_on, documents),
            changes=[(str(change), cited(change.sources, documents)) for change in changes],
            against=against,
            is_shown=row == shown,
        )

    return [line(row) for row in editions]


def _name(row: Edition, current: Edition | None, on: date) -> str:
    if row == current:
        return "现行版本"
    if row.is_standing and row.effective_from > on:
        return "将起用的版本"
    return {"corrected": "已更正的版本", "withdrawn": "已撤回的版本"}.get(row.status, "以前的版本")
