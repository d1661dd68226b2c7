"""A process killed at the worst moment: the message is sent afterwards, and once."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.processes import IN_SERVICE, address_of_test_database

TELL = """
import django, os, signal
django.setup()
from django.db import transaction
from django.utils import timezone
from applications.cases.models import Message
from applications.cases.services.messages import notify
from applications.enterprises.models import Enterprise
from portal.models import Delivery, Jurisdiction, User

user = User.objects.create(username="member", email="member@example.com")
place = Jurisdiction.objects.create(code="100000", name="中华人民共和国", level="nation")
firm = Enterprise.objects.create(credit_code="91140521MA0K000019", name="测试公司", county=place)
with transaction.atomic():
    if {killed}:
        transaction.on_commit(lambda: os.kill(os.getpid(), signal.SIGKILL))
    notify(
        recipients=[user], kind=Message.Kind.NOTE, subject="请补正", text="请补正", key="kill",
        now=timezone.now(), enterprise=firm, channels=[Delivery.Channel.EMAIL],
    )
"""
# A mail program that is killed as it begins.
DEADLY_MAIL = """
import os, signal
class EmailBackend:
    def __init__(self, *args, **kwargs): pass
    def send_messages(self, messages): os.kill(os.getpid(), signal.SIGKILL)
"""
AFTER_THE_CLAIM = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from portal.outbox.sending import CLAIM, send_due
print(send_due(timezone.now), send_due(lambda: timezone.now() + CLAIM))
"""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.night]


class Site:
    """The site in processes of its own, with its mail in a folder."""

    def __init__(self, folder: Path, database: str) -> None:
        self.mails = folder / "mails"
        self.environment = {
            **os.environ,
            **IN_SERVICE,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": database,
            "EMAIL_URL": f"filemail:///{self.mails}",
            "PYTHONPATH": f"{settings.BASE_DIR}:{folder}",
        }

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def manage(self, *arguments: str) -> None:
        done = self.run("manage.py", *arguments)
        assert done.returncode == 0, done.stderr

    def sent(self) -> int:
        files = self.mails.glob("*") if self.mails.exists() else ()
        return sum(path.read_text().count("Message-ID:") for path in files)


@pytest.fixture
def site(tmp_path):
    if connection.vendor == "postgresql":
        return Site(tmp_path, address_of_test_database())
    site = Site(tmp_path, f"sqlite:///{tmp_path}/portal.sqlite3")
    site.manage("migrate", "-v0")
    return site


def test_killed_between_commit_and_enqueue(site):
    assert site.run("-c", TELL.format(killed=True)).returncode == -signal.SIGKILL
    site.manage("db_worker", "--batch", "--no-startup-delay", "--no-reload")
    assert site.sent() == 0
    site.manage("send_waiting")
    assert site.sent() == 1
    site.manage("send_waiting")
    assert site.sent() == 1


def test_killed_between_claim_and_mail_server(site, tmp_path):
    done = site.run("-c", TELL.format(killed=False))
    assert done.returncode == 0, done.stderr
    (tmp_path / "deadly_mail.py").write_text(DEADLY_MAIL)
    (tmp_path / "deadly_settings.py").write_text(
        'from portal.settings import *\nEMAIL_BACKEND = "deadly_mail.EmailBackend"\n'
    )
    worker = ("manage.py", "db_worker", "--batch", "--no-startup-delay", "--no-reload")
    killed = site.run(*worker, DJANGO_SETTINGS_MODULE="deadly_settings")
    assert killed.returncode == -signal.SIGKILL
    site.manage("db_worker", "--batch", "--no-startup-delay", "--no-reload")
    assert site.sent() == 0
    assert site.run("-c", AFTER_THE_CLAIM).stdout.split() == ["0", "1"]
    site.manage("send_waiting")
    assert site.sent() == 1


def test_worker_and_sweep_together_send_once(site):
    done = site.run("-c", TELL.format(killed=False))
    assert done.returncode == 0, done.stderr
    site.manage("db_worker", "--batch", "--no-startup-delay", "--no-reload")
    assert site.sent() == 1
    site.manage("send_waiting")
    assert site.sent() == 1
