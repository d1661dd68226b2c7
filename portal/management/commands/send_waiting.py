"""Send the e-mails and text messages that wait, once or until stopped."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.loops import Loop
from portal.outbox.sending import send_due
from portal.pulses import MAIL


class Command(BaseCommand):
    help = "发送到期的邮件和短信；重复运行不会重复发送。数据库中断后自己恢复。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="每隔这么多秒再来一次，直到被停止"
        )

    def handle(self, *args, **options):
        every = options["every"]
        if not every:
            self.stdout.write(f"已发送 {send_due(timezone.now)} 件。")
            return

        def act(loop: Loop) -> bool:
            send_due(timezone.now, on_beat=loop.beat, leaves=lambda: loop.is_stopping)
            return False

        Loop(MAIL, act, every).run()
