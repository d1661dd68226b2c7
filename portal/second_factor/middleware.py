"""Sessions: staff's end after half an hour without use or twelve hours in all, and want the factor.

Firms' last fourteen days from the last use.
"""

import time
from collections.abc import Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from portal.second_factor.checking import has_factor, must_have_factor, was_checked
from portal.second_factor.kept_forms import drop_if_sent, form_of, keep_form

# How long a form waits for whoever sent it too late.
FORM_KEPT_FOR = 3600  # seconds
# How often a session notes that it is used: a write each.
NOTED_EVERY, NOTED_EVERY_OF_FIRMS = 60, 24 * 3600
BEGAN, SEEN = "began_at", "seen_at"
IDLE_ENDED = "您有 30 分钟没有操作，已自动退出，请重新登录。"
ENDED = "登录满 12 小时，已自动退出，请重新登录。"
FORM_KEPT = "您刚才提交的内容还没有办理，登录后可以接着提交。"
FIRST_SET_UP = "工作人员要先开通二次验证，才能进入工作台。"
# What whoever has no factor yet may open: the account's own pages, and where health is asked for.
OPEN_ROUTES, OPEN_NAMES = "account/", ("healthz", "admin:logout")


class SessionsMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: Any) -> HttpResponse | None:
        """After the check of the form's token, so that no other site has a form kept here."""
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        if not request.user.is_authenticated:
            return None
        drop_if_sent(request)
        session, now = request.session, int(time.time())
        if not request.user.is_staff:
            _note_use(session, now, NOTED_EVERY_OF_FIRMS)
            return None
        if why := _why_ended(session, now):
            return _end(request, why)
        _note_use(session, now, NOTED_EVERY)
        if must_have_factor(request.user) and not was_checked(request) and not _is_open(request):
            return _lead_to_factor(request)
        return None


def note_log_in(sender: Any, request: HttpRequest, **kwargs: Any) -> None:
    """A session knows from its log-in when it began: its first page writes nothing."""
    request.session[BEGAN] = request.session[SEEN] = int(time.time())


def _why_ended(session: MutableMapping[str, Any], now: int) -> str:
    if now - session.get(BEGAN, now) >= settings.STAFF_LOGGED_IN.total_seconds():
        return ENDED
    is_idle = now - session.get(SEEN, now) >= settings.STAFF_IDLE.total_seconds()
    return IDLE_ENDED if is_idle else ""


def _note_use(session: MutableMapping[str, Any], now: int, every: int) -> None:
    session.setdefault(BEGAN, now)
    if now - session.get(SEEN, 0) >= every:
        session[SEEN] = now


def _is_open(request: HttpRequest) -> bool:
    match = request.resolver_match
    return match.route.startswith(OPEN_ROUTES) or match.view_name in OPEN_NAMES


def _end(request: HttpRequest, why: str) -> HttpResponse | None:
    """Log out; a page that wants it leads to the log-in and back, as does what was sent."""
    form = _sent(request)
    logout(request)
    if _is_open(request):
        return None
    messages.info(request, why)
    if form is None:
        return None
    request.session.set_expiry(FORM_KEPT_FOR)
    return _after(request, "account_login", form)


def _lead_to_factor(request: HttpRequest) -> HttpResponse:
    form = _sent(request)
    if has_factor(request.user):
        return _after(request, "mfa_reauthenticate", form)
    messages.info(request, FIRST_SET_UP)
    return _after(request, "mfa_index", form)


def _sent(request: HttpRequest) -> dict[str, Any] | None:
    """The form that was sent; what a page saves by itself, it sends again by itself."""
    by_hand = request.method == "POST" and "HX-Request" not in request.headers
    return form_of(request) if by_hand else None


def _after(request: HttpRequest, name: str, form: dict[str, Any] | None) -> HttpResponse:
    """Lead to a page that leads back to where the request was going."""
    back = request.get_full_path()
    if form:
        keep_form(request, form)
        messages.info(request, FORM_KEPT)
        back = reverse("account_kept_form")
    return redirect(f"{reverse(name)}?{urlencode({REDIRECT_FIELD_NAME: back})}")
