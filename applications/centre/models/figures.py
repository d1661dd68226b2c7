"""What the page of figures hangs on in the admin: a place in the menu, and the right to see it."""

from django.db import models


class Figures(models.Model):
    """Without rows or a table: figures are counted anew from the cases each time."""

    class Meta:
        managed = False
        verbose_name = "统计"
        verbose_name_plural = "统计"
        default_permissions = ["view"]

    def __str__(self) -> str:
        return "统计"
