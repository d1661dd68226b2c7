"""Triggers that note each change of the tables that processes keep in memory."""

from collections.abc import Iterator

from policies.catalogue.models import (
    Call,
    Conflict,
    Contact,
    CountyLastDay,
    Document,
    Edition,
    Fact,
    Formula,
    Office,
    Programme,
    Stamp,
    Synonym,
)
from portal.models import Jurisdiction
from portal.triggers import Trigger, postgresql_function

TABLES = {
    "facts": (Fact, Formula),
    "documents": (Document,),
    "conflicts": (Conflict,),
    "areas": (Jurisdiction,),
    "programmes": (Programme, Programme.conflicts.through),
    # The digest in an edition's row changes with its criteria and awards.
    "editions": (Edition,),
    # The materials of a call that counts do not change, and its events are written before it is.
    "calls": (Call, CountyLastDay),
    "contacts": (Contact, Office),
    "synonyms": (Synonym,),
}


def read_stamps() -> dict[str, str]:
    """The stamp of each name in TABLES whose tables ever held a row."""
    return dict(Stamp.objects.values_list("name", "value"))


def stamp_triggers() -> Iterator[Trigger]:
    for name, models in TABLES.items():
        for model in models:
            yield from _triggers(name, model._meta.db_table)


def _triggers(name: str, table: str) -> Iterator[Trigger]:
    for event in ("INSERT", "UPDATE", "DELETE"):
        trigger = f"catalogue_stamp_{table}_{event.lower()}"
        create = (
            f"CREATE TRIGGER {trigger} AFTER {event} ON {table} FOR EACH ROW"
            f" BEGIN {_draw(name, 'LOWER(HEX(RANDOMBLOB(16)))')} END"
        )
        yield Trigger(trigger, table, create, None)
    trigger = f"catalogue_stamp_{table}"
    body = f"{_draw(name, 'gen_random_uuid()')} RETURN NULL;"
    fires = f"AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
    yield Trigger(trigger, table, None, postgresql_function(trigger, body, fires))


def _draw(name: str, value: str) -> str:
    return (
        f"INSERT INTO {Stamp._meta.db_table} (name, value) VALUES ('{name}', {value})"  # noqa: S608 (constants)
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value;"
    )
