"""Revocation: a document by which a case is recognised no longer."""

from typing import Any

from django.db import models
from django.db.models import Q

from applications.notices.models.recognition import RecognitionLine
from portal.models import ActOfTwo
from portal.scope import in_charge


class RevocationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "RevocationQuerySet":
        """What a member of staff may see: of cases of their jurisdiction, whoever recognised them."""
        return self.filter(in_charge(user, "line__application__county"))

    def handled_by(self, user: Any) -> "RevocationQuerySet":
        """What they may decide: recognitions of their jurisdiction and all below it."""
        return self.filter(in_charge(user, "line__recognition__jurisdiction"))

    def pending(self) -> "RevocationQuerySet":
        return self.filter(state=Revocation.State.PENDING)


class Revocation(ActOfTwo):
    """From the day `on` one line of a recognition, with the title it brought, does not count."""

    line = models.ForeignKey(
        RecognitionLine, verbose_name="认定", on_delete=models.PROTECT, related_name="revocations"
    )
    document_number = models.CharField("文号", max_length=60)
    on = models.DateField("撤销日期", help_text="从这一天起不再有效。")
    clause = models.CharField("依据", max_length=200, blank=True)
    reason = models.TextField("原因")

    objects = RevocationQuerySet.as_manager()

    class Meta:
        verbose_name = "撤销认定"
        verbose_name_plural = "撤销认定"
        ordering = ["-proposed_at", "-pk"]
        default_permissions = ["view"]
        constraints = [
            *ActOfTwo.Meta.constraints,
            models.CheckConstraint(
                name="revocation_says_why",
                condition=~Q(document_number="") & ~Q(reason=""),
                violation_error_message="请填文号和原因。",
            ),
            models.UniqueConstraint(
                name="revocation_stands_once_a_line",
                fields=["line"],
                condition=Q(state__in=["pending", "confirmed"]),
                violation_error_message="这件认定已撤销，或者已有人提出撤销。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line} {self.document_number}"
