"""Whether a sealed ZIP that comes back is as it was made, and which of its files is not."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO

from portal.bounded_reading import Limits, ReadersBusyError, ReadingStoppedError, read_bounded
from portal.sealed.seal import FORMAT, Standing, standing_of

READER = "portal.sealed.reading"
# As long as a dossier may take that is as large as one can be.
LIMITS = Limits(processor=120, clock=300, memory=2**30, result=10 * 2**20)
PIECE = 1 << 20
REFUSED = {
    "unreadable": "读不了这个文件：不是 ZIP，或者已经损坏、加了密码。",
    "large": "这个 ZIP 里的文件太多或太大，不是本站做的，没有读取。",
    "no manifest": "里面没有清单（manifest.json）和封条（manifest.seal）：不是本站做的，或者被人拿掉了。",
}
STOPPED = "这个文件读起来太费时或太占内存，已经停下。"
BUSY = "正在读的文件太多，这一份没有读取；请稍后再试。"
UNREADABLE_MANIFEST = "清单（manifest.json）读不懂：不是本站做的，或者被改动过。"
OTHER_FORMAT = "清单的格式是 {found}，这个版本只认识 {known}：请用更新的版本核对。"


class NotSealedError(Exception):
    """A file that was not sealed here; the message says why, in Chinese."""


@dataclass(frozen=True)
class Checked:
    """`about` is what the manifest says beside its files; the lists hold names of files."""

    about: Mapping[str, Any]
    manifest_sha256: str
    sha256: str
    standing: Standing
    count: int
    changed: list[str]
    missing: list[str]
    added: list[str]

    @property
    def are_files_intact(self) -> bool:
        return not (self.changed or self.missing or self.added)

    @property
    def is_intact(self) -> bool:
        """Whether nothing was changed since it was sealed here."""
        return self.are_files_intact and self.standing is Standing.GOOD


def check_sealed(file: BinaryIO) -> Checked:
    """Look at a seekable file; NotSealedError where it cannot be told."""
    try:
        found = read_bounded(READER, file, LIMITS)
    except ReadingStoppedError as error:
        raise NotSealedError(STOPPED) from error
    except ReadersBusyError as error:
        raise NotSealedError(BUSY) from error
    if "refused" in found:
        raise NotSealedError(REFUSED[found["refused"]])
    try:
        said = json.loads(found["manifest"])
        if said["format"] != FORMAT:
            raise NotSealedError(OTHER_FORMAT.format(found=said["format"], known=FORMAT))
        stated = {each["name"]: (each["size"], each["sha256"]) for each in said.pop("files")}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotSealedError(UNREADABLE_MANIFEST) from error
    names = Counter(name for name, _, _ in found["files"])
    there = {name: (size, digest) for name, size, digest in found["files"]}
    return Checked(
        about=said,
        manifest_sha256=found["manifest_sha256"],
        sha256=digest_of_file(file),
        standing=standing_of(found["manifest"].encode(), found["seal"]),
        count=len(stated),
        # Of two of one name nobody knows which is read.
        changed=[
            name
            for name in stated
            if name in there and (there[name] != stated[name] or names[name] > 1)
        ],
        missing=[name for name in stated if name not in there],
        added=[name for name in there if name not in stated],
    )


def digest_of_file(file: BinaryIO) -> str:
    """SHA-256 of a seekable file, left at its beginning."""
    file.seek(0)
    digest = sha256()
    while piece := file.read(PIECE):
        digest.update(piece)
    file.seek(0)
    return digest.hexdigest()
