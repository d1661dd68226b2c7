"""Asking for long work: the same thing once, and nobody more than the worker can bear."""

from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction

from portal.jobs.kinds import JobKind
from portal.models import Job, User

MOST_OF_ONE = 5
# Of all visitors together: a report takes two seconds, so that none waits longer than a minute.
MOST_OF_VISITORS = 20
TOO_MANY_OF_ONE = "您已有 {most} 项任务在做，请等其中一项做好或停下后再试。"
TOO_MANY_OF_VISITORS = "现在要做的报告太多，请过一两分钟再试。"


class TooManyJobsError(Exception):
    """More is waiting than may; the message is Chinese."""


def digest_of(*parts: str) -> str:
    """What tells whether two jobs are the same."""
    return sha256("\0".join(parts).encode()).hexdigest()


def ask(
    kind: JobKind,
    parameters: dict[str, Any],
    *,
    title: str,
    digest: str,
    now: datetime,
    owner: User | None = None,
    page: str = "",
    keeps: bool = False,
) -> Job:
    """Put a job down, or find the same one that is open; with `keeps` also one whose file is there.

    `digest` must differ between owners. TooManyJobsError where too much waits already.
    """
    same = Job.objects.filter(digest=digest, owner=owner)
    if known := same.open().first():
        return known
    if keeps:
        made = same.filter(state=Job.State.DONE).first()
        if made is not None and made.has_file:
            return made
    _refuse_too_many(owner)
    try:
        with transaction.atomic():
            return Job.objects.create(
                kind=kind.name,
                parameters=parameters,
                title=title,
                digest=digest,
                owner=owner,
                page=page,
                asked_at=now,
            )
    except IntegrityError:
        # Somebody asked at the same moment.
        return same.open().get()


def _refuse_too_many(owner: User | None) -> None:
    most = MOST_OF_ONE if owner else MOST_OF_VISITORS
    if Job.objects.open().filter(owner=owner).count() >= most:
        words = TOO_MANY_OF_ONE if owner else TOO_MANY_OF_VISITORS
        raise TooManyJobsError(words.format(most=most))


def ask_to_stop(job: Job, now: datetime) -> None:
    """Stop it at the end of its block; at once where nobody has begun."""
    rows = Job.objects.filter(pk=job.pk)
    waiting = rows.filter(state=Job.State.WAITING)
    if not waiting.update(state=Job.State.STOPPED, ended_at=now, parameters={}):
        rows.filter(state=Job.State.RUNNING).update(asked_to_stop=True)
