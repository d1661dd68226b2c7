"""The site as in service, on a PostgreSQL of its own, under a supervisor as small as can be.

What systemd does with `Restart=always` and `RestartSec=1` the supervisor does here.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.processes import IN_SERVICE

ROOT = Path(__file__).resolve().parent.parent.parent
RESTART_AFTER = 1.0  # seconds
WEB = {"WEB_WORKERS": "3", "WEB_THREADS": "6"}
GUNICORN = ROOT / ".service" / "gunicorn.conf.py"
# All clients have one address, so no limit on use of one address may hit.
NO_LIMIT = "1000000/m"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass
class Child:
    """A program that is started again whenever it has ended."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    user: str | None = None
    process: subprocess.Popen[bytes] | None = None
    ended_at: float = 0.0
    starts: int = 0

    def start(self) -> None:
        as_user: dict[str, Any] = {"user": self.user, "group": self.user} if self.user else {}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log,
                start_new_session=True, **as_user,
            )  # fmt: skip
        self.ended_at = 0.0
        self.starts += 1

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    def kill(self) -> None:
        """The process itself, and wait for its end; what it started is left alone."""
        assert self.process is not None
        os.kill(self.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self, number: int = signal.SIGTERM, patience: float = 30) -> None:
        if self.process is None:
            return
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(patience)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self.process.wait()


@dataclass
class Supervisor:
    children: list[Child] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def add(self, child: Child) -> Child:
        child.start()
        self.children.append(child)
        return child

    def watch(self) -> None:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            for child in self.children:
                if child.process is None or child.process.poll() is None:
                    continue
                if not child.ended_at:
                    child.ended_at = time.monotonic()
                elif time.monotonic() - child.ended_at >= RESTART_AFTER:
                    child.start()

    def stop(self) -> None:
        """All of them, the last started first."""
        self._over.set()
        if self._thread:
            self._thread.join()
        for child in reversed(self.children):
            # PostgreSQL waits for its clients unless it is told to end their sessions.
            child.stop(signal.SIGINT if child.user or child.name == "postgres" else signal.SIGTERM)


class Service:
    """The whole of it in one folder: database, web, worker, send_waiting, and their mail."""

    def __init__(self, folder: Path, *, postgres: bool = True) -> None:
        self.folder, self.postgres = folder, postgres
        self.port = free_port()
        self.supervisor = Supervisor()
        self.mails = folder / "mails"
        address = (
            f"postgres://portal@/portal?host={folder / 'postgres'}"
            if postgres
            else f"sqlite:///{folder}/portal.sqlite3"
        )
        self.environment = {
            **os.environ,
            **IN_SERVICE,
            **WEB,
            "ENV_FILE": os.devnull,
            "WEB_ADDRESS": f"127.0.0.1:{self.port}",
            "ALLOWED_HOSTS": "127.0.0.1,portal.example.cn",
            "SECURE_HTTPS": "0",
            "ANONYMOUS_POST_RATE": NO_LIMIT,
            "STAFF_SECOND_FACTOR": "1",
            "DJANGO_SETTINGS_MODULE": "tests.load.settings",
            "DATABASE_URL": address,
            "FILES_ROOT": str(folder / "files"),
            "EMAIL_URL": f"filemail:///{self.mails}",
            "LOG_LEVEL": "WARNING",
        }

    # --- from nothing to the first visitor ---

    def start_database(self) -> None:
        if not self.postgres:
            return
        binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin"))[-1]
        home = self.folder / "postgres"
        home.mkdir(mode=0o755)
        user = "postgres" if os.getuid() == 0 else None
        if user:
            shutil.chown(home, user)
        as_user: dict[str, Any] = {"user": user, "group": user} if user else {}
        subprocess.run(
            [binaries / "initdb", "-D", home / "data", "-U", "portal", "-A", "trust", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync"],
            cwd=home, check=True, stdout=subprocess.DEVNULL, **as_user,
        )  # fmt: skip
        log = home / "log"
        log.touch(0o666)
        if user:
            shutil.chown(log, user)
        self.supervisor.add(
            Child(
                "postgres",
                [str(binaries / "postgres"), "-D", str(home / "data"), "-k", str(home), "-h", ""],
                {**os.environ, "LC_ALL": "C.UTF-8"},
                log,
                user,
            )
        )
        create = [binaries / "createdb", "-h", home, "-U", "portal", "portal"]
        wait_until(
            lambda: subprocess.run(create, stderr=subprocess.DEVNULL, check=False).returncode == 0
        )

    def run(self, *arguments: str, **environment: str) -> str:
        """What a command prints, to its end."""
        done = subprocess.run(
            [sys.executable, *arguments], cwd=ROOT, env=self.environment | environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{arguments}: {done.stderr[-3000:]}")
        return done.stdout

    def start_site(self) -> None:
        web = [sys.executable, "-m", "gunicorn", "-c", str(GUNICORN), "portal.wsgi"]
        manage = [sys.executable, "manage.py"]
        for name, command in (
            ("web", web),
            ("worker", [*manage, "worker"]),
            ("send_waiting", [*manage, "send_waiting", "--every", "2"]),
        ):
            log = self.folder / f"{name}.log"
            self.supervisor.add(Child(name, command, self.environment, log))
        self.supervisor.watch()
        wait_until(self.answers)

    def answers(self) -> bool:
        from tests.load.browser import Browser, NoAnswerError

        try:
            return Browser(self.port).get("", "/healthz").status == 200
        except NoAnswerError:
            return False

    def stop(self) -> None:
        self.supervisor.stop()

    # --- a look from outside ---

    def child(self, name: str) -> Child:
        return next(each for each in self.supervisor.children if each.name == name)

    def said(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text()

    def processes(self) -> dict[str, list[int]]:
        """By name, the numbers of its processes; the first is the one that the supervisor started."""
        return {
            each.name: [each.pid, *_children_of(each.pid)]
            for each in self.supervisor.children
            if each.process is not None and each.process.poll() is None
        }

    def memory(self) -> dict[str, float]:
        """By name, MB of all its processes, what they share counted once."""
        return {name: sum(map(memory_of, numbers)) for name, numbers in self.processes().items()}

    def processor_seconds(self) -> Counter[str]:
        """By name, what its processes that run now, and those that they waited for, have used."""
        return Counter(
            {name: sum(map(_processor_of, each)) for name, each in self.processes().items()}
        )


def _children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def memory_of(pid: int) -> float:
    """MB of a process, of what it shares its part; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _processor_of(pid: int) -> float:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> float:
    """How long it took; TimeoutError when it took longer."""
    begun = time.monotonic()
    while not holds():
        if time.monotonic() - begun > seconds:
            raise TimeoutError("waited in vain")
        time.sleep(0.1)
    return time.monotonic() - begun
