"""What firms are asked to put right in an application, and until when."""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.cases.models.application import Application

# From the day after a return, unless staff say otherwise.
CORRECTION_DAYS = 15
FEWEST_CORRECTION_DAYS, MOST_CORRECTION_DAYS = 5, 60


class Correction(models.Model):
    """What a firm is asked to put right: facts by key, and materials by name."""

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="corrections"
    )
    facts = models.JSONField("要改的填报项", default=list, blank=True)
    materials = models.JSONField("要补的材料", default=list, blank=True)
    reason = models.TextField("原因")
    requested_at = models.DateTimeField("退回时间")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="退回人", on_delete=models.PROTECT
    )
    working_days = models.PositiveSmallIntegerField(
        "补正期限（工作日）", default=CORRECTION_DAYS, help_text="从退回的第二天算起。"
    )
    due_on = models.DateField(
        "补正截止日", null=True, blank=True, help_text="空表示跨入的年份还没有登记放假安排。"
    )
    # Also when the case was closed or taken back without an answer.
    answered_at = models.DateTimeField("补正或了结时间", null=True, blank=True)

    class Meta:
        verbose_name = "补正要求"
        verbose_name_plural = "补正要求"
        ordering = ["requested_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="correction_open_once",
                fields=["application"],
                condition=Q(answered_at=None),
                violation_error_message="这件申报已有一份没有答复的补正要求。",
            ),
            models.CheckConstraint(
                name="correction_has_a_sensible_term",
                condition=Q(
                    working_days__gte=FEWEST_CORRECTION_DAYS,
                    working_days__lte=MOST_CORRECTION_DAYS,
                ),
                violation_error_message="补正期限应为 5 到 60 个工作日。",
            ),
        ]
        indexes = [
            models.Index(
                name="correction_open_by_due_day",
                fields=["due_on"],
                condition=Q(answered_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} 补正"

    def is_overdue_on(self, today: date) -> bool:
        """Whether the last day is over; never while no day is set."""
        return self.answered_at is None and self.due_on is not None and self.due_on < today
