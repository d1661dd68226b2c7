"""Take away what is kept no longer than the site says."""

import time
from contextlib import suppress

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone

from applications.firm.retention import tidy


class Command(BaseCommand):
    help = "删除或隐去到期的个人信息，期限见网站的“隐私说明”；每天运行一次，重复运行没有害处。"

    def add_arguments(self, parser):
        parser.add_argument(
            "--every", type=float, metavar="SECONDS", help="每隔这么多秒再来一次，直到被停止"
        )

    def handle(self, *args, **options):
        with suppress(KeyboardInterrupt):
            while True:
                for what, number in tidy(timezone.now()).items():
                    if number or not options["every"]:
                        self.stdout.write(f"{what}：{number}")
                if not options["every"]:
                    return
                close_old_connections()
                time.sleep(options["every"])
