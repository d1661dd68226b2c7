"""Guards: database triggers that refuse a change, whoever asks for it.

An app hands its guards to `keep_guards`. They are put back after every migration, because SQLite
rebuilds a table to alter it. They may guard tables of rooms below: what a higher room uses there
it protects itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections
from django.db.models.signals import post_migrate, pre_migrate

# What the guards of all apps say when they refuse.
_said: set[str] = set()
HISTORY_STAYS = "变更历史不能改动或删除。"


@dataclass(frozen=True)
class Guard:
    """Refuse `event` (INSERT, UPDATE, DELETE) on rows of `table` where `condition` is true.

    The condition is SQL over OLD and NEW that both databases read; the message is Chinese.
    `suffix` tells several guards of one app on one table and event apart.
    `json_each(column)` stands for the keys and values of a JSON object.
    """

    table: str
    event: str
    condition: str
    message: str
    suffix: str = ""

    def name_for(self, owner: str) -> str:
        """Its name in the database: several apps may guard one table."""
        name = f"{owner}_{self.table}_{self.event.lower()}"
        return f"{name}_{self.suffix}" if self.suffix else name


def history_guards(*tables: str) -> tuple[Guard, ...]:
    """Refuse to change or delete rows of these tables of history."""
    return tuple(
        Guard(table, event, "1 = 1", HISTORY_STAYS)
        for table in tables
        for event in ("UPDATE", "DELETE")
    )


def changed(names: Iterable[str]) -> str:
    """The condition that one of these columns gets another value."""
    return " OR ".join(f'OLD."{name}" IS DISTINCT FROM NEW."{name}"' for name in names)


def mentions(column: str, word: str) -> str:
    """The condition that the JSON of a column holds the text that the SQL `word` gives."""
    text = f"CAST({column} AS TEXT)"
    return f"REPLACE({text}, '\"' || {word} || '\"', '') <> {text}"


def keep_guards(app: AppConfig, guards: Sequence[Guard]) -> None:
    """Take the guards away before a migration of the app and put them back after it."""
    _said.update(guard.message for guard in guards)
    for signal, act in ((pre_migrate, remove_guards), (post_migrate, install_guards)):
        receiver: Callable[..., None] = partial(act, app.label, guards)
        uid = f"{app.label}.{act.__name__}"
        signal.connect(receiver, sender=app, weak=False, dispatch_uid=uid)


def remove_guards(
    owner: str, guards: Sequence[Guard], *, using: str = DEFAULT_DB_ALIAS, **kwargs: object
) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for guard in guards:
            if guard.table in tables:
                on_table = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name_for(owner)}{on_table}")


def install_guards(
    owner: str, guards: Sequence[Guard], *, using: str = DEFAULT_DB_ALIAS, **kwargs: object
) -> None:
    """Create the triggers; on a database migrated halfway, those whose table exists."""
    remove_guards(owner, guards, using=using)
    connection = connections[using]
    create = _create_sqlite if connection.vendor == "sqlite" else _create_postgresql
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if {guard.table for guard in guards} <= tables:
            for guard in guards:
                cursor.execute(create(guard.name_for(owner), guard))


def _create_sqlite(name: str, guard: Guard) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table} FOR EACH ROW"
        f" WHEN {guard.condition} BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _create_postgresql(name: str, guard: Guard) -> str:
    kept = "OLD" if guard.event == "DELETE" else "NEW"
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $guard$ BEGIN"
        f" IF {guard.condition.replace('json_each(', 'jsonb_each(')} THEN RAISE EXCEPTION '{guard.message}'"
        f" USING ERRCODE = 'integrity_constraint_violation'; END IF;"
        f" RETURN {kept}; END $guard$ LANGUAGE plpgsql;"
        f" CREATE TRIGGER {name} BEFORE {guard.event} ON {guard.table}"
        f" FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def refusal_of(error: IntegrityError) -> str:
    """What a guard said when it refused."""
    said = getattr(error.__cause__, "diag", None)
    return said.message_primary if said else str(error)


def is_refusal(error: IntegrityError) -> bool:
    """Whether a guard refused, not a constraint."""
    return refusal_of(error) in _said
