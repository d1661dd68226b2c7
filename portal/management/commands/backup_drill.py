"""Try whether the newest backup can be restored."""

from django.core.management.base import CommandError

from portal.backups.command import SetCommand
from portal.backups.drill import drill
from portal.backups.errors import BackupError


class Command(SetCommand):
    help = (
        "演练：用 restore 把最近的备份恢复到临时的数据库和文件夹，照样核对，说明用了多久，"
        "最后全部清除，不碰正式的数据。PostgreSQL 会在旁边新建一个临时数据库，用户要有 CREATEDB 的权限。"
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
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
            seconds = drill(folder, arguments=arguments, then=run, tell=self.tell)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"演练通过，用了 {seconds:.0f} 秒；临时的数据库和文件都已清除。")
