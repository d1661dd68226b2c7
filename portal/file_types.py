"""Which kinds of file are taken, told by their content and never by their name.

Beside `files/`, as the models of the store use it too.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

import filetype

ACCEPTED_IN_WORDS = "PDF、JPEG 或 PNG 图片、Word（doc、docx）、Excel（xls、xlsx）"
HEAD = 8192
PIECE = 64 * 1024
# The folder entry of a program in a document of the old kind.
VBA_STREAM = "_VBA_PROJECT".encode("utf-16-le")
ZIP_START = b"PK\x03\x04"
OFFICE_XML = "application/vnd.openxmlformats-officedocument"
# The end of a zip: signature, disks, entries, size and offset of the directory, comment length.
ZIP_END = struct.Struct("<4s4H2LH")
ZIP_ENTRY = struct.Struct("<4s24x3H12x")
ZIP_COMMENT_MAX = 65_535
# A real document has some dozens of parts.
ZIP_DIRECTORY_MAX = 1_000_000


@dataclass(frozen=True)
class FileType:
    content_type: str
    label: str
    suffixes: tuple[str, ...]

    @property
    def is_shown_by_browsers(self) -> bool:
        return self in (PDF, JPEG, PNG)


PDF = FileType("application/pdf", "PDF", ("pdf",))
JPEG = FileType("image/jpeg", "JPEG 图片", ("jpg", "jpeg"))
PNG = FileType("image/png", "PNG 图片", ("png",))
DOCX = FileType(f"{OFFICE_XML}.wordprocessingml.document", "Word 文档", ("docx",))
XLSX = FileType(f"{OFFICE_XML}.spreadsheetml.sheet", "Excel 表格", ("xlsx",))
DOC = FileType("application/msword", "Word 文档（旧版）", ("doc",))
XLS = FileType("application/vnd.ms-excel", "Excel 表格（旧版）", ("xls",))
BY_CONTENT_TYPE = {kind.content_type: kind for kind in (PDF, JPEG, PNG, DOCX, XLSX, DOC, XLS)}


class MacroError(ValueError):
    """The document holds a program."""


def recognise(file: BinaryIO) -> FileType | None:
    """The kind of a seekable file, or None when it is not taken; MacroError for macros.

    Nothing is unpacked: of a zip only the names in its directory are read.
    """
    file.seek(0)
    head = file.read(HEAD)
    if head.startswith(ZIP_START):
        return _office_document(_zip_names(file))
    guess = filetype.guess(head)
    kind = BY_CONTENT_TYPE.get(guess.mime) if guess else None
    if kind in (DOC, XLS) and _holds(file, VBA_STREAM):
        raise MacroError
    return kind


def _holds(file: BinaryIO, wanted: bytes) -> bool:
    """Whether these bytes occur anywhere, looked for piece by piece."""
    file.seek(0)
    kept = b""
    while piece := file.read(PIECE):
        if wanted in kept + piece:
            return True
        kept = piece[-len(wanted) :]
    return False


def _office_document(names: list[str]) -> FileType | None:
    if "[content_types].xml" not in names:
        return None
    if any(name.endswith("vbaproject.bin") for name in names):
        raise MacroError
    has_text = any(name.startswith("word/") for name in names)
    has_sheets = "xl/workbook.xml" in names
    if has_text == has_sheets:
        return None
    return DOCX if has_text else XLSX


def _zip_names(file: BinaryIO) -> list[str]:
    """Names in the directory at the end of a zip, in lower case; none when it makes no sense."""
    size = file.seek(0, 2)
    file.seek(max(0, size - ZIP_END.size - ZIP_COMMENT_MAX))
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) - at < ZIP_END.size:
        return []
    _, _, _, _, entries, length, _, _ = ZIP_END.unpack_from(tail, at)
    start = size - len(tail) + at - length
    if length > ZIP_DIRECTORY_MAX or start < 0:
        return []
    file.seek(start)
    return _entry_names(file.read(length), entries)


def _entry_names(directory: bytes, entries: int) -> list[str]:
    names, at = [], 0
    for _ in range(entries):
        if at + ZIP_ENTRY.size > len(directory):
            return []
        signature, name, extra, comment = ZIP_ENTRY.unpack_from(directory, at)
        if signature != b"PK\x01\x02":
            return []
        at += ZIP_ENTRY.size
        names.append(directory[at : at + name].decode("utf-8", "replace").lower())
        at += name + extra + comment
    return names
