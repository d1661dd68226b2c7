"""Take away what is kept no longer than the site says."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from applications.firm.retention import tidy
from portal.files.folder import FolderError, own_folder


class Command(BaseCommand):
    help = (
        "删除或隐去到期的个人信息，期限见网站的“隐私说明”；worker 每天运行一次，重复运行没有害处。"
    )

    def handle(self, *args, **options):
        try:
            own_folder()
        except FolderError as error:
            raise CommandError(str(error)) from error
        for what, number in tidy(timezone.now()).items():
            self.stdout.write(f"{what}：{number}")
