"""Examples of an edition: firms, and what it must say of them."""

from django.db import models

from policies.catalogue.models.edition import Edition

UNTITLED = "例子"


class Example(models.Model):
    """One firm on one day, and rows that say what comes out for it.

    `firm` are its answers as a pack writes them, by fact. A row of `criteria` is
    `{"code": …, "is": outcome, "with": {…}}`, one of `money` `{"level": …, "with": {…}, "now": …}`
    with what a level pays in 万元; the answers of `with` stand instead of the firm's, and null takes
    one away (policies.consistency.examples runs them). No part of the edition's digest: they test
    what it says, and say nothing themselves.
    """

    edition = models.ForeignKey(
        Edition, verbose_name="版本", on_delete=models.CASCADE, related_name="examples"
    )
    position = models.PositiveIntegerField("次序")
    title = models.CharField("名称", max_length=100, default=UNTITLED)
    on = models.DateField("按哪一天算")
    firm = models.JSONField("企业的填报", default=dict, blank=True)
    criteria = models.JSONField("条件的预期", default=list, blank=True)
    money = models.JSONField("金额的预期", default=list, blank=True)

    class Meta:
        verbose_name = "例子"
        verbose_name_plural = "例子"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                name="example_position_is_unique",
                fields=["edition", "position"],
                violation_error_message="同一版本中例子的次序不能重复。",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def named(self) -> str:
        """As a sentence calls it: by its place where nobody gave it a name."""
        return f"第 {self.position} 个例子" if self.title == UNTITLED else f"例子“{self.title}”"
