"""The two caches of the site, in tables that all its processes share.

`pages` keeps whole pages and may lose them: when its table cannot be reached, pages are made anew.
A process shows for a few seconds what it read there without asking again; no page lasts longer for it,
unless the database is away: then a page of the last hour is better than none.
`default` is what django-ratelimit and django-allauth count with, and must not lose a count: each
step is one statement that holds at once. Counting comes before a view does anything, so outside any
transaction; within one, PostgreSQL counts over a second connection, so that what is rolled back was
counted all the same. SQLite has one writer: a second connection would wait for the first for ever,
and the count belongs to the transaction.

When counts cannot be reached, each process counts for itself: a page is never refused for that, and
passwords are guessed at most as many times faster as there are processes.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.db import DatabaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

# How long a page or a count waits for SQLite's writer, who may import a long list.
PATIENCE_SECONDS = 5
COMPLAIN_SECONDS = 60
TIDY_SECONDS = 600
NEAR_SECONDS, LAST_SECONDS = 5, 3600
NEVER = 1e12

logger = logging.getLogger(__name__)


class _Complaint:
    """Says once a minute what would otherwise fill the log."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.next = 0.0

    def __call__(self, error: Exception) -> None:
        now = time.monotonic()
        if now >= self.next:
            self.next = now + COMPLAIN_SECONDS
            logger.error("%s: %s", self.text, error)


_pages_fail = _Complaint("pages are made anew each time, their cache cannot be reached")
_counts_fail = _Complaint("each process counts for itself, the counts cannot be reached")


class PageCache(DatabaseCache):
    """Django's cache in a table, without which the site goes on; some seconds of it in the process.

    With each value lies when it is over, which is told by the process that made it.
    """

    def __init__(self, table: str, params: dict[str, Any]) -> None:
        super().__init__(table, params)
        self._near = LocMemCache("pages at hand", {"OPTIONS": {"MAX_ENTRIES": 100}})
        self._last = LocMemCache("pages as they were", {"OPTIONS": {"MAX_ENTRIES": 100}})

    def last(self, key: str) -> Any:
        """What this process showed within the hour, perhaps over by now; None without."""
        return self._last.get(key)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        kept = self._near.get(key, version=version)
        if kept is None:
            try:
                kept = super().get(key, version=version)
            except Error as error:
                _pages_fail(error)
            if kept is None:
                return default
            self._keep_near(key, kept, version)
        expires, value = kept
        return value if time.time() < expires else default

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        kept = NEVER if seconds is None else time.time() + seconds, value
        self._keep_near(key, kept, version)
        try:
            with _patience(connections[DEFAULT_DB_ALIAS]):
                super().set(key, kept, timeout, version)
        except Error as error:
            _pages_fail(error)

    def clear(self) -> None:
        self._near.clear()
        self._last.clear()
        super().clear()

    def _keep_near(self, key: str, kept: tuple[float, Any], version: int | None) -> None:
        self._near.set(key, kept, NEAR_SECONDS, version)
        self._last.set(key, kept[1], LAST_SECONDS, version)


class CountingCache(BaseCache):
    """Counts and locks, exact for any number of processes; values are what JSON can say."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._own = LocMemCache("counts", params)
        self._tidied = 0.0

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        """Whether there was none; of many at once exactly one is told so."""
        self._tidy()
        name, now = self.make_and_validate_key(key, version=version), time.time()
        row = [name, json.dumps(value), self._expires(timeout, now), now]
        return self._or_own(
            lambda: bool(_run(f"{INSERT} WHERE portal_count.expires <= %s RETURNING key", row)),
            lambda: self._own.add(key, value, timeout, version),
        )

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        name = self.make_and_validate_key(key, version=version)

        def read() -> Any:
            found = _run(SELECT, [name, time.time()])
            return json.loads(found[0]) if found else default

        return self._or_own(read, lambda: self._own.get(key, default, version))

    def set(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> None:
        name, now = self.make_and_validate_key(key, version=version), time.time()
        row = [name, json.dumps(value), self._expires(timeout, now)]
        self._or_own(
            lambda: _run(f"{INSERT} RETURNING key", row),
            lambda: self._own.set(key, value, timeout, version),
        )

    def incr(self, key: str, delta: int = 1, version: int | None = None) -> int:
        """The new count; ValueError when there is none."""
        name = self.make_and_validate_key(key, version=version)

        def own() -> int:
            self._own.add(key, 0, version=version)
            return self._own.incr(key, delta, version)

        found = self._or_own(
            lambda: _run(INCREASE, [delta, name, time.time()]), lambda: (str(own()),)
        )
        if not found:
            raise ValueError(f"Key '{key}' not found")
        return int(found[0])

    def touch(
        self, key: str, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        name, now = self.make_and_validate_key(key, version=version), time.time()
        return self._or_own(
            lambda: bool(_run(TOUCH, [self._expires(timeout, now), name, now])),
            lambda: self._own.touch(key, timeout, version),
        )

    def delete(self, key: str, version: int | None = None) -> bool:
        name = self.make_and_validate_key(key, version=version)
        return self._or_own(
            lambda: bool(_run("DELETE FROM portal_count WHERE key = %s RETURNING key", [name])),
            lambda: self._own.delete(key, version),
        )

    def clear(self) -> None:
        self._own.clear()
        self._or_own(lambda: _run("DELETE FROM portal_count RETURNING key", []), lambda: None)

    def _expires(self, timeout: float | None, now: float) -> float:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return NEVER if seconds is None else now + seconds

    def _tidy(self) -> None:
        """Counts that are over go every ten minutes, by whichever process counts then."""
        now = time.time()
        if now >= self._tidied + TIDY_SECONDS:
            self._tidied = now
            old = "DELETE FROM portal_count WHERE expires <= %s RETURNING key"
            self._or_own(lambda: _run(old, [now]), lambda: None)

    def _or_own(self, shared: Callable[[], Any], own: Callable[[], Any]) -> Any:
        try:
            return shared()
        except Error as error:
            _counts_fail(error)
            return own()


INSERT = (
    "INSERT INTO portal_count (key, value, expires) VALUES (%s, %s, %s)"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires"
)
SELECT = "SELECT value FROM portal_count WHERE key = %s AND expires > %s"
INCREASE = (
    "UPDATE portal_count SET value = CAST(CAST(value AS bigint) + %s AS text)"
    " WHERE key = %s AND expires > %s RETURNING value"
)
TOUCH = "UPDATE portal_count SET expires = %s WHERE key = %s AND expires > %s RETURNING key"


def _run(statement: str, values: list[Any]) -> tuple[Any, ...] | None:
    """The first row that one statement gives, which holds whatever becomes of a transaction."""
    connection = connections[DEFAULT_DB_ALIAS]
    if not connection.in_atomic_block or connection.vendor == "sqlite":
        with _patience(connection), connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()
    beside = connection.copy()
    try:
        with beside.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()
    finally:
        beside.close()


@contextmanager
def _patience(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Wait less for SQLite's writer than what must be written does."""
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    usual = connection.settings_dict["OPTIONS"].get("timeout", PATIENCE_SECONDS)
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE_SECONDS * 1000}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {usual * 1000}")
