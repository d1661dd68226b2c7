"""Long work for tests: what each block does is a row, so that it can be counted."""

import os
import signal
from io import BytesIO
from pathlib import Path

from django.db import OperationalError
from django.utils import timezone

from portal.jobs.kinds import JobError, job_kind
from portal.models import Delivery, Job

BLOCKS = 5


def write_row(number):
    """The effect of a block; the same twice is two rows."""
    Delivery.objects.create(
        key=f"block {number} {Delivery.objects.count()}",
        channel="email",
        address="a@example.com",
        due_at=timezone.now(),
    )


@job_kind
def count(work):
    """Five blocks; within the block `dies_in` the process is killed once, as the file remembers."""
    work.plan(BLOCKS)
    for number in range(work.step, BLOCKS):
        with work.block(f"第 {number + 1} 步"):
            write_row(number)
            marker = work.parameters.get("marker")
            if number == work.parameters.get("dies_in") and not Path(marker).exists():
                Path(marker).touch()
                os.kill(os.getpid(), signal.SIGKILL)
    return {"rows": BLOCKS}


@job_kind
def refuse(work):
    raise JobError("没有这个文件。")


@job_kind
def break_down(work):
    with work.block():
        write_row(0)
    raise RuntimeError("secret detail")


@job_kind
def lose_the_database(work):
    for number in range(work.step, 2):
        if number == 1 and not work.parameters.get("again"):
            Job.objects.filter(pk=work.job.pk).update(parameters={"again": True})
            raise OperationalError("server closed the connection unexpectedly")
        with work.block():
            write_row(number)


@job_kind
def make_file(work):
    with work.block():
        work.keep(BytesIO(b"content"), name="名单.csv", content_type="text/csv")
