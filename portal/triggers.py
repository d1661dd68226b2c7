"""Triggers that an app keeps in the database: put back after every migration.

SQLite rebuilds a table to alter it, and drops its triggers with it. What an app no longer keeps goes
with its next migration, so that no guard of an earlier release goes on refusing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models.signals import post_migrate, pre_migrate


@dataclass(frozen=True)
class Trigger:
    """One trigger on `table`: the statements that make it on each database, None where none is needed."""

    name: str
    table: str
    sqlite: str | None
    postgresql: str | None


_kept: dict[str, list[Trigger]] = {}


def keep_triggers(app: AppConfig, triggers: Sequence[Trigger]) -> None:
    """Take the app's triggers away before a migration of the app and put them back after it.

    Their names begin with the label of the app and an underscore.
    """
    _kept.setdefault(app.label, []).extend(triggers)
    for signal, act in ((pre_migrate, remove_triggers), (post_migrate, install_triggers)):
        receiver: Callable[..., None] = partial(act, app.label)
        uid = f"{app.label}.{act.__name__}"
        signal.connect(receiver, sender=app, weak=False, dispatch_uid=uid)


def remove_triggers(owner: str, *, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        for name, table in _installed(cursor, connection.vendor):
            if name.startswith(f"{owner}_"):
                on_table = "" if connection.vendor == "sqlite" else f" ON {table}"
                cursor.execute(f"DROP TRIGGER {name}{on_table}")
                if connection.vendor == "postgresql":
                    cursor.execute(f"DROP FUNCTION IF EXISTS {name}()")


def install_triggers(owner: str, *, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    """Create the triggers; none on a database migrated halfway, where a table is still missing."""
    remove_triggers(owner, using=using)
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if {trigger.table for trigger in _kept[owner]} <= tables:
            for trigger in _kept[owner]:
                if create := getattr(trigger, connection.vendor):
                    cursor.execute(create)


def owners() -> list[str]:
    """The labels of all apps that keep triggers."""
    return list(_kept)


def missing_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The names of triggers that the database should have and does not."""
    found = set(installed_triggers(using))
    return [
        trigger.name
        for triggers in _kept.values()
        for trigger in triggers
        if getattr(trigger, connections[using].vendor) and trigger.name not in found
    ]


def installed_triggers(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The names of the triggers that the database has."""
    connection = connections[using]
    with connection.cursor() as cursor:
        return sorted(name for name, _ in _installed(cursor, connection.vendor))


def postgresql_function(name: str, body: str, fires: str, declared: str = "") -> str:
    """The statements for a trigger `name` that runs `body` when `fires` says."""
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $trigger$"
        f"{f' DECLARE {declared}' if declared else ''} BEGIN {body}"
        f" END $trigger$ LANGUAGE plpgsql;"
        f" CREATE TRIGGER {name} {fires} EXECUTE FUNCTION {name}()"
    )


def _installed(cursor: object, vendor: str) -> list[tuple[str, str]]:
    """Name and table of every enabled trigger that is not the database's own."""
    if vendor == "sqlite":
        cursor.execute("SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'")
    else:
        cursor.execute(
            "SELECT trigger.tgname, trigger.tgrelid::regclass::text FROM pg_trigger AS trigger"
            " JOIN pg_class AS guarded ON guarded.oid = trigger.tgrelid"
            " WHERE NOT trigger.tgisinternal"
            " AND guarded.relnamespace = current_schema()::regnamespace"
        )
    return cursor.fetchall()
