"""Text messages: what a sender does, and one that writes to the log instead of sending."""

import logging
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)


class SmsError(Exception):
    """The text message was not taken; the message says why, in Chinese."""


class SmsSender(Protocol):
    def send(self, *, number: str, text: str, key: str) -> None:
        """Hand over one text message; SmsError when it was not taken.

        `key` is the same whenever the same message is tried again, for gateways that can drop
        repetitions.
        """


class LogSmsSender:
    """For development: the log shows what would have been sent."""

    def send(self, *, number: str, text: str, key: str) -> None:
        logger.info("SMS %s to %s: %s", key, number, text)


def has_sms() -> bool:
    return bool(settings.SMS_SENDER)


def sms_sender() -> SmsSender:
    """The sender that the setting SMS_SENDER names."""
    return import_string(settings.SMS_SENDER)()
