"""Recognition: the document that recognises cases, and the titles that firms hold by it."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.cases.models.application import Application
from applications.cases.workflow import Status
from applications.enterprises.models.enterprise import Enterprise
from applications.notices.models.notice import Notice
from policies.catalogue.models import Programme
from portal.models import Jurisdiction
from portal.scope import in_charge


class RecognitionQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "RecognitionQuerySet":
        """What a member of staff may see: recognitions of their jurisdiction and all below it."""
        return self.filter(in_charge(user, "jurisdiction"))


class Recognition(models.Model):
    """A document that recognises cases of one programme; what it says does not change."""

    document_number = models.CharField("文号", max_length=60)
    on = models.DateField("认定日期")
    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.PROTECT, related_name="recognitions"
    )
    notice = models.ForeignKey(
        Notice,
        verbose_name="公示",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="recognitions",
        help_text="空表示文件没有规定公示。",
    )
    jurisdiction = models.ForeignKey(
        Jurisdiction, verbose_name="认定地区", on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField("登记时间")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="登记人", on_delete=models.PROTECT, related_name="+"
    )

    objects = RecognitionQuerySet.as_manager()

    class Meta:
        verbose_name = "认定"
        verbose_name_plural = "认定"
        ordering = ["-on", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="recognition_names_its_document",
                condition=~Q(document_number=""),
                violation_error_message="请填文号。",
            )
        ]

    def __str__(self) -> str:
        return self.document_number


class RecognitionLine(models.Model):
    """One case that the document recognises, and the title it brings."""

    recognition = models.ForeignKey(
        Recognition, verbose_name="认定", on_delete=models.PROTECT, related_name="lines"
    )
    application = models.OneToOneField(
        Application,
        verbose_name="申报",
        on_delete=models.PROTECT,
        related_name="recognition_line",
        error_messages={"unique": "这件申报已经认定过。"},
    )
    title_code = models.CharField("称号（选项代码）", max_length=40, blank=True)
    valid_until = models.DateField("有效期至", null=True, blank=True)

    class Meta:
        verbose_name = "认定名单"
        verbose_name_plural = "认定名单"
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.application}"

    @property
    def is_revoked(self) -> bool:
        return self.application.status == Status.REVOKED


class EnterpriseTitleQuerySet(models.QuerySet):
    def standing_on(self, day: date) -> "EnterpriseTitleQuerySet":
        """Those that count on a day; the last day of their validity does."""
        is_valid = Q(valid_until=None) | Q(valid_until__gte=day)
        return self.filter(is_valid, Q(ended_on=None) | Q(ended_on__gt=day), since__lte=day)


class EnterpriseTitle(models.Model):
    """A title that a firm holds: the fact and the code of the answer it stands for.

    From `ended_on` it does not count, be it revoked or gone over to another firm.
    """

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="titles"
    )
    fact = models.CharField("称号指标", max_length=80)
    code = models.CharField("称号（选项代码）", max_length=40)
    since = models.DateField("起始日期")
    valid_until = models.DateField("有效期至", null=True, blank=True)
    ended_on = models.DateField("终止日期", null=True, blank=True)
    end_reason = models.TextField("终止原因", blank=True)
    recognition = models.ForeignKey(
        Recognition, verbose_name="认定", on_delete=models.PROTECT, related_name="titles"
    )

    objects = EnterpriseTitleQuerySet.as_manager()

    class Meta:
        verbose_name = "企业称号"
        verbose_name_plural = "企业称号"
        ordering = ["enterprise", "since", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="title_is_given_once_by_a_recognition",
                fields=["recognition", "enterprise", "fact", "code"],
                violation_error_message="这份文件已给过这个称号。",
            ),
            models.CheckConstraint(
                name="title_ends_after_it_starts",
                condition=Q(valid_until=None) | Q(valid_until__gt=models.F("since")),
                violation_error_message="有效期应晚于认定日期。",
            ),
            models.CheckConstraint(
                name="title_is_not_ended_before_it_starts",
                condition=Q(ended_on=None) | Q(ended_on__gte=models.F("since")),
                violation_error_message="终止日期不能早于起始日期。",
            ),
            models.CheckConstraint(
                name="title_ends_for_a_reason",
                condition=Q(ended_on=None, end_reason="")
                | Q(ended_on__isnull=False) & ~Q(end_reason=""),
                violation_error_message="终止称号要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.fact}={self.code}"
