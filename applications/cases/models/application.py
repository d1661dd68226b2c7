"""Applications, and the numbers they get."""

import uuid
from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import BooleanField, Case, Q, When
from django.utils.functional import cached_property

from applications.cases.models.cover import stood_in_for
from applications.cases.reviewers import assignee_reviews
from applications.cases.workflow import (
    GRANTED,
    OPEN,
    WITH_STAFF,
    ReviewStep,
    Status,
    Transition,
    actions_from,
    chain_of,
    desk_of,
)
from applications.enterprises.models.enterprise import TELEPHONE, Enterprise
from policies.catalogue.calls import materials_of
from policies.catalogue.models import Call, Edition, Material
from portal.exact_json import ExactDecoder
from portal.models import Jurisdiction
from portal.scope import in_charge


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """What a member of staff may see: their jurisdiction and all below; the one scope.

        An expert who is not staff otherwise sees of these only what they are asked to judge.
        """
        within = self.filter(in_charge(user))
        return within.assigned_to(user) if is_expert_only(user) else within

    def assigned_to(self, user: Any) -> "ApplicationQuerySet":
        """What an expert is asked to judge; none of a case they declared a conflict with."""
        everywhere = self.model.objects
        assigned = everywhere.filter(assignments__expert=user, assignments__withdrawn_at=None)
        in_conflict = everywhere.filter(assignments__expert=user, assignments__conflict="yes")
        return self.filter(pk__in=assigned.values("pk")).exclude(pk__in=in_conflict.values("pk"))

    def waiting_for(self, user: Any, today: date) -> "ApplicationQuerySet":
        """What waits at the user's own desk, and no colleague has but whom they stand in for."""
        waiting = self.at_desk_of(user).filter(status__in=WITH_STAFF)
        if is_above_all(user):
            return waiting
        free = Q(assignee=None) | Q(stays=False)
        return waiting.alias(stays=_held()).filter(free | _in_hand_of(user, today))

    def at_desk_of(self, user: Any) -> "ApplicationQuerySet":
        """What the user's own office handles now, whoever there has it, or has given back to the
        firm; everywhere for who stands at every desk."""
        under_way = self.visible_to(user).filter(status__in=OPEN)
        return under_way if is_above_all(user) else under_way.filter(desk=desk_of_user(user))

    def in_hand_of(self, user: Any, today: date) -> "ApplicationQuerySet":
        """What the user took over or was assigned, or whom they stand in for, at their own desk."""
        return self.at_desk_of(user).filter(_in_hand_of(user, today))

    def with_held(self) -> "ApplicationQuerySet":
        """Each with `held`: the same as `is_held`, for a list."""
        return self.annotate(held=_held())

    def of_firms_of(self, user: Any) -> "ApplicationQuerySet":
        """What a member may see: the applications of their firms, and of firms that these absorbed."""
        own = Enterprise.objects.filter(memberships__user=user)
        return self.filter(Q(enterprise__in=own) | Q(successor__in=own))

    def of_firm(self, enterprise: Enterprise) -> "ApplicationQuerySet":
        """The firm's own, and those that it goes on with for a firm that it absorbed."""
        return self.filter(Q(enterprise=enterprise) | Q(successor=enterprise))

    def in_hands_of(self, enterprise: Any) -> "ApplicationQuerySet":
        """Those that the firm itself goes on with now: of `current_firm`, as a filter."""
        own = Q(enterprise=enterprise, successor=None)
        return self.filter(own | Q(successor=enterprise))

    def standing_of(self, enterprise: Any) -> "ApplicationQuerySet":
        """Those of the firm that are under way or granted: it applies no second time beside them."""
        return self.in_hands_of(enterprise).filter(status__in=OPEN | GRANTED)

    def overdue(self, today: date) -> "ApplicationQuerySet":
        """Cases whose firm has let the day pass by which it was to correct."""
        return self.filter(
            status=Status.RETURNED, corrections__answered_at=None, corrections__due_on__lt=today
        )

    def granted(self) -> "ApplicationQuerySet":
        return self.filter(status__in=GRANTED)


def _held() -> Case:
    """Whether who has a case may still review it; not null where a county has no place above."""
    return Case(When(assignee_reviews(), then=True), default=False, output_field=BooleanField())


def _in_hand_of(user: Any, today: date) -> Q:
    return Q(assignee=user) | Q(assignee__in=stood_in_for(user, today))


def is_above_all(user: Any) -> bool:
    """Whether a user stands at every desk: superusers without a jurisdiction do."""
    return user.is_superuser and not user.jurisdiction_code


def is_expert_only(user: Any) -> bool:
    """Whether a user is here to score cases and for nothing else about them."""
    return user.has_perm("cases.score_application") and not user.has_perm("cases.view_application")


def may_read_cases(user: Any) -> bool:
    """Whether a member of staff reads cases at all, within their scope."""
    return user.has_perm("cases.view_application") or is_expert_only(user)


def review_chain(edition: Edition) -> tuple[ReviewStep, ...]:
    """The reviews that an edition prints, in their order."""
    return chain_of(
        (step.kind, step.level, step.title, step.working_days) for step in edition.steps.all()
    )


def desk_of_user(user: Any) -> str:
    """The level whose steps a member of staff decides: county, or city for all above."""
    place = Jurisdiction.objects.filter(pk=user.jurisdiction_code).first()
    return desk_of(place.level) if place else ""


class Application(models.Model):
    """One firm asks for one programme, with answers and assessment as they were that day."""

    STATUSES = [(status.value, status.label) for status in Status]
    DESKS = [("county", "县级"), ("city", "市级")]

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("申报编号", max_length=20, unique=True)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="applications"
    )
    enterprise_name = models.CharField("企业名称（申报时）", max_length=200)
    # Who goes on with it, where the firm was absorbed; both read it.
    successor = models.ForeignKey(
        Enterprise,
        verbose_name="承继企业",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="applications_taken_over",
    )
    subject = models.CharField(
        "项目或基地名称",
        max_length=200,
        blank=True,
        help_text="一家企业有几个时，用它分清是哪一个。",
    )
    edition = models.ForeignKey(
        Edition, verbose_name="政策版本", on_delete=models.PROTECT, related_name="applications"
    )
    # By which it was handed in; none where the programme takes applications without calls.
    call = models.ForeignKey(
        Call,
        verbose_name="征集",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="applications",
    )
    county = models.ForeignKey(
        Jurisdiction,
        verbose_name="县（市、区）",
        on_delete=models.PROTECT,
        related_name="applications",
    )
    contact_name = models.CharField("联系人", max_length=50)
    contact_telephone = models.CharField("联系电话", max_length=30, validators=[TELEPHONE])
    on = models.DateField("测算日期")
    year = models.PositiveSmallIntegerField("申报年度")
    answers = models.JSONField("填报数据", decoder=ExactDecoder)
    assessment = models.JSONField("测算结果", decoder=ExactDecoder)
    status = models.CharField("状态", max_length=10, choices=STATUSES, default=Status.SUBMITTED)
    # Where the case stands: the place of its step in the chain, and whose desk that is.
    step = models.PositiveSmallIntegerField("环节", default=0, editable=False)
    desk = models.CharField("经办级别", max_length=10, choices=DESKS, default="county")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="接手人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cases",
    )
    arrived_at = models.DateTimeField("到达本环节时间")
    # Counts what was done, so that nobody acts on a page grown old.
    version = models.PositiveIntegerField(default=0, editable=False)
    submitted_at = models.DateTimeField("提交时间")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提交人",
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="applications_submitted",
    )
    commitment = models.TextField("承诺", help_text="提交时确认的真实性承诺原文。")

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "申报"
        verbose_name_plural = "申报"
        ordering = ["-submitted_at", "-pk"]
        permissions = [("decide_application", "可以审核申报")]
        indexes = [
            models.Index(name="application_by_county_status", fields=["county", "status"]),
            models.Index(name="application_queue", fields=["status", "desk", "arrived_at"]),
            # The order of the list of all cases, and the years to choose from.
            models.Index(name="application_by_arrival", fields=["arrived_at", "id"]),
            models.Index(name="application_by_year", fields=["year"]),
            # The figures of a month.
            models.Index(name="application_by_submission", fields=["submitted_at"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="application_status_is_valid",
                condition=Q(status__in=[status.value for status in Status]),
                violation_error_message="没有这种申报状态。",
            ),
            models.CheckConstraint(
                name="application_desk_is_valid",
                condition=Q(desk__in=["county", "city"]),
                violation_error_message="没有这种经办级别。",
            ),
            models.UniqueConstraint(
                name="application_is_granted_once_a_year",
                fields=["enterprise", "edition", "year", "subject"],
                condition=Q(status__in=sorted(GRANTED)),
                violation_error_message="该企业本年度这个项目已有一件审核通过的申报。",
            ),
            models.UniqueConstraint(
                name="application_is_open_once_a_year",
                fields=["enterprise", "edition", "year", "subject"],
                condition=Q(status__in=sorted(OPEN)),
                violation_error_message="该企业本年度这个项目已有一件正在办理的申报。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def current_firm(self) -> Enterprise:
        """Whose case it is now: who acts in it, and who is paid."""
        return self.successor or self.enterprise

    @property
    def possible_actions(self) -> list[Transition]:
        return actions_from(Status(self.status))

    @cached_property
    def chain(self) -> tuple[ReviewStep, ...]:
        """The reviews the case goes through, as its edition prints them."""
        return review_chain(self.edition)

    @property
    def materials(self) -> list[Material]:
        """What the firm is asked to hand in."""
        return materials_of(self.edition, self.call)

    @property
    def current_step(self) -> ReviewStep:
        return self.chain[min(self.step, len(self.chain) - 1)]

    @property
    def is_at_last_step(self) -> bool:
        return self.step >= len(self.chain) - 1

    def lies_with(self, user: Any) -> bool:
        """Whether the case lies at the user's level, who may take it over there."""
        return is_above_all(user) or self.desk == desk_of_user(user)

    @property
    def is_held(self) -> bool:
        """Whether it has an assignee who may still review it; who may not any more holds nothing up."""
        if self.assignee_id is None:
            return False
        return type(self).objects.filter(assignee_reviews(), pk=self.pk).exists()

    def in_whose_stead(self, user: Any, today: date) -> int | None:
        """Who has the case, as a key, where the user stands in for them today; nobody otherwise."""
        if self.assignee_id in (None, user.pk):
            return None
        stands_in = stood_in_for(user, today).filter(person=self.assignee_id).exists()
        return self.assignee_id if stands_in else None

    def is_taken_from(self, user: Any, today: date) -> bool:
        """Whether a colleague of the user has the case: took it over, or was assigned it."""
        if is_above_all(user) or self.assignee_id in (None, user.pk):
            return False
        return self.is_held and self.in_whose_stead(user, today) is None

    def may_be_decided_by(self, user: Any, today: date) -> bool:
        """Whether the case lies at the user's desk, and no colleague has it whom they do not stand in
        for."""
        return not self.is_taken_from(user, today) and self.lies_with(user)


class NumberSeries(models.Model):
    """The last number given to an application of a county in a year."""

    county = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="one_series_a_county_and_year", fields=["county", "year"])
        ]

    def __str__(self) -> str:
        return f"{self.county_id}-{self.year}-{self.last:04d}"
