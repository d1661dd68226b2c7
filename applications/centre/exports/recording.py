"""A list becomes a file, and the file is on record before anybody has it."""

from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from applications.centre.models import ExportLog
from portal.lists.about import About
from portal.lists.declaration import DataList
from portal.lists.formats import write_list
from portal.models import Jurisdiction

EVERYWHERE = "全部地区"


def scope_of(user: Any) -> str:
    """The place whose rows the user may see, in words."""
    place = Jurisdiction.objects.filter(pk=user.jurisdiction_code).first()
    return place.name if place else EVERYWHERE


def export_list(
    *, data_list: DataList, queryset: Any, ending: str, user: Any, filtered: str, now: datetime
) -> tuple[BinaryIO, ExportLog]:
    """Write the file on the disk, so that nobody gets half of one, and log it.

    `filtered` is the filter in plain Chinese. Returns the file at its beginning and the log;
    ListTooLongError where the format does not hold so many rows.
    """
    maker = user.get_full_name() or user.get_username()
    about = About(maker, now, scope_of(user), filtered)
    file = TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        tally = write_list(data_list, queryset, about, ending, file)
    except BaseException:
        file.close()
        raise
    log = ExportLog.objects.create(
        at=now,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        key=data_list.key,
        title=data_list.title,
        ending=ending,
        filtered=filtered,
        rows=tally.count,
        checksum=tally.checksum,
    )
    file.seek(0)
    return file, log
