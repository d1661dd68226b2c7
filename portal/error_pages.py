"""Pages for what went wrong: what became of what was posted, as far as it is known.

They promise that what was typed is still there only where they hold it themselves.
"""

import sys
from typing import Any

from django.core.exceptions import (
    RequestDataTooBig,
    SuspiciousOperation,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException, UnreadablePostError
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template import loader
from django.views.decorators.csrf import requires_csrf_token

from portal.forms import sent_again
from portal.monitoring.requests import number_of
from portal.outages import is_away

# When to ask again for what the database could not answer.
AWAY_SECONDS = 30
TOO_LARGE = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
UNREAD = (SuspiciousOperation, MultiPartParserError, RawPostDataException, UnreadablePostError)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    is_too_large = isinstance(exception, TOO_LARGE)
    page = _plain("400.html", {**_about(request), "is_too_large": is_too_large})
    return HttpResponse(page, status=413 if is_too_large else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", _about(request), status=403)


@requires_csrf_token
def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What was typed is not shown: another site may have sent it, for a click to send it on."""
    return render(request, "403_csrf.html", _about(request), status=403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", _about(request), status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Made without the database, which may be what failed: then it is 503, to be asked again soon."""
    context = _about(request)
    # As above: only what passed the check of its token is shown again.
    if context["is_post"] and getattr(request, "csrf_processing_done", False):
        try:
            context |= sent_again(request)
        except UNREAD:
            pass
        else:
            context |= {"can_send_again": True, "csrf_token": get_token(request)}
    if not is_away(sys.exception()):
        return HttpResponse(_plain("500.html", context), status=500)
    response = HttpResponse(_plain("503.html", context), status=503)
    response["Retry-After"] = str(AWAY_SECONDS)
    response["Cache-Control"] = "no-store"
    return response


def _about(request: HttpRequest) -> dict[str, Any]:
    """What each of the pages says; `number` finds the request in the log."""
    return {"is_post": request.method == "POST", "number": number_of(request)}


def _plain(name: str, context: dict[str, Any]) -> str:
    """A page for nobody in particular: its frame asks for no user."""
    return loader.get_template(name).render(context)
