"""Take away what is kept no longer than the site says."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.firm.retention import tidy


class Command(BaseCommand):
    help = (
        "删除或隐去到期的个人信息，期限见网站的“隐私说明”；worker 每天运行一次，重复运行没有害处。"
    )

    def handle(self, *args, **options):
        for what, number in tidy(timezone.now()).items():
            self.stdout.write(f"{what}：{number}")
