"""What a page says of a job: how far it is, and whether anybody is at it."""

from dataclasses import dataclass
from datetime import datetime

from django.http import FileResponse
from django.utils.http import content_disposition_header

from portal.models import Job
from portal.pulses import WORKER, is_at_work


@dataclass(frozen=True)
class Progress:
    """`before` counts the jobs that come first; `pause` is after how many seconds to look again."""

    job: Job
    before: int
    has_worker: bool

    @property
    def is_open(self) -> bool:
        return self.job.is_open

    @property
    def pause(self) -> int:
        return 2 if self.has_worker else 15

    @property
    def percent(self) -> int:
        """Of the blocks; 0 while nothing is known."""
        return 100 * self.job.step // self.job.steps if self.job.steps else 0


def progress_of(job: Job, now: datetime) -> Progress:
    if not job.is_open:
        return Progress(job, 0, True)
    before = Job.objects.open().filter(asked_at__lt=job.asked_at).count()
    return Progress(job, before, is_at_work(WORKER, now))


def file_response(job: Job) -> FileResponse:
    """The file that a job made, to be saved; nobody keeps a copy on the way."""
    response = FileResponse(job.path.open("rb"), content_type=job.content_type)
    response["Content-Disposition"] = content_disposition_header(True, job.file_name)
    response["Cache-Control"] = "no-store"
    return response
