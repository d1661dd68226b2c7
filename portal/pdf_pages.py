"""The process that makes pages of what people sent: `python -m portal.pdf_pages`, run within limits.

Of a PDF or a picture it makes a PDF of its own; of a ZIP of such PDFs, one document in the order of
their names, each found by its name in the outline. It knows nothing of the site.
"""

import io
import logging
from typing import BinaryIO
from zipfile import ZipFile

from PIL import Image, ImageOps
from pypdf import PdfReader, PdfWriter

from portal.reading_process import serve_file

ZIP_START = b"PK\x03\x04"
PDF_START = b"%PDF-"
# A4 at 150 dots an inch, upright; and the margin of a picture on it.
A4, DOTS, MARGIN = (1240, 1754), 150, 60


def make(sent: BinaryIO, made: BinaryIO) -> None:
    content = sent.read()
    if content.startswith(ZIP_START):
        _join(content, made)
    elif PDF_START in content[:1024]:
        writer = PdfWriter()
        # Pages only: what a document does when it is opened stays behind.
        for page in PdfReader(io.BytesIO(content)).pages:
            writer.add_page(page)
        if not writer.pages:
            raise ValueError
        writer.write(made)
    else:
        _picture(content, made)


def _picture(content: bytes, made: BinaryIO) -> None:
    """A picture in the middle of a page, as large as it goes, across where it is wide."""
    with Image.open(io.BytesIO(content)) as opened:
        picture = ImageOps.exif_transpose(opened)
        size = A4 if picture.height >= picture.width else A4[::-1]
        room = tuple(length - 2 * MARGIN for length in size)
        scale = min(*(most / own for most, own in zip(room, picture.size, strict=True)), 4)
        fitted = picture.resize([max(1, round(length * scale)) for length in picture.size])
    page = Image.new("RGB", size, "white")
    shown = fitted.convert("RGBA")
    place = tuple((whole - own) // 2 for whole, own in zip(size, shown.size, strict=True))
    page.paste(shown, place, shown)
    page.save(made, "PDF", resolution=DOTS)


def _join(content: bytes, made: BinaryIO) -> None:
    writer = PdfWriter()
    with ZipFile(io.BytesIO(content)) as parts:
        # By the numbers that they begin with: the cover, written last, comes first.
        for name in sorted(parts.namelist()):
            writer.append(io.BytesIO(parts.read(name)), outline_item=name, import_outline=False)
    writer.write(made)


if __name__ == "__main__":
    # What the libraries say of a file may quote it, and what is said here is logged.
    logging.disable()
    serve_file(make)
