"""A mail server that sends nothing."""

import smtplib
from collections.abc import Sequence
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend

# Of one address it says that there is no such mailbox, so that a failed delivery can be seen.
NO_MAILBOX = "no-such-mailbox@demo.example"


class NoMail(BaseEmailBackend):
    """Takes every message and keeps none."""

    def send_messages(self, email_messages: Sequence[Any]) -> int:
        for message in email_messages:
            if NO_MAILBOX in message.to:
                refused = {NO_MAILBOX: (550, b"no such user")}
                raise smtplib.SMTPRecipientsRefused(refused)
        return len(email_messages)
