"""What the site has acknowledged and the database does not hold: JSON of people's `kept` in, lines out.

It runs in a process of its own, with the settings of the service.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import django


def main() -> None:
    django.setup()
    for line in missing(json.load(sys.stdin)):
        print(line)


def missing(kept: dict[str, list[list[Any]]]) -> Iterator[str]:
    from applications.cases.models import ApplicationEvent
    from applications.enterprises.models import LibraryFile
    from policies.self_check.models import SelfCheck
    from portal.models import Job

    for address, steps in kept.get("checks", ()):
        check = SelfCheck.objects.filter(token=address.split("/")[2]).first()
        if check is None or len(check.steps) < steps:
            yield f"self-check {address}"
    for (path,) in kept.get("reports", ()):
        job = SelfCheck.objects.get(token=path.split("/")[2]).report
        if job is None or job.state != Job.State.DONE or not job.path.exists():
            yield f"report {path}: {job and job.state} {job and job.words}"
    for _, title in kept.get("files", ()):
        file = LibraryFile.objects.filter(title=title).first()
        if file is None or title.encode() not in file.path.read_bytes():
            yield f"file {title}"
    for path, action in kept.get("decisions", ()):
        number = Path(path).parts[4]
        if ApplicationEvent.objects.filter(application=number, action=action).count() != 1:
            yield f"decision {action} on {path}"


if __name__ == "__main__":
    main()
