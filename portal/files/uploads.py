"""What a request may upload: a signed-in user's files, each up to the limit."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.db import Error as DatabaseError
from django.http import HttpRequest

from portal.outages import is_away


def were_dropped(request: HttpRequest | None) -> bool:
    """Whether files came that nobody could take, as it was not known who sent them."""
    return getattr(request, "files_were_dropped", False)


class LimitedUploads(FileUploadHandler):
    """Stands before the handlers that write: drops what no view would keep.

    Of a file that is too large one chunk beyond the limit goes through, so that its form sees a
    size it refuses, and the rest of the request is read as usual.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if were_dropped(self.request) or not self._is_signed_in():
            raise SkipFile("nobody is known to be signed in")

    def _is_signed_in(self) -> bool:
        """Of nobody while the database is away: the rest of the form is read, to be sent again."""
        user = getattr(self.request, "user", None)
        try:
            return user is not None and user.is_authenticated
        except DatabaseError as error:
            if not is_away(error):
                raise
            self.request.files_were_dropped = True
            return False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= settings.FILE_SIZE_MAX else None

    def file_complete(self, file_size: int) -> None:
        return None
