"""What one editor proposes and another decides: a change of what several share, an act on an edition."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q

from policies.catalogue.models import Edition
from portal.models import ActOfTwo
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
    `told` is what it would have changed then (policies.editors.packs.difference);
    `jurisdiction_code` is where its proposer was in charge.
    """

    file_name = models.CharField("文件", max_length=200)
    files = models.JSONField("内容")
    told = models.JSONField("上传时会改什么", default=dict)
    reason = models.TextField("从哪里来，为什么导入")
    jurisdiction_code = models.CharField("提出人所管", max_length=6, blank=True)

    class Meta(ActOfTwo.Meta):
        verbose_name = "导入的目录包"
        verbose_name_plural = "导入的目录包"
        ordering = ["-proposed_at", "-id"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return self.file_name


class EditionProposal(ActOfTwo):
    """That an edition is published, corrected, retired or withdrawn; done when another confirms it.

    `digest` is of the content as it was proposed, and `own_end` its end: a draft that was changed
    since is another one. `day` is the one that it begins on, or that it is retired from. `answers`
    are what the proposer was asked of the draft, each `{"question": …, "reason": …}`. A draft may be
    deleted when it waits no more: then `subject` tells which one it was.
    """

    class Act(models.TextChoices):
        PUBLISH = "publish", "发布"
        CORRECT = "correct", "更正"
        RETIRE = "retire", "停用"
        WITHDRAW = "withdraw", "撤回"

    edition = models.ForeignKey(
        Edition,
        verbose_name="版本",
        null=True,
        on_delete=models.SET_NULL,
        related_name="proposals",
    )
    subject = models.CharField("哪个版本", max_length=300)
    jurisdiction_code = models.CharField("项目所在地区", max_length=6)
    act = models.CharField("办什么", max_length=8, choices=Act.choices)
    day = models.DateField("起用或停用日期")
    own_end = models.DateField("自定止用日期（不含当日）", null=True)
    digest = models.CharField("内容摘要", max_length=64)
    reason = models.TextField("原因", blank=True)
    answers = models.JSONField("对疑问的答复", default=list, blank=True)

    class Meta:
        verbose_name = "待审核的版本"
        verbose_name_plural = "待审核的版本"
        ordering = ["-proposed_at", "-pk"]
        default_permissions = ["view"]
        constraints = [
            *ActOfTwo.Meta.constraints,
            models.UniqueConstraint(
                name="edition_proposal_is_one_open_an_edition",
                fields=["edition"],
                condition=Q(state="pending"),
                violation_error_message="这个版本已经提交，正在等另一位编辑审核。",
            ),
            models.CheckConstraint(
                name="edition_proposal_act_is_valid",
                condition=Q(act__in=["publish", "correct", "retire", "withdraw"]),
                violation_error_message="没有这种办法。",
            ),
            models.CheckConstraint(
                name="edition_proposal_says_why",
                condition=Q(act="publish") | ~Q(reason=""),
                violation_error_message="更正、停用和撤回都要写明原因。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_act_display()}：{self.subject}"

    @property
    def is_of_draft(self) -> bool:
        return self.act in (self.Act.PUBLISH, self.Act.CORRECT)
