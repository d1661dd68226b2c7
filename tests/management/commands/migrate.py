"""Make an empty test database as the run before did, where no migration has changed since.

What the migrations leave is kept in `.data/new-databases`, under a digest of them. What follows them (guards,
permissions, roles) is done every time: that is code, which changes more often.
"""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.commands.migrate import Command as Migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

FOLDER = settings.BASE_DIR / ".data/new-databases"


class Command(Migrate):
    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        is_kept = connection.vendor == "sqlite" or shutil.which("pg_dump")
        if not is_kept or options["app_label"] or connection.introspection.table_names():
            super().handle(*args, **options)
            return
        FOLDER.mkdir(parents=True, exist_ok=True)
        kept = FOLDER / f"{connection.vendor}-{_digest_of_migrations()}"
        # Workers that begin together wait for the first of them.
        with (FOLDER / f"{connection.vendor}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            is_known = kept.exists()
            if is_known:
                _restore(connection, kept)
            super().handle(*args, **options)
            if not is_known:
                for older in FOLDER.glob(f"{connection.vendor}-*"):
                    older.unlink()
                _keep(connection, kept)


def _digest_of_migrations() -> str:
    found = hashlib.sha256(f"{version('django')} {sqlite3.sqlite_version}".encode())
    for app in apps.get_app_configs():
        for path in sorted(Path(app.path, "migrations").glob("*.py")):
            found.update(f"{app.label} {path.name}".encode() + path.read_bytes())
    return found.hexdigest()


def _keep(connection: BaseDatabaseWrapper, kept: Path) -> None:
    unfinished = kept.with_name(f"unfinished-{os.getpid()}")
    if connection.vendor == "sqlite":
        with sqlite3.connect(unfinished) as copy:
            connection.connection.backup(copy)
        copy.close()
    else:
        _run("pg_dump", connection, "--format=custom", f"--file={unfinished}")
    unfinished.rename(kept)


def _restore(connection: BaseDatabaseWrapper, kept: Path) -> None:
    if connection.vendor == "sqlite":
        with sqlite3.connect(kept) as copy:
            copy.backup(connection.connection)
        copy.close()
    else:
        _run("pg_restore", connection, "--exit-on-error", str(kept))


def _run(program: str, connection: BaseDatabaseWrapper, *arguments: str) -> None:
    given = connection.get_connection_params()
    known = {
        name: str(given[name]) for name in ("host", "port", "user", "password") if name in given
    }
    subprocess.run(
        [program, f"--dbname={given['dbname']}", *arguments],
        env=os.environ | {f"PG{name.upper()}": value for name, value in known.items()},
        check=True,
    )
