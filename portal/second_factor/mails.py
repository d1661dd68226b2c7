"""What somebody is told of changes to their account: through the outbox, which tries again."""

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.core import context
from django.conf import settings
from django.contrib.sites.shortcuts import get_current_site
from django.template.loader import render_to_string
from django.utils import timezone

from portal.models import Delivery, User
from portal.outbox.sending import post


def send_notification(
    adapter: DefaultAccountAdapter,
    template_prefix: str,
    user: User,
    words: dict[str, Any],
    email: str | None = None,
) -> None:
    """One of django-allauth's letters about an account, with when and from where it was changed."""
    address = email or EmailAddress.objects.get_primary_email(user)
    if not address:
        return
    told = {
        "timestamp": timezone.now(),
        "ip": adapter.get_client_ip(context.request),
        "current_site": get_current_site(context.request),
        **words,
    }
    letter = adapter.render_mail(template_prefix, address, told)
    _post(user, address, letter.subject, letter.body)


def tell_of_reset(user: User, *, reason: str) -> bool:
    """Write to somebody whose factor was reset by somebody else; false without an address."""
    words = {
        "user": user,
        "reason": reason,
        "at": timezone.now(),
        "site": settings.SITE_URL,
    }
    text = render_to_string("mfa/email/reset_by_staff_message.txt", words).strip()
    address = EmailAddress.objects.get_primary_email(user)
    if address:
        _post(user, address, "您的二次验证已被重置", text)
    return bool(address)


def _post(user: User, address: str, subject: str, text: str) -> None:
    delivery = Delivery(
        key=f"account {uuid.uuid4()}",
        recipient=user,
        channel=Delivery.Channel.EMAIL,
        address=address,
        subject=subject,
        text=text,
        due_at=timezone.now(),
    )
    post([delivery])
