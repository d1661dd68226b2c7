"""Database triggers: the rows of a published edition do not change, whoever writes them.

They are put back after every migration, because SQLite rebuilds a table to alter it. On SQLite
deleting is left to the application: it has no TRUNCATE, so emptying a database deletes rows.
"""

from collections.abc import Iterator

from django.db import DEFAULT_DB_ALIAS, connections

MESSAGE = "已发布的版本不能改动，请另起新版本。"
# How a row of each table finds its edition.
OWNERS = {
    "policies_criterion": "SELECT {row}.edition_id",
    "policies_award": "SELECT {row}.edition_id",
    "policies_material": "SELECT {row}.edition_id",
    "policies_step": "SELECT {row}.edition_id",
    "policies_tranche": "SELECT edition_id FROM policies_award WHERE id = {row}.award_id",
    "policies_citation": (
        "SELECT edition_id FROM policies_award WHERE id = {row}.award_id"
        " UNION SELECT edition_id FROM policies_criterion WHERE id = {row}.criterion_id"
    ),
}
EDITION = "policies_edition"
FROZEN_FIELDS = ("programme_id", "effective_from", "digest")
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def _row_is_frozen(table: str, event: str) -> str:
    """True where the row belongs to an edition that is no longer a draft."""
    closed = (
        "('published', 'retired')" if event == "DELETE" else "('published', 'retired', 'discarded')"
    )
    return " OR ".join(
        f"EXISTS (SELECT 1 FROM {EDITION} WHERE status IN {closed}"  # noqa: S608 (constants)
        f" AND id IN ({OWNERS[table].format(row=row)}))"
        for row in ROWS[event]
    )


def _edition_is_frozen(different: str, notices: str) -> str:
    changed = [f"OLD.{field} {different} NEW.{field}" for field in FROZEN_FIELDS]
    changed.append(notices)
    return (
        f"(OLD.status IN ('published', 'retired') AND ({' OR '.join(changed)}))"
        " OR (OLD.status <> 'draft' AND NEW.status = 'draft')"
        " OR (OLD.status = 'retired' AND NEW.status = 'published')"
        " OR (OLD.status = 'discarded' AND NEW.status <> 'discarded')"
    )


def _sqlite() -> Iterator[tuple[str, str, str, str]]:
    for table in OWNERS:
        for event in ("INSERT", "UPDATE"):
            yield f"{table}_{event.lower()}_guard", table, event, _row_is_frozen(table, event)
    condition = _edition_is_frozen("IS NOT", "OLD.notices IS NOT NEW.notices")
    yield f"{EDITION}_update_guard", EDITION, "UPDATE", condition


def _postgresql() -> Iterator[tuple[str, str, str, str]]:
    for table in OWNERS:
        for event in ROWS:
            yield f"{table}_{event.lower()}_guard", table, event, _row_is_frozen(table, event)
    condition = _edition_is_frozen("IS DISTINCT FROM", "OLD.notices::text <> NEW.notices::text")
    yield f"{EDITION}_update_guard", EDITION, "UPDATE", condition
    yield f"{EDITION}_delete_guard", EDITION, "DELETE", "OLD.status IN ('published', 'retired')"


def _create_sqlite(name: str, table: str, event: str, condition: str) -> str:
    return (
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW WHEN {condition}"
        f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )


def _create_postgresql(name: str, table: str, event: str, condition: str) -> str:
    kept = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger AS $guard$ BEGIN"
        f" IF {condition} THEN RAISE EXCEPTION '{MESSAGE}' USING ERRCODE = 'integrity_constraint_violation';"
        f" END IF; RETURN {kept}; END $guard$ LANGUAGE plpgsql;"
        f" CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    )


def remove_guards(*, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    connection = connections[using]
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if connection.vendor == "sqlite":
            for name, *_ in _sqlite():
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        elif connection.vendor == "postgresql":
            for name, table, *_ in _postgresql():
                if table in tables:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def install_guards(*, using: str = DEFAULT_DB_ALIAS, **kwargs: object) -> None:
    connection = connections[using]
    remove_guards(using=using)
    guards = {
        "sqlite": (_sqlite, _create_sqlite),
        "postgresql": (_postgresql, _create_postgresql),
    }.get(connection.vendor)
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if guards is None or not {EDITION, *OWNERS} <= tables:
            return
        describe, create = guards
        for guard in describe():
            cursor.execute(create(*guard))
