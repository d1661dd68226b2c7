"""The folder of files: it belongs to one database, and only what nobody needs leaves it."""

import os
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from applications.enterprises.models import LibraryFile
from applications.enterprises.services.library import keep_upload
from portal.files.folder import MARK, own_folder
from portal.files.holding import LOCK
from portal.files.store import UploadRefusedError
from portal.models import DatabaseIdentity
from tests.factories import EnterpriseFactory
from tests.uploads import CONTENTS, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_root")]
HEX = "0" * 30


def keep(number=0, days=0):
    """A file of the library of so many days ago, each number with a content of its own."""
    body = CONTENTS["pdf"] + bytes([number])
    firm = EnterpriseFactory()
    then = timezone.now() - timedelta(days=days)
    return keep_upload(upload(body=body), enterprise=firm, user=None, now=then)[0]


def lay(path, days=2):
    """Something of so many days ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("x")
    age(path, days)
    return path


def age(path, days):
    then = (timezone.now() - timedelta(days=days)).timestamp()
    os.utime(path, (then, then), follow_symlinks=False)


def contents(root):
    return {
        path
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith((MARK, LOCK))
    }


def remove(*options):
    said = StringIO()
    call_command("remove_orphan_files", *options, stdout=said, stderr=StringIO())
    return said.getvalue()


def test_orphans_older_than_a_day_are_removed_and_nothing_else(files_root):
    kept, withdrawn = keep(), keep(1)
    LibraryFile.objects.filter(pk=withdrawn.pk).update(withdrawn_at=timezone.now())
    for file in (kept, withdrawn):
        age(file.path, 2)
    lay(files_root / "ab" / f"ab{HEX}")
    lay(files_root / "incoming" / ("c" * 32))
    others = {
        lay(files_root / "incoming" / ("d" * 32), days=0),
        lay(files_root / "ab" / "README"),
        lay(files_root / "ab" / ("e" * 32)),
    }
    assert remove("--delete") == "删除了 3 个没有登记的文件。\n"
    assert contents(files_root) == {kept.path, *others}
    assert remove("--delete") == "删除了 0 个没有登记的文件。\n"


def test_without_being_told_to_nothing_is_deleted(files_root):
    keep()
    orphan = lay(files_root / "ab" / f"ab{HEX}")
    assert remove() == "有 1 个没有登记的文件，没有删除；加 --delete 才删除。\n"
    assert orphan in contents(files_root)


def test_rows_without_a_file_are_reported():
    kept, lost = keep(), keep(1)
    lost.path.unlink()
    errors = StringIO()
    with pytest.raises(SystemExit):
        call_command("remove_orphan_files", stdout=StringIO(), stderr=errors)
    assert str(lost.reference) in errors.getvalue()
    assert str(kept.reference) not in errors.getvalue()


def become_another_database():
    """As when DATABASE_URL names another one while the folder stays."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DROP TRIGGER portal_portal_databaseidentity_update")
        else:
            cursor.execute("ALTER TABLE portal_databaseidentity DISABLE TRIGGER USER")
    DatabaseIdentity.objects.update(identity="00000000-0000-0000-0000-00000000000a")


@pytest.mark.parametrize("options", [(), ("--delete",), ("--delete", "--adopt")])
def test_the_files_of_another_database_are_left_alone(files_root, options):
    keep()
    orphan = lay(files_root / "ab" / f"ab{HEX}")
    before = contents(files_root)
    become_another_database()
    with pytest.raises(CommandError, match="属于另一个数据库"):
        remove(*options)
    assert contents(files_root) == before
    assert orphan in before


def test_nothing_is_uploaded_into_the_folder_of_another_database(files_root, caplog):
    keep()
    before = contents(files_root)
    become_another_database()
    with pytest.raises(UploadRefusedError, match="稍后再试"):
        keep(1)
    assert "属于另一个数据库" in caplog.text
    assert contents(files_root) == before


def test_files_without_a_mark_are_nobodys_until_somebody_says_so(files_root):
    file = keep()
    for mark in files_root.glob(f"{MARK}*"):
        mark.unlink()
    with pytest.raises(CommandError, match="没有写明属于哪个数据库"):
        remove("--delete")
    remove("--adopt")
    remove("--delete")
    assert file.path.exists()


def test_a_folder_that_holds_something_else_is_taken_and_that_stays(files_root):
    found = lay(files_root / "lost+found" / "x")
    assert own_folder() == files_root
    assert found.exists()


def test_a_copy_of_a_database_leaves_what_the_original_was_given_since(files_root):
    keep(days=3)
    newer = lay(files_root / "ab" / f"ab{HEX}", days=2)
    remove("--delete")
    assert newer in contents(files_root)


def test_links_are_not_followed(files_root, tmp_path):
    keep()
    outside = lay(tmp_path / "elsewhere" / f"cd{HEX}")
    (files_root / "cd").symlink_to(outside.parent)
    link = files_root / "ab" / f"ab{HEX}"
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(outside)
    age(link, 2)
    remove("--delete")
    assert outside.exists()
    assert link.is_symlink()
