"""A database that an earlier release filled is migrated to this one, and work goes on."""

import lzma
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.processes import empty_database
from tests.upgrade.record import BINARIES

RECORDED = sorted((Path(__file__).parent / "recorded").glob(f"*.{connection.vendor}.xz"))
PRESENT = Path("the present, recorded for the test")
pytestmark = [pytest.mark.django_db, pytest.mark.night]


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
        with empty_database(tmp_path, "recorded") as address:
            run("tests.upgrade.record", str(recorded), folder=tmp_path, address=address)
    with empty_database(tmp_path, "fresh") as address:
        run("django", "migrate", "-v0", folder=tmp_path, address=address)
        fresh = run("tests.upgrade.schema", folder=tmp_path, address=address)
    with empty_database(tmp_path, "old") as address:
        restore(recorded, address)
        run("django", "migrate", "-v0", folder=tmp_path, address=address)
        assert run("tests.upgrade.schema", folder=tmp_path, address=address) == fresh
        run("tests.upgrade.work", folder=tmp_path, address=address)
