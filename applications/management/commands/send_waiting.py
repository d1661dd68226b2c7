"""Send what waits: retries, and deliveries that never reached a worker."""

import time

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from applications.delivery import send_due


class Command(BaseCommand):
    help = "发送到期的邮件和短信；重复运行不会重复发送。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="每隔这么多秒再来一次，直到被停止"
        )

    def handle(self, *args, **options):
        while True:
            sent = send_due(timezone.now())
            if sent or not options["every"]:
                self.stdout.write(f"已发送 {sent} 件。")
            if not options["every"]:
                return
            close_old_connections()
            time.sleep(options["every"])
