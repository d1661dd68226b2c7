"""What the packs loaded, so that a later load tells what editors have changed since."""

from django.db import models


class PackedRow(models.Model):
    """`loaded` holds, by field, the value that a pack put last into the row named `key` in its own
    words; `kind` is the model. It stays when an editor deletes the row: that too is kept.
    """

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=300)
    loaded = models.JSONField()

    class Meta:
        verbose_name = "目录包载入的内容"
        verbose_name_plural = "目录包载入的内容"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(name="packed_row_is_one", fields=["kind", "key"]),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
