"""Remove files that no row needs, and name the rows whose file is gone."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.files.orphans import missing_files, remove_orphans


class Command(BaseCommand):
    help = "删除一天前留下、没有登记的文件；登记了却找不到的文件逐行列出，退出码为 1。"

    def handle(self, *args, **options):
        removed = remove_orphans(timezone.now())
        self.stdout.write(f"删除了 {removed} 个没有登记的文件。")
        lost = 0
        for file in missing_files():
            lost += 1
            self.stderr.write(f"找不到文件：{file.reference} {file.original_name}")
        if lost:
            raise SystemExit(1)
