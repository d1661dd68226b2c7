"""Restore the newest set into a temporary place, by the command that would do it in earnest."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

import environ
from django.conf import settings
from django.db import ProgrammingError, connection

from portal.backups.errors import BackupError, ended_in_order, in_words
from portal.backups.progress import Tell
from portal.backups.sets import GOING, sole_writer

SUFFIX = "drill"
# What a temporary database says of itself.
COMMENT = "portal backup drill of {name}"
FAILED = "演练没有通过：{command} 的退出码是 {code}。"
REST = "清除了上次中断的演练留下的 {name}。"
MAY_NOT = (
    "不能新建临时数据库 {name}：{error}\n"
    "演练要新建一个临时数据库，请给数据库用户 CREATEDB 的权限，或者用有这个权限的用户演练。"
)


def drill(folder: Path, *, arguments: Sequence[str], then: Sequence[str], tell: Tell) -> float:
    """Restore into a temporary place, run the commands `then` there, and remove all of it; seconds.

    `arguments` go to the command restore. BackupError when one of the commands fails.
    """
    began = time.monotonic()
    with in_words(), ended_in_order(), _place(tell) as environment:
        commands = [["restore", str(folder.resolve()), *arguments], *map(shlex.split, then)]
        for command in commands:
            tell(f"$ manage.py {shlex.join(command)}")
            _run(command, environment, tell)
    return time.monotonic() - began


def _run(command: list[str], environment: dict[str, str], tell: Tell) -> None:
    with subprocess.Popen(  # noqa: S603 (commands of this project)
        [sys.executable, settings.BASE_DIR / "manage.py", *command],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            for line in process.stdout:
                tell(f"  {line.rstrip()}")
        except BaseException:
            process.kill()
            raise
    if process.returncode:
        raise BackupError(FAILED.format(command=command[0], code=process.returncode))


@contextmanager
def _place(tell: Tell) -> Iterator[dict[str, str]]:
    """Settings of a site with an empty database and folder beside the real ones."""
    root = Path(settings.MEDIA_ROOT)
    folder = root.with_name(f"{root.name}.{SUFFIX}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with sole_writer(folder):
        if rest := [path for path in folder.iterdir() if path.is_dir()]:
            tell(REST.format(name=folder))
            for path in rest:
                # The command of the last drill may outlive it: it finds its place no more.
                shutil.rmtree(path.rename(path.with_suffix(GOING)))
        work = Path(tempfile.mkdtemp(dir=folder))
        try:
            with _database(work, tell) as address:
                yield {"DATABASE_URL": address, "FILES_ROOT": str(work / "files")}
        finally:
            shutil.rmtree(folder)


@contextmanager
def _database(work: Path, tell: Tell) -> Iterator[str]:
    """The address of an empty database."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{quote(str((work / 'database.sqlite3').resolve()))}"
        return
    own = connection.settings_dict["NAME"]
    comment, name = COMMENT.format(name=own), f"{own[:40]}_{SUFFIX}_{os.getpid()}"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT datname FROM pg_database WHERE shobj_description(oid, 'pg_database') = %s",
            [comment],
        )
        for (rest,) in cursor.fetchall():
            cursor.execute(f"DROP DATABASE {connection.ops.quote_name(rest)} WITH (FORCE)")
            tell(REST.format(name=rest))
        try:
            cursor.execute(f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING 'UTF8'")
        except ProgrammingError as error:
            raise BackupError(MAY_NOT.format(name=name, error=error)) from error
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"COMMENT ON DATABASE {quoted} IS %s", [comment])
        address = urlsplit(environ.Env().str("DATABASE_URL"))
        yield urlunsplit(address._replace(path=f"/{quote(name)}"))
    finally:
        # A long restore may have lost the connection.
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {quoted} WITH (FORCE)")
