"""Bring the database to this version, after a backup."""

from django.conf import settings
from django.core.checks import ERROR
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.utils import timezone

from portal import upgrading
from portal.database_words import database_in_words
from portal.environment import said
from portal.start import found_in_service, in_words


class Command(BaseCommand):
    help = (
        "把数据库升级到这个版本：先核对，说明要做什么、各要多久，备份以后再动手，最后说明怎样退回。"
        "网站和各个命令要先停下。重复运行不会重复改动；空数据库不需要备份。"
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument(
            "backup", nargs="?", default="", help="放备份的文件夹；没有写时是 BACKUP_FOLDER"
        )
        parser.add_argument("--without-backup", action="store_true", help="已经另外备份，不再备份")
        parser.add_argument("--plan", action="store_true", help="只说明要做什么，什么都不改")
        parser.add_argument(
            "--no-input", action="store_false", dest="interactive", help="不再问是否继续"
        )

    def handle(self, *args, backup, without_backup, interactive, **options):
        if backup and without_backup:
            raise CommandError("写了放备份的文件夹，就不要再写 --without-backup。")
        try:
            connection.ensure_connection()
            is_new = upgrading.is_new()
        except DatabaseError as error:
            raise CommandError(database_in_words(error)) from error
        if not (backup or without_backup or is_new):
            backup = settings.BACKUP_FOLDER
        if errors := [in_words(each) for each in found_in_service() if each.level >= ERROR]:
            raise CommandError("没有升级，什么都没有改：\n" + "\n".join(errors))
        if not (backup or without_backup or is_new or options["plan"]):
            raise CommandError(upgrading.NOT_BACKED_UP)
        if is_new and backup:
            self._say("数据库还没有内容，不用备份。")
            backup = ""
        self.stdout.write(f"数据库：{_named()}。将要做：")
        for number, line in enumerate(upgrading.plan(backup), 1):
            self.stdout.write(f"{number}. {line}")
        if options["plan"]:
            return
        if not is_new:
            address = said("WEB_ADDRESS", "127.0.0.1:8000")
            upgrading.refuse_while_running(address, timezone.now, self._say)
            if interactive and not _agreed():
                raise CommandError("没有确认，什么都没有改。不想再问，加 --no-input。")
        upgrading.upgrade(backup=backup, is_new=is_new, say=self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def _named() -> str:
    """Which database it is, without a password."""
    known = settings.DATABASES["default"]
    return f"{known['NAME']}（{connection.display_name}）"


def _agreed() -> bool:
    try:
        return input("网站和各个命令都停下了吗？输入 yes 开始：").strip().lower() in ("yes", "y")
    except EOFError:
        return False
