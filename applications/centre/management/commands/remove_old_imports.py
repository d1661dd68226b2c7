"""Take away lists that staff uploaded and never recorded."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from applications.centre.imports.recording import remove_unrecorded


class Command(BaseCommand):
    help = "删除上传 30 天还没有登记的名单；worker 每天运行一次。"

    def handle(self, *args, **options):
        self.stdout.write(f"删除没有登记的名单：{remove_unrecorded(timezone.now())}")
