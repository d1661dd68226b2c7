"""Tells in headers what a request took, where the request asks."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse


class CountingMiddleware:
    """How many queries, and milliseconds of the processor without the database's.

    What a page streams comes after its headers, and is not counted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "X-Count" not in request.headers:
            return self.get_response(request)
        count = 0

        def counted(execute: Callable[..., Any], *query: Any) -> Any:
            nonlocal count
            count += 1
            return execute(*query)

        begun = time.thread_time()
        with connection.execute_wrapper(counted):
            response = self.get_response(request)
        response["X-Processor"] = f"{(time.thread_time() - begun) * 1000:.2f}"
        response["X-Queries"] = str(count)
        return response
