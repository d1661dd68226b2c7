"""Write to each member of staff what waits for them."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.centre.daily_mail import post_daily_mail


class Command(BaseCommand):
    help = (
        "给有事要办的工作人员各写一封信（件数和网址），放假的日子不写；一天内重复运行不会重复写。"
    )

    def handle(self, *args, **options):
        self.stdout.write(f"今天的待办邮件 {post_daily_mail(timezone.now())} 封。")
