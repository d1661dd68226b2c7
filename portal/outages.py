"""Whether what went wrong is the database being away: stopped, out of reach, or locked for too long."""

import sqlite3

from django.db import InterfaceError, OperationalError

# Of PostgreSQL: connection lost (08), shut down or starting up (57P01 to 57P05), too many connections.
CLASSES, CODES = ("08", "57P"), {"53300"}
# Of SQLite, without what says more of each: https://sqlite.org/rescode.html
AWAY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_CANTOPEN}


def is_away(error: BaseException | None) -> bool:
    """Whether the error, or what it came from, is one that passes by itself when the database is back.

    Any other fault of the database is one of the program, or of the disk.
    """
    while error is not None:
        if isinstance(error, (OperationalError, InterfaceError)) and _passes(error.__cause__):
            return True
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return False


def _passes(said: BaseException | None) -> bool:
    """Of what the driver said."""
    if isinstance(said, sqlite3.Error):
        return getattr(said, "sqlite_errorcode", 0) & 0xFF in AWAY
    # A connection that is not there says no code.
    code = getattr(said, "pgcode", None) or ""
    return not code or code.startswith(CLASSES) or code in CODES
