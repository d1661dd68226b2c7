"""Where sets of backups lie: a folder each, named by the time at which it was begun."""

import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from portal.backups.errors import BackupError
from portal.backups.manifest import NAME
from portal.files.folder import flush_folder

LOCK = "backups.lock"
# Of a set that is being written, and of one that is being removed.
PART, GOING = ".part", ".going"
_name = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d")
_rest = re.compile(rf"{_name.pattern}({re.escape(PART)}|{re.escape(GOING)})")

NO_SETS = "{folder} 里没有备份。"
NO_FOLDER = "没有文件夹 {folder}。"
BUSY = "另一个备份正在写入 {folder}，请等它做完。"


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Nobody else writes sets into the folder within the block; BackupError where somebody does."""
    with (folder / LOCK).open("a") as file:
        give_to_service(folder / LOCK)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(BUSY.format(folder=folder)) from None
        yield


def give_to_service(path: Path) -> None:
    """What root makes belongs to whom the site's files belong to: the nightly backup works on it."""
    files = Path(settings.MEDIA_ROOT)
    if os.geteuid() == 0 and files.is_dir() and (owner := files.stat()).st_uid != 0:
        for each in [path, *path.glob("**/*")]:
            os.chown(each, owner.st_uid, owner.st_gid)


def name_at(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d_%H-%M-%S}"


def sets_in(folder: Path) -> list[Path]:
    """All whole sets, the oldest first."""
    if not folder.is_dir():
        raise BackupError(NO_FOLDER.format(folder=folder))
    return sorted(path for path in folder.iterdir() if _name.fullmatch(path.name))


def chosen(folder: Path) -> Path:
    """The folder itself where it is a set, else the newest set in it; BackupError without any."""
    if (folder / NAME).is_file():
        return folder
    found = sets_in(folder)
    if not found:
        raise BackupError(NO_SETS.format(folder=folder))
    return found[-1]


def remove_rest(folder: Path) -> list[str]:
    """Remove what an interrupted backup left, or an interrupted removal; the names."""
    rest = sorted(path for path in folder.iterdir() if _rest.fullmatch(path.name))
    for path in rest:
        shutil.rmtree(path)
    return [path.name for path in rest]


def remove_older(newest: Path, keep: int) -> list[str]:
    """Remove all sets beside `newest` but the latest `keep - 1`; the names. Killed midway, it leaves
    no half set.

    By its name another may seem to be later: the clock went wrong once.
    """
    folder = newest.parent
    others = [path for path in sets_in(folder) if path != newest]
    old = others[: max(len(others) - keep + 1, 0)]
    for path in old:
        going = path.with_name(path.name + GOING)
        path.rename(going)
        flush_folder(folder)
        shutil.rmtree(going)
    return [path.name for path in old]
