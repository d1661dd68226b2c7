"""Do what a day asks for, once or until stopped."""

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from portal import pulses
from portal.daily import run_daily
from portal.database_words import database_in_words
from portal.loops import Loop

# Unlike a database that is away, this is not to be tried again at once.
COMMAND_FAILED = 3


class Command(BaseCommand):
    help = (
        "做每天要做的事（到期的信息删除或隐去、清理文件、提醒补正和草稿、待办邮件），早上五点以后每天做一次；"
        "重复运行不会重复做。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="每隔这么多秒看一次，直到被停止"
        )
        parser.add_argument(
            "--also",
            action="append",
            default=[],
            metavar="COMMAND",
            help="最后再做的一个命令，可以写几次，如 --also backup",
        )

    def handle(self, *args, **options):
        every, also = options["every"], options["also"]
        if not every:
            try:
                failed = run_daily(timezone.now(), also)
                pulses.beat(pulses.DAILY, timezone.now())
            except (OperationalError, InterfaceError) as error:
                raise CommandError(
                    f"数据库连不上，过一会儿再来：{database_in_words(error)}"
                ) from error
            if failed:
                words = f"没有做成：{'、'.join(failed)}。原因见上面的日志，明天再做。"
                raise CommandError(words, returncode=COMMAND_FAILED)
            return

        def act(loop: Loop) -> bool:
            run_daily(timezone.now(), also)
            return False

        Loop(pulses.DAILY, act, every).run()
