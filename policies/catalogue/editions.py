"""The life of an edition: published, retired, withdrawn, corrected, copied; one after another.

Whatever changes the editions of a programme locks the programme first, then the edition. The
reason of each act stays in the history of every edition that it changes.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any

from django.db import transaction
from django.db.models import PROTECT, Model
from django.utils import timezone

from policies.catalogue.content import (
    digest_of,
    edition_content,
    examples_of,
    with_content,
    write_content,
    write_examples,
)
from policies.catalogue.models import AsksForProgramme, Document, Edition, Programme
from policies.catalogue.readiness import refusals_of

REASON_MISSING = "请写明原因，会公开显示，也会留在变更历史里。"
IS_USED = "已有申报用这个版本办理，不能撤回；内容有错请用“更正”，不再受理请用“停用”。"
NOT_STANDING = "这个版本{status}，不能再{act}。"
DAY_IS_TAKEN = "该项目在 {day} 已有一个已发布的版本：要改它的内容请用“更正”，或另起一个起用日期。"


class EditionError(Exception):
    """An edition that cannot be published or replaced; the message says why."""


def locked_programme(programme_id: str) -> Programme:
    """The programme, locked: what is done to its editions is done by one after another."""
    return Programme.objects.select_for_update(no_key=True).get(pk=programme_id)


def _locked(edition: Edition) -> Edition:
    """The edition as it stands now, with its programme locked; nobody pins anything to it."""
    locked_programme(edition.programme_id)
    return Edition.objects.select_for_update().get(pk=edition.pk)


def _save(edition: Edition, why: str, *fields: str) -> None:
    edition._change_reason = why
    edition.save(update_fields=fields)


def _digest(edition: Edition) -> str:
    return digest_of(_content(edition))


def _content(edition: Edition) -> dict[str, Any]:
    rows = with_content(Edition.objects.filter(pk=edition.pk))
    return edition_content(rows.get())


def _pin(draft: Edition) -> None:
    """Keep with a draft, which is about to be published, what its digest is of: its formulas too."""
    content = _content(draft)
    draft.formulas, draft.digest = content.get("formulas", {}), digest_of(content)


def check_publishable(edition: Edition) -> None:
    """Raise EditionError with all that keeps a draft from being published, each with what to do."""
    if refusals := refusals_of(edition):
        raise EditionError("".join(map(str, refusals)))


@transaction.atomic
def publish_edition(edition: Edition) -> None:
    """Publish a draft whose rules compile; from now on its rows do not change."""
    edition = _locked(edition)
    refuse_publishing(edition)
    put_in_force(edition)


def refuse_publishing(edition: Edition) -> None:
    """Raise EditionError with the reason where the edition as it stands cannot be published."""
    if not edition.is_draft:
        raise EditionError("只有草稿可以发布。")
    if edition.corrects_id:
        raise EditionError("这是一份更正，要写明更正的原因才能发布。")
    check_publishable(edition)
    _refuse_a_taken_day(edition)


def _refuse_a_taken_day(edition: Edition) -> None:
    standing = edition.programme.editions.standing()
    if standing.filter(effective_from=edition.effective_from).exists():
        raise EditionError(DAY_IS_TAKEN.format(day=edition.effective_from))


def put_in_force(edition: Edition, why: str = "") -> None:
    """Publish a draft between the editions before and after: one ends where the next begins.

    What a pack says was closed is retired at once. Call it with the programme locked and the rules
    checked.
    """
    _refuse_a_taken_day(edition)
    _pin(edition)
    is_closed = edition.closed_at is not None
    edition.status = Edition.Status.RETIRED if is_closed else Edition.Status.PUBLISHED
    settle_ends(edition.programme, why, edition)


def settle_ends(programme: Programme, why: str, *joining: Edition) -> None:
    """Let each standing edition end at its own end, or where the next begins if that is earlier.

    `joining` are not saved as standing yet: their turn comes when the one before has made room.
    """
    others = programme.editions.standing().exclude(pk__in=[each.pk for each in joining])
    for row, ends in terms_of([*others, *joining]):
        if row in joining or row.ends != ends:
            row.ends = ends
            _save(row, why, "ends", "status", "formulas", "digest", "reason", "closed_at")


def terms_of(editions: Iterable[Edition]) -> list[tuple[Edition, date | None]]:
    """Each edition with its end when these follow one another: its own, or the next one's start."""
    rows = sorted(editions, key=lambda row: row.effective_from)
    starts = [row.effective_from for row in rows[1:]]
    return [
        (row, min((day for day in (row.own_end, following) if day), default=None))
        for row, following in zip_longest(rows, starts)
    ]


@transaction.atomic
def retire_edition(edition: Edition, *, reason: str, day: date, now: datetime) -> None:
    """From `day` on nobody can apply by this edition, unless another one begins there."""
    edition = _locked(edition)
    reason = refuse_retiring(edition, reason, day, now)
    edition.status, edition.own_end, edition.ends = Edition.Status.RETIRED, day, day
    edition.reason, edition.closed_at = reason, now
    _save(edition, reason, "status", "own_end", "ends", "reason", "closed_at")


def refuse_retiring(edition: Edition, reason: str, day: date, now: datetime) -> str:
    """The reason as it will stand; EditionError where it cannot be retired so."""
    reason = _given(reason)
    if edition.status != Edition.Status.PUBLISHED:
        raise EditionError(NOT_STANDING.format(status=edition.get_status_display(), act="停用"))
    today = timezone.localdate(now)
    if day <= edition.effective_from:
        raise EditionError("停用的日期要晚于起用日期；还没有起用的版本请用“撤回”。")
    if day < today:
        raise EditionError(f"停用的日期不能早于今天（{today}）：以前的日子已按这个版本答复过企业。")
    if edition.ends and day >= edition.ends:
        raise EditionError(f"这个版本到 {edition.ends} 前已经止用，停用的日期要更早。")
    return reason


@transaction.atomic
def withdraw_edition(edition: Edition, *, reason: str, now: datetime) -> None:
    """Take back a mistaken edition that nothing is pinned to: the one before stands again."""
    edition = _locked(edition)
    reason = refuse_withdrawing(edition, reason)
    edition.status, edition.reason, edition.closed_at = Edition.Status.WITHDRAWN, reason, now
    _save(edition, reason, "status", "reason", "closed_at")
    settle_ends(edition.programme, f"{edition.effective_from}起的版本已撤回：{reason}")


def refuse_withdrawing(edition: Edition, reason: str) -> str:
    """The reason as it will stand; EditionError where it cannot be withdrawn."""
    reason = _given(reason)
    if not edition.is_standing:
        raise EditionError(NOT_STANDING.format(status=edition.get_status_display(), act="撤回"))
    if any(is_referred_to(each) for each in (edition, *corrected_by(edition))):
        raise EditionError(IS_USED)
    return reason


@transaction.atomic
def begin_correction(edition: Edition) -> Edition:
    """The draft that corrects a standing edition from the same day: one that is open, or a new one."""
    edition = _locked(edition)
    if not edition.is_standing:
        raise EditionError(NOT_STANDING.format(status=edition.get_status_display(), act="更正"))
    drafts = edition.corrections.filter(status=Edition.Status.DRAFT)
    return drafts.first() or _copy(edition, edition.effective_from, corrects=edition)


@transaction.atomic
def publish_correction(draft: Edition, *, reason: str, now: datetime) -> None:
    """Put a correction in the place of what it corrects, on all its days.

    What is pinned to the old edition keeps it; whoever asks from now on gets the new one.
    """
    draft = _locked(draft)
    refuse_correction(draft, reason)
    old = Edition.objects.select_for_update().get(pk=draft.corrects_id)
    replace_edition(old, draft, reason, now)


def refuse_correction(draft: Edition, reason: str) -> str:
    """The reason as it will stand; EditionError where the draft cannot take the place of another."""
    reason = _given(reason)
    if not draft.is_draft or draft.corrects is None:
        raise EditionError("只有更正的草稿可以这样发布。")
    old = draft.corrects
    if not old.is_standing:
        raise EditionError(
            f"要更正的版本{old.get_status_display()}；请从现在有效的版本重新更正，再删除这份草稿。"
        )
    check_publishable(draft)
    if _digest(draft) == old.digest and draft.own_end == old.own_end:
        raise EditionError("内容和原来的版本完全一样，没有要更正的。")
    return reason


def replace_edition(old: Edition, draft: Edition, reason: str, now: datetime) -> None:
    """Call it with the programme locked and the rules checked."""
    _pin(draft)
    draft.status = old.status
    if old.status == Edition.Status.RETIRED:
        draft.own_end, draft.reason, draft.closed_at = old.own_end, old.reason, old.closed_at
        draft.save(update_fields=["own_end"])
    reason = _given(reason)
    old.status, old.reason, old.closed_at = Edition.Status.CORRECTED, reason, now
    _save(old, reason, "status", "reason", "closed_at")
    settle_ends(draft.programme, f"更正：{reason}", draft)


def _given(reason: str) -> str:
    """Without its last full stop: pages put it inside a sentence."""
    given = reason.strip().rstrip("。").rstrip()
    if not given:
        raise EditionError(REASON_MISSING)
    return given


def corrected_by(edition: Edition) -> list[Edition]:
    """The editions that it replaced by correcting them, the latest first."""
    found: list[Edition] = []
    while edition.corrects is not None:
        edition = edition.corrects
        found.append(edition)
    return found


def standing_instead(edition: Edition) -> Edition | None:
    """What replaced a corrected edition, through all later corrections."""
    later = edition.corrections.exclude(status=Edition.Status.DRAFT).first()
    return (standing_instead(later) or later) if later else None


def uses_of(edition: Edition) -> dict[str, int]:
    """What outside the catalogue is pinned to it and keeps it, such as applications: how many."""
    return _counts(edition, lambda relation: relation.on_delete is PROTECT)


def asking_for(programme: Programme) -> dict[str, int]:
    """What is open for the programme and goes by whichever edition is in force: how many."""
    return _counts(programme, lambda relation: issubclass(relation.related_model, AsksForProgramme))


def _counts(row: Model, is_meant: Callable[[Any], bool]) -> dict[str, int]:
    """By name, the rows of other rooms that refer to this one."""
    counts: dict[str, int] = {}
    for relation in row._meta.related_objects:
        other = relation.related_model._meta
        if other.app_label != row._meta.app_label and is_meant(relation):
            own = relation.related_model._base_manager.filter(**{relation.field.name: row})
            if count := own.count():
                counts[str(other.verbose_name)] = count
    return counts


def is_referred_to(edition: Edition) -> bool:
    """Whether anything outside the catalogue, such as an application, is pinned to it."""
    return bool(uses_of(edition))


@transaction.atomic
def copy_to_draft(edition: Edition, on: date) -> Edition:
    """A draft with the same content, starting on the first free day from `on`."""
    programme = locked_programme(edition.programme_id)
    taken = (*programme.editions.standing(), *programme.editions.filter(status="draft"))
    days = {each.effective_from for each in taken}
    while on in days:
        on += timedelta(days=1)
    return _copy(edition, on)


def _copy(edition: Edition, on: date, corrects: Edition | None = None) -> Edition:
    content = edition_content(edition)
    documents = {document.number: document for document in Document.objects.all()}
    draft = Edition.objects.create(
        programme=edition.programme,
        effective_from=on,
        own_end=edition.own_end if corrects else None,
        corrects=corrects,
        notices=content["notices"],
        places=content.get("places"),
    )
    write_content(draft, content, documents)
    write_examples(draft, examples_of(edition))
    return draft
