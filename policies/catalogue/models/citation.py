"""The clauses that criteria and awards cite."""

from django.db import models
from django.db.models import Q

from policies.catalogue.models.award import Award
from policies.catalogue.models.criterion import Criterion
from policies.catalogue.models.source import Document


class Citation(models.Model):
    document = models.ForeignKey(
        Document, verbose_name="政策文件", on_delete=models.PROTECT, related_name="citations"
    )
    clause = models.CharField("条款", max_length=200, blank=True)
    position = models.PositiveIntegerField("次序", default=0)
    criterion = models.ForeignKey(
        Criterion,
        verbose_name="条件",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="citations",
    )
    award = models.ForeignKey(
        Award,
        verbose_name="奖补",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="citations",
    )

    class Meta:
        verbose_name = "依据"
        verbose_name_plural = "依据"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="citation_has_exactly_one_owner",
                condition=Q(criterion=None) & ~Q(award=None) | ~Q(criterion=None) & Q(award=None),
                violation_error_message="一条依据只能属于一个条件或一项奖补。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.clause}".strip()
