"""Two transactions of which one begins while the other is under way, on PostgreSQL."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from threading import Event
from time import monotonic, sleep

from django.db import connection, transaction


def is_waiting() -> bool:
    """Whether somebody waits for a lock of another, in this database: tests may share a server."""
    with connection.cursor() as cursor:
        # Within a transaction the server else says what it said at first.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT COUNT(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0] > 0


def one_after_the_other(
    first: Callable, second: Callable, refusal: type[Exception], *, ends_itself: bool = False
) -> list[str]:
    """Begin the first, begin the second, and end the first when the second waits or is done.

    What each came to: "done" or "refused"; all but a `refusal` is an error. A second that `ends_itself`
    commits on its own, as a request does.
    """
    begun, over = Event(), Event()

    def outcome(act, around):
        try:
            with around:
                act()
        except refusal:
            return "refused"
        return "done"

    def do_first():
        def act():
            first()
            begun.set()
            until = monotonic() + 60
            while not over.is_set() and not is_waiting() and monotonic() < until:
                sleep(0.01)

        try:
            return outcome(act, transaction.atomic())
        finally:
            begun.set()
            connection.close()

    def do_second():
        begun.wait(60)
        try:
            return outcome(second, nullcontext() if ends_itself else transaction.atomic())
        finally:
            over.set()
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        tasks = [pool.submit(do_first), pool.submit(do_second)]
        return [task.result() for task in tasks]
