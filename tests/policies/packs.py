"""The real catalogue: read once, and put into a test's database from what it held before."""

from functools import cache
from pathlib import Path

import yaml
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Model
from django.utils import timezone

from policies.catalogue.models import Edition as EditionRow
from policies.catalogue.models import Fact as FactRow
from policies.catalogue.models import Stamp
from policies.catalogue.packs.catalogue_pack import Packs, read_packs
from policies.catalogue.packs.loader import load_packs
from policies.rules.edition import Edition
from policies.rules.facts import Fact
from portal.models import Jurisdiction

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"
DATA = Path(__file__).resolve().parent / "data"


@cache
def catalogue() -> Packs:
    return read_packs(FIXTURES)


@cache
def facts() -> dict[str, Fact]:
    return catalogue().facts


@cache
def editions() -> tuple[Edition, ...]:
    """The compiled editions of all screened programmes."""
    return catalogue().compiled()


def read_data(name: str) -> dict:
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


# The rows of a freshly loaded catalogue as the database keeps them, by model in the order of their
# references: to make them objects again would take most of the time. Editions are drafts, as nothing
# may be added to one that is published; `_statuses` holds what they become.
_rows: dict[type[Model], list[tuple]] = {}
_statuses: list[tuple[str, int]] = []
HISTORY_DATE = "2024-01-01 00:00:00"
PARAMETERS_MOST = 30_000  # of one statement on SQLite


def _models() -> list[type[Model]]:
    """What a load may fill, in an order in which it can be filled again; the stamps draw themselves."""
    own = apps.get_app_config("catalogue").get_models(include_auto_created=True)
    return [Jurisdiction, FactRow, *(model for model in own if model not in (FactRow, Stamp))]


@transaction.atomic
def load_catalogue() -> None:
    """The same rows as load_packs(FIXTURES) makes, in a small part of its time after the first.

    Other than there, jurisdictions that a test made before take the names and places of the catalogue.
    """
    is_empty = not any(model.objects.exists() for model in _models() if model is not Jurisdiction)
    if not (is_empty and _rows):
        load_packs(FIXTURES, timezone.now())
        if is_empty:
            _name_places()
            _keep_rows()
        return
    with connection.cursor() as cursor:
        for model, rows in _rows.items():
            _insert(cursor, model, rows)
        table = connection.ops.quote_name(EditionRow._meta.db_table)
        cursor.executemany(f"UPDATE {table} SET status = %s WHERE id = %s", _statuses)
        for sql in connection.ops.sequence_reset_sql(no_style(), list(_rows)):
            cursor.execute(sql)


def _name_places() -> None:
    """A load leaves what it finds to whoever made it."""
    for row in catalogue().jurisdictions:
        packed = {"name": row["name"], "level": row["level"], "parent": row.get("parent")}
        Jurisdiction.objects.filter(code=row["code"]).update(**packed)


def _keep_rows() -> None:
    codes = {row["code"] for row in catalogue().jurisdictions}
    # What a load notes in the history was long ago, whatever the clock of the first test said.
    fixed = {
        (EditionRow, "status"): f"'{EditionRow.Status.DRAFT}'",
        **{(model, "history_date"): f"'{HISTORY_DATE}'" for model in _models()},
    }
    with connection.cursor() as cursor:
        for model in _models():
            table, key, *columns = _names(model)
            shown = ", ".join(
                fixed.get((model, field.column), name)
                for field, name in zip(model._meta.local_concrete_fields, columns, strict=True)
            )
            cursor.execute(f"SELECT {shown} FROM {table} ORDER BY {key}")
            rows = cursor.fetchall()
            if model is Jurisdiction:
                rows = [row for row in rows if row[0] in codes]
            if rows:
                _rows[model] = rows
    _statuses.extend(EditionRow.objects.values_list("status", "pk"))


def _insert(cursor: CursorWrapper, model: type[Model], rows: list[tuple]) -> None:
    table, key, *columns = _names(model)
    one, most = f"({', '.join(['%s'] * len(columns))})", PARAMETERS_MOST // len(columns)
    on_conflict = ""
    if model is Jurisdiction:
        taken = ", ".join(f"{column} = excluded.{column}" for column in columns)
        on_conflict = f" ON CONFLICT ({key}) DO UPDATE SET {taken}"
    for start in range(0, len(rows), most):
        part = rows[start : start + most]
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(part))}{on_conflict}",
            [value for row in part for value in row],
        )


def _names(model: type[Model]) -> list[str]:
    """The table, its key and its columns, quoted."""
    meta = model._meta
    names = [meta.db_table, meta.pk.column, *(field.column for field in meta.local_concrete_fields)]
    return [connection.ops.quote_name(name) for name in names]
