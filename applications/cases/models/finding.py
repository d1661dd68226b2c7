"""What staff find about the criteria that no rule can decide."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.cases.models.application import Application


def criteria_to_judge(assessment: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The criteria of an assessment that a person has to judge: manual ones, and undecided open
    ones, as the assessment holds them (`id`, `text`, `sources`).
    """
    to_judge = {("manual", "manual"), ("manual", "unknown"), ("open", "unknown")}
    return [
        criterion
        for criterion in assessment["criteria"]
        if (criterion["kind"], criterion["outcome"]) in to_judge
    ]


class FindingQuerySet(models.QuerySet):
    def newest(self) -> dict[str, "Finding"]:
        """The finding that counts, by criterion code; meant for the findings of one case."""
        return {finding.criterion: finding for finding in self.order_by("pk")}


class Finding(models.Model):
    """One judgement of one criterion; the newest counts, and none is ever changed."""

    class Outcome(models.TextChoices):
        MET = "met", "符合"
        NOT_MET = "not_met", "不符合"

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="findings"
    )
    criterion = models.CharField("条件编号", max_length=60)
    step = models.CharField("环节", max_length=100)
    outcome = models.CharField("判断", max_length=10, choices=Outcome.choices)
    note = models.TextField("说明", blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="判断人",
        on_delete=models.PROTECT,
        related_name="findings",
    )
    at = models.DateTimeField("时间")

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = "人工判断"
        verbose_name_plural = "人工判断"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="finding_outcome_is_valid",
                condition=Q(outcome__in=["met", "not_met"]),
                violation_error_message="判断应为符合或不符合。",
            ),
            models.CheckConstraint(
                name="finding_not_met_says_why",
                condition=Q(outcome="met") | ~Q(note=""),
                violation_error_message="判断为不符合的，要写明说明。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.criterion} {self.get_outcome_display()}"
