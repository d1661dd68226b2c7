"""The database goes away at any write of a service: of all that it wrote before, nothing stays."""

from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.db import connection, transaction

ROOMS = {"cases", "money", "notices", "enterprises", "portal"}
WRITES = ("INSERT", "UPDATE", "DELETE")


class _LostError(Exception):
    """The connection is gone."""


def assert_all_or_nothing(prepare: Callable[[], Callable[[], Any]]) -> None:
    """Do what `prepare` returns with its first write lost, its second, and so on to the end."""
    number, is_lost = 0, True
    while is_lost:
        number += 1
        start = transaction.savepoint()
        do, before = prepare(), _rows()
        is_lost = _is_lost(do, number)
        assert (_rows() == before) is is_lost, f"write {number}"
        transaction.savepoint_rollback(start)
    assert number > 1


def _is_lost(do: Callable[[], Any], at: int) -> bool:
    count = 0

    def execute(run, sql, params, many, context):
        nonlocal count
        if sql.startswith(WRITES):
            count += 1
            if count == at:
                raise _LostError
        return run(sql, params, many, context)

    try:
        with connection.execute_wrapper(execute):
            do()
    except _LostError:
        return True
    return False


def _rows() -> dict[str, list[tuple]]:
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model._meta.app_label in ROOMS
    }
