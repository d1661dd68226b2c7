"""What the guards would say to a change or a deletion, asked before it is made."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Model, ProtectedError, QuerySet

from portal.guards import is_refusal, refusal_of

# What PostgreSQL and SQLite say of a foreign key that leads nowhere, and of a row there is already.
FOREIGN_KEY, UNIQUE = "23503", "23505"
FOREIGN_KEY_OF_SQLITE, UNIQUE_OF_SQLITE = (
    "FOREIGN KEY constraint failed",
    "UNIQUE constraint failed",
)
TWICE = "要保存的内容和已有的一条重复，它可能刚被别人保存。"
GONE = "这里选用的一条内容（如项目、版本或行政区划）刚被别人删除。"


class _UndoneError(Exception):
    """Takes back what was only tried."""


def refused_fields(row: Model, names: Iterable[str]) -> dict[str, str]:
    """By field, the refusal to save the value that `row` has there; nothing is kept."""
    refused: dict[str, str] = {}
    for name in names:
        field = row._meta.get_field(name)
        if not field.concrete or field.many_to_many:
            continue
        stored = QuerySet(type(row)).filter(pk=row.pk)
        try:
            with transaction.atomic():
                # Of the queryset, not of the model: what is tried is no history.
                stored.update(**{field.attname: getattr(row, field.attname)})
                raise _UndoneError
        except _UndoneError:
            continue
        except IntegrityError as error:
            if is_refusal(error):
                refused[name] = refusal_of(error)
    return refused


def leads_nowhere(error: IntegrityError) -> bool:
    """Whether a row was to name another that is there no more."""
    return _code(error) == FOREIGN_KEY or FOREIGN_KEY_OF_SQLITE in str(error)


def _code(error: IntegrityError) -> str | None:
    return getattr(error.__cause__, "pgcode", None)


def refusal_in_words(error: IntegrityError) -> str:
    """What a guard said, that what was chosen is gone or what was sent is there already; empty for
    any other fault."""
    if is_refusal(error):
        return refusal_of(error)
    if leads_nowhere(error):
        return GONE
    return TWICE if _code(error) == UNIQUE or UNIQUE_OF_SQLITE in str(error) else ""


def refused_deletion(row: Model) -> str:
    """Why `row` cannot be deleted; empty when it can."""
    try:
        with transaction.atomic():
            type(row)._base_manager.get(pk=row.pk).delete()
            raise _UndoneError
    except _UndoneError:
        return ""
    except ProtectedError as error:
        return str(error.args[0])
    except IntegrityError as error:
        if is_refusal(error):
            return refusal_of(error)
        raise
