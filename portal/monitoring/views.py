"""The metrics, for whoever has the token; to all others there is no such page."""

import os
from pathlib import Path
from secrets import compare_digest

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

from portal.monitoring.gauges import Gauges
from portal.monitoring.metrics import REQUESTS, TIMES
from portal.monitoring.retired import counted

FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    if request.method != "GET" or not _has_token(request):
        raise Http404
    gauges = CollectorRegistry()
    gauges.register(Gauges(timezone.now()))
    text = _requests() + generate_latest(gauges)
    return HttpResponse(text, content_type=CONTENT_TYPE_LATEST)


def _requests() -> bytes:
    """Of all processes, where they count together."""
    registry = CollectorRegistry()
    if folder := os.environ.get(FOLDER):
        MultiProcessCollector(registry)
        with counted(Path(folder)):
            return generate_latest(registry)
    registry.register(REQUESTS)
    registry.register(TIMES)
    return generate_latest(registry)


def _has_token(request: HttpRequest) -> bool:
    if not settings.METRICS_TOKEN:
        return False
    given = request.headers.get("Authorization", "")
    return compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
