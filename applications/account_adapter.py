"""Where accounts of firms and of staff differ from django-allauth's usual ones."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from applications.applicant import GO_ON
from applications.services.memberships import settle_claims


class FirmEmailStage(EmailVerificationStage):
    """Whoever signs up confirms their e-mail; an administrator vouches for staff."""

    def handle(self) -> tuple[Any, bool]:
        if self.login.user and self.login.user.is_staff:
            return None, True
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):
    def get_login_stages(self) -> list[str]:
        usual = f"{EmailVerificationStage.__module__}.{EmailVerificationStage.__qualname__}"
        own = f"{FirmEmailStage.__module__}.{FirmEmailStage.__qualname__}"
        return [own if stage == usual else stage for stage in super().get_login_stages()]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        if wanted := request.session.pop(GO_ON, None):
            return str(wanted)
        if request.user.is_staff:
            return reverse("admin:index")
        return super().get_login_redirect_url(request)

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """From now on what the user said of a firm counts."""
        is_confirmed = super().confirm_email(request, email_address)
        if is_confirmed:
            settle_claims(user=email_address.user, now=timezone.now())
        return is_confirmed
