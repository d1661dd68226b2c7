"""One part of a draft is put as another edition has it: restored, or taken over; the rest stays."""

from django.db import transaction

from policies.catalogue.content import digest_of, write_content
from policies.catalogue.editions import EditionError, locked_programme
from policies.catalogue.models import Document, Edition, Example
from policies.editors.draft_review import Comparison, compare, said_by
from policies.editors.edition_proposals import WAITS, open_proposal
from policies.presentation.differences import EXAMPLES, NOTICES, PLACES, Difference

CONTENT = ("criteria", "awards", "materials", "steps")
ROWS = (*CONTENT, EXAMPLES)
NOT_A_DRAFT = "只有草稿可以这样改。"
LOOK_AGAIN = "还没有改：您看这一页以后，草稿或另一个版本又改过。下面是现在的差异，请看过再点一次。"
NO_SUCH_PART = "没有这一处差异，请看下面现在的差异。"


def seen_of(comparison: Comparison) -> str:
    """What tells that neither of the two has changed since they were compared."""
    if comparison.other is None:
        return ""
    sides = [said_by(each) for each in (comparison.draft, comparison.other)]
    return digest_of({"sides": sides})


@transaction.atomic
def take(draft: Edition, other: Edition, which: str, seen: str) -> Difference:
    """Let the draft have one part as the other has it; EditionError says why not.

    `which` is the name of a difference, `seen` what `seen_of` said when it was shown.
    """
    locked_programme(draft.programme_id)
    draft = Edition.objects.select_related("programme", "corrects").get(pk=draft.pk)
    if not draft.is_draft:
        raise EditionError(NOT_A_DRAFT)
    if open_proposal(draft):
        raise EditionError(WAITS)
    comparison = compare(draft, other)
    if seen_of(comparison) != seen:
        raise EditionError(LOOK_AGAIN)
    difference = next((each for each in comparison.differences if each.name == which), None)
    if difference is None:
        raise EditionError(NO_SUCH_PART)
    if difference.part in ROWS:
        _take_row(draft, other, difference)
    else:
        _take_field(draft, other, difference)
    return difference


def _take_field(draft: Edition, other: Edition, difference: Difference) -> None:
    draft._change_reason = f"取自 {other}：{difference}"
    if difference.part == PLACES:
        draft.places = other.places
    else:
        notices = list(draft.notices)
        if difference.after is not None:
            del notices[difference.after]
        if difference.before is not None:
            notices.insert(difference.before, other.notices[difference.before])
        draft.notices = notices
    draft.save(update_fields=[PLACES, NOTICES])


def _take_row(draft: Edition, other: Edition, difference: Difference) -> None:
    rows = list(getattr(draft, difference.part).order_by("position"))
    if difference.after is not None:
        position = rows[difference.after].position
        rows[difference.after].delete()
    elif difference.before is not None:
        position = _make_room(rows, difference.before)
    if difference.before is None:
        return
    row = said_by(other)[difference.part][difference.before]
    if difference.part == EXAMPLES:
        Example.objects.create(edition=draft, position=position, **row)
    else:
        documents = {document.number: document for document in Document.objects.all()}
        content = {name: [row] if name == difference.part else [] for name in CONTENT}
        write_content(draft, content, documents, first=position)


def _make_room(rows: list, place: int) -> int:
    """The position at this place, from which the others have moved on."""
    if place >= len(rows):
        return rows[-1].position + 1 if rows else 1
    position = rows[place].position
    # From the last one: a position is taken once.
    for row in reversed(rows[place:]):
        row.position += 1
        row.save(update_fields=["position"])
    return position
