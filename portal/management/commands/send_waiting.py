"""Send what waits: retries, and deliveries that never reached a worker."""

import time
from contextlib import suppress

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from portal.outbox.sending import send_due


class Command(BaseCommand):
    help = "发送到期的邮件和短信；重复运行不会重复发送。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="每隔这么多秒再来一次，直到被停止"
        )

    def handle(self, *args, **options):
        if not options["every"]:
            self.stdout.write(f"已发送 {send_due(timezone.now)} 件。")
            return
        with suppress(KeyboardInterrupt):
            while True:
                send_due(timezone.now)
                close_old_connections()
                time.sleep(options["every"])
