"""A firm's document library: what is in it, and how something leaves it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Prefetch

from applications.models import Application, Attachment, Enterprise, StoredFile
from applications.services import ApplicationError

STILL_USED = "“{title}”在申报中使用过，要留存备查，不能撤下。"


@dataclass(frozen=True)
class Entry:
    """A file, whether it has expired, and the applications it was handed in with."""

    file: StoredFile
    is_expired: bool
    applications: list[Application]


def library_of(enterprise: Enterprise, today: date) -> list[Entry]:
    attachments = Attachment.objects.select_related("application__edition__programme").defer(
        "application__answers", "application__assessment"
    )
    files = StoredFile.objects.in_library().filter(enterprise=enterprise)
    return [
        Entry(file, file.is_expired_on(today), _applications(file))
        for file in files.prefetch_related(Prefetch("attachments", attachments))
    ]


def _applications(file: StoredFile) -> list[Application]:
    by_key = {part.application_id: part.application for part in file.attachments.all()}
    return list(by_key.values())


def withdraw_file(file: StoredFile, *, now: datetime) -> None:
    """Take a file out of the library and its content off the disk; not once it was handed in.

    A content that stays behind when this is interrupted is an orphan to `remove_orphan_files`.
    """
    with transaction.atomic():
        # The lock that handing in takes too: no application gets a file that is just leaving.
        locked = StoredFile.objects.select_for_update(no_key=True).get(pk=file.pk)
        if locked.attachments.exists():
            raise ApplicationError(STILL_USED.format(title=file.title))
        if locked.withdrawn_at is None:
            StoredFile.objects.filter(pk=file.pk).update(withdrawn_at=now)
        transaction.on_commit(lambda: file.path.unlink(missing_ok=True))
