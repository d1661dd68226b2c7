"""Files of the library become part of an application."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from applications.cases.models import Application, Attachment
from applications.cases.services.errors import ApplicationError
from applications.enterprises.models import LibraryFile
from policies.catalogue.models import Material

GONE = "选用的文件有的已不在资料库中，请重新选择。"
TOO_MANY = "一件申报最多附 {limit} 个文件，请合并后再提交。"

Chosen = Mapping[Material | None, Sequence[LibraryFile]]


@transaction.atomic
def attach_files(application: Application, chosen: Chosen, *, user: Any, now: datetime) -> None:
    """Make these the files of each of these materials (None: other ones).

    What stood for the same material and is not chosen any more stays, as replaced. ApplicationError
    when a file has left the library or expired, or when they are too many.
    """
    # Two who hand in at once take turns.
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)
    _check({file.pk for files in chosen.values() for file in files}, now)
    for material, files in chosen.items():
        _attach(application, material, files, user=user, now=now)
    count = application.attachments.current().count()
    if count > settings.FILES_PER_APPLICATION:
        raise ApplicationError(TOO_MANY.format(limit=settings.FILES_PER_APPLICATION))


def _check(keys: set[int], now: datetime) -> None:
    files = list(LibraryFile.objects.in_library().filter(pk__in=keys).order_by("pk").locked())
    if len(files) < len(keys):
        raise ApplicationError(GONE)
    today = timezone.localdate(now)
    for file in files:
        if file.is_expired_on(today):
            raise ApplicationError(file.expiry_in_words)


def _attach(
    application: Application,
    material: Material | None,
    files: Sequence[LibraryFile],
    *,
    user: Any,
    now: datetime,
) -> None:
    current = application.attachments.current().filter(material=material)
    current.exclude(library_file__in=files).update(replaced_at=now)
    kept = set(current.values_list("library_file", flat=True))
    new = {file.pk: file for file in files if file.pk not in kept}
    Attachment.objects.bulk_create(
        Attachment(
            application=application,
            material=material,
            library_file=file,
            added_at=now,
            added_by=user,
        )
        for file in new.values()
    )
