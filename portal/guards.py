"""Guards: database triggers that refuse a change, whoever asks for it.

An app hands its guards to `keep_guards`. They may guard tables of rooms below: what a higher room
uses there it protects itself. What may not be deleted is neither emptied (TRUNCATE) nor replaced
(INSERT OR REPLACE). Who owns the tables can still drop a trigger, disable it or, as PostgreSQL's
superuser, set session_replication_role: no trigger stops that, a role without these rights does.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.apps import AppConfig
from django.db import IntegrityError

from portal.triggers import Trigger, keep_triggers, postgresql_function

# The guards of all apps.
kept: list["Guard"] = []
HISTORY_STAYS = "变更历史不能改动或删除。"
# Without it SQLite deletes the row that an INSERT OR REPLACE replaces, and asks no trigger. The
# site's connections have it on; another program that writes has to.
NEEDS_RECURSIVE_TRIGGERS = "写入这个表之前，请先执行 PRAGMA recursive_triggers = ON。"
_replaces_unasked = "(SELECT recursive_triggers FROM pragma_recursive_triggers) = 0"


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
    """Keep the guards of the app in the database, through every migration."""
    kept.extend(guards)
    keep_triggers(app, [each for guard in guards for each in _triggers(app.label, guard)])


def _triggers(owner: str, guard: Guard) -> Iterator[Trigger]:
    yield Trigger(
        guard.name_for(owner), guard.table, _on_sqlite(owner, guard), _on_postgresql(owner, guard)
    )
    if guard.event == "DELETE":
        for event in ("INSERT", "UPDATE"):
            unasked = replace(
                guard,
                event=event,
                condition=_replaces_unasked,
                message=NEEDS_RECURSIVE_TRIGGERS,
                suffix=f"replace{guard.suffix}",
            )
            create = _on_sqlite(owner, unasked)
            yield Trigger(unasked.name_for(owner), guard.table, create, None)
        yield _against_truncate(owner, replace(guard, event="TRUNCATE"))


def _on_sqlite(owner: str, guard: Guard) -> str:
    return (
        f"CREATE TRIGGER {guard.name_for(owner)} BEFORE {guard.event} ON {guard.table}"
        f" FOR EACH ROW WHEN {guard.condition}"
        f" BEGIN SELECT RAISE(ABORT, '{guard.message}'); END"
    )


def _on_postgresql(owner: str, guard: Guard) -> str:
    kept = "OLD" if guard.event == "DELETE" else "NEW"
    return postgresql_function(
        guard.name_for(owner),
        f"{_refuse_if(guard.condition, guard.message)} RETURN {kept};",
        f"BEFORE {guard.event} ON {guard.table} FOR EACH ROW",
    )


def _against_truncate(owner: str, guard: Guard) -> Trigger:
    """PostgreSQL asks once about the whole table: whether it holds a row that must not go."""
    condition = re.sub(r"\bOLD\.", "gone.", guard.condition)
    any_stays = f"EXISTS (SELECT 1 FROM {guard.table} AS gone WHERE {condition})"  # noqa: S608 (constants)
    name = guard.name_for(owner)
    body = f"{_refuse_if(any_stays, guard.message)} RETURN NULL;"
    fires = f"BEFORE TRUNCATE ON {guard.table} FOR EACH STATEMENT"
    return Trigger(name, guard.table, None, postgresql_function(name, body, fires))


def _refuse_if(condition: str, message: str) -> str:
    return (
        f"IF {condition.replace('json_each(', 'jsonb_each(')} THEN RAISE EXCEPTION '{message}'"
        f" USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    )


def refusal_of(error: IntegrityError) -> str:
    """What a guard said when it refused."""
    said = getattr(error.__cause__, "diag", None)
    return said.message_primary if said else str(error)


def is_refusal(error: IntegrityError) -> bool:
    """Whether a guard refused, not a constraint."""
    said = refusal_of(error)
    return said == NEEDS_RECURSIVE_TRIGGERS or any(said == guard.message for guard in kept)
