"""Variants of a draft: the same content with a few numbers replaced."""

from django.db import models

from policies.catalogue.models import Edition

# As many are computed in one run beside the draft.
MOST_VARIANTS = 5


class Variant(models.Model):
    """`numbers` are those replaced: each with its `path` in the content of the edition, what it `was`,
    its new `value` (both as text, in the unit of the content) and its `words` when it was chosen.
    """

    edition = models.ForeignKey(
        Edition, verbose_name="草稿", on_delete=models.CASCADE, related_name="+"
    )
    title = models.CharField("方案名称", max_length=60)
    numbers = models.JSONField("改动的数字", default=list)
    changed_at = models.DateTimeField("修改时间", auto_now=True)

    class Meta:
        verbose_name = "方案"
        verbose_name_plural = "方案"
        ordering = ["edition", "pk"]
        default_permissions: list[str] = []
        constraints = [
            models.UniqueConstraint(
                name="variant_title_is_unique_in_its_draft",
                fields=["edition", "title"],
                violation_error_message="这份草稿已有同名的方案。",
            )
        ]

    def __str__(self) -> str:
        return self.title
