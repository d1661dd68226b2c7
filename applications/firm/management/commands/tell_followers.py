"""Write to whoever follows programmes, searches or what comes near for their firm."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.firm.near_limits import news_of_firms
from applications.following.letters import post_news


class Command(BaseCommand):
    help = "给订阅的人写信：窗口、规则、文件的变化和企业快到的限额；一个邮箱一天最多一封，同一件事不写两次。"

    def handle(self, *args, **options):
        now = timezone.now()
        posted = post_news(now, lambda enterprises: news_of_firms(enterprises, now))
        self.stdout.write(f"订阅提醒 {posted} 封。")
