"""Backups while the site goes on, of a whole portal, killed, on a full disk, and of other versions."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.db import connection

from portal.backups.keys import key_at_hand, new_key
from portal.backups.manifest import read_manifest
from portal.backups.sets import GOING, PART, sets_in
from portal.files.folder import RESTORING
from portal.files.holding import LOCK
from tests.backed_up import empty_site, filled, looked_at
from tests.processes import Site, site_in, wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.night]
DEMO = {"DJANGO_SETTINGS_MODULE": "tests.demo.settings", "DEBUG": "1"}
LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", *sys.argv[1:]])
"""
LATER = """
import django
django.setup()
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
recorder = MigrationRecorder(connection)
"""


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    return site_in(folder)


@pytest.fixture
def sets(tmp_path):
    return tmp_path / "sets"


@pytest.fixture(params=["plain", "sealed"])
def key(request, tmp_path):
    """What commands are given for a key, or nothing."""
    if request.param == "plain":
        return []
    new_key(tmp_path / "key")
    return ["--key", str(tmp_path / "key")]


def run(site, *arguments, fails=False, **environment):
    done = site.run("manage.py", *arguments, **environment)
    assert (done.returncode == 1) == fails, done.stdout + done.stderr
    assert done.returncode in (0, 1)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def script(site, code, *arguments):
    done = site.run("-c", code, *arguments)
    assert done.returncode == 0, done.stderr


@contextmanager
def begun(site, *arguments):
    """A command at work; its lines of output come into the list."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        cwd=settings.BASE_DIR,
        env=site.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    reader = threading.Thread(target=lambda: lines.extend(iter(process.stdout.readline, "")))
    reader.start()
    try:
        yield process, lines
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()


def killed_when(site, holds, *arguments, number=signal.SIGKILL):
    """What a command said that was killed as soon as something held; it must not end before."""
    with begun(site, "manage.py", *arguments) as (process, lines):
        until = time.monotonic() + 120
        while not holds(lines):
            assert process.poll() is None, lines
            assert time.monotonic() < until, lines
            time.sleep(0.001)
        process.send_signal(number)
        assert process.wait() != 0, lines
    return "".join(lines)


def size_of(folder, pattern):
    return sum(1 for path in folder.glob(pattern) if path.is_file())


def databases():
    """All but those of tests that run beside this one."""
    if connection.vendor == "sqlite":
        return []
    with connection.cursor() as cursor:
        own, tests = connection.settings_dict["NAME"], "test_"
        cursor.execute(
            "SELECT datname FROM pg_database"
            " WHERE starts_with(datname, %s) OR NOT starts_with(datname, %s) ORDER BY datname",
            [own, tests],
        )
        return cursor.fetchall()


def test_a_whole_portal_comes_back_and_work_goes_on(site, sets, key, tmp_path):
    lists = site.folder / "lists"
    lists.mkdir()
    done = site.run("-m", "tests.backed_up", "demo", str(lists), **DEMO)
    assert done.returncode == 0, done.stderr
    before = looked_at(site)
    assert before["rows"]["money_payment"]
    assert len(before["files"]) > 20
    run(site, "backup", str(sets), *key)
    run(site, "verify_backup", str(sets), *key)
    there, others = sorted(site.folder.iterdir()), databases()
    checks = [f"--run=check_list '{path}'" for path in lists.iterdir()]
    assert len(checks) == 4
    said = run(site, "backup_drill", str(sets), *key, *checks)
    assert "演练通过" in said
    assert said.count("没有改动过") == 4
    assert (sorted(site.folder.iterdir()), databases()) == (there, others)
    with empty_site(tmp_path, "other") as other:
        run(other, "restore", str(sets), *key)
        assert looked_at(other) == before
        assert set(before["files"].values()) == {True}
        for path in lists.iterdir():
            run(other, "check_list", str(path))
        done = other.run("-m", "tests.upgrade.work", **DEMO)
        assert done.returncode == 0, done.stderr


def test_a_drill_that_fails_or_is_stopped_leaves_nothing(site, sets):
    filled(site)
    run(site, "backup", str(sets))
    there, others = sorted(site.folder.iterdir()), databases()
    said = run(site, "backup_drill", str(sets), "--run=check_list nowhere.csv", fails=True)
    assert "演练没有通过：check_list" in said
    assert (sorted(site.folder.iterdir()), databases()) == (there, others)

    def is_restoring(lines):
        return any("恢复数据库" in line for line in lines)

    drill = ("backup_drill", str(sets), "--run=check_list nowhere.csv")
    killed_when(site, is_restoring, *drill, number=signal.SIGTERM)
    assert (sorted(site.folder.iterdir()), databases()) == (there, others)
    killed_when(site, is_restoring, *drill)
    assert sorted(site.folder.iterdir()) != there
    assert "清除了上次中断的演练" in run(site, "backup_drill", str(sets))
    assert (sorted(site.folder.iterdir()), databases()) == (there, others)


def test_uploads_and_withdrawals_during_a_backup_harm_nothing(site, sets, key, tmp_path):
    # Large enough that the copying takes a while.
    filled(site, files=200, size=2_000_000)
    root = site.folder / "files"
    # So old that orphans among them go at once.
    for path in root.glob("??/*"):
        os.utime(path, (time.time() - 200_000,) * 2)
    stop = tmp_path / "stop"
    with begun(site, "-m", "tests.backed_up", "traffic", str(stop)) as (traffic, withdrawn):
        wait_until(lambda: len(withdrawn) > 1)
        with begun(site, "manage.py", "backup", str(sets), *key) as (process, said):
            # Withdrawn after the database was copied, and before the last file was.
            wait_until(lambda: any(sets.glob("*/files")))
            began = len(withdrawn)
            wait_until(lambda: any(sets.glob("*/manifest.json")))
            ended = len(withdrawn)
            assert process.wait() == 0, said
        stop.touch()
        assert traffic.wait() == 0, withdrawn[-5:]
    (whole,) = sets_in(sets)
    at_hand = key_at_hand(tmp_path / "key") if key else None
    manifest = read_manifest(whole, at_hand)
    names = {entry.name.rpartition("/")[2] for entry in manifest.entries[1:]}
    during = {line.strip() for line in withdrawn[began:ended]}
    assert during & names, "nothing was withdrawn while it was copied"
    assert manifest.faults == {}
    gone = {line.strip() for line in withdrawn}
    assert not gone & {path.name for path in root.glob("??/*")}
    with empty_site(tmp_path, "other") as other:
        run(other, "restore", str(sets), *key)
        files = looked_at(other)["files"]
        assert files.keys() == names
        assert set(files.values()) == {True}


def test_a_backup_that_is_killed_is_never_taken_for_a_whole_one(site, sets, key):
    lists = filled(site, files=60, size=400_000)
    run(site, "backup", str(sets), *key)
    (first,) = sets_in(sets)
    moments = [
        lambda lines: any(sets.glob(f"*{PART}")),
        lambda lines: any(sets.glob(f"*{PART}/database.*")),
        lambda lines: size_of(sets, f"*{PART}/files/??/*") > 1,
        lambda lines: size_of(sets, f"*{PART}/files/??/*") > 40,
        lambda lines: any(sets.glob(f"*{PART}/manifest.json")),
        lambda lines: any(sets.glob(f"*{PART}/manifest.sum")),
    ]
    for moment in moments:
        # What the last one left is not what this one waits for.
        for rest in sets.glob(f"*{PART}"):
            shutil.rmtree(rest)
        killed_when(site, moment, "backup", str(sets), *key)
        assert sets_in(sets) == [first]
        assert any(sets.glob(f"*{PART}"))
    assert "完好" in run(site, "verify_backup", str(sets), *key)
    said = run(site, "backup", str(sets), *key, "--keep", "1")
    assert "清除了上次中断的备份留下的" in said
    assert f"删除了旧备份 {first.name}" in said
    assert len(sets_in(sets)) == 1
    assert first not in sets_in(sets)
    assert not any(path for path in sets.iterdir() if path.name.endswith((PART, GOING)))
    assert not any(site.folder.glob("*.snapshot*"))
    for path in lists:
        run(site, "check_list", str(path))


def test_a_restore_that_is_killed_is_seen_and_begun_again(site, sets, key, tmp_path):
    lists = filled(site, files=60, size=400_000)
    before = looked_at(site)
    run(site, "backup", str(sets), *key)
    with empty_site(tmp_path, "other") as other:
        root = other.folder / "files"
        moments = [
            lambda lines: (root / RESTORING).exists(),
            lambda lines: size_of(root, "??/*") > 1,
            lambda lines: size_of(root, "??/*") > 40,
            lambda lines: any("恢复数据库（" in line for line in lines),
            lambda lines: any("核对恢复的内容" in line for line in lines),
        ]
        again = []
        for moment in moments:
            # What the last one left is not what this one waits for.
            for path in root.glob("??/*"):
                path.unlink()
            killed_when(other, moment, "restore", str(sets), *key, *again)
            again = ["--again"]
            assert (root / RESTORING).exists()
            for command in (["worker", "--once"], ["send_waiting"]):
                assert "恢复没有做完" in run(other, *command, fails=True)
            assert "--again" in run(other, "restore", str(sets), *key, fails=True)
        said = run(other, "restore", str(sets), *key, "--again")
        assert "上次的恢复没有做完" in said
        assert "数据库上次已经恢复完" in said
        assert looked_at(other) == before
        assert {path.name for path in root.iterdir() if path.is_file()} == {
            LOCK,
            f"database-{before['identity']}",
        }
        assert not any(other.folder.glob("*.restoring*"))
        run(other, "worker", "--once")
        for path in lists:
            run(other, "check_list", str(path))


def test_again_empties_neither_a_database_nor_a_folder_of_somebody_else(site, sets, tmp_path):
    filled(site)
    before = looked_at(site)
    run(site, "backup", str(sets))
    with empty_site(tmp_path, "other") as other:
        other.manage("migrate", "-v0")
        root = other.folder / "files"
        root.mkdir(exist_ok=True)
        (root / RESTORING).write_text("of another\n")
        said = run(other, "restore", str(sets), "--again", fails=True)
        assert "只能恢复到空的数据库" in said
        files = {"DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3"}
        if connection.vendor == "sqlite":
            (root / "notes.txt").write_text("mine")
            said = run(other, "restore", str(sets), "--again", fails=True, **files)
            assert "notes.txt" in said
            assert (root / "notes.txt").exists()
    assert "只能恢复到空的数据库" in run(site, "restore", str(sets), fails=True)
    assert looked_at(site) == before


def test_files_in_the_folder_refuse_a_restore(site, sets, tmp_path):
    filled(site)
    run(site, "backup", str(sets))
    with empty_site(tmp_path, "other") as other:
        said = run(other, "restore", str(sets), fails=True, FILES_ROOT=str(site.folder / "files"))
        assert "只能恢复到空的文件夹" in said
        run(other, "restore", str(sets))


def test_a_full_disk_leaves_nothing_half_done(site, sets, key, tmp_path):
    filled(site, files=2, size=15_000_000)
    before = looked_at(site)
    run(site, "backup", str(sets), *key)
    (first,) = sets_in(sets)
    limited = LIMITED.format(limit=14_000_000)
    done = site.run("-c", limited, "backup", str(sets), *key, "--keep", "1")
    assert done.returncode == 1
    assert "磁盘满了" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path for path in sets.iterdir() if path.is_dir()] == [first]
    assert not any(site.folder.glob("*.snapshot*"))
    with empty_site(tmp_path, "other") as other:
        done = other.run("-c", limited, "restore", str(sets), *key)
        assert done.returncode == 1
        assert "磁盘满了" in done.stderr
        assert {path.name for path in (other.folder / "files").iterdir()} == {LOCK}
        run(other, "restore", str(sets), *key)
        assert looked_at(other) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount")
@pytest.mark.parametrize(
    ("files", "room"), [(2, "20m"), (0, "200k")], ids=["for files", "for the database"]
)
def test_too_little_room_is_said_before_anything_is_written(site, tmp_path, files, room):
    filled(site, files=files, size=15_000_000)
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", small], check=True)
    try:
        said = run(site, "backup", str(small), fails=True)
        assert "只剩" in said
        assert not any(path.is_dir() for path in small.iterdir())
    finally:
        subprocess.run(["umount", small], check=True)


def test_other_versions_of_the_program(site, sets, tmp_path):
    filled(site)
    script(site, LATER + "recorder.record_unapplied('centre', '0001_initial')")
    run(site, "backup", str(sets / "older"))
    script(site, LATER + "recorder.record_applied('centre', '0001_initial')")
    script(site, LATER + "recorder.record_applied('money', '0099_later')")
    run(site, "backup", str(sets / "newer"))
    script(site, LATER + "recorder.record_unapplied('money', '0099_later')")
    rewritten = "from portal.models import AppliedMigration as rows\n"
    rewritten += "rows.objects.filter(app='money').update(sha256='0' * 64)"
    script(site, LATER + rewritten)
    run(site, "backup", str(sets / "rewritten"))
    with empty_site(tmp_path, "other") as other:
        for name, told in (("newer", "money.0099_later"), ("rewritten", "money.0001_initial")):
            said = run(other, "restore", str(sets / name), fails=True)
            assert told in said
            assert "什么都没有写" in said
        assert "还有 1 个迁移" in run(other, "restore", str(sets / "older"))


def test_what_is_lost_in_the_store_is_named_and_keeps_the_older_sets(site, sets, tmp_path):
    filled(site)
    run(site, "backup", str(sets))
    lost, damaged, *_ = sorted((site.folder / "files").glob("??/*"))
    lost.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"?")
    said = run(site, "backup", str(sets), "--keep", "1", fails=True)
    assert f"{lost.name}：找不到" in said
    assert f"{damaged.name}：内容和登记的校验码不同" in said
    assert len(sets_in(sets)) == 2
    run(site, "backup", str(sets), "--keep", "1", "--loss-known")
    assert len(sets_in(sets)) == 1
    # It was said, so that later ones remind only, until more is lost.
    said = run(site, "backup", str(sets), "--keep", "1")
    assert "有 2 个上传的文件早已说明丢失或损坏" in said
    assert len(sets_in(sets)) == 1
    damaged.unlink()
    said = run(site, "backup", str(sets), "--keep", "1", fails=True)
    assert f"{damaged.name}：找不到" in said and f"{lost.name}：" not in said
    assert "新发现有 1 个" in said and f"backup {sets} --loss-known" in said
    assert len(sets_in(sets)) == 2
    with empty_site(tmp_path, "other") as other:
        assert lost.name in run(other, "restore", str(sets))
        assert list(looked_at(other)["files"].values()).count(True) == 2


def test_sets_of_another_database_or_without_the_key_are_not_mixed_in(site, sets, tmp_path):
    filled(site)
    new_key(tmp_path / "key")
    key = ["--key", str(tmp_path / "key")]
    run(site, "backup", str(sets))
    with empty_site(tmp_path, "other") as other:
        other.manage("migrate", "-v0")
        assert "另一个数据库" in run(other, "backup", str(sets), "--keep", "1", fails=True)
        assert len(sets_in(sets)) == 1
    with empty_site(tmp_path, "third") as third:
        assert "没有加密，却给了密钥" in run(third, "restore", str(sets), *key, fails=True)
        run(third, "restore", str(sets), *key, "--unencrypted")
        run(site, "backup", str(sets), *key)
        assert "是加密的" in run(third, "restore", str(sets), fails=True)
        assert "1 份不能用" in run(site, "verify_backup", str(sets), *key, fails=True)
        run(site, "verify_backup", str(sets), *key, "--unencrypted")
        assert "没有解密" in run(site, "verify_backup", str(sets))


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the other one has no such set")
def test_a_set_of_sqlite_does_not_go_into_postgresql(site, sets, tmp_path):
    folder = tmp_path / "small"
    folder.mkdir()
    small = Site(folder, f"sqlite:///{folder}/portal.sqlite3")
    small.manage("migrate", "-v0")
    run(small, "backup", str(sets))
    with empty_site(tmp_path, "other") as other:
        said = run(other, "restore", str(sets), fails=True)
    assert "备份来自 SQLite，数据库是 PostgreSQL" in said
