"""A sealed ZIP is written: file after file, then the manifest and its seal."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from io import BytesIO
from typing import Any, BinaryIO
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from django.utils import timezone

from portal.sealed.reading import MANIFEST, SEAL
from portal.sealed.seal import FORMAT, seal_of

PIECE = 1 << 20


@dataclass(frozen=True)
class Sealed:
    """A file of the ZIP."""

    name: str
    size: int
    sha256: str


class SealedZip:
    """Closes with `seal`; `beat` is called now and then while files are copied."""

    def __init__(
        self, file: BinaryIO, now: datetime, beat: Callable[[], Any] = lambda: None
    ) -> None:
        self._zip = ZipFile(file, "w", ZIP_STORED)
        self._moment = timezone.localtime(now).timetuple()[:6]
        self._beat = beat
        self.files: list[Sealed] = []

    def add(self, name: str, content: bytes | BinaryIO) -> str:
        """The digest of what was written."""
        source = BytesIO(content) if isinstance(content, bytes) else content
        digest, size = sha256(), 0
        with self._zip.open(ZipInfo(name, self._moment), "w", force_zip64=True) as target:
            while piece := source.read(PIECE):
                digest.update(piece)
                size += target.write(piece)
                self._beat()
        self.files.append(Sealed(name, size, digest.hexdigest()))
        return digest.hexdigest()

    def seal(self, about: Mapping[str, Any]) -> str:
        """Write the manifest, which says all of `about`, and its seal; the manifest's digest."""
        said = {"format": FORMAT, **about, "files": [asdict(each) for each in self.files]}
        manifest = json.dumps(said, ensure_ascii=False, indent=1).encode()
        self._zip.writestr(ZipInfo(MANIFEST, self._moment), manifest)
        self._zip.writestr(ZipInfo(SEAL, self._moment), seal_of(manifest))
        self._zip.close()
        return sha256(manifest).hexdigest()
