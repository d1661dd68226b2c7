"""What one person proposes and another decides."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q


class ActOfTwo(models.Model):
    """An act that takes effect when a second person confirms it; who proposed it may take it back.

    The guards of `portal.guards_of_two` keep it so, whoever writes the row.
    """

    class State(models.TextChoices):
        PENDING = "pending", "待复核"
        CONFIRMED = "confirmed", "已生效"
        REFUSED = "refused", "复核未通过"
        WITHDRAWN = "withdrawn", "提出人已撤回"

    state = models.CharField("状态", max_length=9, choices=State.choices, default=State.PENDING)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="提出人", on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField("复核时间", null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="复核人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    answer = models.TextField("未通过的原因", blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                name="%(class)s_is_decided_by_somebody",
                condition=Q(state="pending", decided_at=None, decided_by=None, answer="")
                | Q(
                    state__in=["confirmed", "withdrawn"],
                    decided_at__isnull=False,
                    decided_by__isnull=False,
                    answer="",
                )
                | Q(state="refused", decided_at__isnull=False, decided_by__isnull=False)
                & ~Q(answer=""),
                violation_error_message="复核要记明谁、什么时候；未通过的要写明原因。",
            )
        ]

    @property
    def is_pending(self) -> bool:
        return self.state == self.State.PENDING

    @property
    def is_confirmed(self) -> bool:
        return self.state == self.State.CONFIRMED

    def may_be_withdrawn_by(self, user: Any) -> bool:
        return self.is_pending and self.proposed_by_id == user.pk
