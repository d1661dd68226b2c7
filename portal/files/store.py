"""Uploads come in: checked, scanned, written whole, and only then given their place and row."""

import hashlib
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat

from portal.file_types import ACCEPTED_IN_WORDS, FileType, MacroError, recognise
from portal.files import virus_scan
from portal.files.folder import INCOMING, FolderError, flush_folder, own_folder
from portal.files.holding import may_delete
from portal.files.names import clean_name, suffix_of
from portal.models import StoredFile

EMPTY = "“{name}”是空的，没有内容。请检查后重新上传。"
TOO_LARGE = "“{name}”超过 {limit}。请压缩或拆成几个文件后再上传。"
NOT_ACCEPTED = "“{name}”的内容不是能接收的类型：只收 {accepted}。请另存为其中一种再上传。"
WRONG_SUFFIX = "“{name}”的内容是 {kind}，文件名却不以 {expected} 结尾。请改正文件名后再上传。"
HAS_MACROS = "“{name}”里有宏程序，不能接收。请另存为不带宏的文件或 PDF 再上传。"
INFECTED = "“{name}”中发现病毒（{signature}），没有保存。请先杀毒，再换一份文件上传。"
NO_SCANNER = "病毒扫描程序没有答复，不能检查“{name}”有没有病毒，没有保存，请稍后再试。"
NO_DISK = "“{name}”暂时存不下，请稍后再试。"

logger = logging.getLogger(__name__)


class UploadRefusedError(Exception):
    """A file that is not kept; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class Incoming:
    """An upload that was checked, scanned and written under a temporary name."""

    part: Path
    name: str
    kind: FileType
    sha256: str
    size: int
    scan: StoredFile.Scan

    @property
    def fields(self) -> dict[str, Any]:
        """What a StoredFile says of it."""
        return {
            "original_name": self.name,
            "content_type": self.kind.content_type,
            "size": self.size,
            "sha256": self.sha256,
            "scan": self.scan,
        }

    def move_to(self, path: Path) -> None:
        """Give it its place in the store, for certain; call it with the row, in one transaction."""
        _make_folder(path.parent)
        self.part.replace(path)
        flush_folder(path.parent)


def check_upload(upload: UploadedFile) -> FileType:
    """Judge size, content and name; UploadRefusedError when it cannot be kept."""
    name = clean_name(upload.name or "")
    if not upload.size:
        raise UploadRefusedError(EMPTY.format(name=name))
    if upload.size > settings.FILE_SIZE_MAX:
        limit = filesizeformat(settings.FILE_SIZE_MAX)
        raise UploadRefusedError(TOO_LARGE.format(name=name, limit=limit))
    try:
        kind = recognise(upload.file)
    except MacroError:
        raise UploadRefusedError(HAS_MACROS.format(name=name)) from None
    if kind is None:
        raise UploadRefusedError(NOT_ACCEPTED.format(name=name, accepted=ACCEPTED_IN_WORDS))
    if suffix_of(name) not in kind.suffixes:
        expected = " 或 ".join(f".{suffix}" for suffix in kind.suffixes)
        message = WRONG_SUFFIX.format(name=name, kind=kind.label, expected=expected)
        raise UploadRefusedError(message)
    return kind


@contextmanager
def incoming(upload: UploadedFile, *, owner: str) -> Iterator[Incoming]:
    """The upload as it would be kept; what is not moved to its place goes when the block ends.

    UploadRefusedError when it cannot be kept; then no file is left. Killed midway, it leaves at
    most a file without a row, which `remove_orphan_files` takes away. `owner` is for the log.
    """
    kind = check_upload(upload)
    name = clean_name(upload.name)
    part = Path(settings.MEDIA_ROOT) / INCOMING / uuid.uuid4().hex
    try:
        own_folder()
        sha256, size = _write(upload, part)
        scan = _scan(part, name, f"{owner}, sha256 {sha256}")
        yield Incoming(part, name, kind, sha256, size, scan)
    except (OSError, FolderError) as error:
        logger.exception("an upload could not be written")
        raise UploadRefusedError(NO_DISK.format(name=name)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def withdraw(file: StoredFile, now: datetime) -> None:
    """Take the content off the disk once the transaction holds; the row stays.

    What rests on the file refuses it, as an IntegrityError. While a backup runs the content stays,
    and goes at its end. One that stays behind when this or a backup is interrupted is an orphan to
    `remove_orphan_files`.
    """
    StoredFile.objects.filter(pk=file.pk, withdrawn_at=None).update(withdrawn_at=now)
    transaction.on_commit(lambda: _remove(file))


def remove_withdrawn(since: datetime) -> None:
    """Take off the disk what was withdrawn since then while deletions were held."""
    for file in StoredFile.objects.filter(withdrawn_at__gte=since).iterator(chunk_size=500):
        _remove(file)


def _remove(file: StoredFile) -> None:
    with may_delete(Path(settings.MEDIA_ROOT)) as may:
        if may:
            file.path.unlink(missing_ok=True)


def _write(upload: UploadedFile, part: Path) -> tuple[str, int]:
    """Checksum and size; chunk by chunk, so that a large file needs no more memory than a small one."""
    digest, size = hashlib.sha256(), 0
    _make_folder(part.parent)
    with part.open("xb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest(), size


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        flush_folder(folder.parent)


def _scan(part: Path, name: str, origin: str) -> StoredFile.Scan:
    """Judge what was written; without an answer from a scanner that is configured, refuse."""
    if not virus_scan.is_configured():
        return StoredFile.Scan.NOT_CONFIGURED
    try:
        with part.open("rb") as file:
            virus_scan.scan(file)
    except virus_scan.InfectedError as error:
        logger.warning("infected upload refused: %r, %s", error.signature, origin)
        message = INFECTED.format(name=name, signature=error.signature)
        raise UploadRefusedError(message) from error
    except virus_scan.ScannerError as error:
        logger.error("virus scanner: %s", error)
        raise UploadRefusedError(NO_SCANNER.format(name=name)) from error
    return StoredFile.Scan.CLEAN
