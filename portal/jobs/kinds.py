"""What a worker can do: functions under a dotted name that the row of a job tells."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.module_loading import import_string

# Given a portal.jobs.work.Work; returns the result, if any.
Run = Callable[[Any], dict[str, Any] | None]


class JobError(Exception):
    """What cannot be done; the message says why, in Chinese."""


@dataclass(frozen=True)
class JobKind:
    """`run` does the blocks that are left, from `work.step` on; JobError where it cannot."""

    run: Run

    @property
    def name(self) -> str:
        return f"{self.run.__module__}.{self.run.__qualname__}"


def job_kind(run: Run) -> JobKind:
    """Declare a function as long work."""
    return JobKind(run)


def kind_named(name: str) -> JobKind:
    """The kind under a dotted name; LookupError when there is none."""
    found = import_string(name)
    if not isinstance(found, JobKind):
        raise LookupError(f"not a kind of job: {name}")
    return found
