"""Try whether the newest backup can be restored."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal.backups.drill import drill
from portal.backups.errors import BackupError


class Command(BaseCommand):
    help = (
        "演练：用 restore 把最近的备份恢复到临时的数据库和文件夹，照样核对，说明用了多久，"
        "最后全部清除，不碰正式的数据。PostgreSQL 会在旁边新建一个临时数据库，用户要有 CREATEDB 的权限。"
    )
    requires_system_checks = ()

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="一份备份，或者放备份的文件夹")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="密钥文件；没有写时看 BACKUP_KEY"
        )
        parser.add_argument(
            "--unencrypted", action="store_true", help="手上有密钥，也接受没有加密的备份"
        )
        parser.add_argument(
            "--run",
            action="append",
            default=[],
            metavar="COMMAND",
            help="恢复之后在临时的站点上再运行的命令，可以写几次，如 --run 'check_list 名单.xlsx'",
        )

    def handle(self, *args, folder, key, unencrypted, run, **options):
        arguments = ["--key", str(key.absolute())] if key else []
        arguments += ["--unencrypted"] if unencrypted else []
        try:
            seconds = drill(folder, arguments=arguments, then=run, tell=self._tell)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"演练通过，用了 {seconds:.0f} 秒；临时的数据库和文件都已清除。")

    def _tell(self, words):
        self.stdout.write(words)
        self.stdout.flush()
