"""What the database refused while a page was being sent: said in words, with all that was typed.

A form asks first whether it may. What it named can still be deleted, or come into use, between its
question and its answer: then a guard refuses, or a foreign key leads nowhere.
"""

import logging
from collections.abc import Callable

from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from portal.forms import sent_again
from portal.monitoring.requests import number_of
from portal.refusals import refusal_in_words

logger = logging.getLogger(__name__)


class RefusedMiddleware:
    """Any other fault of integrity is one of the program, and stays an error."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, IntegrityError) or not (told := refusal_in_words(error)):
            return None
        logger.warning("%s %s: %s", request.method, request.path, error)
        context = {"told": told, "number": number_of(request), **sent_again(request)}
        return render(request, "409.html", context, status=409)
