"""Whether the database was made by the migrations that lie here, all of them and no others.

Django remembers names only: a database made by a migration that was rewritten since looks up to
date, and fails when somebody pays. So the database keeps the checksum of each file that made it.
"""

from hashlib import sha256
from pathlib import Path

from django.apps import AppConfig, apps
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.signals import post_migrate, pre_migrate

from portal.models import AppliedMigration, DatabaseIdentity

Name = tuple[str, str]
OTHER_PAST = (
    "数据库是由另一份迁移建成的（{names}），表和这个版本对不上，继续用会在办理时出错。"
    "1.0 以前的试用库请换成空数据库再运行 migrate；正式使用的数据库，请换回当时的版本，并联系开发人员。"
)
LATER_PAST = (
    "数据库已由更新的版本升级过（{names}），这个版本不认识这些表，继续用会出错。"
    "请装回那个版本；要退回旧版本，请恢复升级前的备份。"
)


def keep_past(app: AppConfig) -> None:
    """Before a migration refuse a database of another past; after it write down what made it."""
    for signal, act in ((pre_migrate, _refuse), (post_migrate, _write_down)):
        signal.connect(act, sender=app, dispatch_uid=f"{app.label}.past.{act.__name__}")


def rewritten_migrations(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations that made this database and read otherwise today, as `app.name`."""
    files = own_migrations()
    applied = [name for name in _applied(using) if name in files]
    if not _has_table(using, AppliedMigration):
        return [".".join(name) for name in applied]
    rows = AppliedMigration.objects.using(using).values_list("app", "name", "sha256")
    recorded = {(app, name): digest for app, name, digest in rows}
    # Without a record it was interrupted before it was written down, and is the file of today.
    return [".".join(name) for name in applied if recorded.get(name, files[name]) != files[name]]


def later_migrations(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    """The migrations of a later release that made this database, as `app.name`."""
    files = own_migrations()
    own = {app for app, _ in files}
    return [".".join(name) for name in _applied(using) if name[0] in own and name not in files]


def own_migrations() -> dict[Name, str]:
    """The checksum of each migration of this project, whatever ends its lines."""
    return {
        (app.label, path.stem): sha256(path.read_text("utf-8").encode()).hexdigest()
        for app in apps.get_app_configs()
        if "site-packages" not in Path(app.path).parts
        for path in Path(app.path).glob("migrations/[0-9]*.py")
    }


def _applied(using: str) -> list[Name]:
    return sorted(MigrationRecorder(connections[using]).applied_migrations())


def _has_table(using: str, model: type) -> bool:
    connection = connections[using]
    with connection.cursor() as cursor:
        return model._meta.db_table in connection.introspection.table_names(cursor)


def _refuse(*, using: str, **kwargs: object) -> None:
    if names := rewritten_migrations(using):
        raise CommandError(OTHER_PAST.format(names="、".join(names)))
    if names := later_migrations(using):
        raise CommandError(LATER_PAST.format(names="、".join(names)))


def _write_down(*, using: str, **kwargs: object) -> None:
    if not _has_table(using, AppliedMigration):
        return
    DatabaseIdentity.objects.using(using).get_or_create(pk=1)
    files, applied = own_migrations(), set(_applied(using))
    rows = AppliedMigration.objects.using(using)
    for row in rows.all():
        if (row.app, row.name) not in applied:
            row.delete()
    known = set(rows.values_list("app", "name"))
    rows.bulk_create(
        AppliedMigration(app=app, name=name, sha256=files[app, name])
        for app, name in sorted(applied & files.keys() - known)
    )
