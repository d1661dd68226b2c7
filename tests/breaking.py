"""Every statement that deletes, replaces or changes a row, tried on rows that must stay."""

import re
from collections import defaultdict
from collections.abc import Iterator

from django.apps import apps
from django.db import IntegrityError, connection, transaction

from portal.guards import Guard, is_refusal, kept, refusal_of


class _UndoneError(Exception):
    """What was tried does not stay."""


def broken_guards() -> list[str]:
    """Statements that went through, and tables without a row to try them on."""
    # PostgreSQL truncates nothing of which references are still to be checked.
    connection.check_constraints()
    of_table: dict[str, list[Guard]] = defaultdict(list)
    for guard in kept:
        if not isinstance(guard, Guard):
            continue
        of_table[guard.table].append(guard)
    return [
        fault
        for table, guards in sorted(of_table.items())
        if any(guard.event == "DELETE" for guard in guards)
        for fault in _faults(table, guards)
    ]


def _faults(table: str, guards: list[Guard]) -> Iterator[str]:
    model = next(each for each in apps.get_models(True) if each._meta.db_table == table)
    key = model._meta.pk.column
    stays = " OR ".join(f"({each.condition})" for each in guards if each.event == "DELETE")
    if connection.vendor == "postgresql":
        stays = stays.replace("json_each(", "jsonb_each(")
    stays = re.sub(r"\bOLD\.", "row_.", stays)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {key} FROM {table} AS row_ WHERE {stays} LIMIT 1")
        found = cursor.fetchone()
    if found is None:
        yield f"{table}: no row that stays"
        return
    row = f"{key} = '{found[0]}'"
    deleting = {each.message for each in guards if each.event == "DELETE"}
    yield from _unless_refused(f"DELETE FROM {table} WHERE {row}", deleting)
    copy = f"INTO {table} SELECT * FROM {table} WHERE {row}"
    if connection.vendor == "postgresql":
        yield from _unless_refused(f"TRUNCATE {table} CASCADE", deleting)
    else:
        yield from _unless_refused(f"INSERT OR REPLACE {copy}")
        others = f"{key} <> '{found[0]}'"
        yield from _unless_refused(
            f"UPDATE OR REPLACE {table} SET {key} = '{found[0]}' WHERE {others}"
        )
        yield from _replaced_by_another_key(table, key, row)
    if any(each.event == "UPDATE" and each.condition == "1 = 1" for each in guards):
        yield from _unless_refused(f"UPDATE {table} SET {key} = {key} WHERE {row}")
        again = f"ON CONFLICT ({key}) DO UPDATE SET {key} = excluded.{key}"
        yield from _unless_refused(f"INSERT {copy} {again}")


def _replaced_by_another_key(table: str, key: str, row: str) -> Iterator[str]:
    """A new row that is equal in what is unique besides the key."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, table).values()
        columns = {
            each.name: each
            for each in connection.introspection.get_table_description(cursor, table)
        }
    is_unique = any(each["unique"] and not each["primary_key"] for each in constraints)
    if is_unique and columns[key].type_code in ("integer", "bigint"):
        names = ", ".join(f'"{name}"' for name in columns)
        values = ", ".join("999999" if name == key else f'"{name}"' for name in columns)
        yield from _unless_refused(
            f"INSERT OR REPLACE INTO {table} ({names}) SELECT {values} FROM {table} WHERE {row}"
        )


def _unless_refused(statement: str, messages: set[str] | None = None) -> Iterator[str]:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
            if cursor.rowcount:
                raise _UndoneError
    except _UndoneError:
        yield statement
    except IntegrityError as error:
        if not is_refusal(error) or (messages and refusal_of(error) not in messages):
            yield f"{statement}: {error}"
