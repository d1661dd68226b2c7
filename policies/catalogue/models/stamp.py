"""Which state of the catalogue the database holds."""

from django.db import models


class Stamp(models.Model):
    """What the tables under `name` hold; the database draws a new `value` with every change.

    Drawn, not counted and not a time: clocks differ, and a number that is taken back with its
    transaction would come again for another change. See policies.catalogue.stamps.
    """

    name = models.CharField(max_length=20, primary_key=True)
    value = models.CharField(max_length=36)

    class Meta:
        verbose_name = "目录状态"
        verbose_name_plural = "目录状态"
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
