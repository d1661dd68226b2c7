"""Record a filled database as this release makes it: `python -m tests.upgrade.record FILE`.

DATABASE_URL names an empty database, which is filled as by `make demo`. The file, compressed, is a
database of SQLite or what pg_dump says of one of PostgreSQL.
"""

import lzma
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import django

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.demo.settings"
    django.setup()
    from django.conf import settings
    from django.test import override_settings
    from django.utils import timezone

    from tests.demo.fill import fill, prepare, refuse_unless_empty

    refuse_unless_empty()
    with TemporaryDirectory() as folder:
        # Of files the database holds only the rows.
        with override_settings(MEDIA_ROOT=Path(folder) / "files"):
            prepare()
            fill(timezone.now(), Path(folder) / "list.csv")
        content = _dumped(settings.DATABASES["default"]["ENGINE"], Path(folder))
    Path(sys.argv[1]).write_bytes(lzma.compress(content))


def _dumped(engine: str, folder: Path) -> bytes:
    from django.db import connection

    if engine.endswith("sqlite3"):
        copy = folder / "copy.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(copy)])
        return copy.read_bytes()
    connection.close()
    return subprocess.run(
        [BINARIES[-1] / "pg_dump", "--no-owner", "--no-privileges", os.environ["DATABASE_URL"]],
        check=True,
        stdout=subprocess.PIPE,
    ).stdout


if __name__ == "__main__":
    main()
