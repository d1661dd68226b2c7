"""What a day asks for is done once a day, by whoever comes first."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command, get_commands
from django.db import connection

from portal.daily import run_daily
from portal.management.commands.daily import COMMAND_FAILED
from portal.models import Pulse
from portal.pulses import DAILY
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


def test_a_command_that_complains_does_not_keep_the_next_from_running(settings, files_root, caplog):
    settings.DAILY_COMMANDS = ["remove_orphan_files --delete", "remind_corrections"]
    LibraryFileFactory()  # a row whose file is not there
    assert ran(settings, FIVE)
    assert "remove_orphan_files ended with 1" in caplog.text


def test_a_command_that_fails_is_told_of_and_the_next_one_runs(settings, files_root, caplog):
    settings.DAILY_COMMANDS = ["tidy", "remind_corrections"]
    files_root.mkdir()
    (files_root / "database-of-somebody-else").touch()
    assert ran(settings, FIVE)
    assert "tidy failed" in caplog.text
    assert "属于另一个数据库" in caplog.text


def test_the_command_does_it_and_says_that_it_came(time_machine):
    time_machine.move_to(FIVE, tick=False)
    call_command("daily")
    assert set(Pulse.objects.filter(at=FIVE).values_list("name", flat=True)) == {
        DAILY,
        "daily remind_corrections",
    }


def test_the_command_fails_with_what_failed_and_not_again_that_day(
    settings, files_root, time_machine
):
    settings.DAILY_COMMANDS = ["remove_orphan_files --delete", "remind_corrections"]
    LibraryFileFactory()  # a row whose file is not there
    time_machine.move_to(FIVE, tick=False)
    with pytest.raises(CommandError, match="没有做成：remove_orphan_files。") as failed:
        call_command("daily")
    assert failed.value.returncode == COMMAND_FAILED
    call_command("daily")


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


def test_what_is_to_be_done_also_comes_once_a_day_too(files_root, settings):
    def ran_at(now):
        run_daily(now, ["check_catalogue"])
        return Pulse.objects.get(name="daily check_catalogue").at

    assert ran_at(FIVE) == FIVE
    assert ran_at(FIVE + timedelta(hours=1)) == FIVE
    tomorrow = FIVE + timedelta(days=1)
    assert ran_at(tomorrow) == tomorrow


def test_a_backup_that_nobody_wants_is_told_of_in_a_line(settings, caplog):
    settings.BACKUP_FOLDER = ""
    assert run_daily(FIVE, ["backup"]) == ["backup"]
    assert "backup failed: 没有设置 BACKUP_FOLDER" in caplog.text
    assert "Traceback" not in caplog.text
