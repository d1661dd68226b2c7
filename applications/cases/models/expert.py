"""Expert review: who is asked to judge a case at one step, and the scores they give."""

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinLengthValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.db.models.lookups import GreaterThanOrEqual

from applications.cases.models.application import Application
from applications.cases.workflow import Status
from portal.models import Jurisdiction

LOWEST, HIGHEST = 0, 100
SHORTEST_REASON = 10


class ExpertAssignmentQuerySet(models.QuerySet):
    def open_to(self, user: Any) -> "ExpertAssignmentQuerySet":
        """What an expert may see: their own, not withdrawn, of no firm they have ties with."""
        own = self.filter(expert=user.pk, withdrawn_at=None)
        return own.filter(application__in=Application.objects.assigned_to(user)).filter(
            application__county__in=Jurisdiction.objects.within(user.jurisdiction_code)
        )

    def to_score(self) -> "ExpertAssignmentQuerySet":
        """Those that wait for a score: the case is at their step, under review."""
        return self.filter(
            conflict="",
            withdrawn_at=None,
            application__status=Status.IN_REVIEW,
            application__step=F("step"),
        )


class ExpertAssignment(models.Model):
    """One expert asked to judge one case at one step.

    It ends in one of three ways: a score, a declared conflict of interest, or withdrawal.
    """

    class Conflict(models.TextChoices):
        UNDECLARED = "", "还没有声明"
        NONE = "none", "没有利害关系"
        YES = "yes", "有利害关系"

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="assignments"
    )
    # The place of the step in the chain, and its title as it was then.
    step = models.PositiveSmallIntegerField("环节次序")
    step_title = models.CharField("环节", max_length=100)
    expert = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="专家",
        on_delete=models.PROTECT,
        related_name="assignments",
    )
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="指派人", on_delete=models.PROTECT, related_name="+"
    )
    assigned_at = models.DateTimeField("指派时间")
    conflict = models.CharField(
        "利害关系", max_length=4, choices=Conflict.choices, blank=True, default=""
    )
    conflict_reason = models.TextField("回避原因", blank=True)
    declared_at = models.DateTimeField("声明时间", null=True, blank=True)
    withdrawn_at = models.DateTimeField("撤销时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="撤销人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = ExpertAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "专家评审"
        verbose_name_plural = "专家评审"
        ordering = ["assigned_at", "pk"]
        permissions = [
            ("assign_experts", "可以指派评审专家"),
            ("score_application", "可以评审打分（专家）"),
        ]
        constraints = [
            models.UniqueConstraint(
                name="expert_is_assigned_once_a_step",
                fields=["application", "step", "expert"],
                violation_error_message="这位专家在本环节已指派过。",
            ),
            models.CheckConstraint(
                name="expert_conflict_is_valid",
                condition=Q(conflict="", declared_at=None)
                | Q(conflict__in=["none", "yes"], declared_at__isnull=False),
                violation_error_message="利害关系应为有或没有，并有声明时间。",
            ),
            models.CheckConstraint(
                name="expert_conflict_says_why",
                condition=~Q(conflict="yes") | ~Q(conflict_reason=""),
                violation_error_message="有利害关系的，要写明原因。",
            ),
            models.CheckConstraint(
                name="expert_withdrawn_before_declaring",
                condition=Q(withdrawn_at=None) | Q(conflict=""),
                violation_error_message="已评分或已回避的，不能再撤销指派。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application} {self.expert}"

    @property
    def waits_for_score(self) -> bool:
        """Whether the expert can answer now; the same as `to_score` says of many."""
        application = self.application
        return (
            self.conflict == ""
            and self.withdrawn_at is None
            and application.status == Status.IN_REVIEW
            and application.step == self.step
        )


class ExpertScore(models.Model):
    """What an expert gave, in points from 0 to 100 with one decimal, and why."""

    assignment = models.OneToOneField(
        ExpertAssignment, verbose_name="评审", on_delete=models.PROTECT, related_name="score"
    )
    points = models.DecimalField(
        "评分",
        max_digits=4,
        decimal_places=1,
        validators=[MinValueValidator(LOWEST), MaxValueValidator(HIGHEST)],
    )
    reason = models.TextField("评分理由", validators=[MinLengthValidator(SHORTEST_REASON)])
    at = models.DateTimeField("评分时间")

    class Meta:
        verbose_name = "专家评分"
        verbose_name_plural = "专家评分"
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="expert_score_is_within_0_and_100",
                condition=Q(points__gte=LOWEST, points__lte=HIGHEST),
                violation_error_message="评分应在 0 到 100 之间。",
            ),
            models.CheckConstraint(
                name="expert_score_says_why",
                condition=GreaterThanOrEqual(Length("reason"), SHORTEST_REASON),
                violation_error_message="评分理由至少 10 个字。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assignment} {self.points}"
