"""What jobs leave behind goes after a day."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from portal.models import Job

KEPT = timedelta(days=1)


def forget(job: Job) -> None:
    """Remove a job, done or not, with the file that it made."""
    Job.objects.filter(pk=job.pk).delete()
    transaction.on_commit(lambda: job.path.unlink(missing_ok=True))


def forget_old(now: datetime) -> int:
    """Remove the jobs that ended a day ago, and files without a job; how many jobs there were."""
    old = list(Job.objects.filter(ended_at__lte=now - KEPT))
    for job in old:
        forget(job)
    _remove_strays(now)
    return len(old)


def _remove_strays(now: datetime) -> None:
    """Of a worker that was killed while it wrote, or of a job whose row is gone."""
    folder = Path(settings.MEDIA_ROOT) / Job.FOLDER
    if not folder.is_dir():
        return
    needed = {reference.hex for reference in Job.objects.values_list("reference", flat=True)}
    for path in folder.iterdir():
        if path.name not in needed and path.stat().st_mtime < (now - KEPT).timestamp():
            path.unlink(missing_ok=True)
