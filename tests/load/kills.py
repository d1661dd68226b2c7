"""What fails under load: its processes are killed and its disk filled, in turn, while people go on.

Nothing that was acknowledged may be lost, and everything comes back by itself.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import chain
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

from tests.load.browser import Browser, NoAnswerError
from tests.load.crowd import Crowd, Heard
from tests.load.people import Decider, Person, Uploader, Visitor, WrongAnswerError, firms_of
from tests.load.service import ROOT, Service, wait_until

BACK_WITHIN = 60.0  # seconds
# A worker that is silent for a minute has lost its job to another.
REPORTS_WITHIN = 150.0
DISK_MB = 1500
DISK_FULL_FOR = 10.0


@contextmanager
def small_disk() -> Iterator[Path | None]:
    """A folder on a disk of its own that can be filled; None where nobody may mount one."""
    folder = Path(mkdtemp(prefix="portal-load."))
    image = Path(f"{folder}.disk")
    disk = folder if _mount(image, folder) else None
    try:
        yield disk
    finally:
        if disk:
            subprocess.run(["umount", "--lazy", folder], check=False)
        image.unlink(missing_ok=True)
        if disk:
            folder.rmdir()


def _mount(image: Path, folder: Path) -> bool:
    if os.getuid():
        return False
    with image.open("wb") as file:
        file.truncate(DISK_MB * 2**20)
    for command in (
        ["mkfs.ext4", "-q", "-m", "0", "-E", "lazy_itable_init=1", image],
        ["mount", "-o", "loop", image, folder],
    ):
        if subprocess.run(command, capture_output=True, check=False).returncode:
            return False
    folder.chmod(0o755)
    return True


def writers(service: Service, plan: dict[str, Any], used: set[int]) -> list[Person]:
    """Visitors, firms that upload, staff that decide; `used` are cases that were decided before."""
    port, people = service.port, []
    for number in range(6):
        people.append(Visitor(Browser(port), plan, Random(number)))
    for number, firm in enumerate(firms_of(plan)[:3]):
        people.append(Uploader(Browser(port), plan, Random(number), account=firm))
    for number, (reviewer, cases) in enumerate(plan["waiting"].items()):
        fresh = [f"/admin/cases/application/{pk}/change/" for pk in cases if pk not in used]
        people.append(
            Decider(Browser(port), plan, Random(number), account=reviewer, cases=iter(fresh))
        )
    for person in people:
        if isinstance(person, Uploader | Decider):
            person.log_in()
    return people


def kept_by(people: Sequence[Person]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for kind, what in chain.from_iterable(person.kept.items() for person in people):
        found.setdefault(kind, []).extend(what)
    return found


def lost(service: Service, kept: dict[str, list[Any]]) -> list[str]:
    """What was acknowledged and is not there."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.load.kept"], cwd=ROOT, env=service.environment,
        input=json.dumps(kept), capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.splitlines()


class Trouble:
    """The troubles in turn; `told` says of each how long the site took to be back."""

    def __init__(self, service: Service, on_small_disk: bool) -> None:
        self.service = service
        self.told: dict[str, float | None] = {}
        self.turns: list[tuple[str, Callable[[], None]]] = [
            ("worker killed", lambda: service.child("worker").kill()),
            ("send_waiting killed", lambda: service.child("send_waiting").kill()),
            ("a process of the web server killed", self._kill_web_process),
            ("the web server killed", lambda: service.child("web").kill()),
            ("the database killed", lambda: service.child("postgres").kill()),
        ]
        if on_small_disk:
            self.turns.append(("the disk full for ten seconds", self._fill_disk))

    def run(self) -> None:
        """Each once the one before is over, and the site has worked for some seconds."""
        time.sleep(5)
        for name, make in self.turns:
            make()
            try:
                self.told[name] = wait_until(self._is_back, BACK_WITHIN)
            except TimeoutError:
                self.told[name] = None
            time.sleep(4)

    def _is_back(self) -> bool:
        """Every program runs, and pages are read and written."""
        running = self.service.processes()
        if not all(len(running.get(each.name, ())) for each in self.service.supervisor.children):
            return False
        return all(self._writes() for _ in range(3))

    def _writes(self) -> bool:
        visitor = Visitor(Browser(self.service.port), {}, Random(0), reports=False)
        try:
            steps = visitor.check()
            for _ in range(3):
                next(steps)
        except (NoAnswerError, WrongAnswerError, LookupError):
            return False
        return True

    def _kill_web_process(self) -> None:
        os.kill(self.service.processes()["web"][1], 9)

    def _fill_disk(self) -> None:
        """Leave nothing free for ten seconds, nor what others set free meanwhile."""
        filler, until = self.service.folder / "filler", time.monotonic() + DISK_FULL_FOR
        with filler.open("wb", buffering=0) as file:
            while time.monotonic() < until:
                for size in (2**20, 2**12, 1):
                    with suppress(OSError):
                        while True:
                            file.write(bytes(size))
                time.sleep(0.2)
        filler.unlink()


def under_trouble(
    service: Service, plan: dict[str, Any], used: set[int], on_small_disk: bool
) -> tuple[Trouble, Heard, list[str]]:
    """The troubles while people write; then what they were told is kept and is not."""
    people = writers(service, plan, used)
    trouble = Trouble(service, on_small_disk)
    crowd = Crowd(people, thinking=0.3)
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(trouble.run)
        made.add_done_callback(lambda _: crowd.over.set())
        heard = crowd.run(600)
        made.result()
    kept = kept_by(people)
    missing: list[str] = []

    def all_there() -> bool:
        missing[:] = lost(service, kept)
        return not missing or not all(each.startswith("report") for each in missing)

    with suppress(TimeoutError):
        wait_until(all_there, REPORTS_WITHIN)
    return trouble, heard, missing
