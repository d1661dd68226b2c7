"""A firm's request that another person look at the rejection of its case once more."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL

from applications.cases.models.application import Application, is_above_all
from applications.cases.models.event import ApplicationEvent
from applications.cases.reviewers import able_to_review
from applications.cases.taking_part import took_part

# From the day after the rejection. No source prescribes how long; as long as a correction.
REVIEW_DAYS = 15


class ReviewRequestQuerySet(models.QuerySet):
    def waiting(self) -> "ReviewRequestQuerySet":
        return self.filter(outcome="")

    def waiting_for(self, user: Any) -> "ReviewRequestQuerySet":
        """What the user may answer, within what they see: at their own desk; and for the county,
        where nobody there may.
        """
        own = self.waiting().filter(
            application__in=Application.objects.visible_to(user).values("pk")
        )
        sql = took_part("request.application_id", "%s")
        free = RawSQL(  # noqa: S611 (constants)
            f"SELECT request.id FROM cases_reviewrequest AS request WHERE NOT {sql}",  # noqa: S608
            (user.pk,) * sql.count("%s"),
        )
        own = own.filter(pk__in=free)
        if is_above_all(user):
            return own
        # Who sees a case without being of its county is of a level above.
        of_county = Q(application__county=user.jurisdiction_code)
        above = Q(application__desk="city") | Q(pk__in=_left_to_the_city())
        return own.filter(of_county & Q(application__desk="county") | ~of_county & above)


def _left_to_the_city() -> RawSQL:
    """Requests that nobody of the case's county may answer, as keys."""
    able = able_to_review()
    return RawSQL(  # noqa: S611 (constants, and Django's own text)
        "SELECT request.id FROM cases_reviewrequest AS request"  # noqa: S608
        " JOIN cases_application AS own ON own.id = request.application_id"
        " WHERE NOT EXISTS (SELECT 1 FROM portal_user AS person"
        f" WHERE person.id IN ({able.sql}) AND person.jurisdiction_code = own.county_id"
        f" AND NOT {took_part('request.application_id', 'person.id')})",
        able.params,
    )


class ReviewRequest(models.Model):
    """Asked once a case; `outcome` and what follows it are empty until somebody answers.

    Who answers took no part in judging the case. The database lets nothing change but that one answer.
    """

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "维持不予通过"
        REOPENED = "reopened", "撤回结论，重新审核"

    application = models.OneToOneField(
        Application,
        verbose_name="申报",
        on_delete=models.PROTECT,
        related_name="review_request",
        error_messages={"unique": "这件申报已经申请过复核，只能申请一次。"},
    )
    rejection = models.OneToOneField(
        ApplicationEvent, verbose_name="不予通过", on_delete=models.PROTECT, related_name="+"
    )
    reason = models.TextField("申请理由")
    due_on = models.DateField(
        "申请截止日", null=True, help_text="空表示申请时跨入的年份还没有登记放假安排。"
    )
    requested_at = models.DateTimeField("申请时间")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="申请人",
        on_delete=models.PROTECT,
        related_name="+",
    )
    outcome = models.CharField("答复", max_length=10, choices=Outcome.choices, blank=True)
    answer = models.TextField("答复理由", blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="答复人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = ReviewRequestQuerySet.as_manager()

    class Meta:
        verbose_name = "复核申请"
        verbose_name_plural = "复核申请"
        ordering = ["requested_at", "pk"]
        default_permissions = []
        constraints = [
            models.CheckConstraint(
                name="review_request_says_why",
                condition=~Q(reason=""),
                violation_error_message="申请复核要写明理由。",
            ),
            models.CheckConstraint(
                name="review_request_is_answered_whole",
                condition=Q(outcome="", answer="", answered_at=None, answered_by=None)
                | Q(
                    ~Q(answer=""),
                    outcome__in=["reopened", "upheld"],
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                ),
                violation_error_message="答复复核要有结果、理由、人和时间。",
            ),
        ]
        indexes = [
            models.Index(
                name="review_request_waiting", fields=["requested_at"], condition=Q(outcome="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.application} 复核"

    @property
    def is_waiting(self) -> bool:
        return not self.outcome

    @property
    def keeps_closed(self) -> bool:
        """Whether the case is not reopened otherwise: until it is answered, and when upheld."""
        return self.outcome != self.Outcome.REOPENED
