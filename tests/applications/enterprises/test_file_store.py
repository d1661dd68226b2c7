"""Uploads are kept whole or not at all."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import connection
from django.utils import timezone

from applications.enterprises.models import LibraryFile
from applications.enterprises.services.library import keep_upload
from portal.files.folder import MARK
from portal.files.holding import LOCK
from portal.files.store import UploadRefusedError
from tests.factories import EnterpriseFactory, LibraryFileFactory, UserFactory
from tests.portal.scanner import EICAR, clamd
from tests.uploads import CONTENTS, upload

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("files_root")]


def keep(name="营业执照.pdf", body=CONTENTS["pdf"], **fields):
    enterprise = fields.pop("enterprise", None) or EnterpriseFactory()
    return keep_upload(
        upload(name, body), enterprise=enterprise, user=None, now=timezone.now(), **fields
    )


def contents(root):
    """All files but the mark of the database and the lock of deletions."""
    return [
        path
        for path in root.rglob("*")
        if path.is_file() and not path.name.startswith((MARK, LOCK))
    ]


def is_refused(files_root, match, *args, **kwargs):
    with pytest.raises(UploadRefusedError, match=match):
        keep(*args, **kwargs)
    assert not LibraryFile.objects.exists()
    assert contents(files_root) == []
    return True


@pytest.mark.parametrize("suffix", CONTENTS)
def test_each_accepted_kind_is_kept(suffix, files_root):
    file, is_new = keep(f"合同.{suffix.upper()}", CONTENTS[suffix])
    assert is_new
    assert file.path.read_bytes() == CONTENTS[suffix]
    assert file.size == len(CONTENTS[suffix])
    assert file.sha256 == sha256(CONTENTS[suffix]).hexdigest()
    assert file.title == "合同"
    assert file.scan == "not_configured"
    assert contents(files_root) == [file.path]


def test_files_lie_under_random_names_that_others_cannot_read(files_root):
    file, _ = keep("../../evil.pdf")
    assert file.original_name == "evil.pdf"
    assert file.path.parent.parent == files_root
    assert file.path.name == file.reference.hex
    assert file.path.parent.stat().st_mode & 0o077 == 0


def test_the_uploader_and_the_date_are_kept():
    user, day = UserFactory(), timezone.localdate()
    file, _ = keep_upload(
        upload(),
        enterprise=EnterpriseFactory(),
        user=user,
        now=timezone.now(),
        title="执照",
        valid_until=day,
    )
    file.refresh_from_db()
    assert (file.title, file.uploaded_by, file.valid_until) == ("执照", user, day)


@pytest.mark.parametrize(
    ("name", "body", "match"),
    [
        ("网页.pdf", b"<html><script>alert(1)</script>", "不是能接收的类型"),
        ("照片.jpg", b"MZ\x90\x00" + bytes(500), "不是能接收的类型"),
        ("动图.gif", b"GIF89a/*" + bytes(9) + b"*/=1;alert(1)", "不是能接收的类型"),
        ("压缩.zip", b"PK\x03\x04" + bytes(100), "不是能接收的类型"),
        ("合同.pdf", CONTENTS["jpg"], "JPEG 图片.*不以 .jpg 或 .jpeg 结尾"),
        ("合同.html", CONTENTS["pdf"], "不以 .pdf 结尾"),
        ("没有后缀", CONTENTS["pdf"], "不以 .pdf 结尾"),
        ("表.docx", CONTENTS["xlsx"], "Excel 表格"),
        ("照片\u202egpj.exe", CONTENTS["jpg"], "照片gpj.exe"),
        ("空.pdf", b"", "没有内容"),
    ],
)
def test_what_is_not_as_it_says_is_refused(name, body, match, files_root):
    assert is_refused(files_root, match, name, body)


def test_a_file_as_large_as_the_limit_is_kept_and_a_larger_one_is_not(settings, files_root):
    settings.FILE_SIZE_MAX = 1000
    whole = CONTENTS["pdf"].ljust(1000)
    assert is_refused(files_root, "超过 1000", "大.pdf", whole + b" ")
    assert keep("大.pdf", whole)[0].size == 1000


@pytest.mark.parametrize("name", ["x" * 300 + ".pdf", "a\r\nSet-Cookie: x.pdf", "'\"<b>.pdf"])
def test_nasty_names_are_kept_in_a_clean_form(name):
    file, _ = keep(name)
    file.full_clean()
    assert "\n" not in file.original_name
    assert file.original_name.endswith(".pdf")


def test_the_same_content_is_kept_once(files_root):
    first, _ = keep("一.pdf")
    second, is_new = keep("二.pdf")
    assert (first, is_new) == (second, False)
    assert contents(files_root) == [first.path]


def test_a_full_library_takes_no_more_until_something_is_withdrawn(settings, files_root):
    settings.FILES_PER_ENTERPRISE = 2
    LibraryFileFactory.create_batch(2)
    with pytest.raises(UploadRefusedError, match="已有 2 个文件"):
        keep()
    assert contents(files_root) == []
    LibraryFile.objects.filter(pk=LibraryFile.objects.first().pk).update(
        withdrawn_at=timezone.now()
    )
    assert keep()[1]


def test_a_disk_that_cannot_be_written_refuses_the_upload(settings, tmp_path, caplog):
    settings.MEDIA_ROOT = tmp_path / "file"
    settings.MEDIA_ROOT.write_text("in the way")
    with pytest.raises(UploadRefusedError, match="暂时存不下"):
        keep()
    assert not LibraryFile.objects.exists()


def test_a_clean_file_is_kept_as_clean(settings, tmp_path):
    with clamd(tmp_path / "clamd") as (settings.CLAMAV_SOCKET, received):
        file, _ = keep()
    assert file.scan == "clean"
    assert received == [CONTENTS["pdf"]]


def test_an_infected_file_is_refused_and_logged(settings, files_root, caplog):
    with clamd() as (settings.CLAMAV_SOCKET, _):
        assert is_refused(files_root, "病毒.*Eicar", "毒.pdf", CONTENTS["pdf"] + EICAR)
    assert ("portal.files.store", logging.WARNING) in [r[:2] for r in caplog.record_tuples]
    assert "Eicar-Signature" in caplog.text


def test_without_an_answer_of_the_scanner_nothing_is_kept(settings, files_root, caplog):
    settings.CLAMAV_SOCKET = "/nowhere/clamd"
    assert is_refused(files_root, "稍后再试")
    assert "virus scanner" in caplog.text


def test_a_large_file_needs_no_more_memory_than_a_small_one():
    body = TemporaryUploadedFile("大.pdf", "application/pdf", 0, None)
    body.write(CONTENTS["pdf"])
    body.seek(19_000_000)
    body.write(b"end")
    body.size = body.tell()
    body.seek(0)
    enterprise = EnterpriseFactory()
    tracemalloc.start()
    file, _ = keep_upload(body, enterprise=enterprise, user=None, now=timezone.now())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert file.size == 19_000_003
    assert peak < 3_000_000


KILLED = """
import os, pathlib, sys, time
import django
django.setup()
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from applications.enterprises.models import Enterprise
from applications.enterprises.services.library import keep_upload
from portal.models import Jurisdiction

def wait():
    print("now", flush=True)
    time.sleep(60)

class Upload(SimpleUploadedFile):
    def chunks(self):
        yield b"%PDF-1.7 first half"
        if sys.argv[1] == "writing":
            wait()
        yield b"second half"

if sys.argv[1] == "entering":
    replace = pathlib.Path.replace
    def replace_and_wait(*paths):
        replace(*paths)
        wait()
    pathlib.Path.replace = replace_and_wait

nation, _ = Jurisdiction.objects.get_or_create(code="100000", name="国家", level="nation")
county, _ = Jurisdiction.objects.get_or_create(
    code="140521", name="沁水县", level="county", parent=nation)
firm, _ = Enterprise.objects.get_or_create(
    credit_code="91140521MA0K000019", name="x", county=county)
keep_upload(Upload("a.pdf", b"%PDF-1.7"), enterprise=firm, user=None, now=timezone.now())
"""


@pytest.mark.night
@pytest.mark.parametrize("moment", ["writing", "entering"])
def test_a_killed_upload_leaves_no_row_and_one_file_that_the_command_removes(
    moment, files_root, tmp_path
):
    database = tmp_path / "killed.sqlite3"
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "FILES_ROOT": str(files_root),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }
    manage = [sys.executable, "-m", "django"]
    subprocess.run([*manage, "migrate", "-v0"], env=environment, check=True)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, moment], env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"now\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    with sqlite3.connect(database) as rows:
        assert rows.execute("SELECT count(*) FROM enterprises_enterprise").fetchone() == (1,)
        assert rows.execute("SELECT count(*) FROM portal_storedfile").fetchone() == (0,)
    (left,) = contents(files_root)
    assert (left.parent.name == "incoming") == (moment == "writing")
    then = (timezone.now() - timedelta(days=2)).timestamp()
    os.utime(left, (then, then))
    subprocess.run([sys.executable, "-c", KILLED, "whole"], env=environment, check=True)
    subprocess.run([*manage, "remove_orphan_files", "--delete"], env=environment, check=True)
    assert len(contents(files_root)) == 1
    assert left not in contents(files_root)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_uploads_at_once_do_not_exceed_the_limit_and_keep_the_same_content_once(
    settings, files_root
):
    settings.FILES_PER_ENTERPRISE = 3
    enterprise = EnterpriseFactory()

    def send(number):
        try:
            return keep(f"{number}.pdf", b"%PDF-1.7 " + bytes([number]), enterprise=enterprise)[1]
        except UploadRefusedError:
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(send, [1] * 8)) == [False] * 7 + [True]
        assert list(pool.map(send, range(2, 10))).count(True) == 2
    assert LibraryFile.objects.count() == 3
    assert len(contents(files_root)) == 3
