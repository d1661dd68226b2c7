"""Warn firms whose drafts are not handed in while the call for them nears its last day."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.cases.services.calls import warn_of_last_days


class Command(BaseCommand):
    help = "征集截止前五个、一个工作日提醒有草稿的企业；每天运行一次，重复运行不会重复提醒。"

    def handle(self, *args, **options):
        self.stdout.write(f"提醒征集快截止 {warn_of_last_days(timezone.now())} 家。")
