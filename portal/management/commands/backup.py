"""Back up the database and the files that it knows."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from portal import pulses
from portal.backups.command import BackupCommand
from portal.backups.errors import BackupError, in_words
from portal.backups.keys import key_at_hand, new_key
from portal.backups.making import make_backup
from portal.backups.manifest import NAME
from portal.models import Job

NEW_KEY = (
    "密钥写进了 {path}（标记 {mark}）。请另抄一份，和备份分开保管：丢了它，用它加密的备份谁也打不开。\n"
    "备份时用 --key {path}，或者把文件里的那一行设为环境变量 BACKUP_KEY。"
)
LEFT_OUT = (
    "没有备份的：登录状态（恢复后大家重新登录）、暂存的页面和访问计数、"
    "{made} 里做好的报告和名单、没有做完的上传。"
)
SETTINGS_STAY = (
    "SECRET_KEY 和其他设置（.env.service）也不在备份里，请另外保管：没有原来的 SECRET_KEY，"
    "二次验证的密钥读不出来，要逐个重置。"
)


OFF = (
    "没有设置 BACKUP_FOLDER，没有备份。要每天备份，把它设成放备份的文件夹；只备份这一次，"
    "写成 manage.py backup DIR。"
)
KNOWN = (
    "注意：有 {count} 个上传的文件早已说明丢失或损坏，这份备份里也没有完好的；"
    "是哪些，看 {path} 里的 known。"
)
NEW = (
    "备份做好了，但新发现有 {count} 个上传的文件丢失或损坏{kept}。请找回它们（从以前的备份或别的副本）；"
    "确实找不回的，运行一次 manage.py backup{folder} --loss-known，以后对它们只提醒。"
)
# Unlike a backup that failed, this calls nobody.
IS_OFF = 3


class Command(BackupCommand):
    help = (
        "备份数据库和它登记的上传文件，网站照常运行。每次在 DIR 里新建一个以时间命名的文件夹，"
        "写完、重读核对无误才算数；中断的下次清除。恢复用 restore，核对用 verify_backup，"
        "演练用 backup_drill。-v0 只说出错的。退出码：0 做好了；1 没有做成，或者新发现有上传文件丢失、损坏（备份照样做好）；"
        f"{IS_OFF} 没有写 DIR，也没有设置 BACKUP_FOLDER。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "folder",
            type=Path,
            metavar="DIR",
            nargs="?",
            help="放备份的文件夹；没有写时是 BACKUP_FOLDER，那里只留最近 BACKUP_KEEP 份",
        )
        parser.add_argument(
            "--keep",
            type=int,
            metavar="N",
            help="新备份核对无误之后，只留最近 N 份；网站上到期删除的个人信息，也要等旧备份删掉才没有",
        )
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="加密用的密钥文件；没有写时看 BACKUP_KEY"
        )
        parser.add_argument("--new-key", type=Path, metavar="FILE", help="只生成一个新密钥")
        parser.add_argument(
            "--loss-known",
            action="store_true",
            help="说明已经知道有上传文件丢失或损坏，说一次就行：这次和以后往 DIR 的备份对这些文件只提醒，"
            "退出码仍为 0，照常删除旧备份；再丢的照样报告",
        )

    def handle(self, *args, folder, keep, key, new_key, loss_known, **options):
        if folder and new_key:
            raise CommandError("请写明放备份的文件夹，或者用 --new-key FILE 生成密钥，不能都写。")
        if keep is not None and keep < 1:
            raise CommandError("--keep 至少是 1。")
        is_nightly = folder is None
        try:
            if new_key:
                self._make_key(new_key)
                return
            if is_nightly:
                folder, keep = _nightly(keep)
            with in_words():
                at_hand = key_at_hand(key)
            made = make_backup(
                folder.absolute(),
                key=at_hand,
                keep=keep,
                is_loss_known=loss_known,
                tell=self.tell,
            )
        except BackupError as error:
            raise CommandError(str(error)) from error
        manifest = made.manifest
        size = filesizeformat(sum(entry.size for entry in manifest.entries))
        sealed = f"用密钥 {manifest.key} 加密" if manifest.key else "没有加密"
        self.tell(
            f"备份做好并核对过：{made.folder}，数据库和 {len(manifest.entries) - 1} 个文件，"
            f"共 {size}，{sealed}。"
        )
        for name in made.removed:
            self.tell(f"删除了旧备份 {name}。")
        self.tell(LEFT_OUT.format(made=Path(settings.MEDIA_ROOT) / Job.FOLDER))
        self.tell(SETTINGS_STAY)
        for reference, fault in sorted(manifest.new_faults.items()):
            self.stderr.write(f"上传的文件 {reference}：{fault}。")
        if manifest.known:
            self.stderr.write(KNOWN.format(count=len(manifest.known), path=made.folder / NAME))
        if manifest.new_faults:
            raise CommandError(
                NEW.format(
                    count=len(manifest.new_faults),
                    kept="，旧备份都没有删除" if keep else "",
                    folder="" if is_nightly else f" {folder}",
                )
            )
        if is_nightly:
            pulses.beat(pulses.BACKUP, timezone.now())

    def _make_key(self, path):
        with in_words():
            key = new_key(path)
        self.tell(NEW_KEY.format(path=path, mark=key.mark))


def _nightly(keep):
    """The folder of the settings, and how many sets stay there."""
    if not settings.BACKUP_FOLDER:
        raise CommandError(OFF, returncode=IS_OFF)
    return Path(settings.BACKUP_FOLDER), keep or settings.BACKUP_KEEP
