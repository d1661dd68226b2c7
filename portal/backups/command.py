"""What the commands of backups share: where sets lie, the key, and words while they work."""

from pathlib import Path

from django.core.management.base import BaseCommand


class BackupCommand(BaseCommand):
    """Asks no check of the site: the database may be what is to be restored. Silent with -v0."""

    requires_system_checks = ()
    is_talkative = True

    def execute(self, *args, **options):
        self.is_talkative = options["verbosity"] > 0
        return super().execute(*args, **options)

    def tell(self, words: str) -> None:
        if self.is_talkative:
            self.stdout.write(words)
            self.stdout.flush()


class SetCommand(BackupCommand):
    """Reads a set, or the sets of a folder."""

    def add_arguments(self, parser):
        parser.add_argument("folder", type=Path, metavar="DIR", help="一份备份，或者放备份的文件夹")
        parser.add_argument(
            "--key", type=Path, metavar="FILE", help="密钥文件；没有写时看 BACKUP_KEY"
        )
        parser.add_argument(
            "--unencrypted", action="store_true", help="手上有密钥，也接受没有加密的备份"
        )
