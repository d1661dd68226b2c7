"""A firm's document library: how a file comes in, and how it leaves."""

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from applications.enterprises.models import Enterprise, LibraryFile
from portal.files.store import Incoming, UploadRefusedError, incoming, withdraw
from portal.guards import refusal_of

TITLE_MAX = LibraryFile._meta.get_field("title").max_length
NO_ROOM = "资料库里已有 {count} 个文件，到了上限。请先撤下用不着的，再上传。"
STILL_NEEDED = "“{title}”不能撤下：{reason}"


class LibraryError(Exception):
    """What cannot be done with a file; the message says why, in Chinese."""


def keep_upload(
    upload: UploadedFile,
    *,
    enterprise: Enterprise,
    user: Any,
    now: datetime,
    title: str = "",
    valid_until: date | None = None,
) -> tuple[LibraryFile, bool]:
    """The file in the library, and whether it is new there: the same content is kept once.

    UploadRefusedError when it cannot be kept; then no row and no file is left.
    """
    with incoming(upload, owner=f"enterprise {enterprise.pk}") as content:
        file = LibraryFile(
            enterprise=enterprise,
            title=title or content.name.rpartition(".")[0][:TITLE_MAX],
            valid_until=valid_until,
            uploaded_at=now,
            uploaded_by=user,
            content=content.sha256,
            **content.fields,
        )
        return _enter(file, content)


def _enter(file: LibraryFile, content: Incoming) -> tuple[LibraryFile, bool]:
    """Row and file together; uploads of one firm take turns."""
    # Within a larger transaction that fails later, the file would stay without its row.
    with transaction.atomic(durable=True):
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.enterprise_id)
        library = LibraryFile.objects.in_library().filter(enterprise=file.enterprise_id)
        if same := library.filter(sha256=file.sha256).first():
            return same, False
        count = library.count()
        if count >= settings.FILES_PER_ENTERPRISE:
            raise UploadRefusedError(NO_ROOM.format(count=count))
        file.save(force_insert=True)
        content.move_to(file.path)
    return file, True


def withdraw_file(file: LibraryFile, *, now: datetime) -> None:
    """Take a file out of the library and its content off the disk; LibraryError where it is used."""
    try:
        with transaction.atomic():
            # The lock that handing in takes too: no application gets a file that is just leaving.
            withdraw(LibraryFile.objects.locked().get(pk=file.pk), now)
            LibraryFile.objects.filter(pk=file.pk).update(content=None)
    except IntegrityError as error:
        reason = refusal_of(error)
        raise LibraryError(STILL_NEEDED.format(title=file.title, reason=reason)) from error
