"""What a database holds, in figures: taken down with a backup, compared after it was restored."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.recorder import MigrationRecorder

from portal.models import AppliedMigration, CachedPage, Count, DatabaseIdentity, StoredFile
from portal.past import own_migrations
from portal.triggers import installed_triggers

# Kept for a while only, or as good as a password: who has a session's key is logged in.
LEFT_OUT = (CachedPage._meta.db_table, Count._meta.db_table, "django_session")
OTHER_IDENTITY = "数据库的编号是 {found}，备份里是 {stated}"
OTHER_ROWS = "表 {table} 有 {found} 行，备份里是 {stated} 行"
OTHER_TRIGGERS = "少了 {count} 个保护记录的触发器，如 {name}"
OTHER_MIGRATIONS = "执行过的迁移和备份里写的不同，如 {name}"


@dataclass(frozen=True)
class Content:
    """`migrations` are all that were applied, as `app.name`, those of this project with the
    checksum of their file; `rows` counts every table whose rows are backed up."""

    identity: str
    migrations: dict[str, str]
    triggers: list[str]
    rows: dict[str, int]

    def differences(self, found: "Content") -> list[str]:
        """In words, what another database has otherwise."""
        told = []
        if found.identity != self.identity:
            told.append(OTHER_IDENTITY.format(found=found.identity, stated=self.identity))
        for table in sorted(self.rows.keys() | found.rows.keys()):
            counts = {"found": found.rows.get(table, 0), "stated": self.rows.get(table, 0)}
            if counts["found"] != counts["stated"]:
                told.append(OTHER_ROWS.format(table=table, **counts))
        if lost := sorted(set(self.triggers) - set(found.triggers)):
            told.append(OTHER_TRIGGERS.format(count=len(lost), name=lost[0]))
        if others := sorted(dict(self.migrations.items() ^ found.migrations.items())):
            told.append(OTHER_MIGRATIONS.format(name=others[0]))
        return told

    def later_migrations(self) -> list[str]:
        """Those that this program does not know: a later version made the database."""
        own = _own_migrations()
        apps = {name.partition(".")[0] for name in own}
        return sorted(
            name for name in self.migrations if name not in own and name.partition(".")[0] in apps
        )

    def rewritten_migrations(self) -> list[str]:
        """Those that read otherwise in this program."""
        own = _own_migrations()
        return sorted(
            name
            for name, digest in self.migrations.items()
            if digest and own.get(name, digest) != digest
        )

    def missing_migrations(self) -> list[str]:
        """Those of this program that the database has yet to be given."""
        return sorted(_own_migrations().keys() - self.migrations.keys())


def _own_migrations() -> dict[str, str]:
    return {".".join(name): digest for name, digest in own_migrations().items()}


def content_of(using: str = DEFAULT_DB_ALIAS) -> Content:
    rows = AppliedMigration.objects.using(using).values_list("app", "name", "sha256")
    digests = {(app, name): digest for app, name, digest in rows}
    applied = sorted(MigrationRecorder(connections[using]).applied_migrations())
    return Content(
        identity=str(DatabaseIdentity.objects.using(using).get().identity),
        migrations={".".join(name): digests.get(name, "") for name in applied},
        triggers=installed_triggers(using),
        rows=dict(_counts(using)),
    )


def tables_of(using: str = DEFAULT_DB_ALIAS) -> list[str]:
    connection = connections[using]
    with connection.cursor() as cursor:
        return sorted(connection.introspection.table_names(cursor))


def kept_files(using: str = DEFAULT_DB_ALIAS) -> dict[str, tuple[int, str]]:
    """By reference, the size and the checksum of every file whose content the store keeps."""
    rows = StoredFile.objects.using(using).kept().order_by("reference")
    found = rows.values_list("reference", "size", "sha256").iterator(chunk_size=2000)
    return {reference.hex: (size, sha256) for reference, size, sha256 in found}


def _counts(using: str) -> Iterator[tuple[str, int]]:
    connection = connections[using]
    with connection.cursor() as cursor:
        for table in tables_of(using):
            if table not in LEFT_OUT:
                name = connection.ops.quote_name(table)
                cursor.execute(f"SELECT COUNT(*) FROM {name}")  # noqa: S608 (a table of ours)
                yield table, cursor.fetchone()[0]
