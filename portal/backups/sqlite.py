"""A database of SQLite: a snapshot of it in a file, and back into an empty one."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import DEFAULT_DB_ALIAS, connection, connections

from portal.backups.content import LEFT_OUT
from portal.backups.errors import DISK_FULL, BackupError

SNAPSHOT_SUFFIX, RESTORING_SUFFIX = ".snapshot", ".restoring"
PAGES = 2000  # a step of a copy, 8 MB
ALIAS = "snapshot"
IN_USE = "数据库 {path} 正被别的程序使用。请先停止网站和它的命令。"
BROKEN = "数据库文件 {path} 坏了：{error}"


def database_file() -> Path:
    return Path(connection.settings_dict["NAME"])


def beside(suffix: str) -> Path:
    """A file beside the database, as well kept as that, for what is not encrypted."""
    return database_file().with_name(database_file().name + suffix)


def remove_beside(suffix: str) -> bool:
    """Remove what an interrupted run left there; whether there was any."""
    paths = [beside(f"{suffix}{ending}") for ending in ("", "-journal", "-wal", "-shm")]
    found = [path for path in paths if path.exists()]
    for path in found:
        path.unlink()
    return bool(found)


def size_of_database() -> int:
    """Bytes that a snapshot needs at most."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size")
        return cursor.fetchone()[0]


def write_snapshot(path: Path) -> None:
    """The database as it is at one moment, without what is left out; writers are not held up."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    with _in_words(path), closing(sqlite3.connect(path, isolation_level=None)) as snapshot:
        # Written down as a whole by whoever asked for it. What goes is overwritten with zeros.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "secure_delete=ON"):
            snapshot.execute(f"PRAGMA {pragma}")
        present = {name for (name,) in snapshot.execute("SELECT name FROM sqlite_master")}
        for table in present.intersection(LEFT_OUT):
            snapshot.execute(f"DELETE FROM {table}")  # noqa: S608 (constants)


@contextmanager
def opened(path: Path) -> Iterator[str]:
    """The alias of a snapshot; nothing is written beside it."""
    connections.databases[ALIAS] = {
        **connections[DEFAULT_DB_ALIAS].settings_dict,
        "NAME": f"{path.resolve().as_uri()}?immutable=1",
        "OPTIONS": {},
    }
    try:
        yield ALIAS
    finally:
        connections[ALIAS].close()
        del connections[ALIAS]
        del connections.databases[ALIAS]


def restore(path: Path, tell: Callable[[int, int], None]) -> None:
    """Copy a snapshot into the empty database, in one transaction: all of it or nothing.

    `tell` gets the pages that are done, and how many there are.
    """
    connection.close()
    address = f"{path.resolve().as_uri()}?immutable=1"
    target_file = database_file()
    with (
        _in_words(target_file),
        closing(sqlite3.connect(address, uri=True)) as snapshot,
        closing(sqlite3.connect(target_file, timeout=5)) as target,
    ):
        # Pages go to their place at once instead of through a log of the same size.
        (mode,) = target.execute("PRAGMA journal_mode=DELETE").fetchone()
        if mode != "delete":
            raise BackupError(IN_USE.format(path=target_file))
        snapshot.backup(
            target, pages=PAGES, progress=lambda _, left, total: tell(total - left, total)
        )


def faults() -> list[str]:
    """What SQLite finds wrong with the database itself."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check(10)")
        return [fault for (fault,) in cursor.fetchall() if fault != "ok"]


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        if "disk is full" in str(error):
            raise BackupError(DISK_FULL.format(name=path)) from error
        if "locked" in str(error):
            raise BackupError(IN_USE.format(path=path)) from error
        raise BackupError(BROKEN.format(path=path, error=error)) from error
