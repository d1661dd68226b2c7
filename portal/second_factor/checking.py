"""Who needs a second factor, who has one, and when it was last checked in a session."""

import time

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    record_authentication,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.http import HttpRequest

from portal.models import User

FRESH = 600  # seconds
# Recovery codes stand in for one of these, and are nothing without.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def has_factor(user: User) -> bool:
    return is_mfa_enabled(user, types=FACTORS)


def must_have_factor(user: User) -> bool:
    return bool(settings.STAFF_SECOND_FACTOR and user.is_staff)


def takes_factor(user: User) -> bool:
    """Whether a factor is asked for: of whoever must have one, and of whoever chose to."""
    return must_have_factor(user) or has_factor(user)


def was_checked(request: HttpRequest) -> bool:
    """Whether this session was opened with the factor, or checked it later."""
    return _last_check(request, "mfa") is not None


def is_fresh(request: HttpRequest) -> bool:
    """Whether the factor, and not just the password, was checked within ten minutes."""
    at = _last_check(request, "mfa")
    return at is not None and time.time() - at < FRESH


def was_checked_recently(request: HttpRequest) -> bool:
    """The same; of whoever has no factor, the password is what was checked."""
    if has_factor(request.user):
        return is_fresh(request)
    at = _last_check(request, "password")
    return at is not None and time.time() - at < FRESH


def note_check(request: HttpRequest, factor: Authenticator) -> None:
    """A factor that was just set up has been shown to be there."""
    record_authentication(request, request.user, "mfa", id=factor.pk, type=factor.type)


def forget_checks(request: HttpRequest) -> None:
    """Nothing that was checked counts any more, as with a factor that is gone."""
    request.session.pop(AUTHENTICATION_METHODS_SESSION_KEY, None)


def _last_check(request: HttpRequest, method: str) -> float | None:
    records = get_authentication_records(request, request.user)
    return next((each["at"] for each in reversed(records) if each["method"] == method), None)
