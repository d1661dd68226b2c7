"""Bring the database of a site to this version: told before, backed up before, and the way back told."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from portal.backups.sets import chosen
from portal.database_words import database_in_words
from portal.migration_notes import notes_of
from portal.models import Jurisdiction, Pulse
from portal.pulses import EXPECTED, SILENT_AFTER

NOT_BACKED_UP = (
    "升级前要先备份：写明放备份的文件夹，如 make upgrade BACKUP=/srv/backups"
    "（即 manage.py upgrade /srv/backups），或者设置 BACKUP_FOLDER。已经另外备份了，才用 --without-backup。"
)
SITE_RUNS = "{address} 还有程序应答：先停下网站（如 systemctl stop），再来升级。数据库没有动。"
COMMAND_RUNS = "{name} 还在运行：先停下它（如 systemctl stop），再来升级。数据库没有动。"
AWAIT = "等待确认 {names} 已经停下，最多 {seconds} 秒。"
# Only the version that made a backup is sure to read it, so restoring comes before going back.
WAY_BACK = (
    "要退回升级前：停下网站和各个命令，把 DATABASE_URL 和 FILES_ROOT 改成空的数据库和空的文件夹，"
    "运行 manage.py restore {folder}（不要再运行 migrate），装回原来的版本，再启动。"
)
WAY_BACK_UNKNOWN = "要退回升级前：停下网站和各个命令，恢复自己另做的备份，装回原来的版本，再启动。"
NO_BACKUP = (
    "备份没有做好，或者不完整，所以没有升级，数据库没有动。可以先自己用 manage.py backup 备份好，"
    "再用 --without-backup 升级。原因"
)


def is_new() -> bool:
    """Whether this database was never filled to the end: there is nothing to lose."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
    return Jurisdiction._meta.db_table not in tables or not Jurisdiction.objects.exists()


def migrations_to_run() -> list[Migration]:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [migration for migration, _ in plan]


def plan(backup: str) -> Iterator[str]:
    """What is going to be done, line by line; `backup` is the folder, or empty for none."""
    if backup:
        yield f"备份数据库和上传的文件，放到 {backup}。"
    if migrations := migrations_to_run():
        notes = "\n".join(f"   {note}" for note in notes_of(migrations))
        yield f"更新数据表，{len(migrations)} 个迁移。" + (f"各要多久：\n{notes}" if notes else "")
    else:
        yield "数据表已经是这个版本的，不用更新。"
    yield f"载入这个版本的政策目录和资金（{'、'.join(settings.LOAD_COMMANDS)}），一般不到一分钟。"
    yield f"核对（{'、'.join(settings.LOADED_CHECKS)}）。"


def refuse_while_running(
    address: str, clock: Callable[[], datetime], say: Callable[[str], None]
) -> None:
    """CommandError while the site answers at `address` or a command beside it shows life.

    A command says every few seconds that it is at work, so one that was stopped just now is waited
    for until it has been silent long enough.
    """
    if _answers(address):
        raise CommandError(SITE_RUNS.format(address=address))
    known = _beats()
    last = max(known.values(), default=None)
    if last is None or last + SILENT_AFTER < clock():
        return
    say(AWAIT.format(names="、".join(sorted(known)), seconds=int(SILENT_AFTER.total_seconds())))
    while last + SILENT_AFTER > clock():
        time.sleep(1)
        for name, at in _beats().items():
            if at != known.get(name):
                raise CommandError(COMMAND_RUNS.format(name=f"manage.py {name}"))


def _beats() -> dict[str, datetime]:
    return dict(Pulse.objects.filter(name__in=EXPECTED).values_list("name", "at"))


def _answers(address: str) -> bool:
    """Whether a server listens at host:port or unix:/path."""
    path = address.removeprefix("unix:")
    host, _, port = address.rpartition(":")
    try:
        if path != address:
            with socket.socket(socket.AF_UNIX) as tried:
                tried.connect(path)
        else:
            socket.create_connection((host.strip("[]") or "127.0.0.1", int(port)), 2).close()
    except (OSError, ValueError):
        return False
    return True


def upgrade(*, backup: str, is_new: bool, say: Callable[[str], None]) -> None:
    """Back up into the folder `backup`, unless it is empty, then migrate, load and check.

    A database that `is_new` has nothing to go back to. CommandError says where it stopped and how to go back.
    """
    way_back = WAY_BACK_UNKNOWN
    if backup:
        with _told(NO_BACKUP):
            call_command("backup", backup)
        # The set itself: a later one in the folder holds what the upgrade made.
        way_back = WAY_BACK.format(folder=chosen(Path(backup)))
    if is_new:
        way_back = ""
    with _told(f"没有做完。查明原因以后可以再运行一次。{way_back}\n原因"):
        call_command("migrate", interactive=False)
        for name in settings.LOAD_COMMANDS:
            call_command(name)
    for name in settings.LOADED_CHECKS:
        try:
            call_command(name)
        except SystemExit:
            say(
                f"manage.py {name} 发现了上面的问题：升级前就有的照旧；新出现的请先弄清楚，再启动网站。"
            )
    say(
        "数据库建好了。"
        if is_new
        else f"升级完成。启动网站和各个命令，再看 /healthz/ready。{way_back}"
    )


@contextmanager
def _told(what: str) -> Iterator[None]:
    try:
        yield
    except SystemExit as error:
        raise CommandError(f"{what}（见上）。") from error
    except DatabaseError as error:
        raise CommandError(f"{what}：{database_in_words(error)}") from error
    except Exception as error:
        raise CommandError(f"{what}：{error}") from error
