"""Pages of the second factor, put together from django-allauth's and our own."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import get_credentials
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from portal.second_factor.adapter import has_passkeys
from portal.second_factor.checking import (
    forget_checks,
    has_factor,
    must_have_factor,
    note_check,
)
from portal.second_factor.forms import codes_left, use_up
from portal.second_factor.fresh import FactorCheck
from portal.users import end_sessions

# Where somebody was going who had to set up a factor first.
SET_UP_FOR = "factor_set_up_for"


@method_decorator(never_cache, name="dispatch")
class FactorsView(IndexView):
    """What somebody has, what they may add, and how many recovery codes are left."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if wanted := get_next_redirect_url(request):
            request.session[SET_UP_FOR] = wanted
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context, user = super().get_context_data(**kwargs), self.request.user
        rows = Authenticator.objects.filter(user=user).order_by("created_at")
        codes = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
        return {
            **context,
            "app": next((row for row in rows if row.type == Authenticator.Type.TOTP), None),
            "passkeys": [row for row in rows if row.type == Authenticator.Type.WEBAUTHN],
            "codes_left": codes_left(codes) if codes else None,
            "has_factor": any(row.type != Authenticator.Type.RECOVERY_CODES for row in rows),
            "is_required": must_have_factor(user),
            "has_passkeys": has_passkeys(self.request),
        }


class _AddsFactor:
    """Whoever has set up a factor has shown it; that counts as a check."""

    request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        factor = Authenticator.objects.filter(user=self.request.user, type=self.kind).latest("pk")
        if self.kind == Authenticator.Type.TOTP:
            use_up(factor, form.cleaned_data["code"])
        note_check(self.request, factor)
        return response


class _RemovesFactor:
    """Sessions elsewhere may rest on the factor that goes; this one checks what is left anew."""

    request: HttpRequest
    success_url = reverse_lazy("mfa_index")

    def form_valid(self, form: Any) -> HttpResponse:
        response = super().form_valid(form)
        end_sessions(self.request.user, but=self.request.session.session_key)
        if not has_factor(self.request.user):
            forget_checks(self.request)
        return response


@method_decorator(never_cache, name="dispatch")
class SetUpAppView(_AddsFactor, ActivateTOTPView):
    kind = Authenticator.Type.TOTP


class RemoveAppView(_RemovesFactor, DeactivateTOTPView):
    pass


@method_decorator(never_cache, name="dispatch")
class AddPasskeyView(_AddsFactor, AddWebAuthnView):
    kind = Authenticator.Type.WEBAUTHN

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not has_passkeys(request):
            raise Http404("按数字地址打开的站点用不了通行密钥")
        return super().dispatch(request, *args, **kwargs)


class RemovePasskeyView(_RemovesFactor, RemoveWebAuthnView):
    pass


@method_decorator(never_cache, name="dispatch")
class CodesView(ViewRecoveryCodesView):
    """The recovery codes, this once; afterwards only how many are left."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        return {**context, "go_on": self.request.session.get(SET_UP_FOR, "")}


class NewCodesView(GenerateRecoveryCodesView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        codes = Authenticator.objects.filter(
            user=self.request.user, type=Authenticator.Type.RECOVERY_CODES
        ).first()
        context = super(GenerateRecoveryCodesView, self).get_context_data(**kwargs)
        return {**context, "codes_left": codes_left(codes) if codes else 0}


class LogInCheckView(AuthenticateView):
    """The step of logging in after the password."""

    def _build_forms(self) -> Any:
        """The page is one form; with a passkey its code is left empty."""
        if self.request.POST.get("credential"):
            self.request.POST = self.request.POST.copy()
            self.request.POST.pop("code", None)
        return super()._build_forms()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        usable = has_passkeys(self.request) and get_credentials(self.stage.login.user)
        passkey = context.pop("webauthn_form") if usable else None
        return {
            **context,
            "passkey": passkey,
            "passkey_problems": passkey.errors.get("credential", []) if passkey else [],
            "options": context["js_data"]["request_options"] if usable else None,
        }


@login_required
@never_cache
def check_factor(request: HttpRequest) -> HttpResponse:
    """Ask for the factor and lead on to the page that wants it."""
    if not has_factor(request.user):
        return redirect("mfa_index")
    check = FactorCheck(request)
    back = get_next_redirect_url(request) or get_adapter().get_login_redirect_url(request)
    if check.passes():
        return resume_request(request) or redirect(back)
    status = 400 if request.method == "POST" else 200
    return render(
        request, "mfa/reauthenticate.html", {**check.context(), "next": back}, status=status
    )
