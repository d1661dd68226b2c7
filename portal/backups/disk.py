"""Files that are on the disk for certain, and read without staying in memory."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from django.template.defaultfilters import filesizeformat

from portal.backups.errors import NO_SPACE, BackupError

CHUNK = 1024 * 1024


def write_new(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write a file that was not there, down to the disk; its size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    with path.open("xb") as file:
        for chunk in chunks:
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        # Whoever reads it again to compare reads the disk; and the site keeps its own in memory.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return size, digest.hexdigest()


def read(file: BinaryIO) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK), b"")


def refuse_without_space(folder: Path, needed: int) -> None:
    """Before anything is written: a full disk may stop the site too."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        told = {"free": filesizeformat(free), "needed": filesizeformat(needed)}
        raise BackupError(NO_SPACE.format(folder=folder, **told))


def measured(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file that somebody else wrote, which is on the disk for certain now."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        os.fsync(file.fileno())
        for chunk in read(file):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()
