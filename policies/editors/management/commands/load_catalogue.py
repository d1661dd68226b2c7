"""Load the packs of the catalogue; running it twice changes nothing."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from policies.catalogue.packs.loader import Counts, load_read, read_beside
from policies.catalogue.packs.problem import PackError
from policies.editors.packs.difference import difference_of


class Command(BaseCommand):
    help = "载入目录包；有一处错误则全部不改，逐处列出。"

    def add_arguments(self, parser):
        parser.add_argument(
            "folder",
            nargs="?",
            type=Path,
            default=settings.CATALOGUE_FOLDER,
            help=f"目录包所在的文件夹；默认 {settings.CATALOGUE_FOLDER}",
        )
        parser.add_argument("--dry-run", action="store_true", help="只列出会改什么，什么也不改")

    def handle(self, *args, **options):
        now = timezone.now()
        if not options["folder"].is_dir():
            raise CommandError(f"没有文件夹 {options['folder']}。")
        try:
            pack = read_beside(options["folder"])
            if options["dry_run"]:
                difference = difference_of(pack, now)
                lines = [*difference.lines(), "" if difference else "没有要改的。"]
            else:
                lines = [*_told(load_read(pack, now))]
        except PackError as error:
            for problem in error.problems:
                self.stderr.write(str(problem))
            raise SystemExit(1) from error
        for line in filter(None, lines):
            self.stdout.write(line)


def _told(counts: Counts) -> list[str]:
    kinds = dict.fromkeys([*counts.new, *counts.changed, *counts.same])
    return [
        *(
            f"{kind}：新增 {counts.new.get(kind, 0)}，更新 {counts.changed.get(kind, 0)}，"
            f"未变 {counts.same.get(kind, 0)}"
            for kind in kinds
        ),
        *(f"已更正：{line}" for line in counts.corrected),
        *(f"与目录包不同：{line}" for line in counts.kept),
    ]
