"""`python -m portal.sealed.reading` is the process that looks into a ZIP which somebody brings.

It imports next to nothing, unpacks nothing to the disk and holds one piece of a file at a time.
"""

import sys
import zipfile
from hashlib import sha256
from typing import Any, BinaryIO

from portal.reading_process import serve

MANIFEST, SEAL = "manifest.json", "manifest.seal"
MOST_MEMBERS = 20_000
MOST_MANIFEST = 8 * 2**20
MOST_UNPACKED = 4 * 2**30
PIECE = 1 << 20


def _read(file: BinaryIO) -> dict[str, Any]:
    """`files` as [name, size, digest], without folders; or why it is `refused`, in one word."""
    try:
        with zipfile.ZipFile(file) as packed:
            return _told(packed)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        # Damaged, with a password, or of a kind that Python does not unpack.
        return {"refused": "unreadable"}


def _told(packed: zipfile.ZipFile) -> dict[str, Any]:
    members = [member for member in packed.infolist() if not member.is_dir()]
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED:
        return {"refused": "large"}
    names = {member.filename for member in members}
    if not {MANIFEST, SEAL} <= names:
        return {"refused": "no manifest"}
    if packed.getinfo(MANIFEST).file_size > MOST_MANIFEST or packed.getinfo(SEAL).file_size > PIECE:
        return {"refused": "large"}
    return {
        "manifest": packed.read(MANIFEST).decode("utf-8", "replace"),
        "manifest_sha256": sha256(packed.read(MANIFEST)).hexdigest(),
        "seal": packed.read(SEAL).decode("utf-8", "replace"),
        "files": [
            [member.filename, *_digest(packed, member)]
            for member in members
            if member.filename not in (MANIFEST, SEAL)
        ],
    }


def _digest(packed: zipfile.ZipFile, member: zipfile.ZipInfo) -> tuple[int, str]:
    """Size and digest; of one whose own checksum does not fit, nothing that could."""
    digest, size = sha256(), 0
    try:
        with packed.open(member) as content:
            while piece := content.read(PIECE):
                digest.update(piece)
                size += len(piece)
    except (zipfile.BadZipFile, EOFError):
        return size, ""
    return size, digest.hexdigest()


if __name__ == "__main__":
    sys.setrecursionlimit(200)
    serve(_read)
