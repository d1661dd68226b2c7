"""Do long work, until stopped: reports and large lists."""

import os

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.jobs.tidying import forget_old
from portal.jobs.work import do_one, work_off, worker_name
from portal.loops import Loop
from portal.pulses import WORKER

TIDY_EVERY = 3600  # seconds
# Pages come first where a report and they want the processor at once: it is made three times as
# slowly then, and as fast as ever where they leave it free.
NICENESS = 5


class Command(BaseCommand):
    help = "做报告、长名单等费时的任务，直到被停止；可以同时运行几个。数据库中断后自己恢复。"

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="做完现有的任务就结束")

    def handle(self, *args, **options):
        if options["once"]:
            self.stdout.write(f"做完 {work_off(timezone.now)} 项。")
            return
        os.nice(NICENESS)
        name, tidied = worker_name(), [None]

        def act(loop: Loop) -> bool:
            now = timezone.now()
            if tidied[0] is None or (now - tidied[0]).total_seconds() > TIDY_EVERY:
                forget_old(now)
                tidied[0] = now
            return do_one(name, timezone.now, on_beat=loop.beat, leaves=lambda: loop.is_stopping)

        Loop(WORKER, act, every=1).run()
