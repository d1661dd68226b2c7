"""Files on the disk that no row needs, and rows whose file is gone."""

import stat
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from portal.files.folder import INCOMING
from portal.models import StoredFile

# Longer than any upload takes, whose file lies there before its row.
KEPT_FOR = timedelta(days=1)


def orphans(root: Path, now: datetime) -> Iterator[Path]:
    """Files older than a day without a row, or with a withdrawn one, in the folder of this database.

    Only names that the store gives are looked at, and no links, should the folder hold something
    else. A file in its place that is newer than the newest row is no orphan yet: this may be a copy
    of a database that went on, and the file one that only the original knows.
    """
    newest = StoredFile.objects.order_by("uploaded_at").last()
    for folder in _folders(root):
        old = {path.name: path for path in folder.iterdir() if _is_old_upload(path, now)}
        if folder.name == INCOMING:
            yield from old.values()
            continue
        rows = StoredFile.objects.filter(reference__in=old)
        for reference, withdrawn_at in rows.values_list("reference", "withdrawn_at"):
            path = old.pop(reference.hex)
            if withdrawn_at:
                yield path
        for path in old.values():
            if newest and path.lstat().st_mtime < newest.uploaded_at.timestamp():
                yield path


def missing_files() -> Iterator[StoredFile]:
    """Rows of the store whose file is not on the disk."""
    kept = StoredFile.objects.kept()
    return (file for file in kept.iterator(chunk_size=500) if not file.path.is_file())


def _folders(root: Path) -> Iterator[Path]:
    for name in (INCOMING, *(f"{number:02x}" for number in range(256))):
        folder = root / name
        if folder.is_dir() and not folder.is_symlink():
            yield folder


def _is_old_upload(path: Path, now: datetime) -> bool:
    try:
        is_ours = uuid.UUID(path.name).hex == path.name
        found = path.lstat()
    except (ValueError, FileNotFoundError):
        return False
    is_old = found.st_mtime < (now - KEPT_FOR).timestamp()
    place = path.parent.name
    return is_ours and is_old and stat.S_ISREG(found.st_mode) and place in (INCOMING, path.name[:2])
