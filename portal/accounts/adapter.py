"""Where accounts differ from django-allauth's usual ones."""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from django.conf import settings
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from portal.client_address import client_address

# Where somebody wanted to go who had to log in or sign up first.
GO_ON = "go_on"


class ConfirmEmailStage(EmailVerificationStage):
    """Whoever signs up confirms their e-mail; an administrator vouches for staff."""

    def handle(self) -> tuple[Any, bool]:
        if self.login.user and self.login.user.is_staff:
            return None, True
        return super().handle()


def link_lasts(template_prefix: str) -> timedelta | None:
    """How long the link in a letter opens anything; None where none does."""
    if "email_confirmation" in template_prefix:
        return timedelta(days=app_settings.EMAIL_CONFIRMATION_EXPIRE_DAYS)
    if "password_reset_key" in template_prefix:
        return timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT)
    return None


class AccountAdapter(DefaultAccountAdapter):
    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def render_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> EmailMessage:
        """A letter for the outbox, which sends none whose link no longer opens anything."""
        message = super().render_mail(template_prefix, *args, **kwargs)
        lasts = link_lasts(template_prefix)
        message.expires_at = timezone.now() + lasts if lasts else None
        return message

    def get_login_stages(self) -> list[str]:
        usual = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__qualname__}"
        own = f"{ConfirmEmailStage.__module__}.{ConfirmEmailStage.__qualname__}"
        return [own if stage == usual else stage for stage in super().get_login_stages()]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if wanted := request.session.pop(GO_ON, None):
            return str(wanted)
        if request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)
