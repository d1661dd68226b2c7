"""Letters to an address that somebody typed: the key in it proves who has the mailbox.

Nothing is kept of an address that nobody has confirmed. A key is what it vouches for, signed; it is
over after three days.
"""

from datetime import timedelta
from typing import Any

from allauth.account.utils import filter_users_by_email
from allauth.core import ratelimit
from django.core import signing
from django.http import HttpRequest

KEY_LASTS = timedelta(days=3)
# Letters that hold a key.
OWN_LETTERS = {"account/email/sign_up", "account/email/change_address"}
TOO_MANY_LETTERS = (
    "一小时内已往这个邮箱发了 5 封信：请看看收件箱和垃圾邮件，照其中任何一封信里说的做即可；"
    "都没有收到，请过一小时再试。"
)


class TooManyLettersError(Exception):
    """An address that was written to too often; the message says so, in Chinese."""


def key_of(what: Any, purpose: str) -> str:
    return signing.dumps(what, salt=purpose, compress=True)


def meaning_of(key: str, purpose: str) -> Any:
    """What a key was made of; None for one that is over, for another purpose or made up."""
    try:
        return signing.loads(key, salt=purpose, max_age=KEY_LASTS)
    except signing.BadSignature:
        return None


def has_account(email: str) -> bool:
    return bool(filter_users_by_email(email))


def count_letter(request: HttpRequest, email: str, purpose: str) -> None:
    """Raise TooManyLettersError where the address has had enough of these, whoever asked for them."""
    if not ratelimit.consume(request, action=f"{purpose}_letter", key=email):
        raise TooManyLettersError(TOO_MANY_LETTERS)
