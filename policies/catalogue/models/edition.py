"""Editions: a programme's rules from one day on; published ones never change."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from policies.catalogue.models.programme import Programme
from portal.history import History, KeptQuerySet


class EditionQuerySet(KeptQuerySet):
    def published(self) -> "EditionQuerySet":
        return self.filter(status=Edition.Status.PUBLISHED)

    def in_force(self, on: date) -> "EditionQuerySet":
        started = Q(effective_from__lte=on)
        return self.published().filter(started, Q(ends=None) | Q(ends__gt=on))


class Edition(models.Model):
    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        RETIRED = "retired", "已停用"
        DISCARDED = "discarded", "待删除"

    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.PROTECT, related_name="editions"
    )
    effective_from = models.DateField("起用日期")
    ends = models.DateField("止用日期（不含当日）", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    notices = models.JSONField("提示", default=list, blank=True)
    digest = models.CharField("内容摘要", max_length=64, blank=True, editable=False)

    objects = EditionQuerySet.as_manager()
    history = History(verbose_name="版本变更", verbose_name_plural="版本变更")

    class Meta:
        verbose_name = "版本"
        verbose_name_plural = "版本"
        ordering = ["programme", "effective_from"]
        constraints = [
            models.UniqueConstraint(
                name="edition_starts_once_a_day",
                fields=["programme", "effective_from"],
                violation_error_message="该项目在这一天已有一个版本。",
            ),
            # Those in force follow one another: each ends where the next begins, one has no end.
            models.UniqueConstraint(
                name="edition_without_end_is_one",
                fields=["programme"],
                condition=Q(status="published", ends=None),
                violation_error_message="该项目已有一个没有止用日期的已发布版本。",
            ),
            models.UniqueConstraint(
                name="edition_ends_once_a_day",
                fields=["programme", "ends"],
                condition=Q(status="published"),
                violation_error_message="该项目已有一个在这一天止用的已发布版本。",
            ),
            models.CheckConstraint(
                name="edition_ends_after_it_starts",
                condition=Q(ends=None) | Q(ends__gt=F("effective_from")),
                violation_error_message="止用日期应晚于起用日期。",
            ),
            models.CheckConstraint(
                name="edition_status_is_valid",
                condition=Q(status__in=["draft", "published", "retired", "discarded"]),
                violation_error_message="没有这种版本状态。",
            ),
            models.CheckConstraint(
                name="edition_published_has_digest",
                condition=Q(status="draft") | Q(status="discarded") | ~Q(digest=""),
                violation_error_message="发布的版本要有内容摘要，请用“发布”操作。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}（{self.effective_from}起）"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT
