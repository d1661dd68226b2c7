"""Restore a backup into an empty database and an empty folder of files."""

from django.core.management.base import CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from portal.backups.command import SetCommand
from portal.backups.errors import BackupError, in_words
from portal.backups.keys import key_at_hand
from portal.backups.restoring import restore_set

CLOSING = (
    "备份里没有的：登录状态（大家重新登录）、做好的报告和名单（要的人重新做）。",
    "备份里没有 SECRET_KEY：请用原来的（可写进 SECRET_KEY_FALLBACKS），否则二次验证的密钥读不出来，要逐个重置。",
    "以前导出的名单可以用 manage.py check_list FILE 核对。",
)


class Command(SetCommand):
    help = (
        "把备份恢复到空的数据库（DATABASE_URL）和空的文件夹（FILES_ROOT）；里面有内容就拒绝。"
        "先核对备份的每个字节，再写；写完核对行数、触发器和文件。没有做完之前网站不会启动。"
        "DIR 是一份备份；如果是放备份的文件夹，取最近的一份。只能恢复到同一种数据库。"
    )

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.add_argument(
            "--again",
            action="store_true",
            help="上次恢复中断了：清除它留下的文件，从头恢复（有内容的数据库不会清空）",
        )

    def handle(self, *args, folder, key, unencrypted, again, **options):
        try:
            with in_words():
                at_hand = key_at_hand(key)
            restored = restore_set(
                folder.absolute(),
                key=at_hand,
                is_plain_welcome=unencrypted,
                again=again,
                tell=self.tell,
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        manifest = restored.manifest
        made_at = f"{timezone.localtime(manifest.made_at):%Y-%m-%d %H:%M:%S}"
        rows = sum(manifest.content.rows.values())
        self.tell(
            f"恢复完成并核对过：{made_at} 的备份 {restored.folder}，"
            f"{len(manifest.content.rows)} 个表 {rows} 行，"
            f"{restored.files} 个文件 {filesizeformat(restored.size)}。"
        )
        for line in CLOSING:
            self.tell(line)
        if restored.letters:
            self.tell(
                f"有 {restored.letters} 封邮件或短信等待发送，其中有的可能在备份之后已经发过；"
                "启动 send_waiting 就会发出。"
            )
        if restored.pending:
            self.tell(
                f"备份比程序旧，还有 {len(restored.pending)} 个迁移：请先运行 manage.py migrate。"
            )
        for reference, fault in sorted(manifest.faults.items()):
            self.stderr.write(f"备份时就缺的文件 {reference}：{fault}。")
        if restored.missing:
            self.stderr.write(
                f"备份时就少了 {len(restored.missing)} 个保护记录的触发器，"
                f"如 {restored.missing[0]}：请运行 manage.py migrate 补上。"
            )
