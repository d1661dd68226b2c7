"""What a database knows of itself: which one it is, and which migrations made it."""

import uuid

from django.db import models


class DatabaseIdentity(models.Model):
    """The one row that tells this database from others; a copy has the same."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    identity = models.UUIDField(default=uuid.uuid4)

    class Meta:
        verbose_name = "数据库编号"
        verbose_name_plural = "数据库编号"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                name="database_has_one_identity",
                condition=models.Q(id=1),
                violation_error_message="一个数据库只有一个编号。",
            ),
        ]

    def __str__(self) -> str:
        return str(self.identity)


class AppliedMigration(models.Model):
    """A migration of this project as its file stood when it was applied here."""

    app = models.CharField(max_length=255)
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "已执行的迁移"
        verbose_name_plural = "已执行的迁移"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="migration_is_applied_once", fields=["app", "name"]),
        ]

    def __str__(self) -> str:
        return f"{self.app}.{self.name}"
