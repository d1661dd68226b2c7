"""A backup brings everything back, and nothing else passes for one."""

import json
import os
import stat
import tracemalloc
from datetime import timedelta
from io import StringIO

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from portal.backups import postgresql
from portal.backups.content import Content
from portal.backups.errors import BackupError
from portal.backups.keys import Key, key_at_hand, new_key
from portal.backups.manifest import NAME, Entry, Manifest, read_manifest
from portal.backups.sealing import CHUNK, SealError, seal, unseal
from portal.backups.sets import give_to_service, remove_older, sets_in, sole_writer
from portal.backups.verifying import check_set
from portal.checks import SERVICE
from portal.files.folder import RESTORING, UnfinishedRestoreError, own_folder
from portal.files.holding import deletions_held
from portal.files.store import remove_withdrawn, withdraw
from portal.management.commands.backup import IS_OFF
from portal.models import StoredFile
from tests.backed_up import empty_site, filled, looked_at
from tests.factories import LibraryFileFactory
from tests.processes import site_in

KEY = Key(bytes(range(32)))


def unsealed(path, key=KEY, name="a"):
    with path.open("rb") as file:
        return b"".join(unseal(file, key, name))


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_what_is_sealed_opens_under_its_key_and_name_only(tmp_path, size):
    content, path = os.urandom(size), tmp_path / "sealed"
    path.write_bytes(b"".join(seal([content[:10], content[10:]], KEY, "a")))
    assert unsealed(path) == content
    with pytest.raises(SealError):
        unsealed(path, name="b")
    with pytest.raises(SealError):
        unsealed(path, key=Key(bytes(32)))


def test_no_byte_or_chunk_of_what_is_sealed_can_be_changed_moved_left_out_or_added(tmp_path):
    path = tmp_path / "sealed"
    sealed = b"".join(seal([bytes(CHUNK), b"1" * CHUNK, b"2"], KEY, "a"))
    head, chunk = 48, CHUNK + 16
    first, second, third = (sealed[head + chunk * number :][:chunk] for number in range(3))
    changed = [
        b"".join((sealed[:head], second, first, third)),
        b"".join((sealed[:head], first, second)),
        b"".join((sealed[:head], first, third)),
        b"".join((sealed, third)),
        sealed + b"\0",
        sealed[:-1],
        sealed[: head - 1],
        b"",
    ]
    for place in [*range(head), head, head + chunk - 1, head + chunk, len(sealed) - 1]:
        other = bytearray(sealed)
        other[place] ^= 1
        changed.append(bytes(other))
    for content in changed:
        path.write_bytes(content)
        with pytest.raises(SealError):
            unsealed(path)


def test_a_key_is_new_private_and_never_overwritten(tmp_path, settings):
    path = tmp_path / "key"
    mark = new_key(path).mark
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    settings.BACKUP_KEY = path.read_text()
    assert key_at_hand(path).mark == key_at_hand(None).mark == mark
    assert new_key(tmp_path / "other").mark != mark
    with pytest.raises(BackupError, match="已经存在"):
        new_key(path)
    assert key_at_hand(path).mark == mark
    settings.BACKUP_KEY = settings.BACKUP_KEY.strip()[:-4]
    with pytest.raises(BackupError, match="BACKUP_KEY 不是备份密钥"):
        key_at_hand(None)


def test_programs_that_are_missing_or_too_old_are_named():
    with pytest.raises(BackupError, match=r"找不到 pg_nothing。.*postgresql-client-15"):
        postgresql.program("pg_nothing", 15)
    with pytest.raises(BackupError, match=r"pg_dump 的版本（\d+）比需要的 999 旧"):
        postgresql.program("pg_dump", 999)


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL has passwords")
def test_the_password_is_on_no_command_line(tmp_path, monkeypatch):
    program = tmp_path / "pg_dump"
    program.write_text('#!/bin/sh\necho "$@"; echo "$PGPASSWORD" >&2; exit 3\n')
    program.chmod(0o700)
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "of-the-database")
    said = []
    with pytest.raises(BackupError, match="pg_dump 没有做成：of-the-database"):
        said.extend(postgresql.dumped(program, "1"))
    assert b"dbname=" in said[0]
    assert b"of-the-database" not in said[0]


def orphans_command():
    said = StringIO()
    call_command("remove_orphan_files", "--delete", stdout=said, stderr=StringIO())
    return said.getvalue()


@pytest.mark.django_db
def test_what_is_withdrawn_during_a_backup_goes_at_its_end(
    files_root, django_capture_on_commit_callbacks
):
    now = timezone.now()
    own_folder()
    file = LibraryFileFactory()
    file.path.parent.mkdir(parents=True, exist_ok=True)
    file.path.write_bytes(b"%PDF-1.7")
    with deletions_held(files_root):
        with django_capture_on_commit_callbacks(execute=True):
            withdraw(file, now)
        old = (now - timedelta(days=2)).timestamp()
        os.utime(file.path, (old, old))
        assert "正在备份" in orphans_command()
        assert file.path.exists()
    assert StoredFile.objects.get(pk=file.pk).withdrawn_at == now
    remove_withdrawn(now)
    assert not file.path.exists()


@pytest.mark.django_db
def test_no_site_starts_and_no_upload_comes_in_before_a_restore_is_finished(files_root):
    own_folder()
    (files_root / RESTORING).write_text("sets/2026-11-28\n")
    found = run_checks(tags=[SERVICE], include_deployment_checks=True, databases=["default"])
    ids = [message.id for message in found]
    assert "portal.E020" in ids
    assert "portal.E013" not in ids
    with pytest.raises(UnfinishedRestoreError, match="--again"):
        own_folder()


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return site_in(folder)


def run(site, *arguments, fails=False, **environment):
    """What a command says; it must fail where that is expected, and in words."""
    done = site.run("manage.py", *arguments, **environment)
    assert (done.returncode == 1) == fails, done.stdout + done.stderr
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


@pytest.mark.night
@pytest.mark.django_db(transaction=True)
def test_a_sealed_set_comes_back_whole_and_elsewhere(site, tmp_path):
    lists = filled(site)
    before = looked_at(site)
    key, sets = tmp_path / "key", tmp_path / "sets"
    mark = new_key(key).mark
    said = run(site, "backup", str(sets), "--key", str(key))
    assert f"用密钥 {mark} 加密" in said
    (whole,) = [path for path in sets.iterdir() if path.is_dir()]
    assert b"of a session" not in b"".join(p.read_bytes() for p in whole.rglob("*") if p.is_file())
    assert check_set(whole, None, tell=print).faults == {}
    every_flipped_byte_is_noticed(whole, key_at_hand(key))
    with pytest.raises(BackupError, match="密钥不对"):
        check_set(whole, Key(bytes(32)), tell=print)

    assert "只能恢复到空的数据库" in run(site, "restore", str(sets), "--key", str(key), fails=True)
    with empty_site(tmp_path, "other") as other:
        said = run(other, "restore", str(sets), BACKUP_KEY=key.read_text())
        assert "恢复完成并核对过" in said
        assert looked_at(other) == before
        assert set(before["files"].values()) == {True}
        for path in lists:
            assert "没有改动过" in run(other, "check_list", str(path))


def every_flipped_byte_is_noticed(whole, key):
    """The first, some within and the last of each file; then files missing and added."""
    for path in sorted(whole.rglob("*")):
        if path.is_dir():
            continue
        content = path.read_bytes()
        places = {0, len(content) - 1, *range(17, len(content), max(1, len(content) // 5))}
        for place in places:
            changed = bytearray(content)
            changed[place] ^= 1
            path.write_bytes(changed)
            with pytest.raises(BackupError):
                check_set(whole, key, tell=print)
        for changed in (content[:-1], content + b"\n"):
            path.write_bytes(changed)
            with pytest.raises(BackupError):
                check_set(whole, key, tell=print)
        path.unlink()
        with pytest.raises(BackupError):
            check_set(whole, key, tell=print)
        path.write_bytes(content)
    (whole / "added").touch()
    with pytest.raises(BackupError, match="多了 1 个"):
        check_set(whole, key, tell=print)
    (whole / "added").unlink()
    check_set(whole, key, tell=print)


def test_the_list_of_many_files_is_written_without_copies_of_it(tmp_path):
    digest = "0" * 64
    entries = [Entry(f"files/00/{number:032x}", number, digest) for number in range(10_000)]
    manifest = Manifest(
        made_at=timezone.now(),
        engine="sqlite",
        version="3",
        content=Content("identity", {}, [], {}),
        entries=[Entry("database.sqlite3", 1, digest), *entries],
        faults={},
        key="",
    )
    tracemalloc.start()
    try:
        manifest.write(tmp_path, None)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * (tmp_path / NAME).stat().st_size
    assert read_manifest(tmp_path, None) == manifest


@pytest.mark.night
@pytest.mark.django_db(transaction=True)
def test_the_nightly_backup_keeps_as_many_sets_as_are_wanted_and_health_knows(site, tmp_path):
    filled(site)
    sets = tmp_path / "sets"
    nightly = {"BACKUP_FOLDER": str(sets), "BACKUP_KEEP": "2"}
    assert "backup" in problems(site, **nightly)
    for count in (1, 2, 2):
        said = run(site, "backup", **nightly)
        assert len(sets_in(sets)) == count
    assert "删除了旧备份" in said
    assert "backup" not in problems(site, **nightly)
    assert "backup" not in problems(site)
    newest = sets_in(sets)[-1]
    # A night on which nothing whole can be made ends with 1, and what there is stays.
    for path in (site.folder / "files").glob("??/*"):
        path.unlink()
    said = run(site, "backup", fails=True, **nightly)
    assert "旧备份都没有删除" in said
    assert newest in sets_in(sets)
    assert len(sets_in(sets)) == 3


def problems(site, **environment):
    """What /healthz/ready names."""
    done = site.run("-c", READY, **environment)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["problems"]


READY = """
import django
django.setup()
from django.test import Client
print(Client().get("/healthz/ready", headers={"host": "portal.example.cn"}).content.decode())
"""


@pytest.mark.django_db
def test_without_a_folder_the_nightly_backup_is_off_and_says_how_to_have_it(settings):
    settings.BACKUP_FOLDER = ""
    with pytest.raises(CommandError, match="没有设置 BACKUP_FOLDER，没有备份") as off:
        call_command("backup")
    assert off.value.returncode == IS_OFF


def test_the_set_that_was_just_made_stays_though_another_seems_later(tmp_path):
    names = ["2026-11-01_02-30-00", "2026-11-02_02-30-00", "2062-11-02_02-30-00"]
    for name in names:
        (tmp_path / name).mkdir()
    made = tmp_path / names[1]
    assert remove_older(made, 2) == [names[0]]
    assert remove_older(made, 1) == [names[2]]
    assert sets_in(tmp_path) == [made]
    assert remove_older(made, 1) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives away")
def test_what_root_backs_up_belongs_to_whom_the_files_belong_to(tmp_path, settings):
    """Else a backup by hand would stop every nightly one."""
    files, sets = tmp_path / "files", tmp_path / "sets"
    settings.MEDIA_ROOT = files
    for folder in (files, sets / "2026-01-01_00-00-00" / "files"):
        folder.mkdir(parents=True)
    (sets / "2026-01-01_00-00-00" / "files" / "a").touch()
    os.chown(files, 801, 801)
    with sole_writer(sets):
        give_to_service(sets)
    owners = {path.stat().st_uid for path in [sets, *sets.glob("**/*")]}
    assert owners == {801}
    os.chown(files, 0, 0)
    give_to_service(sets)
    assert sets.stat().st_uid == 801
