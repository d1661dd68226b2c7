"""Add the self-checks of days gone by to the numbers that are kept of them."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from policies.self_check.counting import count_days


class Command(BaseCommand):
    help = (
        "把七天前做的自测汇总成每天的次数（停在哪一题、哪些条件不符合），不留下任何一份自测的内容；"
        "daily 每天运行一次，数过的日子不再数。"
    )

    def handle(self, *args, **options):
        for day in count_days(timezone.localdate()):
            self.stdout.write(f"已汇总 {day:%Y-%m-%d} 的自测")
