"""What both editors look at before a draft is published: the same on the page of each.

A draft is compared with its predecessor, which is not always in force today: what it corrects, or
the edition that it takes over from on its day.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from policies.catalogue.content import edition_content, examples_of, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Edition
from policies.catalogue.readiness import predecessor_of, readiness_of
from policies.editors.consequences import FILL, gaps_of, when_corrected
from policies.editors.effects import effect_of
from policies.editors.superseded import superseded_of
from policies.presentation.differences import Difference, differences_between
from policies.presentation.edition_state import day_in_words
from policies.presentation.sources import superseded_in_words
from policies.rules.read_edition import UNREADABLE


def name_of(edition: Edition, *, of: Edition) -> str:
    """What pages call the edition that a draft is compared with."""
    if edition == of.corrects:
        return "被更正的版本"
    if edition.is_draft:
        return f"{day_in_words(edition.effective_from)}起的草稿"
    return f"{day_in_words(edition.effective_from)}起的版本"


@dataclass(frozen=True)
class Comparison:
    """A draft beside another edition of its programme; `is_moved` where only the order is another."""

    draft: Edition
    other: Edition | None
    differences: list[Difference]
    is_moved: bool = False

    @property
    def with_what(self) -> str:
        return name_of(self.other, of=self.draft) if self.other else ""


def compare(draft: Edition, other: Edition | None) -> Comparison:
    if other is None:
        return Comparison(draft, None, [])
    known = Catalogue()
    before, after = said_by(other), said_by(draft)
    differences = differences_between(before, after, known.facts, known.areas)
    days = {"effective_from": ""}
    return Comparison(draft, other, differences, not differences and before | days != after | days)


def said_by(edition: Edition) -> dict[str, Any]:
    """What the edition says and is tried by, as its rows are now."""
    rows = with_content(Edition.objects.filter(pk=edition.pk))
    row = rows.prefetch_related("examples").get()
    return {**edition_content(row), "examples": examples_of(row)}


def review_of(draft: Edition, now: datetime) -> dict[str, Any]:
    """For the template `admin/catalogue/edition/_review.html`: what refuses it stands among `points`,
    with where to mend it; then the draft cannot be published."""
    today = timezone.localdate(now)
    comparison = compare(draft, predecessor_of(draft))
    readiness = readiness_of(draft, today)
    context: dict[str, Any] = {
        "comparison": comparison,
        "points": [(point, _page_of(point.row)) for point in readiness.refusals],
        "questions": readiness.questions,
        "follows": when_corrected(draft.corrects, now) if draft.corrects else [],
        "superseded": [
            (document, superseded_in_words(document)) for document in superseded_of(draft)
        ],
    }
    try:
        context["effect"] = effect_of(draft, comparison.other, today)
    except UNREADABLE:
        return context  # which is among the points
    if not draft.corrects:
        gaps = gaps_of(draft.programme, draft.effective_from, joining=draft)
        context["gaps"] = [f"{gap}。{FILL}" for gap in gaps]
    return context


def _page_of(row: Any) -> str:
    return reverse(f"admin:catalogue_{row._meta.model_name}_change", args=[row.pk]) if row else ""
