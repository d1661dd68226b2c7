"""What a confirmed e-mail means for those who act for firms."""

from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from applications.enterprises.services.memberships import settle_claims
from portal.accounts.adapter import AccountAdapter


class FirmAccountAdapter(AccountAdapter):
    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: Any) -> bool:
        """From now on what the user said of a firm counts."""
        is_confirmed = super().confirm_email(request, email_address)
        if is_confirmed:
            settle_claims(user=email_address.user, now=timezone.now())
        return is_confirmed
