"""What somebody looks for again and again in a list of the admin."""

from django.conf import settings
from django.db import models

LONGEST_NAME, LONGEST_QUERY = 30, 2000
# As many as stand above a list without hiding it.
MOST = 12


class SavedFilter(models.Model):
    """Filters, search and order of a list, as its address has them, under a name; of one person."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="谁的",
        on_delete=models.PROTECT,
        related_name="saved_filters",
    )
    of_list = models.CharField("哪个名单", max_length=80)
    name = models.CharField("名称", max_length=LONGEST_NAME)
    query = models.CharField("筛选", max_length=LONGEST_QUERY)

    class Meta:
        verbose_name = "保存的筛选"
        verbose_name_plural = "保存的筛选"
        ordering = ["pk"]
        default_permissions = []
        constraints = [
            models.UniqueConstraint(
                name="saved_filter_is_named_once",
                fields=["user", "of_list", "name"],
                violation_error_message="已有同名的筛选。",
            )
        ]

    def __str__(self) -> str:
        return self.name
