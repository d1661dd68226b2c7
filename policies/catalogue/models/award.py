"""Awards: who pays how much, in which tranches."""

from django.db import models
from django.db.models import Q

from policies.catalogue.models.edition import Edition
from policies.rules.awards import LEVELS, STATUSES, UNTITLED
from portal.models.jurisdiction import Jurisdiction


class Level(models.TextChoices):
    NATIONAL = "national", "国家级"
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "县级"
    LOCAL = "local", "市县留成"


class Award(models.Model):
    class Status(models.TextChoices):
        PUBLISHED = "published", "金额已公布"
        UNPUBLISHED = "unpublished", "金额未公布"
        NONE_LISTED = "none_listed", "文件未列此级"
        TO_VERIFY = "to_verify", "待核实"

    edition = models.ForeignKey(
        Edition, verbose_name="版本", on_delete=models.CASCADE, related_name="awards"
    )
    position = models.PositiveIntegerField("次序")
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    payer = models.ForeignKey(
        Jurisdiction,
        verbose_name="支付地区",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        help_text="县级留空表示其余各县。",
    )
    status = models.CharField(
        "状态", max_length=12, choices=Status.choices, default=Status.PUBLISHED
    )
    unsplit = models.JSONField("只印合计（金额、前提）", null=True, blank=True)
    fee_cap = models.DecimalField("费率上限", max_digits=8, decimal_places=6, null=True, blank=True)
    price_cut = models.DecimalField(
        "减免比例", max_digits=8, decimal_places=6, null=True, blank=True
    )
    headline = models.DecimalField(
        "先显示的金额（万元）", max_digits=16, decimal_places=6, null=True, blank=True
    )
    same_money = models.CharField(
        "同一笔钱",
        max_length=10,
        blank=True,
        help_text="口径编号；编号相同的奖补针对同一笔钱，合计时只算较多的一项。",
    )
    joint_cap = models.JSONField("几项奖补合计的最高额", null=True, blank=True)
    only_highest = models.JSONField("就高不重复的组", default=list, blank=True)
    claw_back = models.JSONField("收回的情形", null=True, blank=True)
    undecided = models.JSONField("是否给付未定的情形", default=list, blank=True)
    conflicts = models.JSONField("口径说明编号", default=list, blank=True)

    class Meta:
        verbose_name = "奖补"
        verbose_name_plural = "奖补"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                name="award_position_is_unique",
                fields=["edition", "position"],
                violation_error_message="同一版本中奖补的次序不能重复。",
            ),
            models.CheckConstraint(
                name="award_level_is_valid",
                condition=Q(level__in=LEVELS),
                violation_error_message="没有这种奖补级别。",
            ),
            models.CheckConstraint(
                name="award_status_is_valid",
                condition=Q(status__in=STATUSES),
                violation_error_message="没有这种奖补状态。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_level_display()} {self.payer or ''}".strip()


class Tranche(models.Model):
    award = models.ForeignKey(
        Award, verbose_name="奖补", on_delete=models.CASCADE, related_name="tranches"
    )
    position = models.PositiveIntegerField("次序")
    title = models.CharField("名称", max_length=100, default=UNTITLED)
    amount = models.JSONField("金额（万元）")
    now_when = models.JSONField("本期给付的条件", null=True, blank=True)
    past_when = models.JSONField("往期已给付的条件", null=True, blank=True)
    void_when = models.JSONField("不再给付的条件", null=True, blank=True)
    later = models.BooleanField("总在以后给付", default=False)
    condition = models.CharField("以后给付的条件（文字）", max_length=300, blank=True)
    conflicts = models.JSONField("口径说明编号", default=list, blank=True)

    class Meta:
        verbose_name = "分期"
        verbose_name_plural = "分期"
        ordering = ["award", "position"]
        constraints = [
            models.UniqueConstraint(
                name="tranche_position_is_unique",
                fields=["award", "position"],
                violation_error_message="同一奖补中分期的次序不能重复。",
            )
        ]

    def __str__(self) -> str:
        return self.title
