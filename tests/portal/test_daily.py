"""What a day asks for is done once a day, by whichever worker comes first."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import get_commands
from django.db import connection

from portal.daily import run_daily
from portal.models import Pulse
from tests.applications.cases.test_concurrency import at_once
from tests.factories import LibraryFileFactory

FIVE = datetime(2026, 11, 20, 5, tzinfo=ZoneInfo("Asia/Shanghai"))
pytestmark = pytest.mark.django_db


def ran(settings, now):
    """Whether the command ran: it writes when."""
    run_daily(now)
    return Pulse.objects.filter(name="daily remind_corrections", at=now).exists()


@pytest.fixture(autouse=True)
def one_command(settings):
    settings.DAILY_COMMANDS = ["remind_corrections"]


def test_a_command_runs_once_a_day_from_five_on(settings):
    assert not ran(settings, FIVE - timedelta(seconds=1))
    assert ran(settings, FIVE)
    assert not ran(settings, FIVE + timedelta(hours=18))
    assert not ran(settings, FIVE + timedelta(hours=23))
    assert ran(settings, FIVE + timedelta(hours=24))


def test_a_command_that_complains_does_not_end_the_worker(settings, files_root, caplog):
    settings.DAILY_COMMANDS = ["remove_orphan_files --delete", "remind_corrections"]
    LibraryFileFactory()  # a row whose file is not there
    assert ran(settings, FIVE)
    assert "remove_orphan_files ended with 1" in caplog.text


def test_every_command_of_a_day_exists():
    from portal.settings import DAILY_COMMANDS

    assert {command.split()[0] for command in DAILY_COMMANDS} <= get_commands().keys()


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_several_workers_one_runs_it(settings, caplog):
    settings.DAILY_COMMANDS = ["remind_corrections"]
    at_once(
        [lambda second=second: run_daily(FIVE + timedelta(seconds=second)) for second in range(4)]
    )
    assert Pulse.objects.count() == 1
