"""Write the catalogue as packs into a new folder, the whole or some of its programmes."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from policies.catalogue.models import Programme
from policies.catalogue.packs.export import export_packs


class Command(BaseCommand):
    help = "把政策目录写成目录包：load_catalogue 能原样载入。不含草稿、历史、征集和文件原件。"

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, help="写到哪个文件夹；不能已有内容")
        which = parser.add_mutually_exclusive_group(required=True)
        which.add_argument("--all", action="store_true", help="整个目录")
        which.add_argument(
            "--programme",
            action="extend",
            nargs="+",
            metavar="编号",
            help="只要这些项目，连同它们用到的指标、文件、条款、口径说明、行政区划和同义词",
        )

    def handle(self, *args, **options):
        folder, wanted = options["folder"], options["programme"]
        known = set(Programme.objects.filter(pk__in=wanted or ()).values_list("pk", flat=True))
        if strange := [name for name in wanted or () if name not in known]:
            raise CommandError(f"没有项目 {'、'.join(strange)}。")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if any(folder.iterdir()):
                raise CommandError(f"{folder} 里已有内容，请写一个新的文件夹。")
            files = export_packs(wanted)
            for name, text in files.items():
                (folder / name).parent.mkdir(exist_ok=True)
                (folder / name).write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"写不了 {folder}：{error.strerror}。") from error
        self.stdout.write(f"写好 {len(files)} 个文件，在 {folder}。")
