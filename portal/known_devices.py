"""Which accounts have logged in from a browser: a signed cookie that says so, and opens nothing."""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

from portal.models import User

COOKIE = SALT = "known_device"
LASTS = timedelta(days=400)  # no browser keeps a cookie longer
MOST_ACCOUNTS = 10


def device_of(request: HttpRequest, user: User) -> str | None:
    """The name of this browser for the account; None when the account never logged in from it."""
    return _devices(request).get(_account(user))


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """From now on the browser is one that the account has logged in from."""
    known, account = _devices(request), _account(user)
    name = known.pop(account, None) or secrets.token_urlsafe(12)
    _keep(response, dict([*known.items(), (account, name)][-MOST_ACCOUNTS:]))


def forget_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """The account is closed: nothing in this browser says any more that it was used here."""
    known = _devices(request)
    if known.pop(_account(user), None) is None:
        return
    if known:
        _keep(response, known)
    else:
        response.delete_cookie(COOKIE, samesite="Lax")


def _keep(response: HttpResponse, latest: dict[str, str]) -> None:
    response.set_cookie(
        COOKIE,
        signing.dumps(latest, salt=SALT),
        max_age=LASTS,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _devices(request: HttpRequest) -> dict[str, str]:
    """Names of the browser by account, the latest last."""
    try:
        return dict(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=LASTS))
    except signing.BadSignature:
        return {}


def _account(user: User) -> str:
    """Stands for the account; whoever reads the cookie learns no number of a user."""
    return salted_hmac(SALT, str(user.pk)).hexdigest()[:20]
