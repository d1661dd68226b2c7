"""What stands before an upgrade; tests/upgrade/ upgrades databases of earlier releases."""

import socket
from contextlib import closing
from datetime import timedelta
from io import StringIO
from itertools import chain, repeat

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from portal.models import Jurisdiction, Pulse, User
from portal.pulses import EVERY, MAIL, SILENT_AFTER
from portal.upgrading import is_new, refuse_while_running
from tests.portal.test_checks import in_service  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db
NOBODY = "127.0.0.1:1"


def clock(*moments):
    """One after another, and the last from then on."""
    told = chain(moments, repeat(moments[-1]))
    return lambda: next(told)


def test_a_database_is_new_until_it_was_filled():
    assert is_new()
    Jurisdiction.objects.create(code="000000", name="国家", level="nation")
    assert not is_new()


def test_a_database_with_anything_in_it_needs_a_backup(in_service):  # noqa: F811
    Jurisdiction.objects.create(code="000000", name="国家", level="nation")
    with pytest.raises(CommandError, match="升级前要先备份"):
        call_command("upgrade")
    told = StringIO()
    call_command("upgrade", plan=True, stdout=told)
    assert "数据表已经是这个版本的" in told.getvalue()
    assert "备份" not in told.getvalue()
    # The folder of each night does.
    in_service.BACKUP_FOLDER = "/srv/backups"
    told = StringIO()
    call_command("upgrade", plan=True, stdout=told)
    assert "放到 /srv/backups" in told.getvalue()
    told = StringIO()
    call_command("upgrade", "--without-backup", plan=True, stdout=told)
    assert "备份" not in told.getvalue()


def test_what_would_not_start_is_not_upgraded(in_service):  # noqa: F811
    in_service.ALLOWED_HOSTS = []
    with pytest.raises(CommandError, match="ALLOWED_HOSTS"):
        call_command("upgrade", "--without-backup")


def test_a_site_that_answers_stands_in_the_way(tmp_path):
    said = []
    with closing(socket.create_server(("127.0.0.1", 0))) as listens:
        address = f"127.0.0.1:{listens.getsockname()[1]}"
        with pytest.raises(CommandError, match=address):
            refuse_while_running(address, timezone.now, said.append)
    with closing(socket.socket(socket.AF_UNIX)) as listens:
        listens.bind(str(tmp_path / "web"))
        listens.listen()
        with pytest.raises(CommandError, match=f"unix:{tmp_path}/web"):
            refuse_while_running(f"unix:{tmp_path}/web", timezone.now, said.append)
    # The name of a socket stays behind when its server ends.
    refuse_while_running(f"unix:{tmp_path}/web", timezone.now, said.append)
    refuse_while_running(NOBODY, timezone.now, said.append)
    assert said == []


def test_a_command_that_stopped_just_now_is_waited_for():
    now, said = timezone.now(), []
    Pulse.objects.create(name=MAIL, at=now - EVERY)
    refuse_while_running(NOBODY, clock(now, now, now + SILENT_AFTER), said.append)
    assert MAIL in said[0]
    # One that is silent for long is not.
    refuse_while_running(NOBODY, clock(now + timedelta(hours=1)), said.append)
    assert len(said) == 1


def test_a_command_that_goes_on_stands_in_the_way():
    now = timezone.now()
    Pulse.objects.create(name=MAIL, at=now - EVERY)

    def beat(_):
        Pulse.objects.update(at=now)

    with pytest.raises(CommandError, match=MAIL):
        refuse_while_running(NOBODY, clock(now), beat)


def test_the_folder_of_a_service_is_told_what_it_still_lacks(in_service):  # noqa: F811
    """Warnings do not keep an empty database from being filled; what is not said does."""
    told = StringIO()
    in_service.DATABASE_IS_SAID = False
    call_command("service", stdout=told)
    assert "没有设置 DATABASE_URL" in told.getvalue()
    assert is_new()
    in_service.DATABASE_IS_SAID = True
    Jurisdiction.objects.create(code="000000", name="国家", level="nation")
    in_service.DEFAULT_FROM_EMAIL = "portal@localhost"
    told = StringIO()
    call_command("service", stdout=told)
    assert "createsuperuser" in told.getvalue()
    assert "portal.W003" in told.getvalue()
    in_service.DEFAULT_FROM_EMAIL = "portal@example.cn"
    User.objects.create_superuser("chief", password="chang-mi-ma-2026")
    told = StringIO()
    call_command("service", stdout=told)
    assert told.getvalue().startswith("可以启动了")
