"""Saving what a firm types: every change at once, and nothing of others in silence."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft
from applications.cases.models.draft import Content
from applications.cases.services.errors import ApplicationError
from applications.cases.services.filling import Filling, content_of, draft_of, standing_application
from applications.enterprises.models import Enterprise
from policies.rules.years import carry_over

ALREADY_SENT = "这个项目本年度或这次征集已经提交过申报，不用再次提交。"
CHANGED_BY_OTHERS = "没有保存：打开这一页以后，下面这些内容已被改过。请选择留下哪一个。"
DISCARD_CHANGED = "没有删除：打开这一页以后，草稿被改过。请看过下面的内容后再点一次。"
MINE, THEIRS = "mine", "theirs"


class AlreadySentError(ApplicationError):
    """The firm's application for this stands; `application` is it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(ALREADY_SENT)


@dataclass(frozen=True)
class Conflict:
    """A name of the content that somebody else changed since the page was opened."""

    name: str
    mine: list[str]
    theirs: list[str]
    by: str
    at: datetime


class DraftConflictError(ApplicationError):
    """Nothing was saved; the `conflicts` are to be decided first, for version `version`."""

    def __init__(self, conflicts: list[Conflict], version: int) -> None:
        self.conflicts, self.version = conflicts, version
        super().__init__(CHANGED_BY_OTHERS)


@transaction.atomic
def save_draft(
    *,
    filling: Filling,
    content: Content,
    version: int,
    choices: Mapping[str, str] | None = None,
    chosen_for: int | None = None,
    user: Any,
    who: str,
    now: datetime,
) -> ApplicationDraft:
    """Keep what a page of `version` holds: `content` has all its names, empty ones too.

    `choices` say for each conflict whether MINE or THEIRS stays; they count while the draft is
    still at version `chosen_for`. Raises AlreadySentError and DraftConflictError.
    """
    # Members who save or hand in at once take turns.
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=filling.enterprise.pk)
    key = (enterprise, filling.programme, filling.subject)
    year = filling.today.year
    if standing := standing_application(*key, year, filling.call):
        raise AlreadySentError(standing)
    draft = draft_of(*key) or _new_draft(filling, user, now)
    stored, changes = content_of(draft, year, filling.facts), draft.changes
    if draft.year != year:
        changes = carry_over(changes, draft.year, year, filling.facts) | {
            name: change for name, change in changes.items() if name not in filling.facts
        }
    decided = dict(choices or {}) if chosen_for == draft.version else {}
    content = {name: values for name, values in content.items() if decided.get(name) != THEIRS}
    changed = {name for name, values in content.items() if values != stored.get(name, [])}
    conflicts = [
        _conflict(name, content[name], stored.get(name, []), changes[name])
        for name in content
        if name in changed - decided.keys() and changes.get(name, {}).get("version", 0) > version
    ]
    if conflicts:
        raise DraftConflictError(conflicts, draft.version)
    if changed or draft.pk is None or draft.year != year:
        draft.version += 1
        mark = {"version": draft.version, "at": now.isoformat(), "by": who}
        draft.changes = changes | dict.fromkeys(changed, mark)
        draft.content, draft.year = stored | content, year
        draft.updated_at, draft.updated_by = now, user
        draft.save()
    return draft


@transaction.atomic
def discard_draft(draft: ApplicationDraft, version: int) -> None:
    """Delete what was typed, as a page of `version` showed it."""
    Enterprise.objects.select_for_update(no_key=True).get(pk=draft.enterprise_id)
    found = ApplicationDraft.objects.filter(pk=draft.pk).first()
    if found and found.version != version:
        raise ApplicationError(DISCARD_CHANGED)
    if found:
        found.delete()


def _new_draft(filling: Filling, user: Any, now: datetime) -> ApplicationDraft:
    return ApplicationDraft(
        enterprise=filling.enterprise,
        programme=filling.edition.programme,
        subject=filling.subject,
        year=filling.today.year,
        created_at=now,
        updated_at=now,
        updated_by=user,
    )


def _conflict(name: str, mine: list[str], theirs: list[str], change: Mapping[str, Any]) -> Conflict:
    at = timezone.localtime(datetime.fromisoformat(change["at"]))
    return Conflict(name, mine, theirs, change["by"], at)
