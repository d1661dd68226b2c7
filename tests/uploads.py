"""Uploads of every kind that is taken, each as small as it may be."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def zipped(*names, body=b"<x/>"):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, body)
    return packed.getvalue()


CONTENTS = {
    "pdf": b"%PDF-1.7\n%%EOF",
    "jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00",
    "jpeg": b"\xff\xd8\xff\xe1\x00\x10Exif\x00",
    "png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(17) + b"\x00\x00\x00\x00IEND\xaeB`\x82",
    "docx": zipped("[Content_Types].xml", "_rels/.rels", "word/document.xml"),
    "xlsx": zipped("[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"),
    "doc": OLE + b"\xec\xa5\xc1\x00" + bytes(600),
    "xls": OLE + b"\x09\x08\x10\x00\x00\x06\x05\x00" + bytes(600),
}


def upload(name="营业执照.pdf", body=CONTENTS["pdf"]):
    return SimpleUploadedFile(name, body)
