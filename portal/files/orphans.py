"""Files on the disk that no row needs, and rows whose file is gone."""

import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from portal.files.store import INCOMING
from portal.models import StoredFile

# Longer than any upload takes, whose file lies there before its row.
KEPT_FOR = timedelta(days=1)


def remove_orphans(now: datetime) -> int:
    """How many were removed: older than a day and without a row, or with a withdrawn one.

    Only names that the store gives are touched, should the folder hold something else.
    """
    removed = 0
    for folder in _folders():
        old = {path.name: path for path in folder.iterdir() if _is_old_upload(path, now)}
        if folder.name != INCOMING:
            needed = StoredFile.objects.kept().filter(reference__in=old)
            for reference in needed.values_list("reference", flat=True):
                del old[reference.hex]
        for path in old.values():
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def missing_files() -> Iterator[StoredFile]:
    """Rows of the store whose file is not on the disk."""
    kept = StoredFile.objects.kept()
    return (file for file in kept.iterator(chunk_size=500) if not file.path.is_file())


def _folders() -> Iterator[Path]:
    root = Path(settings.MEDIA_ROOT)
    for name in (INCOMING, *(f"{number:02x}" for number in range(256))):
        if (root / name).is_dir():
            yield root / name


def _is_old_upload(path: Path, now: datetime) -> bool:
    try:
        is_ours = uuid.UUID(path.name).hex == path.name
        written = path.stat().st_mtime
    except (ValueError, FileNotFoundError):
        return False
    place = path.parent.name
    return is_ours and place in (INCOMING, path.name[:2]) and written < (now - KEPT_FOR).timestamp()
