"""Public notices of approved cases, their lines, and the objections to them."""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from applications.cases.models.application import Application
from policies.catalogue.models import Programme
from portal.models import Jurisdiction
from portal.scope import in_charge


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "NoticeQuerySet":
        """What a member of staff may handle: notices of their jurisdiction and all below it."""
        return self.filter(in_charge(user, "jurisdiction"))

    def public(self) -> "NoticeQuerySet":
        return self.exclude(status=Notice.Status.DRAFT)


class Notice(models.Model):
    """A batch of cases of one programme shown to the public; once posted it does not change."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        POSTED = "posted", "公示中"
        ENDED = "ended", "公示期满"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("公示编号", max_length=24, unique=True)
    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.PROTECT, related_name="public_notices"
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="公示地区", on_delete=models.PROTECT, related_name="+"
    )
    title = models.CharField("标题", max_length=200)
    text = models.TextField("正文", max_length=4000)
    minimum_days = models.PositiveSmallIntegerField(
        "文件规定的最少工作日", null=True, blank=True, help_text="空表示文件没有印天数。"
    )
    working_days = models.PositiveSmallIntegerField("公示工作日数", null=True, blank=True)
    status = models.CharField("状态", max_length=9, choices=Status.choices, default=Status.DRAFT)
    posted_on = models.DateField("公示开始日", null=True, blank=True)
    ends_on = models.DateField("公示截止日", null=True, blank=True)
    ended_on = models.DateField("结束日", null=True, blank=True)
    withdrawn_on = models.DateField("撤回日", null=True, blank=True)
    withdrawal_reason = models.TextField("撤回原因", max_length=2000, blank=True)
    created_at = models.DateTimeField("拟稿时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="拟稿人", on_delete=models.PROTECT, related_name="+"
    )
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="发布人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="结束人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="撤回人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "公示"
        verbose_name_plural = "公示"
        ordering = ["-pk"]
        permissions = [("manage_notices", "可以办理公示和认定")]
        constraints = [
            models.UniqueConstraint(
                name="notice_has_one_draft_a_programme_and_place",
                fields=["programme", "jurisdiction"],
                condition=Q(status="draft"),
                violation_error_message="这个项目已有一个草稿批次。",
            ),
            models.CheckConstraint(
                name="notice_is_as_long_as_its_document_says",
                condition=Q(working_days=None)
                | Q(working_days__gte=1)
                & (Q(minimum_days=None) | Q(working_days__gte=F("minimum_days"))),
                violation_error_message="公示天数不能少于文件规定的工作日。",
            ),
            models.CheckConstraint(
                name="notice_dates_follow_its_status",
                condition=Q(
                    status="draft", posted_on=None, posted_by=None, ends_on=None, ended_on=None
                )
                | Q(
                    status__in=["posted", "ended", "withdrawn"],
                    posted_on__isnull=False,
                    posted_by__isnull=False,
                    working_days__isnull=False,
                    ends_on__isnull=False,
                    ends_on__gte=F("posted_on"),
                ),
                violation_error_message="公示的日期和状态不相符。",
            ),
            models.CheckConstraint(
                name="notice_is_not_cut_short",
                condition=Q(
                    status__in=["draft", "posted", "withdrawn"], ended_on=None, ended_by=None
                )
                | Q(
                    status="ended",
                    ended_on__isnull=False,
                    ended_on__gt=F("ends_on"),
                    ended_by__isnull=False,
                ),
                violation_error_message="公示不能提前结束。",
            ),
            models.CheckConstraint(
                name="notice_is_withdrawn_with_a_reason",
                condition=Q(
                    status__in=["draft", "posted", "ended"],
                    withdrawn_on=None,
                    withdrawn_by=None,
                    withdrawal_reason="",
                )
                | Q(
                    status="withdrawn",
                    withdrawn_on__isnull=False,
                    withdrawn_on__gte=F("posted_on"),
                    withdrawn_by__isnull=False,
                )
                & ~Q(withdrawal_reason=""),
                violation_error_message="撤回公示要有日期、经办人和原因。",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_posted(self) -> bool:
        return self.status == self.Status.POSTED

    @property
    def is_withdrawn(self) -> bool:
        return self.status == self.Status.WITHDRAWN

    @property
    def may_end_on(self) -> date | None:
        """The first day on which a posted notice can be ended: its last day is over by then."""
        return self.ends_on and self.ends_on + timedelta(days=1)


class NoticeLine(models.Model):
    """One case of a notice, with what the public is shown of it: never a contact or a code."""

    class Outcome(models.TextChoices):
        OPEN = "open", "公示中"
        CLEARED = "cleared", "公示期满"
        DROPPED = "dropped", "不再列入"
        WITHDRAWN = "withdrawn", "公示已撤回"

    notice = models.ForeignKey(
        Notice, verbose_name="公示", on_delete=models.CASCADE, related_name="lines"
    )
    application = models.ForeignKey(
        Application, verbose_name="申报", on_delete=models.PROTECT, related_name="notice_lines"
    )
    enterprise_name = models.CharField("企业名称", max_length=200)
    programme_name = models.CharField("项目", max_length=200)
    county_name = models.CharField("县（市、区）", max_length=50)
    subject = models.CharField("项目或基地名称", max_length=200, blank=True)
    outcome = models.CharField("结果", max_length=9, choices=Outcome.choices, default=Outcome.OPEN)

    class Meta:
        verbose_name = "公示名单"
        verbose_name_plural = "公示名单"
        ordering = ["county_name", "enterprise_name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="notice_lists_an_application_once",
                fields=["notice", "application"],
                violation_error_message="这件申报已在本批次中。",
            ),
            models.UniqueConstraint(
                name="application_is_in_one_notice_at_a_time",
                fields=["application"],
                condition=Q(outcome="open"),
                violation_error_message="这件申报已在另一个没有结束的公示中。",
            ),
            models.CheckConstraint(
                name="notice_line_outcome_is_valid",
                condition=Q(outcome__in=["open", "cleared", "dropped", "withdrawn"]),
                violation_error_message="没有这种结果。",
            ),
        ]

    def __str__(self) -> str:
        subject = f"（{self.subject}）" if self.subject else ""
        return f"{self.enterprise_name}{subject}"


class Objection(models.Model):
    """What somebody holds against a posted notice, and what staff found; staff alone read it."""

    class Outcome(models.TextChoices):
        UPHELD = "upheld", "异议成立"
        DISMISSED = "dismissed", "异议不成立"

    notice = models.ForeignKey(
        Notice, verbose_name="公示", on_delete=models.PROTECT, related_name="objections"
    )
    line = models.ForeignKey(
        NoticeLine,
        verbose_name="针对",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="objections",
        help_text="空表示针对整个公示。",
    )
    name = models.CharField("姓名或单位", max_length=100)
    contact = models.CharField("联系方式", max_length=100)
    text = models.TextField("异议内容")
    received_at = models.DateTimeField("收到时间")
    handling = models.TextField("核实和处理情况", blank=True)
    outcome = models.CharField("结论", max_length=9, choices=Outcome.choices, blank=True)
    settled_at = models.DateTimeField("办结时间", null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="办结人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = "异议"
        verbose_name_plural = "异议"
        ordering = ["received_at", "pk"]
        constraints = [
            models.CheckConstraint(
                name="objection_names_who_objects",
                condition=~Q(name="") & ~Q(contact="") & ~Q(text=""),
                violation_error_message="请填姓名或单位、联系方式和异议内容。",
            ),
            models.CheckConstraint(
                name="objection_is_settled_whole",
                condition=Q(outcome="", settled_at=None, settled_by=None, handling="")
                | Q(
                    outcome__in=["upheld", "dismissed"],
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                )
                & ~Q(handling=""),
                violation_error_message="办结异议要有结论、处理情况、时间和经办人。",
            ),
            models.CheckConstraint(
                name="objection_upheld_concerns_a_line",
                condition=~Q(outcome="upheld") | Q(line__isnull=False),
                violation_error_message="异议成立的，要写明针对名单中的哪一家。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.notice} {self.line or '整个公示'}"
