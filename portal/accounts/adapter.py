"""Where accounts differ from django-allauth's usual ones."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from django.http import HttpRequest
from django.urls import reverse

# Where somebody wanted to go who had to log in or sign up first.
GO_ON = "go_on"


class ConfirmEmailStage(EmailVerificationStage):
    """Whoever signs up confirms their e-mail; an administrator vouches for staff."""

    def handle(self) -> tuple[Any, bool]:
        if self.login.user and self.login.user.is_staff:
            return None, True
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):
    def get_login_stages(self) -> list[str]:
        usual = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__qualname__}"
        own = f"{ConfirmEmailStage.__module__}.{ConfirmEmailStage.__qualname__}"
        return [own if stage == usual else stage for stage in super().get_login_stages()]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_home")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if wanted := request.session.pop(GO_ON, None):
            return str(wanted)
        if request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)
