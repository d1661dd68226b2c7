"""Doing long work: one job after the other, in blocks that are done once whoever dies.

A worker claims a job with one statement that only one of several can win. What a block writes
and the step that counts it are one transaction, which holds only while the job is still the
worker's own. A worker that says nothing for a minute has lost its job; whoever takes it goes on
after the last finished block.
"""

import logging
import os
import secrets
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import F, Q

from portal.jobs.kinds import JobError, kind_named
from portal.models import Job
from portal.monitoring.context import log_context
from portal.pdf import NoPaperError
from portal.pulses import SILENT_AFTER

LOST_AFTER = SILENT_AFTER
BEAT_EVERY = timedelta(seconds=5)
MOST_ATTEMPTS = 5
INTERRUPTED = "多次中断，没有做成。请过一会儿再试，还不行请告诉网站管理员。"
FAULT = (
    "出了故障，没有做成，已经记录下来。请过一会儿再试，还不行请告诉网站管理员，任务编号 {number}。"
)
STOPPED = "按您的要求停下了。"
NO_DISK = "服务器存不下做好的文件。请告诉网站管理员。"

logger = logging.getLogger(__name__)
Clock = Callable[[], datetime]


class _LostError(Exception):
    """Another worker has the job."""


class _StoppedError(Exception):
    """Its owner asked to stop."""


class _HandedBackError(Exception):
    """The worker is being stopped; another one goes on."""


def worker_name() -> str:
    """Unlike that of any other worker, also of one killed before under the same number."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"


class Work:
    """A job in the hands of a worker: what its function is given."""

    def __init__(
        self, job: Job, clock: Clock, on_beat: Callable[[], None], leaves: Callable[[], bool]
    ) -> None:
        self.job, self.clock = job, clock
        self._on_beat, self._leaves = on_beat, leaves
        self._beaten = clock()

    @property
    def parameters(self) -> dict[str, Any]:
        return self.job.parameters

    @property
    def step(self) -> int:
        """How many blocks are finished: where to go on."""
        return self.job.step

    def plan(self, steps: int) -> None:
        """Say how many blocks there are."""
        self._update(steps=steps)

    @contextmanager
    def block(self, words: str = "") -> Iterator[None]:
        """What is written within holds together with the step, or not at all.

        Make what takes time before: a transaction that lasts keeps others waiting.
        """
        with transaction.atomic():
            if not self._own().select_for_update().exists():
                raise _LostError
            yield
            self._update(step=F("step") + 1, attempts=0, words=words)
        self.job.step += 1
        self._on_beat()
        self._heed()

    def beat(self, words: str = "") -> None:
        """Say within a block that it goes on; stops here if that was asked. Cheap to call often."""
        if self.clock() - self._beaten >= BEAT_EVERY:
            self._update(**({"words": words} if words else {}))
            self._on_beat()
            self._heed()

    def keep(self, content: BinaryIO, *, name: str, content_type: str) -> None:
        """Keep a file as the result; call it within the block that ends the work."""
        path = self.job.path
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with part.open("xb") as file:
                shutil.copyfileobj(content, file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except OSError as error:
            logger.exception("the file of job %s could not be written", self.job.pk)
            with suppress(OSError):
                part.unlink()
            raise JobError(NO_DISK) from error
        self._update(file_name=name, content_type=content_type)

    def end(self, state: str, now: datetime, **fields: Any) -> None:
        """What it was given may be personal and goes; of what was lost nothing is said."""
        self._own().update(state=state, ended_at=now, worker="", parameters={}, **fields)

    def hand_back(self) -> None:
        self._own().update(state=Job.State.WAITING, worker="", attempts=0)

    def _own(self) -> Any:
        return Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING, worker=self.job.worker)

    def _update(self, **fields: Any) -> None:
        self._beaten = self.clock()
        if not self._own().update(beat=self._beaten, **fields):
            raise _LostError

    def _heed(self) -> None:
        if self._own().filter(asked_to_stop=True).exists():
            raise _StoppedError
        if self._leaves():
            raise _HandedBackError


def take(worker: str, now: datetime) -> Job | None:
    """The job that has waited longest, or whose worker fell silent; or None."""
    free = (
        Q(state=Job.State.WAITING)
        | Q(state=Job.State.RUNNING, beat__lte=now - LOST_AFTER)
        # Begun by this worker before it lost the database.
        | Q(state=Job.State.RUNNING, worker=worker)
    )
    while True:
        job = Job.objects.filter(free).order_by("asked_at", "pk").first()
        if job is None:
            return None
        claimed = Job.objects.filter(free, pk=job.pk, attempts=job.attempts)
        if job.attempts >= MOST_ATTEMPTS:
            claimed.update(
                state=Job.State.FAILED, ended_at=now, worker="", parameters={}, words=INTERRUPTED
            )
        elif claimed.update(
            state=Job.State.RUNNING, worker=worker, beat=now, attempts=F("attempts") + 1
        ):
            job.refresh_from_db()
            return job


def do_one(
    worker: str,
    clock: Clock,
    *,
    on_beat: Callable[[], None] = lambda: None,
    leaves: Callable[[], bool] = lambda: False,
) -> bool:
    """Do the next job to its end; false when there is none.

    An error of the connection is the caller's to wait out: the job stays the worker's own.
    """
    job = take(worker, clock())
    if job is None:
        return False
    with log_context(job=job.pk):
        _do(Work(job, clock, on_beat, leaves))
    return True


def _do(work: Work) -> None:
    job, clock = work.job, work.clock
    try:
        if job.asked_to_stop:
            raise _StoppedError
        result = kind_named(job.kind).run(work)
        work.end(Job.State.DONE, clock(), result=result or {}, words="")
    except _LostError:
        logger.warning("job %s was taken by another worker", job.pk)
    except _HandedBackError:
        work.hand_back()
    except _StoppedError:
        work.end(Job.State.STOPPED, clock(), words=STOPPED)
    except (JobError, NoPaperError) as error:
        work.end(Job.State.FAILED, clock(), words=str(error)[:300])
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("job %s (%s) failed", job.pk, job.kind)
        work.end(Job.State.FAILED, clock(), words=FAULT.format(number=job.pk))


def work_off(clock: Clock) -> int:
    """Do all that waits; how many jobs were done."""
    worker, count = worker_name(), 0
    while do_one(worker, clock):
        count += 1
    return count
