"""Changes of what several share, proposed by one editor and decided by another."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q

from portal.models.act_of_two import ActOfTwo
from portal.models.jurisdiction import Jurisdiction
from portal.models.user import User


class ProposedChange(models.Model):
    """A change of one row, or a new row where there is no `object_id`.

    `before` has the whole form as it was, `after` the fields that get another value; both as the
    form shows them, so that the same form checks them again. `asked` are the areas that use the
    row outside the proposer's own: their editors decide, or the province's.
    """

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "已确认"
        REJECTED = "rejected", "已退回"
        WITHDRAWN = "withdrawn", "已撤回"

    content_type = models.ForeignKey(
        ContentType, verbose_name="种类", on_delete=models.PROTECT, related_name="+"
    )
    object_id = models.CharField("记录", max_length=100, blank=True)
    subject = models.CharField("改什么", max_length=600)
    before = models.JSONField("原来", default=dict, blank=True)
    after = models.JSONField("改为")
    reason = models.TextField("理由")
    proposed_by = models.ForeignKey(
        User, verbose_name="提出人", on_delete=models.PROTECT, related_name="+"
    )
    jurisdiction_code = models.CharField("提出人所管", max_length=6)
    proposed_at = models.DateTimeField("提出时间")
    asked = models.ManyToManyField(
        Jurisdiction, verbose_name="请哪些地区确认", related_name="+", blank=True
    )
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, blank=True)
    note = models.TextField("意见", blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name="办理人",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decider_jurisdiction_code = models.CharField("办理人所管", max_length=6, blank=True)
    decided_at = models.DateTimeField("办理时间", null=True, blank=True)

    class Meta:
        verbose_name = "待确认的修改"
        verbose_name_plural = "待确认的修改"
        ordering = ["outcome", "-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                name="proposed_change_is_one_open_a_row",
                fields=["content_type", "object_id"],
                condition=Q(outcome="") & ~Q(object_id=""),
                violation_error_message="这条记录已有一项修改在等确认。",
            ),
            models.CheckConstraint(
                name="proposed_change_outcome_is_valid",
                condition=Q(outcome__in=["", "accepted", "rejected", "withdrawn"]),
                violation_error_message="没有这种结果。",
            ),
            models.CheckConstraint(
                name="proposed_change_has_a_reason",
                condition=~Q(reason=""),
                violation_error_message="请写明理由。",
            ),
            models.CheckConstraint(
                name="proposed_change_is_decided_by_somebody",
                condition=Q(outcome="", decided_by=None, decided_at=None)
                | ~Q(outcome="") & ~Q(decided_by=None) & ~Q(decided_at=None),
                violation_error_message="办理要留下人和时间。",
            ),
            models.CheckConstraint(
                name="proposed_change_takes_two_people",
                condition=~Q(outcome__in=["accepted", "rejected"])
                | ~Q(decided_by=F("proposed_by")),
                violation_error_message="自己提出的修改，要由另一位编辑确认。",
            ),
            models.CheckConstraint(
                name="proposed_change_is_withdrawn_by_its_proposer",
                condition=~Q(outcome="withdrawn") | Q(decided_by=F("proposed_by")),
                violation_error_message="只有提出人可以撤回。",
            ),
            models.CheckConstraint(
                name="proposed_change_is_rejected_with_a_note",
                condition=~Q(outcome="rejected") | ~Q(note=""),
                violation_error_message="退回要写明理由。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.content_type.name}：{self.subject}"

    @property
    def is_open(self) -> bool:
        return not self.outcome

    @property
    def row(self) -> Any:
        """The row as it is now; None where it is new, or gone."""
        rows = self.content_type.model_class()._base_manager
        return rows.filter(pk=self.object_id).first() if self.object_id else None


class PackImport(ActOfTwo):
    """A pack that an editor uploaded: another one loads it, and its editions become drafts.

    `files` are their texts by path within the pack, as policies.catalogue.packs.unpacking gives them;
    `jurisdiction_code` is where its proposer was in charge then.
    """

    file_name = models.CharField("文件", max_length=200)
    files = models.JSONField("内容")
    reason = models.TextField("从哪里来，为什么导入")
    jurisdiction_code = models.CharField("提出人所管", max_length=6, blank=True)

    class Meta(ActOfTwo.Meta):
        verbose_name = "导入的目录包"
        verbose_name_plural = "导入的目录包"
        ordering = ["-proposed_at", "-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.file_name
