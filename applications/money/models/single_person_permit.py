"""Permits to pay alone: who lifts the two-person rule of an office, why, and until when."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from portal.history import History, KeptQuerySet
from portal.models import Jurisdiction
from portal.scope import in_charge

# Half a year at most, and whoever needs it longer asks again.
LONGEST = timedelta(days=184)


class SinglePersonPermitQuerySet(KeptQuerySet):
    def visible_to(self, user: Any) -> "SinglePersonPermitQuerySet":
        """Permits for the offices of a member of staff's jurisdiction and below."""
        return self.filter(in_charge(user, "jurisdiction"))

    def in_force(self, at: datetime) -> "SinglePersonPermitQuerySet":
        return self.filter(starts_at__lte=at, until__gt=at, ended_at=None)


class SinglePersonPermit(models.Model):
    """For a while one person of this office may pay what they confirmed or approved themselves.

    `until` is the first moment after it. It does not change; it can be ended early.
    """

    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="哪里的单位", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField("理由")
    starts_at = models.DateTimeField("生效时间")
    until = models.DateTimeField("截止时间")
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="许可人", on_delete=models.PROTECT, related_name="+"
    )
    ended_at = models.DateTimeField("提前结束时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="结束人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = SinglePersonPermitQuerySet.as_manager()
    history = History(verbose_name="单人办理许可变更", verbose_name_plural="单人办理许可变更")

    class Meta:
        verbose_name = "单人办理许可"
        verbose_name_plural = "单人办理许可"
        ordering = ["-starts_at", "-pk"]
        permissions = [("grant_permits", "可以许可单位单人办理支付")]
        constraints = [
            models.CheckConstraint(
                name="permit_ends_after_it_starts",
                condition=Q(until__gt=F("starts_at")),
                violation_error_message="截止时间应在生效以后。",
            ),
            models.CheckConstraint(
                name="permit_lasts_half_a_year_at_most",
                condition=Q(until__lte=F("starts_at") + LONGEST),
                violation_error_message="一次最多许可半年。",
            ),
            models.CheckConstraint(
                name="permit_says_why",
                condition=~Q(reason=""),
                violation_error_message="请写明理由。",
            ),
            models.CheckConstraint(
                name="permit_is_ended_by_somebody",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
                violation_error_message="提前结束要记明时间和经办人。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.jurisdiction} 单人办理许可 {self.pk} 号"

    def is_in_force(self, at: datetime) -> bool:
        return self.ended_at is None and self.starts_at <= at < self.until
