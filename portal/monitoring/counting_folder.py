"""The folder in which the processes of one web server count together."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

PREFIX = "portal-metrics."
HELD = "held"


def new_folder(room: Path) -> Path:
    """A folder in `room` to count in, held by this process and those that it forks as long as any lives.

    What servers that were killed left there is removed; what never said who holds it stays.
    """
    for held in room.glob(f"{PREFIX}*/{HELD}"):
        if _hold(held):
            shutil.rmtree(held.parent, ignore_errors=True)
    # It has its name once it is held: a server that starts at this moment would take it for left.
    new = Path(tempfile.mkdtemp(prefix=f".{PREFIX}", dir=room))
    (new / HELD).touch()
    _hold(new / HELD)
    return new.rename(room / new.name.removeprefix("."))


def _hold(file: Path) -> bool:
    """Whether nobody else holds it, and this process may; the hold ends with the last that has it."""
    try:
        descriptor = os.open(file, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return False
    return True
