"""How many requests there were and how long they took, by the name of the view: nobody's, no address.

With several processes the library counts in a folder that they share (PROMETHEUS_MULTIPROC_DIR, which
`.service/gunicorn.conf.py` makes). What a process had counted when it ended stays counted; how things stand is
no process's own, see `portal.monitoring.gauges`.
"""

import time
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from portal.monitoring.requests import view_name

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Of what nobody declared there is no end.
OTHER = "other"
SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

REQUESTS = Counter("portal_requests", "Requests answered", ["view", "method", "status"])
TIMES = Histogram(
    "portal_request_seconds", "Time until the answer begins", ["view", "method"], buckets=SECONDS
)


class MetricsMiddleware:
    """Counts what all others do; without METRICS_TOKEN it is not there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.METRICS_TOKEN:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = self.get_response(request)
        view = view_name(request) or OTHER
        method = request.method if request.method in METHODS else OTHER
        REQUESTS.labels(view, method, f"{response.status_code // 100}xx").inc()
        TIMES.labels(view, method).observe(time.perf_counter() - begun)
        return response
