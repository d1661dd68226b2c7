"""Deletions of files wait while a backup copies them; uploads go on.

A lock of the system on a file in the folder: whoever holds it and is killed holds it no longer.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

LOCK = "deletions.lock"
LONGEST_WAIT = 60.0  # seconds, for deletions that are going on


class HeldError(Exception):
    """Somebody else holds the deletions of this folder."""


@contextmanager
def deletions_held(root: Path) -> Iterator[None]:
    """Nothing in the folder is deleted within the block; HeldError where another one holds it."""
    until = time.monotonic() + LONGEST_WAIT
    with (root / LOCK).open("a") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise HeldError(str(root)) from None
                time.sleep(0.1)
        yield


@contextmanager
def may_delete(root: Path) -> Iterator[bool]:
    """Whether files may be deleted within the block; no backup begins before it ends."""
    with ExitStack() as stack:
        yield _is_free(root, stack)


def _is_free(root: Path, stack: ExitStack) -> bool:
    """Whether nobody holds the deletions; then nobody can until the stack ends."""
    try:
        file = stack.enter_context((root / LOCK).open("a"))
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # No folder, no room for the lock, or a disk without locks: no backup holds it either.
        return True
    return True
