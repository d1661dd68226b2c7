"""The folder in which the processes of one web server count together."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "portal-metrics."


def new_folder(room: Path) -> Path:
    """An empty folder in `room`, held by this process and those that it forks as long as any lives.

    What servers that were killed left there is removed.
    """
    for left in room.glob(f"{PREFIX}*"):
        if _hold(left):
            shutil.rmtree(left, ignore_errors=True)
    # It has its name once it is held: a server that starts at this moment would take it for left.
    new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=room))
    _hold(new)
    return new.rename(room / new.name.removeprefix("."))


def _hold(folder: Path) -> bool:
    """Whether nobody else holds it, and may hold it at all; the hold ends with the last process."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    return True
