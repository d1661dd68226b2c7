"""Uploads come in: checked, scanned, written whole, and only then entered in the library."""

import hashlib
import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.template.defaultfilters import filesizeformat

from applications.file_types import ACCEPTED_IN_WORDS, FileType, MacroError, recognise
from applications.files import virus_scan
from applications.files.names import clean_name, suffix_of
from applications.models import Enterprise, StoredFile

# Under the root, for what is not yet in the library.
INCOMING = "incoming"
TITLE_MAX = StoredFile._meta.get_field("title").max_length
EMPTY = "“{name}”是空的，没有内容。请检查后重新上传。"
TOO_LARGE = "“{name}”超过 {limit}。请压缩或拆成几个文件后再上传。"
NOT_ACCEPTED = "“{name}”的内容不是能接收的类型：只收 {accepted}。请另存为其中一种再上传。"
WRONG_SUFFIX = "“{name}”的内容是 {kind}，文件名却不以 {expected} 结尾。请改正文件名后再上传。"
HAS_MACROS = "“{name}”里有宏程序，不能接收。请另存为不带宏的文件或 PDF 再上传。"
INFECTED = "“{name}”中发现病毒（{signature}），没有保存。请先杀毒，再换一份文件上传。"
NO_SCANNER = "暂时不能检查“{name}”有没有病毒，没有保存，请稍后再试。"
NO_ROOM = "资料库里已有 {count} 个文件，到了上限。请先撤下用不着的，再上传。"
NO_DISK = "“{name}”暂时存不下，请稍后再试。"

logger = logging.getLogger(__name__)


class UploadRefusedError(Exception):
    """A file that is not kept; the message says why and what to do, in Chinese."""


@dataclass(frozen=True)
class _Content:
    """A file written to a temporary name."""

    part: Path
    sha256: str
    size: int


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


def keep_upload(
    upload: UploadedFile,
    *,
    enterprise: Enterprise,
    user: Any,
    now: datetime,
    title: str = "",
    valid_until: date | None = None,
) -> tuple[StoredFile, bool]:
    """The file in the library, and whether it is new there: the same content is kept once.

    UploadRefusedError when it cannot be kept; then no row and no file is left. Killed midway, it
    leaves at most a file without a row, which `remove_orphan_files` takes away.
    """
    kind = check_upload(upload)
    name = clean_name(upload.name)
    with _written(upload, name) as content:
        file = StoredFile(
            enterprise=enterprise,
            title=title or name.rpartition(".")[0][:TITLE_MAX],
            original_name=name,
            content_type=kind.content_type,
            size=content.size,
            sha256=content.sha256,
            scan=_scan(content, name, enterprise),
            valid_until=valid_until,
            uploaded_at=now,
            uploaded_by=user,
        )
        return _enter(file, content.part)


def _enter(file: StoredFile, part: Path) -> tuple[StoredFile, bool]:
    """Row and file together; uploads of one firm take turns."""
    # Within a larger transaction that fails later, the file would stay without its row.
    with transaction.atomic(durable=True):
        Enterprise.objects.select_for_update(no_key=True).get(pk=file.enterprise_id)
        library = StoredFile.objects.in_library().filter(enterprise=file.enterprise_id)
        if same := library.filter(sha256=file.sha256).first():
            return same, False
        count = library.count()
        if count >= settings.FILES_PER_ENTERPRISE:
            raise UploadRefusedError(NO_ROOM.format(count=count))
        file.save(force_insert=True)
        _make_folder(file.path.parent)
        part.replace(file.path)
        _flush_folder(file.path.parent)
    return file, True


@contextmanager
def _written(upload: UploadedFile, name: str) -> Iterator[_Content]:
    """The upload under a temporary name, on the disk for certain; gone when the block ends."""
    part = Path(settings.MEDIA_ROOT) / INCOMING / uuid.uuid4().hex
    try:
        yield _write(upload, part)
    except OSError as error:
        logger.exception("an upload could not be written")
        raise UploadRefusedError(NO_DISK.format(name=name)) from error
    finally:
        with suppress(OSError):
            part.unlink()


def _write(upload: UploadedFile, part: Path) -> _Content:
    """Chunk by chunk, so that a large file needs no more memory than a small one."""
    digest, size = hashlib.sha256(), 0
    _make_folder(part.parent)
    with part.open("xb") as file:
        for chunk in upload.chunks():
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return _Content(part, digest.hexdigest(), size)


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _flush_folder(folder.parent)


def _flush_folder(folder: Path) -> None:
    """Write down the names in a folder, as fsync of a file does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _scan(content: _Content, name: str, enterprise: Enterprise) -> StoredFile.Scan:
    """Judge what was written; without an answer from a scanner that is configured, refuse."""
    if not virus_scan.is_configured():
        return StoredFile.Scan.NOT_CONFIGURED
    try:
        with content.part.open("rb") as file:
            virus_scan.scan(file)
    except virus_scan.InfectedError as error:
        found = (error.signature, enterprise.pk, content.sha256)
        logger.warning("infected upload refused: %r, enterprise %s, sha256 %s", *found)
        message = INFECTED.format(name=name, signature=error.signature)
        raise UploadRefusedError(message) from error
    except virus_scan.ScannerError as error:
        logger.error("virus scanner: %s", error)
        raise UploadRefusedError(NO_SCANNER.format(name=name)) from error
    return StoredFile.Scan.CLEAN
