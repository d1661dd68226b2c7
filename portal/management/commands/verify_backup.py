"""Read backups again from end to end."""

from django.core.management.base import CommandError
from django.template.defaultfilters import filesizeformat

from portal.backups.command import SetCommand
from portal.backups.errors import BackupError, in_words
from portal.backups.keys import key_at_hand
from portal.backups.manifest import NAME
from portal.backups.sets import NO_SETS, sets_in
from portal.backups.verifying import check_set


class Command(SetCommand):
    help = (
        "核对备份的每个字节：清单、校验码，加密的还要解密一遍。不碰数据库。"
        "DIR 是一份备份；如果是放备份的文件夹，逐份核对。退出码：0 全都完好，1 有一份不是。"
    )

    def handle(self, *args, folder, key, unencrypted, **options):
        folder = folder.absolute()
        try:
            with in_words():
                at_hand = key_at_hand(key)
                is_one = (folder / NAME).is_file()
                sets = [folder] if is_one else sets_in(folder)
        except BackupError as error:
            raise CommandError(str(error)) from error
        if not sets:
            raise CommandError(NO_SETS.format(folder=folder))
        bad = sum(not self._is_whole(each, at_hand, unencrypted) for each in sets)
        if bad:
            raise CommandError(f"{len(sets)} 份备份里有 {bad} 份不能用。")

    def _is_whole(self, folder, key, unencrypted):
        try:
            with in_words():
                manifest = check_set(folder, key, tell=self.tell, is_plain_welcome=unencrypted)
        except BackupError as error:
            self.stderr.write(f"{folder.name}：{error}")
            return False
        size = filesizeformat(sum(entry.size for entry in manifest.entries))
        opened = ""
        if manifest.key:
            opened = "，解密无误" if key else "；没有密钥，只核对了校验码，没有解密"
        self.stdout.write(
            f"{folder.name}：完好，数据库和 {len(manifest.entries) - 1} 个文件，共 {size}{opened}。"
        )
        return True
