"""What a request may upload: a signed-in user's files, each up to the limit."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class LimitedUploads(FileUploadHandler):
    """Stands before the handlers that write: drops what no view would keep.

    Of a file that is too large one chunk beyond the limit goes through, so that its form sees a
    size it refuses, and the rest of the request is read as usual.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        user = getattr(self.request, "user", None)
        if user is None or not user.is_authenticated:
            raise SkipFile("nobody is signed in")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.FILE_SIZE_MAX else None

    def file_complete(self, file_size: int) -> None:
        return None
