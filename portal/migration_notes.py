"""What each migration asks of the site while it runs, told before the first one begins.

A migration after the first of its app says it in its docstring, in Chinese: how long it takes with
100,000 cases, and what cannot be done meanwhile. `.ci/migrations` refuses one that does not.
"""

import sys
from collections.abc import Iterable

from django.apps import AppConfig
from django.core.management.base import OutputWrapper
from django.db.migrations import Migration
from django.db.models.signals import pre_migrate

BEFORE = "将要更新数据表，期间请看清："


def tell_before(app: AppConfig) -> None:
    pre_migrate.connect(_tell, sender=app, dispatch_uid=f"{app.label}.migration_notes")


def notes_of(migrations: Iterable[Migration]) -> list[str]:
    """One line for each of this project that says something: `money.0002：约 3 秒；期间不能支付。`"""
    modules = [(each, sys.modules[type(each).__module__]) for each in migrations]
    return [
        f"{migration.app_label}.{migration.name[:4]}：{' '.join(module.__doc__.split())}"
        for migration, module in modules
        if module.__doc__ and "site-packages" not in str(module.__file__)
    ]


def _tell(
    *, plan: list[tuple[Migration, bool]], verbosity: int, stdout: OutputWrapper, **kwargs: object
) -> None:
    notes = notes_of(migration for migration, _ in plan)
    if verbosity and notes:
        stdout.write("\n".join([BEFORE, *notes]))
