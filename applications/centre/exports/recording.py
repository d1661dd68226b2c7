"""A list becomes a file, and the file is on record before anybody has it."""

from datetime import datetime
from tempfile import TemporaryFile
from typing import Any, BinaryIO

from django.utils import timezone

from applications.centre.models import ExportLog
from portal.files.names import clean_name
from portal.lists.about import About
from portal.lists.declaration import DataList, Tally
from portal.lists.formats import write_list
from portal.models import Jurisdiction
from portal.sealed.checking import digest_of_file

EVERYWHERE = "全部地区"


def scope_of(user: Any) -> str:
    """The place whose rows the user may see, in words."""
    place = Jurisdiction.objects.filter(pk=user.jurisdiction_code).first()
    return place.name if place else EVERYWHERE


def file_name(data_list: DataList, ending: str, now: datetime) -> str:
    # A centre calls its lists what it likes.
    title = data_list.title.replace("/", "／")
    return clean_name(f"{title}-{timezone.localdate(now):%Y%m%d}.{ending}")


def export_list(
    *,
    data_list: DataList,
    queryset: Any,
    ending: str,
    user: Any,
    filtered: str,
    now: datetime,
    query: str = "",
) -> tuple[BinaryIO, ExportLog]:
    """Write the file on the disk, so that nobody gets half of one, and log it.

    `filtered` is the filter in plain Chinese, `query` as the address of a change list has it. Returns
    the file at its beginning and the log; ListTooLongError where the format does not hold so many rows.
    """
    file, tally = write_file(data_list, queryset, ending, user, filtered, now)
    return file, record_export(data_list, ending, user, filtered, now, tally, file, query)


def write_file(
    data_list: DataList, queryset: Any, ending: str, user: Any, filtered: str, now: datetime
) -> tuple[BinaryIO, Tally]:
    """The file at its beginning, and what was counted; nothing is on record yet."""
    maker = user.get_full_name() or user.get_username()
    about = About(maker, now, scope_of(user), filtered)
    file = TemporaryFile()  # noqa: SIM115 (the response closes it)
    try:
        tally = write_list(data_list, queryset, about, ending, file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return file, tally


def record_export(
    data_list: DataList,
    ending: str,
    user: Any,
    filtered: str,
    now: datetime,
    tally: Tally,
    file: BinaryIO,
    query: str,
) -> ExportLog:
    """What left the portal: by the checksum of its rows, and by the digest of the whole file."""
    return ExportLog.objects.create(
        at=now,
        user=user,
        jurisdiction_code=user.jurisdiction_code,
        key=data_list.key,
        title=data_list.title,
        ending=ending,
        filtered=filtered,
        rows=tally.count,
        checksum=tally.checksum,
        sha256=digest_of_file(file),
        query=query,
    )
