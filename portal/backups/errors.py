"""What stops a backup or a restore, in words."""

import errno
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from django.db import Error as DatabaseError

from portal.database_words import database_in_words, is_for_operators
from portal.files.folder import FolderError
from portal.files.holding import HeldError
from portal.system_words import reason

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
DISK_FULL = "磁盘满了（{name}）。没有留下做了一半的东西，原有的备份都没有动；请腾出空间再来。"
NO_SPACE = "{folder} 所在的磁盘只剩 {free}，至少要 {needed}。什么都没有写；请腾出空间再来。"
INTERRUPTED = "被中断，没有做完。"
BUSY = "文件夹 {root} 正在备份或恢复，请等它做完。"


class BackupError(Exception):
    """Nothing whole was made or restored; the message says why and what to do, in Chinese."""


@contextmanager
def in_words() -> Iterator[None]:
    """Raise what the disk, the database and the store refuse as a BackupError."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise BackupError(DISK_FULL.format(name=error.filename or error.strerror)) from error
        named = f"{error.filename}：" if error.filename else ""
        raise BackupError(f"不能读写：{named}{reason(error)}") from error
    except HeldError as error:
        raise BackupError(BUSY.format(root=error)) from error
    except FolderError as error:
        raise BackupError(str(error)) from error
    except DatabaseError as error:
        if "disk is full" in str(error):
            raise BackupError(DISK_FULL.format(name="数据库")) from error
        if is_for_operators(error):
            raise BackupError(database_in_words(error)) from error
        raise BackupError(f"数据库拒绝了：{str(error).strip()}") from error


@contextmanager
def ended_in_order() -> Iterator[None]:
    """SIGTERM ends the block as Ctrl+C does, as a BackupError, so that what it wrote is removed."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    is_main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGTERM, stop) if is_main else None
    try:
        yield
    except KeyboardInterrupt:
        raise BackupError(INTERRUPTED) from None
    finally:
        if is_main:
            signal.signal(signal.SIGTERM, before)
