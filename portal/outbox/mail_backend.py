"""Django's way to send an e-mail leads to the outbox: nothing that serves a page talks to a mail server.

The setting MAIL_SERVER_BACKEND names what `portal.outbox.sending` hands the messages to.
"""

import logging
import uuid
from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error, transaction
from django.utils import timezone

from portal.models import Delivery
from portal.models.delivery import LIBRARY_LETTER
from portal.outbox.sending import post

logger = logging.getLogger(__name__)


class OutboxBackend(BaseEmailBackend):
    """Posts each message for each of its readers, as plain text.

    What a library or an error report writes may hold anything: it is a secret. A message that
    serves until a moment says so as its `expires_at`.
    """

    def __init__(self, fail_silently: bool = False, **kwargs: Any) -> None:
        super().__init__(fail_silently=fail_silently)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        try:
            with transaction.atomic():
                for message in email_messages:
                    post_message(message)
        except Error:
            if not self.fail_silently:
                raise
            logger.warning("an e-mail could not be put into the outbox", exc_info=True)
            return 0
        return len(email_messages)


def post_message(message: EmailMessage) -> None:
    """One delivery a reader; ValueError for an attachment, which the outbox does not hold."""
    if message.attachments:
        raise ValueError("the outbox takes no attachments")
    now, name = timezone.now(), uuid.uuid4().hex
    post(
        Delivery(
            key=f"{LIBRARY_LETTER}{name}:{number}",
            channel=Delivery.Channel.EMAIL,
            address=parseaddr(reader)[1] or reader,
            subject=" ".join(str(message.subject).split())[:200],
            text=message.body,
            is_secret=True,
            posted_at=now,
            due_at=now,
            expires_at=getattr(message, "expires_at", None),
        )
        for number, reader in enumerate(message.recipients())
    )
