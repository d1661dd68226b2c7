"""Remove files that no row needs, and name the rows whose file is gone."""

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.files.folder import FolderError, own_folder
from portal.files.holding import may_delete
from portal.files.orphans import missing_files, orphans


class Command(BaseCommand):
    help = (
        "找出一天前留下、没有登记的文件，加 --delete 才删除；登记了却找不到的文件逐行列出，退出码为 1。"
        "只处理属于这个数据库的文件夹。数据库的副本和原件编号相同，请给副本另设 FILES_ROOT。"
    )

    def add_arguments(self, parser):
        parser.add_argument("--delete", action="store_true", help="删除找到的文件")
        parser.add_argument(
            "--adopt",
            action="store_true",
            help="文件夹里已有文件、却没有写明属于哪个数据库时，确认它属于这个数据库",
        )

    def handle(self, *args, **options):
        try:
            root = own_folder(adopt=options["adopt"])
        except FolderError as error:
            raise CommandError(str(error)) from error
        if options["delete"]:
            self._delete(root)
        else:
            found = sum(1 for _ in orphans(root, timezone.now()))
            self.stdout.write(f"有 {found} 个没有登记的文件，没有删除；加 --delete 才删除。")
        lost = 0
        for file in missing_files():
            lost += 1
            self.stderr.write(f"找不到文件：{file.reference}")
        if lost:
            raise SystemExit(1)

    def _delete(self, root):
        with may_delete(root) as may:
            if not may:
                self.stdout.write("正在备份，没有登记的文件这次不删除，下次再删。")
                return
            found = 0
            for path in orphans(root, timezone.now()):
                path.unlink(missing_ok=True)
                found += 1
            self.stdout.write(f"删除了 {found} 个没有登记的文件。")
