"""What moves money, publishes rules or changes accounts takes a second factor checked just now.

It is asked for before the form is opened. When it has grown stale until the form is sent, the answer
asks for it on the spot and sends on what was typed; nothing of it is kept on the site meanwhile.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication, get_credentials
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from portal.forms import sent_again, typed_in
from portal.second_factor.adapter import has_passkeys
from portal.second_factor.checking import is_fresh, takes_factor
from portal.second_factor.forms import CheckCodeForm

View = Callable[..., HttpResponse]
PREFIX = "second_factor"
CODE, PASSKEY = f"{PREFIX}-code", f"{PREFIX}-credential"


class FactorCheck:
    """The forms that check a factor: a code, or a passkey where the address allows one."""

    def __init__(self, request: HttpRequest) -> None:
        self._request, user = request, request.user
        posted = request.POST if request.method == "POST" else {}
        self.code = CheckCodeForm(
            posted if CODE in posted and not posted.get(PASSKEY) else None,
            user=user,
            prefix=PREFIX,
        )
        self.passkey = ReauthenticateWebAuthnForm(
            posted if posted.get(PASSKEY) else None, user=user, prefix=PREFIX
        )

    def passes(self) -> bool:
        """Whether what was posted is right, which is noted then."""
        sent = next((form for form in (self.code, self.passkey) if form.is_bound), None)
        if sent is None or not sent.is_valid():
            return False
        sent.save()
        return True

    def context(self) -> dict[str, Any]:
        """For the page `mfa/_check.html`."""
        user, options = self._request.user, None
        if has_passkeys(self._request) and get_credentials(user):
            options = begin_authentication(user)
        return {
            "form": self.code,
            "passkey": self.passkey if options else None,
            "passkey_problems": self.passkey.errors.get("credential", []),
            "options": options,
        }


def fresh_factor_required(view: View) -> View:
    """Let in only with a second factor checked within ten minutes; else ask for it."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return ask_for_factor(request) or view(request, *args, **kwargs)

    return wrapper


def ask_for_factor(request: HttpRequest) -> HttpResponse | None:
    """The page that asks for the factor; None when there is no need, or it was just given."""
    if not takes_factor(request.user):
        return None
    if request.method != "POST":
        return None if is_fresh(request) else _lead_to_check(request)
    check = FactorCheck(request)
    if not is_fresh(request) and not check.passes():
        context = {
            **check.context(),
            **sent_again(request),
            "typed": [pair for pair in typed_in(request) if pair[0] not in (CODE, PASSKEY)],
            "files": [file.name for files in request.FILES.lists() for file in files[1]],
        }
        response = render(request, "mfa/check_again.html", context, status=403)
        add_never_cache_headers(response)
        return response
    rest = request.POST.copy()
    rest.pop(CODE, None)
    rest.pop(PASSKEY, None)
    request.POST = rest
    return None


def _lead_to_check(request: HttpRequest) -> HttpResponse:
    query = urlencode({REDIRECT_FIELD_NAME: request.get_full_path()})
    return redirect(f"{reverse('mfa_reauthenticate')}?{query}")
