"""What every page without a login needs: limits on use, and privacy for secret addresses."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django_ratelimit import ALL
from django_ratelimit.core import is_ratelimited

View = Callable[..., HttpResponse]


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
    typed = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken" and not name.startswith("password")
    ]
    return render(request, "429.html", {"typed": typed}, status=429)


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
