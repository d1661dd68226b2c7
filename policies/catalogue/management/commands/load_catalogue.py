"""Load the packs of the catalogue; running it twice changes nothing."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError


class Command(BaseCommand):
    help = "载入 fixtures 中的政策目录；有一处错误则全部不改。"

    def add_arguments(self, parser):
        parser.add_argument(
            "folder", nargs="?", type=Path, default=Path(settings.BASE_DIR) / "fixtures"
        )

    def handle(self, *args, **options):
        try:
            counts = load_packs(options["folder"], timezone.now())
        except PackError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise SystemExit(1) from error
        for kind in dict.fromkeys([*counts.new, *counts.changed, *counts.same]):
            self.stdout.write(
                f"{kind}：新增 {counts.new.get(kind, 0)}，更新 {counts.changed.get(kind, 0)}，"
                f"未变 {counts.same.get(kind, 0)}"
            )
        for line in counts.corrected:
            self.stdout.write(f"已更正：{line}")
        for line in counts.kept:
            self.stdout.write(f"与目录包不同：{line}")
