"""What a backup has to bring back, made in processes of its own; `python -m tests.backed_up` runs there.

`fill FOLDER` makes a firm with files and a case, a session, and exported lists in the folder;
`demo FOLDER` fills as `make demo` does, and exports every list;
`traffic` uploads and withdraws until a file `stop` lies there; `look` prints what a site holds.
"""

import hashlib
import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path

import django

from tests.processes import Site, empty_database

FILES = 4


@contextmanager
def empty_site(folder: Path, name: str):
    """Another site of the kind of database that is tested, with nothing in it yet."""
    folder = folder / name
    folder.mkdir()
    with empty_database(folder, name) as address:
        yield Site(folder, address)


def looked_at(site: Site) -> dict:
    """What the site holds: rows of every table, and the content of every kept file."""
    done = site.run("-m", "tests.backed_up", "look")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def filled(site: Site, *, files: int = FILES, size: int = 1000) -> list[Path]:
    """Fill the site; the exported lists."""
    folder = site.folder / "lists"
    folder.mkdir()
    done = site.run("-m", "tests.backed_up", "fill", str(folder), str(files), str(size))
    assert done.returncode == 0, done.stderr
    return sorted(folder.iterdir())


def fill(folder: str, files: str, size: str) -> None:
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.cache import cache

    from tests.factories import ApplicationFactory, AwardLineFactory, UserFactory

    UserFactory()
    case = ApplicationFactory()
    AwardLineFactory()
    for number in range(int(files)):
        upload_one(case.enterprise, number, int(size))
    session = SessionStore()
    session["secret"] = "of a session"
    session.create()
    cache.set("counted", 1)
    export_all(Path(folder))


def demo(folder: str) -> None:
    from django.utils import timezone

    from tests.demo import fill

    fill.prepare()
    fill.fill(timezone.now(), Path(folder) / "recognitions.csv")
    (Path(folder) / "recognitions.csv").unlink()
    export_all(Path(folder))


def export_all(folder: Path) -> None:
    from django.utils import timezone

    from applications.cases.models import Application
    from applications.centre.exports.applications import APPLICATIONS
    from applications.centre.exports.awards import AWARDS
    from applications.centre.exports.recording import export_list
    from applications.money.models import AwardLine
    from portal.models import User

    for declared, model in ((APPLICATIONS, Application), (AWARDS, AwardLine)):
        for ending in ("xlsx", "csv"):
            file, _ = export_list(
                data_list=declared,
                queryset=model.objects.all(),
                ending=ending,
                user=User.objects.first(),
                filtered="全部",
                now=timezone.now(),
            )
            with file:
                (folder / f"{declared.key}.{ending}").write_bytes(file.read())


def upload_one(enterprise: object, number: int, size: int) -> object:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.utils import timezone

    from applications.enterprises.services.library import keep_upload

    body = b"%PDF-1.7\n" + number.to_bytes(8, "big") + os.urandom(size) + b"\n%%EOF"
    file, _ = keep_upload(
        SimpleUploadedFile(f"{number}.pdf", body),
        enterprise=enterprise,
        user=None,
        now=timezone.now(),
    )
    return file


def traffic(stop: str) -> None:
    """Upload, withdraw the oldest and remove orphans, as fast as it goes; a line for each one."""
    from io import StringIO

    from django.core.management import call_command
    from django.utils import timezone

    from applications.enterprises.models import Enterprise, LibraryFile
    from applications.enterprises.services.library import withdraw_file

    enterprise = Enterprise.objects.first()
    number = 1_000_000
    while not Path(stop).exists():
        number += 1
        call_command("remove_orphan_files", "--delete", stdout=StringIO())
        upload_one(enterprise, number, 1000)
        oldest = LibraryFile.objects.in_library().earliest("pk")
        withdraw_file(oldest, now=timezone.now())
        sys.stdout.write(f"{oldest.reference.hex}\n")
        sys.stdout.flush()


def look() -> None:
    from portal.backups.content import content_of
    from portal.models import StoredFile

    files = {
        file.reference.hex: hashlib.sha256(file.path.read_bytes()).hexdigest() == file.sha256
        if file.path.exists()
        else None
        for file in StoredFile.objects.kept()
    }
    content = content_of()
    found = {"identity": content.identity, "rows": content.rows, "files": files}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    django.setup()
    {"fill": fill, "look": look, "traffic": traffic, "demo": demo}[sys.argv[1]](*sys.argv[2:])
