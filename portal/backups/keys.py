"""The key that encrypts backups: one line of text in a file or in BACKUP_KEY."""

import base64
import binascii
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from portal.backups.errors import BackupError

PREFIX = "portal-backup-key-"
SIZE = 32
UNREADABLE = (
    "{origin} 不是备份密钥。密钥由 manage.py backup --new-key FILE 生成，是以 {prefix} 开头的一行。"
)
EXISTS = "{path} 已经存在，没有改动：密钥丢了，用它加密的备份就打不开了。请换一个文件名。"


class Key:
    """256 random bits, from which each use derives a key of its own (HKDF, RFC 5869)."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def derived(self, purpose: str, salt: bytes | None = None) -> bytes:
        """A key for one purpose only."""
        info = f"portal backup: {purpose}".encode()
        return HKDF(hashes.SHA256(), SIZE, salt, info).derive(self._secret)

    @property
    def mark(self) -> str:
        """Eight characters that tell keys apart and give nothing away."""
        return self.derived("mark")[:4].hex()

    def signature(self, content: bytes) -> str:
        """HMAC-SHA256 in hexadecimal."""
        code = hmac.HMAC(self.derived("manifest"), hashes.SHA256())
        code.update(content)
        return code.finalize().hex()


def new_key(path: Path) -> Key:
    """Write a new key to a new file that its owner alone may read; BackupError if it exists."""
    secret = secrets.token_bytes(SIZE)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BackupError(EXISTS.format(path=path)) from None
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{PREFIX}{base64.urlsafe_b64encode(secret).decode()}\n")
        file.flush()
        os.fsync(file.fileno())
    return Key(secret)


def key_at_hand(path: Path | None) -> Key | None:
    """The key in a file, else that of BACKUP_KEY, else none."""
    if path is not None:
        return _read(path.read_text("ascii", "replace"), str(path))
    return _read(settings.BACKUP_KEY, "BACKUP_KEY") if settings.BACKUP_KEY else None


def _read(text: str, origin: str) -> Key:
    word = text.strip()
    try:
        secret = base64.b64decode(word.removeprefix(PREFIX), altchars="-_", validate=True)
    except (binascii.Error, ValueError):
        secret = b""
    if not word.startswith(PREFIX) or len(secret) != SIZE:
        raise BackupError(UNREADABLE.format(origin=origin, prefix=PREFIX))
    return Key(secret)
