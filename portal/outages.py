"""Whether what went wrong is the database being away: stopped, out of reach, locked for too long, or
with no room left to write."""

import sqlite3

from django.db import DatabaseError, InterfaceError, OperationalError

# Of PostgreSQL: connection lost (08), no room, memory or connections left (53), shut down or starting
# up (57P01 to 57P05).
CLASSES = ("08", "53", "57P")
# Of SQLite, without what says more of each: https://sqlite.org/rescode.html
AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_FULL}
# A disk is full too where what processes share of it (-shm) cannot grow.
NO_ROOM = sqlite3.SQLITE_IOERR_SHMSIZE


def is_away(error: BaseException | None) -> bool:
    """Whether the error, or what it came from, is one that passes by itself when the database is back.

    Any other fault of the database is one of the program.
    """
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)) and _passes(error.__cause__):
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def driver_error(error: BaseException | None) -> BaseException | None:
    """What the driver said, of an error of Django's that came from it or from which another came."""
    while error is not None:
        if isinstance(error, DatabaseError | InterfaceError) and error.__cause__:
            return error.__cause__
        error = error.__cause__ or error.__context__
    return None


def _passes(said: BaseException | None) -> bool:
    """Of what the driver said."""
    if isinstance(said, sqlite3.Error):
        code = getattr(said, "sqlite_errorcode", 0)
        return code & 0xFF in AWAY or code == NO_ROOM
    # A connection that is not there says no code.
    code = getattr(said, "pgcode", None) or ""
    return not code or code.startswith(CLASSES)
