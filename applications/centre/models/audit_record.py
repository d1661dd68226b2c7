"""What auditors drew and checked."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.scope import in_charge


class AuditRecordQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "AuditRecordQuerySet":
        """What a member of staff may see: what was done in their jurisdiction and all below it."""
        return self.filter(in_charge(user, "jurisdiction_code"))


class AuditRecord(models.Model):
    """One act of an auditor; the database refuses to change or delete it.

    Files that left the portal are in the record of exports. `details` of a sample are what
    `applications.centre.audit.samples` reads: the question, the seed, the population and the cases drawn.
    """

    class Kind(models.TextChoices):
        SAMPLE = "sample", "随机抽样"
        SEAL = "seal", "核对案卷"
        EXPORT = "export", "核对导出的文件"

    at = models.DateTimeField("时间")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="审计人", on_delete=models.PROTECT, related_name="+"
    )
    jurisdiction_code = models.CharField(
        "审计人所管行政区划", max_length=6, blank=True, help_text="空表示不限地区。"
    )
    kind = models.CharField("做了什么", max_length=6, choices=Kind.choices)
    subject = models.CharField("对什么", max_length=300)
    outcome = models.TextField("结果")
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    details = models.JSONField("详情", default=dict, blank=True)

    objects = AuditRecordQuerySet.as_manager()

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计"
        ordering = ["-at", "-pk"]
        default_permissions = ["view"]
        constraints = [
            models.CheckConstraint(
                name="audit_record_kind_is_valid",
                condition=Q(kind__in=["sample", "seal", "export"]),
                violation_error_message="没有这种审计记录。",
            )
        ]
        indexes = [models.Index(name="audit_record_by_time", fields=["-at", "-id"])]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"
