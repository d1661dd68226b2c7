"""Make a set: the database as it is at one moment, and every file that it knows then.

The database comes first, then the files. What is uploaded meanwhile is not in the set; what is
withdrawn meanwhile stays on the disk until its end (portal.files.holding). A set is written under a
temporary name, read again as a whole, and only then given its own.
"""

import hashlib
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from portal.backups import postgresql, sqlite
from portal.backups.content import Content, content_of, kept_files
from portal.backups.disk import measured, read, refuse_without_space, write_new
from portal.backups.errors import BackupError, ended_in_order, in_words
from portal.backups.keys import Key
from portal.backups.manifest import DATABASES, SEALED, Entry, Manifest, read_manifest
from portal.backups.progress import Progress, Tell
from portal.backups.sealing import seal
from portal.backups.sets import (
    PART,
    give_to_service,
    name_at,
    remove_older,
    remove_rest,
    sets_in,
    sole_writer,
)
from portal.backups.verifying import check_set
from portal.files.folder import flush_folder, own_folder
from portal.files.holding import deletions_held
from portal.files.store import remove_withdrawn
from portal.models import DatabaseIdentity

INSIDE = "备份不能放在上传文件的文件夹 {root} 里。"
OF_ANOTHER = "{folder} 里是另一个数据库（{identity}）的备份。请给每个数据库用自己的文件夹。"
IN_MEMORY = "数据库在内存里，没有文件可以备份。"
REST = "清除了上次中断的备份留下的 {name}。"
REST_OF_SNAPSHOT = "清除了上次中断的备份留在数据库旁边的临时副本。"
LOST, DAMAGED = "找不到", "内容和登记的校验码不同"
# A withdrawal is dated when its request begins.
REQUEST = timedelta(hours=1)

# By reference, size and checksum.
Files = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Made:
    """A whole set, and the names of older ones that it replaced."""

    folder: Path
    manifest: Manifest
    removed: list[str]


def make_backup(
    folder: Path, *, key: Key | None, keep: int | None, is_loss_known: bool, tell: Tell
) -> Made:
    """Add a set to the folder; BackupError, and nothing of it is left, when it does not succeed.

    Files that are lost or damaged in the store are named in its manifest. Their loss is known once
    it was said, for all later sets of the folder. Older sets beyond `keep` go only where no loss is
    new.
    """
    with ended_in_order(), in_words():
        root = own_folder()
        if folder.resolve().is_relative_to(root.resolve()):
            raise BackupError(INSIDE.format(root=root))
        is_new = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_new:
            give_to_service(folder)
        began = timezone.now()
        with sole_writer(folder):
            before = _before(folder)
            with deletions_held(root):
                whole, manifest = _make(folder, root, key, before, is_loss_known, tell)
            # What takes hours may have cost the connection.
            connection.close()
            remove_withdrawn(began - REQUEST)
            may_remove = keep and not manifest.new_faults
            return Made(whole, manifest, remove_older(whole, keep) if may_remove else [])


def _before(folder: Path) -> Manifest | None:
    """What the newest set says; BackupError unless it is of this database: they replace one another."""
    own, before = str(DatabaseIdentity.objects.get().identity), None
    for newest in sets_in(folder)[-1:]:
        # One that cannot be read stays in nobody's way.
        with suppress(BackupError, OSError):
            before = read_manifest(newest, None)
    if before and before.content.identity != own:
        raise BackupError(OF_ANOTHER.format(folder=folder, identity=before.content.identity))
    return before


def _make(
    folder: Path,
    root: Path,
    key: Key | None,
    before: Manifest | None,
    is_loss_known: bool,
    tell: Tell,
) -> tuple[Path, Manifest]:
    for name in remove_rest(folder):
        tell(REST.format(name=name))
    if connection.vendor == "sqlite" and sqlite.remove_beside(sqlite.SNAPSHOT_SUFFIX):
        tell(REST_OF_SNAPSHOT)
    whole = _free_name(folder)
    part = whole.with_name(whole.name + PART)
    part.mkdir(mode=0o700)
    try:
        manifest = _write(part, root, key, before, is_loss_known, tell)
        check_set(part, key, tell=tell)
        give_to_service(part)
        part.rename(whole)
        flush_folder(folder)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return whole, manifest


def _free_name(folder: Path) -> Path:
    """A second has one set."""
    while (path := folder / name_at(timezone.now())).exists():
        time.sleep(0.1)
    return path


def _write(
    part: Path,
    root: Path,
    key: Key | None,
    before: Manifest | None,
    is_loss_known: bool,
    tell: Tell,
) -> Manifest:
    made_at = timezone.now()
    copy = _from_sqlite if connection.vendor == "sqlite" else _from_postgresql
    entry, version, content, files = copy(part, key, tell)
    entries, faults = _copy_files(part, root, files, key, tell)
    known = list(faults) if is_loss_known else before.still_known(faults) if before else []
    manifest = Manifest(
        made_at=made_at,
        engine=connection.vendor,
        version=version,
        content=content,
        entries=[entry, *entries],
        faults=faults,
        key=key.mark if key else "",
        known=known,
    )
    manifest.write(part, key)
    for path in [*part.glob("**/"), part]:
        flush_folder(path)
    return manifest


def _from_sqlite(part: Path, key: Key | None, tell: Tell) -> tuple[Entry, str, Content, Files]:
    if connection.is_in_memory_db():
        raise BackupError(IN_MEMORY)
    name = DATABASES["sqlite"]
    # What is not encrypted lies beside the database meanwhile, and nowhere else.
    path = sqlite.beside(sqlite.SNAPSHOT_SUFFIX) if key else part / name
    size = sqlite.size_of_database()
    for place in {path.parent, part}:
        refuse_without_space(place, size)
    tell("复制数据库……")
    try:
        sqlite.write_snapshot(path)
        with sqlite.opened(path) as using:
            content, files = content_of(using), kept_files(using)
        if key:
            with path.open("rb") as file:
                entry = _put(part, name, read(file), key)
        else:
            entry = Entry(name, *measured(path))
    finally:
        if key:
            sqlite.remove_beside(sqlite.SNAPSHOT_SUFFIX)
    return entry, sqlite3.sqlite_version, content, files


def _from_postgresql(part: Path, key: Key | None, tell: Tell) -> tuple[Entry, str, Content, Files]:
    pg_dump, version = postgresql.program("pg_dump", postgresql.server_version())
    # Indexes are not in it, and rows come compressed: more than enough.
    refuse_without_space(part, postgresql.size_of_rows())
    tell("复制数据库……")
    with postgresql.snapshot() as snapshot:
        content, files = content_of(), kept_files()
        dumped = postgresql.dumped(pg_dump, snapshot)
        entry = _put(part, DATABASES["postgresql"], dumped, key)
    return entry, str(version), content, files


def _copy_files(
    part: Path, root: Path, files: Files, key: Key | None, tell: Tell
) -> tuple[list[Entry], dict[str, str]]:
    """The entries, and what is wrong with which file."""
    refuse_without_space(part, sum(size for size, _ in files.values()))
    entries, faults = [], {}
    progress = Progress("备份", len(files), tell)
    for reference, (_, sha256) in files.items():
        place = f"{reference[:2]}/{reference}"
        try:
            file = (root / place).open("rb")
        except FileNotFoundError:
            faults[reference] = LOST
            continue
        with file:
            digest = hashlib.sha256()
            entry = _put(part, f"files/{place}", _watched(read(file), digest), key)
        if digest.hexdigest() != sha256:
            faults[reference] = DAMAGED
        entries.append(entry)
        progress.add(entry.size)
    return entries, faults


def _put(part: Path, name: str, chunks: Iterable[bytes], key: Key | None) -> Entry:
    path = part / (f"{name}{SEALED}" if key else name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Entry(name, *write_new(path, seal(chunks, key, name) if key else chunks))


def _watched(chunks: Iterable[bytes], digest: Any) -> Iterator[bytes]:
    for chunk in chunks:
        digest.update(chunk)
        yield chunk
