"""The site in processes of its own, to be killed, and its database to be taken away."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg2
from django.conf import settings
from django.db import connection

IN_SERVICE = {
    "DEBUG": "0",
    "SECRET_KEY": "k3Y-" + "".join(chr(97 + number % 26) for number in range(60)),
    "ALLOWED_HOSTS": "portal.example.cn",
    "SITE_URL": "https://portal.example.cn",
    "SECURE_HTTPS": "1",
    "EMAIL_URL": "smtp://mail.example.cn",
    "DEFAULT_FROM_EMAIL": "portal@example.cn",
}


class Site:
    """The site in processes of its own, with its mail in a folder."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.mails = folder, folder / "mails"
        self.environment = {
            **os.environ,
            **IN_SERVICE,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": database,
            "FILES_ROOT": str(folder / "files"),
            "EMAIL_URL": f"filemail:///{self.mails}",
            "PYTHONPATH": f"{settings.BASE_DIR}:{folder}",
        }

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    def manage(self, *arguments: str) -> None:
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stderr

    def sent(self) -> int:
        files = self.mails.glob("*") if self.mails.exists() else ()
        return sum(path.read_text().count("Message-ID:") for path in files)

    @contextmanager
    def running(self, *arguments: str, **environment: str):
        """A command that runs on; stopped at the end, and it must not have ended before."""
        log = (self.folder / f"{arguments[0]}.log").open("w")
        process = subprocess.Popen(
            [sys.executable, "manage.py", *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield process
            assert process.poll() is None, self.said(arguments[0])
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()
            process.wait()
            log.close()

    def said(self, command: str) -> str:
        return (self.folder / f"{command}.log").read_text()


def address_of_test_database() -> str:
    """As DATABASE_URL; that of SQLite lies in the memory of one process."""
    known = connection.settings_dict
    login = known["USER"] + (f":{quote(known['PASSWORD'])}" if known["PASSWORD"] else "")
    host = known["HOST"] or known["OPTIONS"].get("host", "")
    port = f"&port={known['PORT']}" if known["PORT"] else ""
    return f"postgres://{login}@/{known['NAME']}?host={quote(host, safe='/')}{port}"


@contextmanager
def empty_database(folder: Path, name: str) -> Iterator[str]:
    """The address of one of the kind that is tested, with nothing in it; gone afterwards."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_{name}"
    address = urlsplit(address_of_test_database())
    server = psycopg2.connect(urlunsplit(address._replace(path="/postgres")))
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield urlunsplit(address._replace(path=f"/{name}"))
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.close()


def site_in(folder: Path) -> Site:
    """On the database of the test, or on a file of its own: SQLite in memory has one process only."""
    if connection.vendor == "postgresql":
        return Site(folder, address_of_test_database())
    site = Site(folder, f"sqlite:///{folder}/portal.sqlite3")
    (folder / "portal.sqlite3").write_bytes(_migrated())
    return site


@cache
def _migrated() -> bytes:
    """A fresh database of SQLite, made once for all tests of a process."""
    with TemporaryDirectory() as folder:
        Site(Path(folder), f"sqlite:///{folder}/fresh.sqlite3").manage("migrate", "-v0")
        return (Path(folder) / "fresh.sqlite3").read_bytes()


def wait_until(holds: Callable[[], bool], seconds: float = 300) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)
