"""`manage.py upgrade` on what an earlier release recorded: nothing without a backup or a word."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import closing

import pytest
from django.conf import settings
from django.core.management import get_commands

from tests.processes import IN_SERVICE, empty_database, wait_until
from tests.upgrade.test_upgrade import RECORDED, restore, run

pytestmark = [pytest.mark.django_db, pytest.mark.night]
# Every row of every table, so that two runs can be compared.
ROWS = """
import django, hashlib
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names()):
        cursor.execute(f'SELECT * FROM "{table}"')
        rows = "\\n".join(sorted(map(repr, cursor.fetchall())))
        print(table, hashlib.sha256(rows.encode()).hexdigest())
"""


class Old:
    """A database that release 1.0.0 filled, and the commands of this one on it."""

    def __init__(self, folder, address):
        self.folder, self.address = folder, address
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.web = f"127.0.0.1:{free.getsockname()[1]}"

    @property
    def environment(self):
        return {
            **os.environ,
            **IN_SERVICE,
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "DATABASE_URL": self.address,
            "FILES_ROOT": str(self.folder / "files"),
            "WEB_ADDRESS": self.web,
        }

    def do(self, *arguments, typed=""):
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=settings.BASE_DIR,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    def upgrade(self, *arguments, typed=""):
        return self.do("manage.py", "upgrade", *arguments, typed=typed)

    def rows(self):
        done = self.do("-c", ROWS)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def old(tmp_path):
    recorded = next(path for path in RECORDED if path.name.startswith("1.0.0."))
    with empty_database(tmp_path, "old") as address:
        restore(recorded, address)
        yield Old(tmp_path, address)


def test_without_a_backup_or_a_word_nothing_is_changed(old):
    before = old.rows()
    refused = old.upgrade()
    assert refused.returncode != 0
    assert "升级前要先备份" in refused.stderr
    planned = old.upgrade("--plan")
    assert planned.returncode == 0, planned.stderr
    assert "enterprises.0002：" in planned.stdout
    assert "load_catalogue、load_funds" in planned.stdout
    unconfirmed = old.upgrade("--without-backup")
    assert unconfirmed.returncode != 0
    assert "没有确认，什么都没有改" in unconfirmed.stderr
    both = old.upgrade(str(old.folder / "backups"), "--without-backup")
    assert both.returncode != 0
    assert old.rows() == before


def test_it_is_brought_to_this_version_and_a_second_time_changes_nothing(old, tmp_path):
    done = old.upgrade("--without-backup", typed="yes\n")
    assert done.returncode == 0, done.stderr
    assert "升级完成" in done.stdout
    assert "要退回升级前" in done.stdout
    with empty_database(tmp_path, "fresh") as address:
        run("django", "migrate", "-v0", folder=tmp_path, address=address)
        fresh = run("tests.upgrade.schema", folder=tmp_path, address=address)
    assert run("tests.upgrade.schema", folder=tmp_path, address=old.address) == fresh
    once = old.rows()
    again = old.upgrade("--without-backup", "--no-input")
    assert again.returncode == 0, again.stderr
    assert "不用更新" in again.stdout
    assert old.rows() == once


def test_while_the_site_or_a_command_runs_it_is_refused(old):
    before = old.rows()
    host, _, port = old.web.partition(":")
    with closing(socket.create_server((host, int(port)))):
        refused = old.upgrade("--without-backup", "--no-input")
    assert refused.returncode != 0
    assert f"{old.web} 还有程序应答" in refused.stderr
    assert old.rows() == before
    # As long as no letter is due, it may run on the tables of the release before.
    process = subprocess.Popen(
        [sys.executable, "manage.py", "send_waiting", "--every", "1"],
        cwd=settings.BASE_DIR,
        env=old.environment,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: "portal_pulse" in old.rows() and old.rows() != before)
        refused = old.upgrade("--without-backup", "--no-input")
        assert refused.returncode != 0
        assert "manage.py send_waiting 还在运行" in refused.stderr
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
    # One that stopped just now is waited for.
    done = old.upgrade("--without-backup", "--no-input")
    assert "等待确认" in done.stdout
    assert done.returncode == 0, done.stderr


def test_one_that_stops_midway_says_how_to_go_back(old):
    """A table of the name that a migration wants stands in its way."""
    stray = "enterprises_calendaraddress"
    done = old.do("-c", IN_THE_WAY.format(table=stray))
    assert done.returncode == 0, done.stderr
    stopped = old.upgrade("--without-backup", "--no-input")
    assert stopped.returncode != 0
    assert "没有做完" in stopped.stderr
    assert "要退回升级前" in stopped.stderr
    assert stray in stopped.stderr
    assert "Traceback" not in stopped.stderr


IN_THE_WAY = """
import django
django.setup()
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE {table} (id integer)")
"""


def test_a_database_of_a_later_version_is_refused(old):
    done = old.do("-c", LATER)
    assert done.returncode == 0, done.stderr
    before = old.rows()
    refused = old.upgrade("--without-backup", "--no-input")
    assert refused.returncode != 0
    assert "已由更新的版本升级过" in refused.stderr
    assert old.rows() == before


LATER = """
import django
django.setup()
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
MigrationRecorder(connection).record_applied("money", "0099_later")
"""


@pytest.mark.skipif("backup" not in get_commands(), reason="no backup command yet")
def test_a_backup_comes_first_and_one_that_fails_stops_it(old, tmp_path):
    """What was recorded lacks the files that it names, so its backup is not whole."""
    before, backups = old.rows(), tmp_path / "backups"
    refused = old.upgrade(str(backups), "--no-input")
    assert refused.returncode != 0
    assert "所以没有升级" in refused.stderr
    assert old.rows() == before
    with empty_database(tmp_path, "without_files") as address:
        whole = Old(tmp_path / "whole", address)
        backups = tmp_path / "whole" / "backups"
        assert whole.upgrade().returncode == 0
        done = whole.upgrade(str(backups), "--no-input")
        assert done.returncode == 0, done.stderr
        assert f"manage.py restore {backups}" in done.stdout
        made = whole.do("manage.py", "verify_backup", str(backups))
        assert made.returncode == 0, made.stderr
