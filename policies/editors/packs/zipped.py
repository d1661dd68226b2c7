"""A pack as one file to hand on."""

import zipfile
from collections.abc import Mapping
from io import BytesIO

from django.http import FileResponse

FOLDER = "catalogue"
NAME = "目录包.zip"


def zipped(files: Mapping[str, str]) -> BytesIO:
    """A ZIP of the folder; what `policies.catalogue.packs.unpacking` takes apart again."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(f"{FOLDER}/{name}", text)
    packed.seek(0)
    return packed


def packed_response(files: Mapping[str, str]) -> FileResponse:
    return FileResponse(
        zipped(files), as_attachment=True, filename=NAME, content_type="application/zip"
    )
