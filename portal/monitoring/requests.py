"""Each request has a number: error pages and the answer's header tell it, the log has it in each line."""

import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from portal.monitoring.context import log_context

HEADER = "X-Request-ID"
# Without what sounds or looks alike, for the telephone.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 10
WELL_FORMED = re.compile(r"[A-Za-z0-9-]{8,64}")

logger = logging.getLogger(__name__)


def new_number() -> str:
    return "".join(ALPHABET[byte % len(ALPHABET)] for byte in secrets.token_bytes(LENGTH))


@dataclass(frozen=True)
class Numbered:
    """What a request bears as `numbered`: its number, and when it began by the clock of `seconds`."""

    number: str
    begun: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """How long the request has taken so far."""
        return time.perf_counter() - self.begun


def number_of(request: HttpRequest) -> str:
    """Empty where the request did not come through the middleware."""
    numbered = getattr(request, "numbered", None)
    return numbered.number if numbered else ""


def view_name(request: HttpRequest) -> str:
    """The name of what answers; empty where no address fitted, or a file answered, or a redirect."""
    match = request.resolver_match
    return match.view_name if match else ""


class NumberMiddleware:
    """The first of all, so that whatever the others log has the number.

    What a view answered is a line of the log; what went wrong Django tells itself.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.numbered = Numbered(_given_number(request) or new_number())  # type: ignore[attr-defined]
        with log_context(request=request):
            response = self.get_response(request)
            if response.status_code < 400 and view_name(request):
                logger.info("answered", extra={"status_code": response.status_code})
        response[HEADER] = number_of(request)
        return response


def _given_number(request: HttpRequest) -> str:
    """The number that the proxy in front gave; from anybody else it could be the number of another."""
    given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
    return given if WELL_FORMED.fullmatch(given) else ""
