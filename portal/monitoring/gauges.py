"""How things stand when Prometheus asks: read from the database and the disk, kept by no process.

So nothing stays behind of a process that was killed. Names of commands and states are the only labels.
"""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count
from django.utils import timezone
from django.utils.module_loading import import_string
from prometheus_client.core import GaugeMetricFamily

from portal import health
from portal.models import Job, Pulse

DAILY = "daily "


class Gauges:
    """A collector of prometheus_client, for one scrape."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _disks()
        try:
            found = list(self._in_database())
        except Error:
            found = []
        yield _gauge("database_up", "1 where the database answers", bool(found))
        yield from found

    def _in_database(self) -> Iterator[GaugeMetricFamily]:
        yield _gauge("database_bytes", "Size of the database", _database_size())
        missing = health.missing_migrations()
        yield _gauge("migrations_missing", "Migrations that were not run", missing)
        if missing:
            return  # tables may be missing with them
        told = health.at_work(self.now)
        yield _by(
            "problem", "1 for each problem that /healthz/ready names", "name",
            dict.fromkeys(told["problems"], 1),
        )  # fmt: skip
        yield _by(
            "command_silent_seconds", "Since a command beside the site was last at work, or a"
            " nightly backup was done; without a sample it never was", "command", told["silent_seconds"],
        )  # fmt: skip
        yield from self._jobs(told["jobs"]["oldest_waiting_seconds"])
        yield from self._deliveries()
        yield self._daily()
        for name, (what, count) in settings.COUNTED.items():
            yield _gauge(name, what, import_string(count)(timezone.localdate(self.now)))

    def _jobs(self, oldest: int | None) -> Iterator[GaugeMetricFamily]:
        states = dict.fromkeys(Job.State.values, 0)
        counted = Job.objects.order_by().values_list("state").annotate(Count("pk"))
        yield _by(
            "jobs", "Jobs that are open or ended within a day", "state", states | dict(counted)
        )
        yield _gauge("job_oldest_waiting_seconds", "How long a job has waited", oldest or 0)

    def _deliveries(self) -> Iterator[GaugeMetricFamily]:
        found = health.waiting_deliveries()
        for kind, since in (("waiting", "posted"), ("failing", "failing_since")):
            yield _gauge(f"deliveries_{kind}", f"E-mails and text messages {kind}", found[kind])
            age = health.seconds_since(found[since], self.now) or 0
            yield _gauge(f"delivery_oldest_{kind}_seconds", f"How long one has been {kind}", age)

    def _daily(self) -> GaugeMetricFamily:
        pulses = Pulse.objects.filter(name__startswith=DAILY).values_list("name", "at")
        last = {name.removeprefix(DAILY): at.timestamp() for name, at in pulses}
        return _by("daily_command_last_run_timestamp_seconds", "Last begun", "command", last)


def _disks() -> Iterator[GaugeMetricFamily]:
    free, size = {}, {}
    for name, folder in (("files", settings.MEDIA_ROOT), ("data", settings.DATA_DIR)):
        usage = shutil.disk_usage(_existing(Path(folder)))
        free[name], size[name] = usage.free, usage.total
    yield _by("disk_free_bytes", "Room on the disk of a folder", "folder", free)
    yield _by("disk_size_bytes", "Size of the disk of a folder", "folder", size)


def _existing(folder: Path) -> Path:
    """The folder or, before the first upload, where it will be."""
    return next(each for each in (folder, *folder.parents) if each.exists())


def _database_size() -> int:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return cursor.fetchone()[0]
    with connection.cursor() as cursor:
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()")
        return cursor.fetchone()[0]


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"portal_{name}", what, value=float(value))


def _by(name: str, what: str, label: str, values: dict[str, Any]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"portal_{name}", what, labels=[label])
    for key, value in values.items():
        if value is not None:
            family.add_metric([key], float(value))
    return family
