"""Files leave the store: as a download, or for staff to look at."""

import logging
from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from applications.cases.models.attachment import files_visible_to
from applications.enterprises.models import LibraryFile

# Whatever a file holds, the browser runs and loads nothing of it.
SEALED = "sandbox; default-src 'none'"

logger = logging.getLogger(__name__)


@require_safe
def download(request: HttpRequest, reference: UUID) -> FileResponse:
    return _response(_find(request, reference), as_attachment=True, policy=SEALED)


@require_safe
@xframe_options_sameorigin
def preview(request: HttpRequest, reference: UUID) -> FileResponse:
    """An image or a PDF within the case page, for staff only."""
    file = _find(request, reference)
    if not (request.user.is_staff and file.kind.is_shown_by_browsers):
        raise Http404("这个文件不能预览")
    return _response(file, as_attachment=False, policy=f"{SEALED}; frame-ancestors 'self'")


def _find(request: HttpRequest, reference: UUID) -> LibraryFile:
    """The file within the user's scope; strangers get 404."""
    return get_object_or_404(files_visible_to(request.user), reference=reference)


def _response(file: LibraryFile, *, as_attachment: bool, policy: str) -> FileResponse:
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
