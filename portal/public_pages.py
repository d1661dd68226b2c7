"""What every page without a login needs: limits on use, privacy for secret addresses, caching."""

from collections.abc import Callable
from functools import wraps
from hashlib import sha256
from typing import cast

from django.conf import settings
from django.core.cache import caches
from django.db import Error as DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.cache import never_cache
from django_ratelimit import ALL
from django_ratelimit.core import is_ratelimited

from portal.forms import sent_again
from portal.monitoring.requests import number_of
from portal.outages import is_away

View = Callable[..., HttpResponse]
CACHED_SECONDS = 60


def limited(view: View) -> View:
    """Answer 429 to an address that posts too often, with all it typed ready to be sent again."""
    return _limit(view, "public", "POST")


def limited_reading(view: View) -> View:
    """The same where reading alone is costly, or could be used for guessing."""
    return _limit(view, "reading", ALL)


def _limit(view: View, group: str, methods: str | tuple[None]) -> View:
    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_ratelimited(
            request, group=group, key="ip", rate=settings.ANONYMOUS_POST_RATE,
            method=methods, increment=True,
        ):  # fmt: skip
            return too_many_requests(request)
        return view(request, *args, **kwargs)

    return wrapper


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Ask to wait a minute; all that was typed can be sent again, passwords are typed anew."""
    context = {**sent_again(request), "number": number_of(request)}
    return render(request, "429.html", context, status=429)


def private(view: View) -> View:
    """Keep pages that only a token opens out of caches, indexes and referrers."""

    @wraps(view)
    @never_cache
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "same-origin"
        return response

    return wrapper


def cached(view: View) -> View:
    """Keep a page that is the same for everybody for a minute, and answer 304 to its ETag.

    A reader with a session, or with a message waiting, gets the page made anew. While the database is
    away, the others get it as it last was.
    """
    personal = {settings.SESSION_COOKIE_NAME, "messages"}

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if personal & request.COOKIES.keys():
            return view(request, *args, **kwargs)
        address = f"{request.META.get('HTTP_HOST')}{request.path}?{request.META['QUERY_STRING']}"
        key = f"page.{sha256(address.encode()).hexdigest()}"
        kept = caches["pages"].get(key)
        if kept is None:
            try:
                made = view(request, *args, **kwargs)
            except DatabaseError as error:
                kept = caches["pages"].last(key) if is_away(error) else None
                if kept is None:
                    raise
            else:
                if made.status_code != 200:
                    return made
                etag = f'"{sha256(made.content).hexdigest()[:32]}"'
                kept = made.content, made["Content-Type"], etag
                caches["pages"].set(key, kept, CACHED_SECONDS)
        content, content_type, etag = kept
        response = None
        if "HTTP_IF_NONE_MATCH" in request.META:
            response = get_conditional_response(request, etag=etag)
        if response is None:
            response = HttpResponse(content, content_type=content_type)
        response["ETag"], response["Cache-Control"], response["Vary"] = etag, "no-cache", "Cookie"
        return cast(HttpResponse, response)

    return wrapper
