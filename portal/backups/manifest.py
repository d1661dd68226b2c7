"""What a set says of itself, in JSON: readable by everybody, without anything secret.

Beside it lies a file with its checksum and, of an encrypted set, its signature by the key.
"""

import hashlib
import hmac
import json
import re
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from portal.backups.content import LEFT_OUT, Content
from portal.backups.disk import write_new
from portal.backups.errors import BackupError
from portal.backups.keys import Key

FORMAT = 1
NAME, SEAL_NAME = "manifest.json", "manifest.sum"
# Of the database, by the engine.
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
SEALED = ".sealed"
_file = re.compile(r"files/([0-9a-f]{2})/\1[0-9a-f]{30}")

UNREADABLE = "{folder} 的清单读不懂：{error}"
OTHER_FORMAT = "{folder} 的格式是 {found}，这个版本只认识 {known}：请用做备份的那个版本恢复。"
CHANGED = "{folder} 的清单被改动过，或者坏了：和 {seal} 里的校验码对不上。"
FORGED = "{folder} 的清单被改动过：签名和密钥对不上。"
WRONG_KEY = "密钥不对：{folder} 用的是 {stated}，给的是 {given}。"
NOT_ENCRYPTED = (
    "{folder} 没有加密，却给了密钥：它可能是别人放进来的。"
    "确认它是本单位的备份之后，加 --unencrypted 再来。"
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of the set: its name without `.sealed`, and what lies there, encrypted or not."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """`entries` begin with the database. `faults` names files that were lost or damaged in the store already, and why;
    `known` those of them of which somebody said that it is known."""

    made_at: datetime
    engine: str
    version: str
    content: Content
    entries: list[Entry]
    faults: dict[str, str]
    key: str
    known: list[str] = field(default_factory=list)

    @property
    def new_faults(self) -> dict[str, str]:
        """Those of which nobody said yet that they know."""
        return {name: fault for name, fault in self.faults.items() if name not in self.known}

    def still_known(self, faults: dict[str, str]) -> list[str]:
        """Those of the later `faults` that were known here, as they were."""
        return [name for name in self.known if faults.get(name) == self.faults.get(name)]

    def write(self, folder: Path, key: Key | None) -> None:
        """Into the folder of the set, for certain."""
        said = {
            "format": FORMAT,
            # Of the entries, which may be a million, no copy is made, nor of the text.
            **asdict(replace(self, entries=[])),
            "made_at": self.made_at.isoformat(),
            "left_out": LEFT_OUT,
            "entries": [(entry.name, entry.size, entry.sha256) for entry in self.entries],
        }
        text = bytearray()
        for part in json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(said):
            text += part.encode()
        write_new(folder / NAME, [text])
        write_new(folder / SEAL_NAME, [_seal(text, key)])

    def names(self) -> set[str]:
        """All that lies in the folder of the set."""
        suffix = SEALED if self.key else ""
        return {NAME, SEAL_NAME, *(f"{entry.name}{suffix}" for entry in self.entries)}


def read_manifest(folder: Path, key: Key | None, *, is_plain_welcome: bool = False) -> Manifest:
    """What the set says, once it is certain that nobody changed it; BackupError otherwise.

    Of an encrypted set without its key only the checksum is compared. One that is not encrypted
    is refused where a key is at hand, unless it `is_plain_welcome`.
    """
    text, seal = (folder / NAME).read_bytes(), (folder / SEAL_NAME).read_bytes()
    if not seal.startswith(_checksum(text)):
        raise BackupError(CHANGED.format(folder=folder, seal=SEAL_NAME))
    try:
        said = json.loads(text)
        if said["format"] != FORMAT:
            told = {"found": said["format"], "known": FORMAT}
            raise BackupError(OTHER_FORMAT.format(folder=folder, **told))
        manifest = _understood(said)
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise BackupError(UNREADABLE.format(folder=folder, error=repr(error))) from error
    if key and not manifest.key and not is_plain_welcome:
        raise BackupError(NOT_ENCRYPTED.format(folder=folder))
    if key and manifest.key and key.mark != manifest.key:
        told = {"stated": manifest.key, "given": key.mark}
        raise BackupError(WRONG_KEY.format(folder=folder, **told))
    if key or not manifest.key:
        expected = _seal(text, key if manifest.key else None)
        if not hmac.compare_digest(seal, expected):
            raise BackupError(FORGED.format(folder=folder))
    return manifest


def _checksum(text: bytes | bytearray) -> bytes:
    return f"sha256 {hashlib.sha256(text).hexdigest()}\n".encode()


def _seal(text: bytes | bytearray, key: Key | None) -> bytes:
    signed = f"hmac-sha256 {key.signature(text)}\n" if key else ""
    return _checksum(text) + signed.encode()


def _understood(said: dict[str, Any]) -> Manifest:
    content = Content(**said["content"])
    entries = [Entry(*each) for each in said["entries"]]
    # None leads out of the folder.
    if entries[0].name != DATABASES[said["engine"]]:
        raise ValueError(entries[0].name)
    if strange := [entry.name for entry in entries[1:] if not _file.fullmatch(entry.name)]:
        raise ValueError(strange[0])
    return Manifest(
        made_at=datetime.fromisoformat(said["made_at"]),
        engine=said["engine"],
        version=said["version"],
        content=content,
        entries=entries,
        faults=said["faults"],
        key=said["key"],
        # Sets of 1.0 know of none.
        known=said.get("known", []),
    )
