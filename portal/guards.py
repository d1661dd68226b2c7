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
kept: list["Guard | Hold"] = []
HISTORY_STAYS = "变更历史不能改动或删除。"
_LOCAL_DAY = re.compile(r"local_day\(([\w.]+)\)")
# Without it SQLite deletes the row that an INSERT OR REPLACE replaces, and asks no trigger. The
# site's connections have it on; another program that writes has to.
NEEDS_RECURSIVE_TRIGGERS = "写入这个表之前，请先执行 PRAGMA recursive_triggers = ON。"
_replaces_unasked = "(SELECT recursive_triggers FROM pragma_recursive_triggers) = 0"


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

    def triggers(self, owner: str) -> Iterator[Trigger]:
        yield self._trigger(owner)
        if self.event == "DELETE":
            yield self._against_truncate(owner)
            for event in ("INSERT", "UPDATE"):
                unasked = replace(
                    self,
                    event=event,
                    condition=_replaces_unasked,
                    message=NEEDS_RECURSIVE_TRIGGERS,
                    suffix=f"replace{self.suffix}",
                )
                yield replace(unasked._trigger(owner), postgresql=None)

    def _trigger(self, owner: str) -> Trigger:
        name, row = self.name_for(owner), "OLD" if self.event == "DELETE" else "NEW"
        asked_of_sqlite = _LOCAL_DAY.sub(r"DATE(\1, '+8 hours')", self.condition)
        return Trigger(
            name,
            self.table,
            f"CREATE TRIGGER {name} BEFORE {self.event} ON {self.table} FOR EACH ROW"
            f" WHEN {asked_of_sqlite} BEGIN SELECT RAISE(ABORT, '{self.message}'); END",
            postgresql_function(
                name,
                f"{_refuse_if(_on_postgresql(self.condition), self.message)} RETURN {row};",
                f"BEFORE {self.event} ON {self.table} FOR EACH ROW",
            ),
        )

    def _against_truncate(self, owner: str) -> Trigger:
        """PostgreSQL asks once about the whole table: whether it holds a row that must not go."""
        name = replace(self, event="TRUNCATE").name_for(owner)
        condition = re.sub(r"\bOLD\.", "gone.", _on_postgresql(self.condition))
        any_stays = f"EXISTS (SELECT 1 FROM {self.table} AS gone WHERE {condition})"  # noqa: S608 (constants)
        body = f"{_refuse_if(any_stays, self.message)} RETURN NULL;"
        fires = f"BEFORE TRUNCATE ON {self.table} FOR EACH STATEMENT"
        return Trigger(name, self.table, None, postgresql_function(name, body, fires))


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

    def triggers(self, owner: str) -> Iterator[Trigger]:
        name = self.name_for(owner)
        names = ", ".join(f'"{column}"' for column in self.columns)
        texts = ", ".join(f'CAST(to_jsonb(NEW."{column}") AS text)' for column in self.columns)
        rows = f"FROM {self.held} AS held WHERE {self.condition}"
        body = (
            " words := ARRAY(SELECT DISTINCT word[1] FROM"  # noqa: S608 (constants)
            f""" regexp_matches(concat_ws(' ', {texts}), '"([^"]+)"', 'g') AS word);"""
            f" SELECT COUNT(*) INTO seen {rows};"
            f" PERFORM 1 {rows} FOR {self.strength};"
            " GET DIAGNOSTICS kept = ROW_COUNT;"
            f" {_refuse_if('kept < seen', self.message)} RETURN NEW;"
        )
        declared = "words text[]; seen integer; kept integer;"
        fires = f"BEFORE INSERT OR UPDATE OF {names} ON {self.table} FOR EACH ROW"
        yield Trigger(name, self.table, None, postgresql_function(name, body, fires, declared))


def _on_postgresql(condition: str) -> str:
    return _LOCAL_DAY.sub(
        r"CAST(\1 AT TIME ZONE 'Asia/Shanghai' AS date)",
        condition.replace("json_each(", "jsonb_each("),
    )


def _refuse_if(condition: str, message: str) -> str:
    """In a function of PostgreSQL."""
    return (
        f"IF {condition} THEN RAISE EXCEPTION '{message}'"
        " USING ERRCODE = 'integrity_constraint_violation'; END IF;"
    )


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


def keep_guards(app: AppConfig, guards: Sequence[Guard | Hold]) -> None:
    """Keep the guards of the app in the database, through every migration."""
    kept.extend(guards)
    keep_triggers(app, [each for guard in guards for each in guard.triggers(app.label)])


def refusal_of(error: IntegrityError) -> str:
    """What a guard said when it refused."""
    said = getattr(error.__cause__, "diag", None)
    return said.message_primary if said else str(error)


def is_refusal(error: IntegrityError) -> bool:
    """Whether a guard refused, not a constraint."""
    said = refusal_of(error)
    return said == NEEDS_RECURSIVE_TRIGGERS or any(said == guard.message for guard in kept)
