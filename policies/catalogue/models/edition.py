"""Editions: a programme's rules from one day on; published ones never change."""

from datetime import date

from django.db import models
from django.db.models import F, Q

from policies.catalogue.models.programme import Programme
from policies.catalogue.statuses import STANDING
from portal.history import History, KeptQuerySet


class EditionQuerySet(KeptQuerySet):
    def standing(self) -> "EditionQuerySet":
        """Published ones, also those that are retired: each counts until its end."""
        return self.filter(status__in=STANDING)

    def in_force(self, on: date) -> "EditionQuerySet":
        started = Q(effective_from__lte=on)
        return self.standing().filter(started, Q(ends=None) | Q(ends__gt=on))

    def told(self) -> "EditionQuerySet":
        """What was ever published, the newest first: of one day, what counts comes first."""
        return self.exclude(status=Edition.Status.DRAFT).order_by("-effective_from", "-pk")


class Edition(models.Model):
    """Retired, it ends on a day of its own for the `reason`; withdrawn, it never counted, and the
    one before stands in its place; corrected, the edition whose `corrects` it is counts instead.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        RETIRED = "retired", "已停用"
        CORRECTED = "corrected", "已更正"
        WITHDRAWN = "withdrawn", "已撤回"

    programme = models.ForeignKey(
        Programme, verbose_name="项目", on_delete=models.PROTECT, related_name="editions"
    )
    effective_from = models.DateField("起用日期")
    own_end = models.DateField(
        "自定止用日期（不含当日）",
        null=True,
        blank=True,
        help_text="文件写明到哪天为止才填；一般空着，到下一个版本起用为止。",
    )
    # The earlier of its own end and the start of the next one; kept by `settle_ends`.
    ends = models.DateField("止用日期（不含当日）", null=True, blank=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    reason = models.TextField("停用、撤回或更正的原因", blank=True, editable=False)
    closed_at = models.DateTimeField(
        "停用、撤回或更正的时间", null=True, blank=True, editable=False
    )
    corrects = models.ForeignKey(
        "self",
        verbose_name="更正哪个版本",
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="corrections",
    )
    notices = models.JSONField("提示", default=list, blank=True)
    places = models.JSONField("名额和择优", null=True, blank=True)
    # The definitions of the formulas that its rules name, by key, as they were when it was published.
    formulas = models.JSONField("用到的公式", default=dict, blank=True, editable=False)
    digest = models.CharField("内容摘要", max_length=64, blank=True, editable=False)
    is_packed = models.BooleanField("来自目录包", default=False, editable=False)

    objects = EditionQuerySet.as_manager()
    history = History(verbose_name="版本变更", verbose_name_plural="版本变更")

    class Meta:
        verbose_name = "版本"
        verbose_name_plural = "版本"
        ordering = ["programme", "effective_from"]
        constraints = [
            # What was corrected or withdrawn leaves its day free.
            models.UniqueConstraint(
                name="edition_starts_once_a_day",
                fields=["programme", "effective_from"],
                condition=Q(status__in=STANDING),
                violation_error_message="该项目在这一天已有一个版本。",
            ),
            # A pack writes its edition as a draft for a moment, beside an editor's of that day.
            models.UniqueConstraint(
                name="edition_draft_is_one_a_day",
                fields=["programme", "effective_from"],
                condition=Q(status="draft", corrects=None, is_packed=False),
                violation_error_message="该项目在这一天已有一份草稿。",
            ),
            models.UniqueConstraint(
                name="edition_has_one_draft_of_correction",
                fields=["corrects"],
                condition=Q(status="draft", corrects__isnull=False, is_packed=False),
                violation_error_message="这个版本已有一份更正的草稿。",
            ),
            # Those in force follow one another: each ends where the next begins, one has no end.
            models.UniqueConstraint(
                name="edition_without_end_is_one",
                fields=["programme"],
                condition=Q(status__in=STANDING, ends=None),
                violation_error_message="该项目已有一个没有止用日期的已发布版本。",
            ),
            models.UniqueConstraint(
                name="edition_ends_once_a_day",
                fields=["programme", "ends"],
                condition=Q(status__in=STANDING),
                violation_error_message="该项目已有一个在这一天止用的已发布版本。",
            ),
            models.CheckConstraint(
                name="edition_ends_after_it_starts",
                condition=(Q(ends=None) | Q(ends__gt=F("effective_from")))
                & (Q(own_end=None) | Q(own_end__gt=F("effective_from"))),
                violation_error_message="止用日期应晚于起用日期。",
            ),
            models.CheckConstraint(
                name="edition_status_is_valid",
                condition=Q(status__in=["draft", "published", "retired", "corrected", "withdrawn"]),
                violation_error_message="没有这种版本状态。",
            ),
            models.CheckConstraint(
                name="edition_published_has_digest",
                condition=Q(status="draft") | ~Q(digest=""),
                violation_error_message="发布的版本要有内容摘要，请用“发布”操作。",
            ),
            models.CheckConstraint(
                name="edition_is_closed_with_a_reason",
                condition=Q(status__in=["draft", "published"], reason="", closed_at=None)
                | Q(status__in=["retired", "corrected", "withdrawn"], closed_at__isnull=False)
                & ~Q(reason=""),
                violation_error_message="停用、撤回和更正都要写明原因。",
            ),
            models.CheckConstraint(
                name="edition_retired_has_its_end",
                condition=~Q(status="retired") | Q(own_end__isnull=False),
                violation_error_message="停用的版本要有停用的日期。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}（{self.effective_from}起）"

    @property
    def is_draft(self) -> bool:
        return self.status == self.Status.DRAFT

    @property
    def is_standing(self) -> bool:
        return self.status in STANDING
