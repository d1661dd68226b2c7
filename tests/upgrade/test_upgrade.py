"""A database that an earlier release filled is migrated to this one, and work goes on."""

import lzma
import os
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from tests.processes import address_of_test_database
from tests.upgrade.record import BINARIES

RECORDED = sorted((Path(__file__).parent / "recorded").glob(f"*.{connection.vendor}.xz"))
PRESENT = Path("the present, recorded for the test")
pytestmark = [pytest.mark.django_db, pytest.mark.night]


@contextmanager
def database(folder, name):
    """The address of an empty database."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / name}.sqlite3"
        return
    name = f"{connection.settings_dict['NAME']}_{name}"
    address = urlsplit(address_of_test_database())
    server = psycopg2.connect(urlunsplit(address._replace(path="/postgres")))
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
        try:
            yield urlunsplit(address._replace(path=f"/{name}"))
        finally:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
            server.close()


def run(*arguments, folder, address):
    """What a command of this release prints, working on the database of that address."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.demo.settings",
        "DEBUG": "1",
        "DATABASE_URL": address,
        "FILES_ROOT": str(folder / "files"),
    }
    done = subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def restore(recorded, address):
    content = lzma.decompress(recorded.read_bytes())
    if address.startswith("sqlite"):
        Path(address.removeprefix("sqlite:///")).write_bytes(content)
        return
    psql = [BINARIES[-1] / "psql", "--quiet", "--set=ON_ERROR_STOP=1", address]
    subprocess.run(psql, input=content, check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("recorded", RECORDED or [PRESENT], ids=lambda path: path.name)
def test_a_recorded_database_is_migrated_and_work_goes_on(recorded, tmp_path):
    if recorded == PRESENT:
        recorded = tmp_path / "present.xz"
        with database(tmp_path, "recorded") as address:
            run("tests.upgrade.record", str(recorded), folder=tmp_path, address=address)
    with database(tmp_path, "fresh") as address:
        run("django", "migrate", "-v0", folder=tmp_path, address=address)
        fresh = run("tests.upgrade.schema", folder=tmp_path, address=address)
    with database(tmp_path, "old") as address:
        restore(recorded, address)
        run("django", "migrate", "-v0", folder=tmp_path, address=address)
        assert run("tests.upgrade.schema", folder=tmp_path, address=address) == fresh
        run("tests.upgrade.work", folder=tmp_path, address=address)
