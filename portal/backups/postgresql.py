"""A database of PostgreSQL, out and in by its own programs pg_dump and pg_restore."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from django.db import connection, transaction
from psycopg2.extensions import make_dsn

from portal.backups.content import LEFT_OUT
from portal.backups.disk import CHUNK
from portal.backups.errors import BackupError

# Where Debian and Red Hat keep those of each version.
FOLDERS = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin")
NO_PROGRAM = (
    "找不到 {name}。请安装 PostgreSQL {version} 或更新版本的客户端程序，"
    "如 apt install postgresql-client-{version}。"
)
OLD_PROGRAM = (
    "{name} 的版本（{found}）比需要的 {version} 旧，做不了。"
    "请安装 PostgreSQL {version} 的客户端程序，如 apt install postgresql-client-{version}。"
)
FAILED = "{name} 没有做成：{said}"
NOT_UTF8 = "数据库的编码是 {encoding}，要用 UTF8：请用 ENCODING 'UTF8' TEMPLATE template0 新建。"


def server_version() -> int:
    """The major version of the server."""
    connection.ensure_connection()
    return connection.pg_version // 10000


def program(name: str, at_least: int) -> tuple[Path, int]:
    """The oldest installed one that is new enough, for the server may not know what newer ones say;
    BackupError when there is none."""
    places = [path for each in FOLDERS for path in Path("/").glob(f"{each[1:]}/{name}")]
    if found := shutil.which(name):
        places.append(Path(found))
    versions = sorted((_version(path), path) for path in places)
    if not versions:
        raise BackupError(NO_PROGRAM.format(name=name, version=at_least))
    for version, path in versions:
        if version >= at_least:
            return path, version
    newest = versions[-1][0]
    raise BackupError(OLD_PROGRAM.format(name=name, found=newest, version=at_least))


def size_of_rows() -> int:
    """Bytes that the rows of all tables take on the server's disk, without indexes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT COALESCE(SUM(pg_table_size(oid)), 0)::bigint FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL (%s)",
            [list(LEFT_OUT)],
        )
        return cursor.fetchone()[0]


@contextmanager
def snapshot() -> Iterator[str]:
    """Within the block all questions see the database as it is now; the name for `dumped`."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            cursor.execute(f"SET LOCAL {limit} = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def dumped(pg_dump: Path, snapshot_name: str) -> Iterator[bytes]:
    """What pg_dump says of the snapshot, in its own format."""
    arguments = ["--format=custom", f"--snapshot={snapshot_name}"]
    arguments += [f"--exclude-table-data={table}" for table in LEFT_OUT]
    with _running(pg_dump, *arguments, stdout=subprocess.PIPE) as process:
        yield from iter(lambda: process.stdout.read(CHUNK), b"")


def restore(pg_restore: Path, chunks: Iterable[bytes]) -> None:
    """Give pg_restore what pg_dump said, in one transaction: all of it or nothing."""
    arguments = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    connection.close()
    with _running(pg_restore, *arguments, stdin=subprocess.PIPE) as process:
        try:
            for chunk in chunks:
                process.stdin.write(chunk)
            process.stdin.close()
        except BrokenPipeError:
            # It ended, and says why.
            with suppress(BrokenPipeError):
                process.stdin.close()
    # A dump holds no statistics, and without them questions take long.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def end_interrupted_restore() -> None:
    """End a pg_restore that outlives its command: it may have read all, and fill the database yet."""
    with connection.cursor() as cursor:
        for _ in range(100):
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND application_name = 'pg_restore'"
            )
            if not cursor.fetchall():
                return
            time.sleep(0.1)


def refuse_other_encoding() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        (encoding,) = cursor.fetchone()
    if encoding != "UTF8":
        raise BackupError(NOT_UTF8.format(encoding=encoding))


@contextmanager
def _running(path: Path, *arguments: str, **streams: int) -> Iterator[subprocess.Popen[bytes]]:
    """One of the programs at work on the database; BackupError when it fails.

    The password goes by the environment, where other users of the machine cannot read it; without
    one, the program looks into ~/.pgpass as the site does.
    """
    known = connection.get_connection_params()
    password = known.pop("password", None)
    address = make_dsn(**{key: value for key, value in known.items() if not callable(value)})
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603 (a program of PostgreSQL)
            [path, "--no-password", *arguments, f"--dbname={address}"],
            env=environment,
            stderr=said,
            **streams,
        )
        with process:
            try:
                yield process
            except BaseException:
                # Before its input ends, lest it take that for the end.
                process.kill()
                raise
        if process.returncode:
            said.seek(0)
            told = said.read().decode("utf-8", "replace").strip()
            raise BackupError(FAILED.format(name=path.name, said=told))


def _version(path: Path) -> int:
    try:
        said = subprocess.run(  # noqa: S603 (a program of PostgreSQL)
            [path, "--version"], capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return 0
    found = re.search(r"(\d+)(?:\.\d+)*", said.stdout)
    return int(found[1]) if found else 0
