"""Restore a set into an empty database and an empty folder of files.

The folder is marked before anything is written and unmarked when everything was compared: until
then no site starts there. The database comes back in one transaction, after the files, so that an
interrupted restore leaves it empty or whole.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import Error as DatabaseError
from django.db import connection
from django.template.defaultfilters import filesizeformat

from portal.backups import postgresql, sqlite
from portal.backups.content import content_of, kept_files, tables_of
from portal.backups.disk import refuse_without_space, write_new
from portal.backups.errors import BackupError, ended_in_order, in_words
from portal.backups.keys import Key
from portal.backups.manifest import Entry, Manifest
from portal.backups.progress import Progress, Tell
from portal.backups.sets import chosen
from portal.backups.verifying import check_set, content
from portal.files.folder import MARK, RESTORING, flush_folder, own_folder, refuse_unfinished
from portal.files.holding import LOCK, deletions_held
from portal.models import DatabaseIdentity, Delivery
from portal.triggers import missing_triggers

NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
NEEDS_KEY = "{folder} 是加密的（密钥 {stated}）：请用 --key FILE 或 BACKUP_KEY 给出密钥。"
OTHER_ENGINE = "备份来自 {stated}，数据库是 {found}：备份只能恢复到同一种数据库。"
LATER = (
    "备份是更新的版本做的（{names}），这个版本不认识它的表。请装回那个版本再恢复。什么都没有写。"
)
REWRITTEN = (
    "备份的数据库是由另一份迁移建成的（{names}），表和这个版本对不上。"
    "请用做备份的那个版本恢复。什么都没有写。"
)
DATABASE_NOT_EMPTY = (
    "数据库 {name} 里已有 {count} 个表，只能恢复到空的数据库。什么都没有写。"
    "请核对 DATABASE_URL，新建一个空的数据库，或者先把原来的移开。"
)
FILES_NOT_EMPTY = (
    "文件夹 {root} 里已有内容（如 {name}），只能恢复到空的文件夹。什么都没有写。"
    "请核对 FILES_ROOT，换一个空的文件夹，或者先把原来的移开。"
)
AGAIN = "上次的恢复没有做完：清除它留下的 {count} 个文件，从头恢复文件。"
DATABASE_IS_THERE = "数据库上次已经恢复完，这次只核对。"
DIFFERENT = (
    "恢复出来的内容和备份不符，网站不会启动：\n{faults}\n"
    "请换空的数据库和文件夹再恢复一次；还是不符，就换一份备份。"
)
OTHER_FILE = "文件 {reference} 不在，或者和数据库里的校验码不符"
FILES_TOO_MANY = "有 {count} 个文件数据库里没有登记，如 {name}"
_reference = re.compile(r"files/[0-9a-f]{2}/([0-9a-f]{32})")


@dataclass(frozen=True)
class Restored:
    """`pending` are migrations that the database lacks, `missing` guards that it should have, and
    `letters` those that wait to be sent, perhaps once more."""

    folder: Path
    manifest: Manifest
    files: int
    size: int
    pending: list[str]
    missing: list[str]
    letters: int


def restore_set(
    folder: Path, *, key: Key | None, is_plain_welcome: bool, again: bool, tell: Tell
) -> Restored:
    """Restore the set in the folder, or the newest of those in it; BackupError when it cannot be.

    What fails before the database is there leaves everything empty as it was. After that, and after
    a kill, the folder stays marked, and only `again` goes on there.
    """
    with ended_in_order(), in_words():
        whole = chosen(folder)
        tell(f"核对备份 {whole} ……")
        manifest = check_set(whole, key, tell=tell, is_plain_welcome=is_plain_welcome)
        if manifest.key and key is None:
            raise BackupError(NEEDS_KEY.format(folder=whole, stated=manifest.key))
        write_database = _database_writer(whole, manifest, key, tell)
        root = Path(settings.MEDIA_ROOT)
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with deletions_held(root):
            is_there = _make_way(root, manifest, again, tell)
            size = sum(entry.size for entry in manifest.entries[1:])
            refuse_without_space(root, size)
            restored = _write(
                whole, root, manifest, key, tell, None if is_there else write_database
            )
            tell("核对恢复的内容……")
            _compare(manifest, restored)
            (root / f"{MARK}{manifest.content.identity}").touch()
            flush_folder(root)
            (root / RESTORING).unlink()
            flush_folder(root)
        own_folder()
        pending = manifest.content.missing_migrations()
        return Restored(
            folder=whole,
            manifest=manifest,
            files=len(restored),
            size=size,
            pending=pending,
            missing=[] if pending else missing_triggers(),
            letters=Delivery.objects.filter(state=Delivery.State.WAITING).count(),
        )


def _database_writer(
    folder: Path, manifest: Manifest, key: Key | None, tell: Tell
) -> Callable[[], None]:
    """What restores the database, once it is certain that it can be restored here."""
    if manifest.engine != connection.vendor:
        told = {"stated": NAMES[manifest.engine], "found": NAMES[connection.vendor]}
        raise BackupError(OTHER_ENGINE.format(**told))
    if names := manifest.content.later_migrations():
        raise BackupError(LATER.format(names="、".join(names)))
    if names := manifest.content.rewritten_migrations():
        raise BackupError(REWRITTEN.format(names="、".join(names)))
    entry = manifest.entries[0]
    if manifest.engine == "postgresql":
        newest = max(postgresql.server_version(), int(manifest.version))
        pg_restore, _ = postgresql.program("pg_restore", newest)
        postgresql.refuse_other_encoding()
        return lambda: postgresql.restore(pg_restore, content(folder, manifest, entry, key))
    progress = Progress("", 0, tell)

    def tell_pages(done: int, total: int) -> None:
        progress.now_and_then(lambda: f"恢复数据库：{done * 100 // total}%")

    def write() -> None:
        if not manifest.key:
            sqlite.restore(folder / entry.name, tell_pages)
            return
        try:
            write_new(sqlite.beside(sqlite.RESTORING_SUFFIX), content(folder, manifest, entry, key))
            sqlite.restore(sqlite.beside(sqlite.RESTORING_SUFFIX), tell_pages)
        finally:
            sqlite.remove_beside(sqlite.RESTORING_SUFFIX)

    # Decrypted it lies beside the database for a while.
    refuse_without_space(sqlite.database_file().parent, entry.size * (2 if manifest.key else 1))
    return write


def _make_way(root: Path, manifest: Manifest, again: bool, tell: Tell) -> bool:
    """See that all is empty, or make it so after an interrupted restore; whether the database is
    there already, as that left it. A database with content is never emptied here."""
    is_interrupted = (root / RESTORING).exists()
    if not again:
        refuse_unfinished(root)
    if is_interrupted and connection.vendor == "postgresql":
        postgresql.end_interrupted_restore()
    tables = tables_of()
    is_there = is_interrupted and _is_of(manifest, tables)
    if tables and not is_there:
        told = {"name": connection.settings_dict["NAME"], "count": len(tables)}
        raise BackupError(DATABASE_NOT_EMPTY.format(**told))
    left = [path for path in root.iterdir() if path.name not in (LOCK, RESTORING)]
    own = [path for path in left if re.fullmatch(rf"[0-9a-f]{{2}}|{MARK}[0-9a-f-]+", path.name)]
    if others := left if not is_interrupted else sorted(set(left) - set(own)):
        raise BackupError(FILES_NOT_EMPTY.format(root=root, name=min(others).name))
    if is_interrupted:
        count = sum(1 for path in root.glob("[0-9a-f][0-9a-f]/*"))
        tell(AGAIN.format(count=count))
        _remove_restored(root)
    if is_there:
        tell(DATABASE_IS_THERE)
    return is_there


def _is_of(manifest: Manifest, tables: list[str]) -> bool:
    """Whether the database is the one that the set was made of."""
    if DatabaseIdentity._meta.db_table not in tables:
        return False
    found = DatabaseIdentity.objects.first()
    return found is not None and str(found.identity) == manifest.content.identity


def _write(
    folder: Path,
    root: Path,
    manifest: Manifest,
    key: Key | None,
    tell: Tell,
    write_database: Callable[[], None] | None,
) -> dict[str, str]:
    """Files, then the database; the checksum of each file by its reference."""
    mark = root / RESTORING
    if not mark.exists():
        write_new(mark, [f"{folder}\n".encode()])
        flush_folder(root)
    try:
        restored = _write_files(folder, root, manifest, key, tell)
        if write_database:
            tell(f"恢复数据库（{filesizeformat(manifest.entries[0].size)}）……")
            write_database()
    except BaseException:
        # What failed here is undone; a database that is there already needs the mark.
        if write_database and _is_empty():
            _remove_restored(root)
            mark.unlink()
        raise
    return restored


def _is_empty() -> bool:
    """Whether the database is certainly empty."""
    try:
        return not tables_of()
    except DatabaseError:
        return False


def _write_files(
    folder: Path, root: Path, manifest: Manifest, key: Key | None, tell: Tell
) -> dict[str, str]:
    entries = manifest.entries[1:]
    progress = Progress("恢复", len(entries), tell)
    restored = {}
    for entry in entries:
        reference = _reference_of(entry)
        path = root / reference[:2] / reference
        path.parent.mkdir(mode=0o700, exist_ok=True)
        size, restored[reference] = write_new(path, content(folder, manifest, entry, key))
        progress.add(size)
    for place in {root, *(root / reference[:2] for reference in restored)}:
        flush_folder(place)
    return restored


def _reference_of(entry: Entry) -> str:
    return _reference.fullmatch(entry.name)[1]


def _remove_restored(root: Path) -> None:
    for path in root.glob("[0-9a-f][0-9a-f]"):
        shutil.rmtree(path)
    for path in root.glob(f"{MARK}*"):
        path.unlink()
    if connection.vendor == "sqlite":
        sqlite.remove_beside(sqlite.RESTORING_SUFFIX)


def _compare(manifest: Manifest, restored: dict[str, str]) -> None:
    """The database with what the set says of it, and the files with the database."""
    faults = manifest.content.differences(content_of())
    known = kept_files()
    for reference, (_, sha256) in known.items():
        if restored.get(reference) != sha256 and reference not in manifest.faults:
            faults.append(OTHER_FILE.format(reference=reference))
    if unknown := restored.keys() - known.keys():
        faults.append(FILES_TOO_MANY.format(count=len(unknown), name=min(unknown)))
    if connection.vendor == "sqlite":
        faults += sqlite.faults()
    if faults:
        raise BackupError(DIFFERENT.format(faults="\n".join(faults[:20])))
