"""Funds that awards are paid from, and what they hold in each year."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from applications.money.models.money_field import MoneyField
from policies.catalogue.models import Programme
from policies.catalogue.models.award import Level
from policies.rules.awards import LEVELS
from portal.history import History, KeptQuerySet
from portal.models import Jurisdiction
from portal.scope import in_charge

FIRST_YEAR, LAST_YEAR = 2000, 2100


class FundQuerySet(KeptQuerySet):
    def visible_to(self, user: Any) -> "FundQuerySet":
        """Funds that are paid out in a member of staff's jurisdiction or below it."""
        return self.filter(in_charge(user, "jurisdiction"))


class Fund(models.Model):
    """Money of one level of government, paid out by the place that holds it.

    Money of a higher level that was handed down is a fund of its own where it is paid out.
    """

    name = models.CharField("名称", max_length=100)
    level = models.CharField("哪一级的钱", max_length=10, choices=Level.choices)
    jurisdiction = models.ForeignKey(
        Jurisdiction,
        verbose_name="由哪里支付",
        on_delete=models.PROTECT,
        related_name="+",
        help_text="上级下达的资金，填实际支付的地区。",
    )
    document_number = models.CharField("依据文号", max_length=60)
    yearly = MoneyField(
        "文件写明每年多少（万元）", null=True, blank=True, help_text="文件没有写的留空。"
    )
    programmes = models.ManyToManyField(
        Programme,
        verbose_name="用于哪些项目",
        blank=True,
        related_name="+",
        help_text="认定时，这些项目的奖补自动归到这项资金；其余由人安排。",
    )

    objects = FundQuerySet.as_manager()
    history = History(verbose_name="资金变更", verbose_name_plural="资金变更")

    class Meta:
        verbose_name = "资金"
        verbose_name_plural = "资金和预算"
        ordering = ["jurisdiction", "name"]
        constraints = [
            models.UniqueConstraint(
                name="fund_name_is_unique_in_its_place",
                fields=["jurisdiction", "name"],
                violation_error_message="这个地区已有同名的资金。",
            ),
            models.CheckConstraint(
                name="fund_level_is_valid",
                condition=Q(level__in=LEVELS),
                violation_error_message="没有这种级别。",
            ),
            models.CheckConstraint(
                name="fund_names_its_document",
                condition=~Q(document_number="") & ~Q(name=""),
                violation_error_message="请填名称和依据文号。",
            ),
            models.CheckConstraint(
                name="fund_yearly_is_positive",
                condition=Q(yearly=None) | Q(yearly__gt=0),
                violation_error_message="每年的金额应大于 0。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FundPart(models.Model):
    """A part of a fund that its document sets apart for some programmes."""

    fund = models.ForeignKey(
        Fund, verbose_name="资金", on_delete=models.CASCADE, related_name="parts"
    )
    position = models.PositiveSmallIntegerField("次序")
    name = models.CharField("名称", max_length=100)
    clause = models.CharField("条款", max_length=100, blank=True)
    yearly = MoneyField("文件写明每年多少（万元）", null=True, blank=True)
    programmes = models.ManyToManyField(
        Programme, verbose_name="用于哪些项目", blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "资金的一部分"
        verbose_name_plural = "资金的各部分"
        ordering = ["fund", "position"]
        constraints = [
            models.UniqueConstraint(
                name="fund_part_position_is_unique",
                fields=["fund", "position"],
                violation_error_message="同一资金中各部分的次序不能重复。",
            ),
            models.UniqueConstraint(
                name="fund_part_name_is_unique",
                fields=["fund", "name"],
                violation_error_message="同一资金中各部分的名称不能重复。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Budget(models.Model):
    """What a fund, or a part of it, holds in a year; without a row nothing can be committed."""

    fund = models.ForeignKey(
        Fund, verbose_name="资金", on_delete=models.PROTECT, related_name="budgets"
    )
    part = models.ForeignKey(
        FundPart,
        verbose_name="部分",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="budgets",
        help_text="空表示整项资金。",
    )
    year = models.PositiveSmallIntegerField(
        "年度", validators=[MinValueValidator(FIRST_YEAR), MaxValueValidator(LAST_YEAR)]
    )
    amount = MoneyField("预算（万元）")

    class Meta:
        verbose_name = "预算"
        verbose_name_plural = "预算"
        ordering = ["fund", "-year", "part__position"]
        constraints = [
            models.UniqueConstraint(
                name="budget_is_one_a_fund_and_year",
                fields=["fund", "year"],
                condition=Q(part=None),
                violation_error_message="这项资金这一年已有预算。",
            ),
            models.UniqueConstraint(
                name="budget_is_one_a_part_and_year",
                fields=["part", "year"],
                condition=Q(part__isnull=False),
                violation_error_message="这一部分这一年已有预算。",
            ),
            models.CheckConstraint(
                name="budget_is_not_negative",
                condition=Q(amount__gte=0),
                violation_error_message="预算不能是负数。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part or self.fund} {self.year} 年"

    def clean(self) -> None:
        if self.part_id and self.part.fund_id != self.fund_id:
            raise ValidationError("这一部分不属于这项资金。")


class BudgetEvent(models.Model):
    """Who set a budget, to what and by which document; the database refuses to change it."""

    fund = models.ForeignKey(
        Fund, verbose_name="资金", on_delete=models.PROTECT, related_name="budget_events"
    )
    year = models.PositiveSmallIntegerField("年度")
    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="经办人", on_delete=models.PROTECT, related_name="+"
    )
    document_number = models.CharField("文号", max_length=60)
    reason = models.TextField("说明", blank=True)
    # Amounts as text in 万元: {"whole": [before, after], part name: [before, after]}.
    changes = models.JSONField("变化")

    class Meta:
        verbose_name = "预算记录"
        verbose_name_plural = "预算记录"
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.fund} {self.year} 年"
