"""Guesses at passwords and codes are counted, so that nobody tries many.

What is guessed is one account's secret, whichever of its names is used. Each device that the account
has logged in from counts for itself; all others count together, and each of their addresses too. So
whoever guesses from elsewhere keeps no known device out.
"""

import unicodedata
from dataclasses import dataclass
from hashlib import sha256

from allauth.core.internal.ratelimit import get_ip
from django.core.cache import cache
from django.http import HttpRequest

from portal.known_devices import device_of
from portal.models import User

TOO_MANY = "试错的次数过多，请过 5 分钟再试。"
UNKNOWN = "unknown"


@dataclass(frozen=True)
class Limit:
    """So many within so many seconds, from the first on."""

    amount: int
    seconds: int


OF_ADDRESS, OF_ACCOUNT = Limit(10, 60), Limit(5, 300)


class TooManyGuessesError(Exception):
    """Nothing is looked at any more; the message says so, in Chinese."""


@dataclass(frozen=True)
class Guess:
    """One guess, counted as wrong until it is known to be right."""

    counted: tuple[str, ...]

    def was_right(self) -> None:
        for what in self.counted:
            take_back(what)


def begin_guess(kind: str, request: HttpRequest, user: User | None, name: str = "") -> Guess:
    """Count a guess at a secret of that kind before looking at it; TooManyGuessesError.

    Without a `user` the `name` that was typed counts, which nobody can tell from an account.
    """
    device = device_of(request, user) if user else None
    limits = {_account_key(kind, user, name, device or UNKNOWN): OF_ACCOUNT}
    if device is None:
        limits = {f"{kind} from {get_ip(request)}": OF_ADDRESS, **limits}
    for what, limit in limits.items():
        if not count(what, limit):
            raise TooManyGuessesError(TOO_MANY)
    return Guess(tuple(limits))


def forget_guesses(kind: str, user: User) -> None:
    """Let unknown devices try again, as the owner has shown to be there."""
    cache.delete(_key(_account_key(kind, user, "", UNKNOWN)))


def _account_key(kind: str, user: User | None, name: str, device: str) -> str:
    account = f"user {user.pk}" if user else f"name {_plain(name)}"
    return f"{kind} of {account} by {device}"


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def count(what: str, limit: Limit) -> bool:
    """Count `what` once more; whether it is within the limit. All counting goes through here."""
    key = _key(what)
    if cache.add(key, 1, limit.seconds):
        return True
    try:
        return cache.incr(key) <= limit.amount
    except ValueError:  # its time ran out in between
        return bool(cache.add(key, 1, limit.seconds))


def take_back(what: str) -> None:
    try:
        cache.decr(_key(what))
    except ValueError:  # its time ran out
        return


def _key(what: str) -> str:
    return f"guesses.{sha256(what.encode()).hexdigest()}"
