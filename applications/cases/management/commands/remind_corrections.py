"""Set the days by which firms have to correct, and remind them shortly before."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.cases.services.corrections import remind_of_corrections, set_due_days


class Command(BaseCommand):
    help = "补正截止前三个工作日提醒企业，并补定截止日；每天运行一次，重复运行不会重复提醒。"

    def handle(self, *args, **options):
        now = timezone.now()
        self.stdout.write(f"定下截止日 {set_due_days(now)} 件。")
        self.stdout.write(f"提醒补正 {remind_of_corrections(now)} 件。")
