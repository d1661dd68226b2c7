"""When the surroundings fail: a killed worker, a database that is restarted or locked."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from portal.jobs.work import LOST_AFTER
from tests.portal.job_kinds import BLOCKS
from tests.processes import Site, site_in, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.night]
ASK = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from portal.jobs.asking import ask
from tests.portal import job_kinds
ask(job_kinds.count, {parameters}, title="名单", digest={digest!r}, now=timezone.now())
"""
LET_IT_FALL_SILENT = f"""
import django
django.setup()
from datetime import timedelta
from portal.models import Job
for job in Job.objects.all():
    Job.objects.update(beat=job.beat - timedelta(seconds={LOST_AFTER.total_seconds()}))
"""
TOLD = """
import django
django.setup()
from portal.models import Delivery, Job
print(
    *Job.objects.order_by("pk").values_list("state", flat=True),
    "rows", *sorted(key.split()[1] for key in Delivery.objects.filter(key__startswith="block").values_list("key", flat=True)),
)
"""
POST = """
import django
django.setup()
from django.core.mail import send_mail
send_mail("标题", "正文", None, ["a@example.com"])
"""


def told(site):
    done = site.run("-c", TOLD)
    assert done.returncode == 0, done.stderr
    states, _, rows = done.stdout.partition("rows")
    return states.split(), rows.split()


def ask(site, digest, **parameters):
    done = site.run("-c", ASK.format(parameters=parameters, digest=digest))
    assert done.returncode == 0, done.stderr


def post(site):
    done = site.run("-c", POST)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def site(tmp_path):
    return site_in(tmp_path)


@pytest.mark.parametrize("block", [0, 3])
def test_a_worker_killed_in_a_block_is_followed_by_another_that_does_it_once(site, tmp_path, block):
    ask(site, "killed", dies_in=block, marker=str(tmp_path / "marker"))
    killed = site.run("manage.py", "worker", "--once")
    assert killed.returncode == -signal.SIGKILL
    assert told(site) == (["running"], [str(number) for number in range(block)])
    assert site.run("-c", LET_IT_FALL_SILENT).returncode == 0
    site.manage("worker", "--once")
    assert told(site) == (["done"], [str(number) for number in range(BLOCKS)])


def test_the_worker_gives_way_to_pages(site):
    with site.running("worker") as worker:
        wait_until(lambda: niceness(worker.pid) > niceness(0))


def niceness(process):
    return os.getpriority(os.PRIO_PROCESS, process)


def binaries():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return found[-1] if found else None


class Server:
    """A PostgreSQL of its own, to be restarted in the midst of work."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        self.do(
            "initdb", "-U", "portal", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C.UTF-8"
        )
        self.start()

    def do(self, program: str, *arguments: str) -> None:
        as_owner = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        subprocess.run(
            [*as_owner, str(binaries() / program), "-D", str(self.folder / "data"), *arguments],
            cwd=self.folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip

    def start(self) -> None:
        options = f"-c listen_addresses='' -c unix_socket_directories={self.folder} -c fsync=off"
        self.do("pg_ctl", "-w", "-l", str(self.folder / "log"), "start", "-o", options)

    def stop(self) -> None:
        self.do("pg_ctl", "-w", "-m", "immediate", "stop")

    def connected(self) -> list[int]:
        """The server's processes for those who stay connected to it, but for who asks."""
        with closing(psycopg2.connect(host=self.folder, user="portal", dbname="postgres")) as own:
            cursor = own.cursor()
            cursor.execute(
                "SELECT pid FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            )
            return [pid for (pid,) in cursor.fetchall()]


@pytest.fixture
def server(tmp_path_factory):
    folder = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/portal-outage.XXXXXX"], text=True).strip()
    )
    server = Server(folder)
    yield server
    server.stop()
    shutil.rmtree(folder)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL is restarted")
def test_after_a_restart_of_the_database_both_commands_go_on(server, tmp_path):
    site = Site(tmp_path, f"postgres://portal@/postgres?host={server.folder}")
    site.manage("migrate", "-v0")
    with site.running("worker"), site.running("send_waiting", "--every", "0.2"):
        ask(site, "before")
        wait_until(lambda: told(site)[0] == ["done"])
        server.stop()
        wait_until(lambda: "no database" in site.said("worker"))
        wait_until(lambda: "no database" in site.said("send_waiting"))
        server.start()
        ask(site, "after")
        post(site)
        wait_until(lambda: told(site)[0] == ["done", "done"])
        wait_until(lambda: site.sent() >= 1)
    assert "Traceback" not in site.said("worker") + site.said("send_waiting")


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL is restarted")
def test_pages_keep_their_connection_and_go_on_after_a_restart_of_the_database(server, tmp_path):
    site = Site(tmp_path, f"postgres://portal@/postgres?host={server.folder}")
    site.manage("migrate", "-v0")
    with web_server(site) as asks:
        assert {asks("/healthz") for _ in range(20)} == {200}
        assert asks("/programmes/") == 200
        assert 1 <= len(server.connected()) <= WEB_THREADS
        server.stop()
        assert asks("/healthz") == 503
        # Of whoever is logged in nothing is known; to others a page is shown as it was.
        assert {asks("/programmes/", Cookie=f"sessionid={'a' * 32}") for _ in range(6)} == {503}
        assert {asks("/programmes/") for _ in range(6)} == {200}
        server.start()
        # Each thread finds that its connection is gone before it uses it.
        assert {asks(page) for page in ("/healthz", "/programmes/") * 10} == {200}


WEB_THREADS = 3


@contextmanager
def web_server(site):
    """Gunicorn with one process; the status of a page that it is asked for."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        address = "{}:{}".format(*found.getsockname())
    command = [
        sys.executable, "-m", "gunicorn", "--bind", address, "--threads", str(WEB_THREADS),
        "--no-control-socket", "portal.wsgi",
    ]  # fmt: skip
    environment = site.environment | {"ALLOWED_HOSTS": "127.0.0.1,portal.example.cn"}
    environment |= {"SECURE_HTTPS": "0"}

    def asks(page, **headers):
        try:
            with urlopen(Request(f"http://{address}{page}", headers=headers), timeout=60) as answer:
                return answer.status
        except HTTPError as error:
            return error.code
        except URLError:
            return None

    process = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment)
    try:
        wait_until(lambda: asks("/healthz") == 200)
        yield asks
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite is locked as a whole")
def test_after_the_database_was_locked_both_commands_go_on(site, tmp_path):
    with site.running("worker"), site.running("send_waiting", "--every", "0.2"):
        with closing(sqlite3.connect(tmp_path / "portal.sqlite3", isolation_level=None)) as other:
            wait_until(lambda: _locked(other))
            wait_until(lambda: "locked" in site.said("worker"))
            wait_until(lambda: "locked" in site.said("send_waiting"))
            other.execute("ROLLBACK")
        ask(site, "after")
        post(site)
        wait_until(lambda: told(site)[0] == ["done"])
        wait_until(lambda: site.sent() >= 1)


def _locked(other):
    """Keep everybody else out, as a long writer does."""
    try:
        other.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    return True
