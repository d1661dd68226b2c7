"""An XLSX as the zip it is, unpacked within limits; its XML is parsed without any declaration."""

import io
import zipfile
import zlib
from collections.abc import Callable
from xml.parsers import expat

from portal.sheets.limits import BOMB, MOST_MEMBERS, MOST_UNPACKED, UNREADABLE, SheetError

Start = Callable[[str, dict[str, str]], None]
End = Callable[[str], None]


def _nothing(tag: str) -> None:
    pass


class Package:
    """The parts by name, and `packed`, a zip of exactly these, so that every reader sees the same."""

    def __init__(self, content: bytes) -> None:
        self.parts: dict[str, bytes] = {}
        packed = io.BytesIO()
        try:
            with (
                zipfile.ZipFile(io.BytesIO(content)) as source,
                zipfile.ZipFile(packed, "w") as target,
            ):
                members = source.infolist()
                if len(members) > MOST_MEMBERS or sum(m.file_size for m in members) > MOST_UNPACKED:
                    raise SheetError(BOMB)
                for member in members:
                    # Two parts of one name would be one thing to us and another to the reader.
                    if member.filename.lower() in self.parts:
                        raise SheetError(UNREADABLE)
                    # No more than the size it states: one that states too little fails its checksum.
                    part = source.read(member)
                    self.parts[member.filename.lower()] = part
                    target.writestr(member.filename, part)
        except (
            zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError,
            ValueError,
        ) as error:  # fmt: skip
            raise SheetError(UNREADABLE) from error
        self.packed = packed.getvalue()

    def parse(
        self,
        name: str,
        start: Start,
        end: End = _nothing,
        text: Callable[[str], None] | None = None,
    ) -> None:
        """Walk through a part, see `parse`; a part that is not there is empty."""
        part = self.parts.get(name.lower())
        if part is not None:
            parse(part, start, end, text)


def parse(
    part: bytes, start: Start, end: End = _nothing, text: Callable[[str], None] | None = None
) -> None:
    """Walk through XML; `start` and `end` get names of elements without their namespace.

    SheetError where it is no XML or declares a document type: entities are for harm only.
    """
    # The reader of values knows UTF-8 only, and takes a part in UTF-16 for empty.
    if b"\0" in part[:200]:
        raise SheetError(UNREADABLE)
    parser = expat.ParserCreate("utf-8", namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, values: start(_local(tag), values)
    parser.EndElementHandler = lambda tag: end(_local(tag))
    if text:
        parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = _refuse
    # The reader of values loses what stands in one; no spreadsheet program writes it.
    parser.StartCdataSectionHandler = _refuse
    try:
        parser.Parse(part, True)
    except (expat.ExpatError, ValueError, OverflowError) as error:
        raise SheetError(UNREADABLE) from error


def _local(tag: str) -> str:
    return tag.rpartition(" ")[2]


def _refuse(*_: object) -> None:
    raise SheetError(UNREADABLE)
