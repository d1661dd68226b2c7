"""A process killed at the worst moment: the message is sent afterwards, and once."""

import signal

import pytest

from tests.processes import site_in, wait_until

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


@pytest.fixture
def site(tmp_path):
    return site_in(tmp_path)


def test_killed_as_soon_as_it_holds(site):
    assert site.run("-c", TELL.format(killed=True)).returncode == -signal.SIGKILL
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
        'from portal.settings import *\nMAIL_SERVER_BACKEND = "deadly_mail.EmailBackend"\n'
    )
    killed = site.run("manage.py", "send_waiting", DJANGO_SETTINGS_MODULE="deadly_settings")
    assert killed.returncode == -signal.SIGKILL
    site.manage("send_waiting")
    assert site.sent() == 0
    assert site.run("-c", AFTER_THE_CLAIM).stdout.split() == ["0", "1"]
    site.manage("send_waiting")
    assert site.sent() == 1


def test_two_commands_at_once_send_once(site):
    done = site.run("-c", TELL.format(killed=False))
    assert done.returncode == 0, done.stderr
    with site.running("send_waiting", "--every", "0.1"):
        site.manage("send_waiting")
        wait_until(lambda: site.sent() == 1)
    assert site.sent() == 1
