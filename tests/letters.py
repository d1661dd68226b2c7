"""What leaves the outbox in a test: nothing runs beside it."""

from typing import Any

from django.core import mail
from django.utils import timezone

from portal.outbox.sending import send_due


def sent_letters() -> list[Any]:
    """Send what is due, as `manage.py send_waiting` does; all that was sent so far."""
    send_due(timezone.now)
    return mail.outbox
