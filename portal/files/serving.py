"""Files leave the store: whatever one holds, the browser runs and loads nothing of it."""

import logging

from django.http import FileResponse, Http404

from portal.models import StoredFile

SEALED = "sandbox; default-src 'none'"

logger = logging.getLogger(__name__)


def sealed_response(
    file: StoredFile, *, as_attachment: bool = True, policy: str = SEALED
) -> FileResponse:
    """The content as a download, or to look at; Http404 where the disk has lost it."""
    try:
        content = file.path.open("rb")
    except FileNotFoundError:
        logger.exception("a stored file is gone: %s", file.reference)
        raise Http404("文件不在了，请联系管理员") from None
    response = FileResponse(
        content,
        as_attachment=as_attachment,
        filename=file.original_name,
        content_type=file.content_type,
    )
    response["Content-Security-Policy"] = policy
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
