"""Health of the site: whether it answers, and whether what runs beside it does its work.

Both addresses are open to everybody, as monitors do not log in: they tell counts and ages and
name nobody. `/healthz` is for what restarts the site, so it asks for nothing that a restart would
not mend; `/healthz/ready` is for what calls an operator.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Count, Min, Q
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache

from portal.models import Delivery, Job, Pulse
from portal.pdf_packages import missing_packages
from portal.pulses import BACKUP, BACKUP_EXPECTED, EXPECTED

# A delivery is looked for every few seconds, a job takes seconds: what waits longer waits for
# something that is broken.
DELIVERY_LATE = timedelta(minutes=15)
JOB_LATE = timedelta(minutes=15)


def healthz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return JsonResponse({"database": "unreachable"}, status=503)
    return JsonResponse({"database": "ok"})


@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """200 and no problems, or 503 and their names."""
    now = timezone.now()
    try:
        missing = missing_migrations()
        # Tables may be missing with them.
        told = {} if missing else at_work(now)
    except Error:
        return JsonResponse({"database": "unreachable", "problems": ["database"]}, status=503)
    problems = ["migrations"] if missing else told.pop("problems")
    answer = {"database": "ok", "migrations_missing": missing, **told, "problems": problems}
    return JsonResponse(answer, status=503 if problems else 200)


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """Those of the program, read once."""
    return frozenset(MigrationLoader(None).graph.nodes)


def missing_migrations() -> int:
    applied = MigrationRecorder(connection).applied_migrations()
    return len(_known_migrations() - applied.keys())


def at_work(now: datetime) -> dict[str, Any]:
    """How long the commands were silent, what waits for them, and the names of the problems."""
    expected = dict(EXPECTED)
    if settings.BACKUP_FOLDER:
        expected[BACKUP] = BACKUP_EXPECTED
    last_seen = dict(Pulse.objects.filter(name__in=expected).values_list("name", "at"))
    silence = {name: seconds_since(last_seen.get(name), now) for name in expected}
    silent = [
        name
        for name, longest in expected.items()
        if (seconds := silence[name]) is None or seconds > longest.total_seconds()
    ]
    deliveries, mail_fails = _deliveries(now)
    jobs = Job.objects.open().aggregate(
        open=Count("pk"), oldest=Min("asked_at", filter=Q(state=Job.State.WAITING))
    )
    oldest = seconds_since(jobs["oldest"], now)
    problems = [*silent]
    if mail_fails:
        problems.append("deliveries")
    if oldest is not None and oldest > JOB_LATE.total_seconds():
        problems.append("jobs")
    if missing_packages():
        problems.append("pdf")
    return {
        "silent_seconds": silence,
        "deliveries": deliveries,
        "jobs": {"open": jobs["open"], "oldest_waiting_seconds": oldest},
        "problems": problems,
    }


def _deliveries(now: datetime) -> tuple[dict[str, Any], bool]:
    """What waits, and whether that is more than one address that nobody reads.

    Nobody sends when something is overdue. The server refuses when what failed has waited for
    long and nothing has left since.
    """
    found, late = waiting_deliveries(), now - DELIVERY_LATE
    fails = found["due"] is not None and found["due"] < late
    since = found["failing_since"]
    if since is not None and since < late:
        fails = fails or not Delivery.objects.filter(sent_at__gte=since).exists()
    counts = {
        "waiting": found["waiting"],
        "failing": found["failing"],
        "oldest_seconds": seconds_since(found["posted"], now),
    }
    return counts, fails


def waiting_deliveries() -> dict[str, Any]:
    """How many wait and how many of them failed before; when the oldest of each was posted, and the
    earliest is due."""
    return Delivery.objects.filter(state=Delivery.State.WAITING).aggregate(
        waiting=Count("pk"),
        failing=Count("pk", filter=Q(attempts__gt=0)),
        posted=Min("posted_at"),
        failing_since=Min("posted_at", filter=Q(attempts__gt=0)),
        due=Min("due_at"),
    )


def seconds_since(since: datetime | None, now: datetime) -> int | None:
    return None if since is None else max(int((now - since).total_seconds()), 0)
