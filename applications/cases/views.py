"""Files leave the store: as a download, or for staff to look at."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from applications.cases.models.attachment import files_visible_to
from applications.enterprises.models import LibraryFile
from portal.files.serving import SEALED, sealed_response


@require_safe
def download(request: HttpRequest, reference: UUID) -> FileResponse:
    return sealed_response(_find(request, reference))


@require_safe
@xframe_options_sameorigin
def preview(request: HttpRequest, reference: UUID) -> FileResponse:
    """An image or a PDF within the case page, for staff only."""
    file = _find(request, reference)
    if not (request.user.is_staff and file.kind.is_shown_by_browsers):
        raise Http404("这个文件不能预览")
    return sealed_response(file, as_attachment=False, policy=f"{SEALED}; frame-ancestors 'self'")


def _find(request: HttpRequest, reference: UUID) -> LibraryFile:
    """The file within the user's scope; strangers get 404."""
    return get_object_or_404(files_visible_to(request.user), reference=reference)
