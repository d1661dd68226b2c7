"""What `make service` does last: fill an empty database, and tell what is still missing."""

from contextlib import suppress

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import DatabaseError

from portal import upgrading
from portal.environment import ENV_FILE
from portal.models import User
from portal.start import found_in_service, in_words

COMMANDS = """网站：        .venv/bin/gunicorn -c .service/gunicorn.conf.py portal.wsgi
邮件和短信：  .venv/bin/python manage.py send_waiting --every 2
报告和名单：  .venv/bin/python manage.py worker
每天该做的：  .venv/bin/python manage.py daily --every 3600
由 systemd 看着：以 root 运行 make units；前面的 nginx 和证书见 README.md“投入使用”。"""


class Command(BaseCommand):
    help = (
        "看这个文件夹能不能对外服务，还缺什么；DATABASE_URL 写的数据库是空的，就建表并载入政策目录。"
        "别的什么都不改。"
    )
    requires_system_checks = ()

    def handle(self, *args, **options):
        missing, found = [], found_in_service(with_database=False)
        if not any(each.is_serious() for each in found):
            missing = self._fill_and_look()
            found = found_in_service()
        if missing or found:
            self.stdout.write(f"文件夹准备好了，还缺的或者要留意的（设置写在 {ENV_FILE} 里）：")
            for number, line in enumerate([*missing, *map(in_words, found)], 1):
                self.stdout.write(f"{number}. {line}")
            self.stdout.write("补好以后再运行一次 make service。")
        else:
            self.stdout.write(f"可以启动了，四个都要一直开着：\n{COMMANDS}")

    def _fill_and_look(self) -> list[str]:
        # Of a database that is away, or waits for an upgrade, the checks tell.
        with suppress(DatabaseError):
            if upgrading.is_new():
                call_command("upgrade", interactive=False, stdout=self.stdout)
            if not User.objects.filter(is_superuser=True, is_active=True).exists():
                return [
                    "还没有超级用户，没有人能进后台：.venv/bin/python manage.py createsuperuser"
                ]
        return []
