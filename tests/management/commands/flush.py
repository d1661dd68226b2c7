"""Empty the database after a test that committed, but for what a new one holds.

Only tests may: the guards are passed by. Django would make everything anew that follows a migration
(guards, permissions, roles), which takes longer than most tests.
"""

from typing import Any

from django.core.management.commands.flush import Command as Flush
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

# The rows of a new database, by table.
_new: dict[str, list[tuple[Any, ...]]] = {}


def keep_new_rows(connection: BaseDatabaseWrapper) -> None:
    """Remember what a database holds before the first test."""
    with connection.cursor() as cursor:
        for table in _filled(connection, cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            _new[table] = cursor.fetchall()


class Command(Flush):
    def handle(self, **options: Any) -> None:
        connection = connections[options["database"]]
        empty = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
        unchecked, whole = (
            connection.constraint_checks_disabled(),
            transaction.atomic(connection.alias),
        )
        with unchecked, whole, connection.cursor() as cursor:
            empty(connection, cursor)


def _on_postgresql(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
    cursor.execute("SET LOCAL session_replication_role = replica")
    _replace(connection, cursor)


def _on_sqlite(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
    cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    triggers = cursor.fetchall()
    for name, _ in triggers:
        cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
    _replace(connection, cursor)
    for _, sql in triggers:
        cursor.execute(sql)


def _replace(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> None:
    for table in _filled(connection, cursor):
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
    for table, rows in _new.items():
        places = ", ".join(["%s"] * len(rows[0]))
        cursor.executemany(
            f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({places})", rows
        )


def _filled(connection: BaseDatabaseWrapper, cursor: CursorWrapper) -> list[str]:
    """The tables of the site that hold a row."""
    tables = sorted(
        connection.introspection.django_table_names(only_existing=True, include_views=False)
    )
    if not tables:  # a test of `migrate` begins without any
        return []
    quoted = [connection.ops.quote_name(table) for table in tables]
    cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {table})" for table in quoted))
    return [table for table, holds in zip(tables, cursor.fetchone(), strict=True) if holds]
