"""Guards: database triggers that refuse a change, whoever asks for it.

An app hands its guards to `keep_guards`. They are put back after every migration, because SQLite
rebuilds a table to alter it. They may guard tables of rooms below: what a higher room uses there
it protects itself.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections
from django.db.models.signals import post_migrate, pre_migrate

# What the guards of all apps say when they refuse.
_said: set[str] = set()
HISTORY_STAYS = "变更历史不能改动或删除。"
_LOCAL_DAY = re.compile(r"local_day\(([\w.]+)\)")


@dataclass(frozen=True)
class Guard:
    """Refuse `event` (INSERT, UPDATE, DELETE) on rows of `table` where `condition` is true.

    The condition is SQL over OLD and NEW that both databases read; the message is Chinese.
    `suffix` tells several guards of one app on one table and event apart.
    `json_each(column)` stands for the keys and values of a JSON object, `local_day(column)` for the
    day in China of a moment.
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

    def create_sqlite(self, name: str) -> str:
        condition = _LOCAL_DAY.sub(r"DATE(\1, '+8 hours')", self.condition)
        return (
            f"CREATE TRIGGER {name} BEFORE {self.event} ON {self.table} FOR EACH ROW"
            f" WHEN {condition} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def create_postgresql(self, name: str) -> str:
        kept = "OLD" if self.event == "DELETE" else "NEW"
        condition = _LOCAL_DAY.sub(
            r"CAST(\1 AT TIME ZONE 'Asia/Shanghai' AS date)",
            self.condition.replace("json_each(", "jsonb_each("),
        )
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $guard$ BEGIN"
            f" IF {condition} THEN {_raise(self.message)} END IF;"
            f" RETURN {kept}; END $guard$ LANGUAGE plpgsql;"
            f" CREATE TRIGGER {name} BEFORE {self.event} ON {self.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


@dataclass(frozen=True)
class Hold:
    """Who writes `columns` of `table` keeps the rows of `held` that are named there until the end.

    A guard on `held` does not see a use that is not committed: whoever deletes a row there waits
    for it, and is refused. Where the deletion was first, the use waits and is refused with the
    message. `condition` is SQL over the row `held` and the array `words` of what the columns name.
    A `strength` of SHARE keeps the rows from every change, KEY SHARE from deletion only. SQLite has
    one writer at a time and needs none of this.
    """

    table: str
    columns: tuple[str, ...]
    held: str
    message: str
    condition: str
    strength: str = "KEY SHARE"

    def name_for(self, owner: str) -> str:
        return f"{owner}_{self.table}_holds_{self.held}"

    def create_sqlite(self, name: str) -> str:
        return ""

    def create_postgresql(self, name: str) -> str:
        names = ", ".join(f'"{column}"' for column in self.columns)
        texts = ", ".join(f'CAST(to_jsonb(NEW."{column}") AS text)' for column in self.columns)
        rows = f"FROM {self.held} AS held WHERE {self.condition}"
        return (
            f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $guard$"  # noqa: S608 (constants)
            " DECLARE words text[]; seen integer; kept integer; BEGIN"
            " words := ARRAY(SELECT DISTINCT word[1] FROM"
            f""" regexp_matches(concat_ws(' ', {texts}), '"([^"]+)"', 'g') AS word);"""
            f" SELECT COUNT(*) INTO seen {rows};"
            f" PERFORM 1 {rows} FOR {self.strength};"
            " GET DIAGNOSTICS kept = ROW_COUNT;"
            f" IF kept < seen THEN {_raise(self.message)} END IF;"
            " RETURN NEW; END $guard$ LANGUAGE plpgsql;"
            f" CREATE TRIGGER {name} BEFORE INSERT OR UPDATE OF {names} ON {self.table}"
            f" FOR EACH ROW EXECUTE FUNCTION {name}()"
        )


Kept = Guard | Hold


def _raise(message: str) -> str:
    """Refuse, in a function of PostgreSQL."""
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


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


def keep_guards(app: AppConfig, guards: Sequence[Kept]) -> None:
    """Take the guards away before a migration of the app and put them back after it."""
    _said.update(guard.message for guard in guards)
    for signal, act in ((pre_migrate, remove_guards), (post_migrate, install_guards)):
        receiver: Callable[..., None] = partial(act, app.label, guards)
        uid = f"{app.label}.{act.__name__}"
        signal.connect(receiver, sender=app, weak=False, dispatch_uid=uid)


def remove_guards(
    owner: str, guards: Sequence[Kept], *, using: str = DEFAULT_DB_ALIAS, **kwargs: object
) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        for guard in guards:
            if guard.table in tables:
                on_table = "" if connection.vendor == "sqlite" else f" ON {guard.table}"
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name_for(owner)}{on_table}")


def install_guards(
    owner: str, guards: Sequence[Kept], *, using: str = DEFAULT_DB_ALIAS, **kwargs: object
) -> None:
    """Create the triggers; on a database migrated halfway, those whose table exists."""
    remove_guards(owner, guards, using=using)
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if {guard.table for guard in guards} <= tables:
            for guard in guards:
                name, on_sqlite = guard.name_for(owner), connection.vendor == "sqlite"
                sql = guard.create_sqlite(name) if on_sqlite else guard.create_postgresql(name)
                if sql:
                    cursor.execute(sql)


def refusal_of(error: IntegrityError) -> str:
    """What a guard said when it refused."""
    said = getattr(error.__cause__, "diag", None)
    return said.message_primary if said else str(error)


def is_refusal(error: IntegrityError) -> bool:
    """Whether a guard refused, not a constraint."""
    return refusal_of(error) in _said
