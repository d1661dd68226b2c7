"""Where accounts differ from django-allauth's usual ones."""

from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.core import context
from django.conf import settings
from django.core.mail import EmailMessage
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from portal.accounts.backend import account_of
from portal.accounts.letters import KEY_LASTS, OWN_LETTERS
from portal.client_address import client_address
from portal.guessing import Guess, TooManyGuessesError, begin_guess
from portal.known_devices import remember_device
from portal.models import User
from portal.second_factor.checking import has_factor, was_checked_recently
from portal.second_factor.mails import send_notification

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
    if template_prefix in OWN_LETTERS:
        return KEY_LASTS
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

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_home")

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if wanted := request.session.pop(GO_ON, None):
            return str(wanted)
        if request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        login = credentials.get("username") or credentials.get("email") or ""
        guess = _begin_guess(request, account_of(login), login)
        user = super().authenticate(request, **credentials)
        if user:
            guess.was_right()
        return user

    def reauthenticate(self, user: User, password: str) -> bool:
        guess = _begin_guess(context.request, user)
        is_right = user.check_password(password)
        if is_right:
            guess.was_right()
        return is_right

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        remember_device(request, response, user)
        return response

    def is_reauthentication_required(self, *, app: str = "", **kwargs: Any) -> bool:
        return not was_checked_recently(self.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict]:
        """Whoever has a second factor is asked for it, everybody else for the password."""
        if not user.is_authenticated:
            return []
        name = "mfa_reauthenticate" if has_factor(user) else "account_reauthenticate"
        return [{"id": name, "description": "", "url": reverse(name)}]

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        send_notification(self, template_prefix, user, context or {}, email)


def _begin_guess(request: HttpRequest, user: User | None, login: str = "") -> Guess:
    try:
        return begin_guess("password", request, user, login)
    except TooManyGuessesError as error:
        raise ValidationError(str(error)) from error
