"""Read a whole set again: nothing may be missing, changed or added."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from portal.backups.disk import read
from portal.backups.errors import BackupError
from portal.backups.keys import Key
from portal.backups.manifest import NAME, SEAL_NAME, SEALED, Entry, Manifest, read_manifest
from portal.backups.progress import Progress, Tell
from portal.backups.sealing import SealError, unseal

NO_SET = "{folder} 不是一份完整的备份：没有 {name}。"
MISSING = "{folder} 里少了 {count} 个文件，如 {name}。"
ADDED = "{folder} 里多了 {count} 个清单上没有的文件，如 {name}。"
CHANGED = "{path} 被改动过，或者坏了：和清单上的大小、校验码不符。"
NOT_OPENED = "{path} 解密不了：被改动过，或者坏了。"


def check_set(
    folder: Path, key: Key | None, *, tell: Tell, is_plain_welcome: bool = False
) -> Manifest:
    """What the set holds; BackupError unless every byte is as it was written.

    With the key an encrypted set is decrypted from end to end; without, the checksums are compared.
    """
    for name in (NAME, SEAL_NAME):
        if not (folder / name).is_file():
            raise BackupError(NO_SET.format(folder=folder, name=name))
    manifest = read_manifest(folder, key, is_plain_welcome=is_plain_welcome)
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
    for names, message in (
        (manifest.names() - found, MISSING),
        (found - manifest.names(), ADDED),
    ):
        if names:
            told = {"count": len(names), "name": min(names)}
            raise BackupError(message.format(folder=folder, **told))
    progress = Progress("核对", len(manifest.entries), tell)
    for entry in manifest.entries:
        for _ in content(folder, manifest, entry, key):
            pass
        progress.add(entry.size)
    return manifest


def content(folder: Path, manifest: Manifest, entry: Entry, key: Key | None) -> Iterator[bytes]:
    """What the entry holds, encrypted still where the key is not at hand.

    At its end it is certain that it is what was written; BackupError as soon as it is not.
    """
    path = folder / (f"{entry.name}{SEALED}" if manifest.key else entry.name)
    with path.open("rb") as opened:
        file = _Measured(opened)
        try:
            yield from unseal(file, key, entry.name) if manifest.key and key else read(file)
        except SealError as error:
            raise BackupError(NOT_OPENED.format(path=path)) from error
    if (file.size, file.digest.hexdigest()) != (entry.size, entry.sha256):
        raise BackupError(CHANGED.format(path=path))


class _Measured:
    """A file that is measured as it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self.size, self.digest = file, 0, hashlib.sha256()

    def read(self, size: int) -> bytes:
        chunk = self._file.read(size)
        self.size += len(chunk)
        self.digest.update(chunk)
        return chunk
