"""The folder of files belongs to one database, and says so by the name of a file in it."""

import os
from pathlib import Path

from django.conf import settings

from portal.models import DatabaseIdentity

# Under the root, for what has no row yet.
INCOMING = "incoming"
MARK = "database-"
# There from the first moment of a restore to its last.
RESTORING = "restoring"
OF_ANOTHER = (
    "文件夹 {root} 属于另一个数据库（里面有 {mark}）。请核对 DATABASE_URL 和 FILES_ROOT，"
    "每个数据库要用自己的文件夹。"
)
UNMARKED = (
    "文件夹 {root} 里已有文件，却没有写明属于哪个数据库。请核对 DATABASE_URL 和 FILES_ROOT；"
    "如果确实是这个数据库的文件，请运行 manage.py remove_orphan_files --adopt。"
)
UNFINISHED = (
    "恢复没有做完（{what}），文件夹 {root} 和数据库里的内容可能不全，不能使用。"
    "请再运行 manage.py restore，加 --again。"
)


class FolderError(Exception):
    """The folder is not this database's; the message says what to do, in Chinese."""


class UnfinishedRestoreError(FolderError):
    """A restore began here and did not end."""


def own_folder(*, adopt: bool = False) -> Path:
    """The folder, once it is certain that it is this database's; FolderError otherwise.

    An empty one is marked as its own. One that holds files and no mark is marked only where
    somebody says so by `adopt`. A copy of a database has the same mark as the original.
    """
    root = Path(settings.MEDIA_ROOT)
    refuse_unfinished(root)
    mark = root / f"{MARK}{DatabaseIdentity.objects.get().identity}"
    found = _marks(root)
    if not found:
        if not adopt and _holds_files(root):
            raise FolderError(UNMARKED.format(root=root))
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        mark.touch()
        # Another database may have come at the same moment: then both are refused.
        found = _marks(root)
    if foreign := [each.name for each in found if each != mark]:
        raise FolderError(OF_ANOTHER.format(root=root, mark=foreign[0]))
    return root


def refuse_unfinished(root: Path) -> None:
    """UnfinishedRestoreError where a restore was interrupted."""
    try:
        what = (root / RESTORING).read_text("utf-8").strip()
    except FileNotFoundError:
        return
    raise UnfinishedRestoreError(UNFINISHED.format(root=root, what=what))


def _holds_files(root: Path) -> bool:
    return any(any(root.glob(f"{name}/*")) for name in (INCOMING, "[0-9a-f][0-9a-f]"))


def _marks(root: Path) -> list[Path]:
    return sorted(root.glob(f"{MARK}*"))


def flush_folder(folder: Path) -> None:
    """Write down the names in a folder, as fsync of a file does not."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
