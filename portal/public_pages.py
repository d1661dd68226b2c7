"""What every page without a login needs: a limit on posting, and privacy for secret addresses."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django_ratelimit.core import is_ratelimited

View = Callable[..., HttpResponse]


def limited(view: View) -> View:
    """Answer 429 to an address that posts too often, with all it typed ready to be sent again."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if is_ratelimited(
            request, group="public", key="ip", rate=settings.ANONYMOUS_POST_RATE,
            method="POST", increment=True,
        ):  # fmt: skip
            typed = [
                (name, value)
                for name, values in request.POST.lists()
                for value in values
                if name != "csrfmiddlewaretoken"
            ]
            return render(request, "429.html", {"typed": typed}, status=429)
        return view(request, *args, **kwargs)

    return wrapper


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
