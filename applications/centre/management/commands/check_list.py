"""Tell whether the rows of an exported file are those that left the portal."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from applications.centre.models import ExportLog
from portal.lists.check import NotAListError, check_file

CHANGED = "行被改动过：文件写的校验码是 {stated}，按现有的 {count} 行算出的是 {computed}"
UNKNOWN = "行与校验码相符，但没有这份文件的导出记录：{computed}"


class Command(BaseCommand):
    help = (
        "Check an exported XLSX or CSV: its rows against the checksum it states, and the checksum"
        " against the record of exports. Exit 1 where either fails."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checked = check_file(options["file"])
        except NotAListError as error:
            raise CommandError(str(error)) from error
        told = {
            "count": checked.count,
            "stated": checked.stated,
            "computed": checked.computed,
        }
        if not checked.is_intact:
            raise CommandError(CHANGED.format(**told))
        logs = ExportLog.objects.filter(checksum=checked.computed).select_related("user")
        if not logs:
            raise CommandError(UNKNOWN.format(**told))
        self.stdout.write(f"没有改动过：{checked.count} 行，与校验码相符。")
        for log in logs:
            made = f"{timezone.localtime(log.at):%Y-%m-%d %H:%M}"
            self.stdout.write(f"{made} {log.user} 导出“{log}”，筛选条件：{log.filtered}")
