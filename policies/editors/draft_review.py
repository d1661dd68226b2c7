"""What both editors look at before a draft is published: the same on the page of each.

A draft is compared with its predecessor, which is not always in force today: what it corrects, or
the edition that it takes over from on its day.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from policies.catalogue.content import edition_content, with_content
from policies.catalogue.current import Catalogue
from policies.catalogue.editions import EditionError, check_publishable
from policies.catalogue.models import Edition
from policies.editors.consequences import FILL, gaps_of, when_corrected
from policies.editors.effects import effect_of
from policies.editors.superseded import superseded_of
from policies.presentation.differences import Difference, differences_between
from policies.presentation.edition_state import day_in_words
from policies.presentation.sources import superseded_in_words


def predecessor_of(draft: Edition) -> Edition | None:
    """What it corrects, else the last standing edition that begins before its day."""
    if draft.corrects:
        return draft.corrects
    standing = draft.programme.editions.standing()
    return (
        standing.filter(effective_from__lt=draft.effective_from).order_by("effective_from").last()
    )


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
    """What the edition says, as its rows are now."""
    return edition_content(with_content(Edition.objects.filter(pk=edition.pk)).get())


def review_of(draft: Edition, now: datetime) -> dict[str, Any]:
    """For the template `admin/catalogue/edition/_review.html`; `problem` says why it cannot be published."""
    today = timezone.localdate(now)
    comparison = compare(draft, predecessor_of(draft))
    context: dict[str, Any] = {
        "comparison": comparison,
        "follows": when_corrected(draft.corrects, now) if draft.corrects else [],
        "superseded": [
            (document, superseded_in_words(document)) for document in superseded_of(draft)
        ],
    }
    try:
        check_publishable(draft)
        context["effect"] = effect_of(draft, comparison.other, today)
    except EditionError as error:
        context["problem"] = f"还不能发布：{error}"
        return context
    if not draft.corrects:
        gaps = gaps_of(draft.programme, draft.effective_from, joining=draft)
        context["gaps"] = [f"{gap}。{FILL}" for gap in gaps]
    return context


def is_late(draft: Edition, today: date) -> bool:
    """Whether it would begin in the past, so that days already answered for get another rule."""
    return not draft.corrects_id and draft.effective_from < today
