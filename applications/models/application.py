"""Applications, and the record of what was done with them."""

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.models.enterprise import TELEPHONE, Enterprise
from applications.models.scope import in_charge
from applications.workflow import Action, Status, Transition, actions_from
from policies.exact_json import ExactDecoder
from policies.models import Edition, Jurisdiction, SelfCheck


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "ApplicationQuerySet":
        """What a member of staff may see: their jurisdiction and all below; the one scope."""
        return self.filter(in_charge(user))

    def accepted(self) -> "ApplicationQuerySet":
        return self.filter(status=Status.ACCEPTED)


class Application(models.Model):
    """One firm asks for one programme, with answers and assessment as they were that day."""

    STATUSES = [(status.value, status.label) for status in Status]

    reference = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("申报编号", max_length=20, unique=True)
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="applications"
    )
    enterprise_name = models.CharField("企业名称（申报时）", max_length=200)
    subject = models.CharField(
        "项目或基地名称",
        max_length=200,
        blank=True,
        help_text="一家企业有几个时，用它分清是哪一个。",
    )
    edition = models.ForeignKey(
        Edition, verbose_name="政策版本", on_delete=models.PROTECT, related_name="applications"
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
    submitted_at = models.DateTimeField("提交时间")
    self_check = models.ForeignKey(
        SelfCheck,
        verbose_name="来自哪份自测",
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="applications",
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = "申报"
        verbose_name_plural = "申报"
        ordering = ["-submitted_at", "-pk"]
        permissions = [
            ("decide_application", "可以审核申报"),
            ("export_awards", "可以导出奖补名单"),
        ]
        indexes = [
            models.Index(name="application_by_county_status", fields=["county", "status"]),
        ]
        constraints = [
            models.CheckConstraint(
                name="application_status_is_valid",
                condition=Q(status__in=[status.value for status in Status]),
                violation_error_message="没有这种申报状态。",
            ),
            models.UniqueConstraint(
                name="application_is_accepted_once_a_year",
                fields=["enterprise", "edition", "year", "subject"],
                condition=Q(status=Status.ACCEPTED),
                violation_error_message="该企业本年度这个项目已有一件审核通过的申报。",
            ),
            models.UniqueConstraint(
                name="application_is_sent_once_from_a_self_check",
                fields=["self_check", "edition", "subject"],
                condition=~Q(status=Status.REJECTED),
                violation_error_message="这份自测已提交过这个项目的申报。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def possible_actions(self) -> list[Transition]:
        return actions_from(Status(self.status))


class ApplicationEvent(models.Model):
    """Who did what with an application and why; the database refuses to change or delete it."""

    ACTIONS = [(action.value, action.label) for action in Action]

    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="events"
    )
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="经办人",
        null=True,
        on_delete=models.PROTECT,
        help_text="空表示企业自己。",
    )
    action = models.CharField("操作", max_length=10, choices=ACTIONS)
    source = models.CharField("原状态", max_length=10, choices=Application.STATUSES, blank=True)
    target = models.CharField("新状态", max_length=10, choices=Application.STATUSES)
    opinion = models.TextField("意见", blank=True)

    class Meta:
        verbose_name = "办理记录"
        verbose_name_plural = "办理记录"
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.application} {self.get_action_display()}"


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
