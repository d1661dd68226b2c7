"""Runs: what an edition and its variants would change, counted by county, and whom it concerns."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from applications.cases.models import Application
from applications.enterprises.models import Enterprise, Subject
from applications.money.models.money_field import MoneyField
from policies.catalogue.models import Edition
from portal.models import Job, Jurisdiction
from portal.scope import in_charge


class Run(models.Model):
    """One computation over all firms with a profile, and all cases of the predecessor.

    `plans` are what firms were judged by, as their content was when it was asked for: first the
    predecessor (without `data` where nothing stood before), then the edition, then variants; each has
    a `title`, its `data` as compile_edition takes it, and its `digest`. `on` is the day on which all
    are judged. `last_firm` and `last_case` are the keys up to which it got.
    """

    # None of a draft that was deleted: nobody sees such a run, and the next tidying takes it away. Whoever
    # deletes a draft is not shown all that its runs say of firms, as of rows that go with it.
    edition = models.ForeignKey(
        Edition, verbose_name="版本", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Gone with its programme's history only; the digest says what it was.
    predecessor = models.ForeignKey(
        Edition, verbose_name="前一版本", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    on = models.DateField("按哪天测算")
    plans = models.JSONField("方案", encoder=DjangoJSONEncoder)
    facts_digest = models.CharField("指标摘要", max_length=64)
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="由谁提出",
        on_delete=models.PROTECT,
        related_name="+",
    )
    job = models.ForeignKey(
        Job, verbose_name="任务", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    last_firm = models.BigIntegerField(default=0)
    last_case = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField("算完时间", null=True)

    class Meta:
        verbose_name = "影响测算"
        verbose_name_plural = "影响测算"
        ordering = ["-asked_at", "-pk"]
        default_permissions = ["view", "add"]
        indexes = [models.Index(name="impact_run_by_age", fields=["asked_at"])]

    def __str__(self) -> str:
        return f"{self.edition or '已删除的草稿'} 的影响测算"

    @property
    def titles(self) -> list[str]:
        return [plan["title"] for plan in self.plans]

    @property
    def has_predecessor(self) -> bool:
        return bool(self.plans[0]["data"])


class WithinQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> "WithinQuerySet":
        """What concerns firms of a member of staff's jurisdiction, and nothing else."""
        return self.filter(in_charge(user))


class CountyTally(models.Model):
    """What was counted in one county; `figures` as `services.tallies` describes them."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="tallies")
    county = models.ForeignKey(Jurisdiction, on_delete=models.PROTECT, related_name="+")
    is_of_cases = models.BooleanField()
    figures = models.JSONField()

    objects = WithinQuerySet.as_manager()

    class Meta:
        verbose_name = "各县合计"
        verbose_name_plural = "各县合计"
        default_permissions: list[str] = []
        constraints = [
            models.UniqueConstraint(
                name="impact_tally_is_one_a_county", fields=["run", "county", "is_of_cases"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} {self.county}"


class Affected(models.Model):
    """A firm, one of its projects or bases, or one of its cases, whom a plan treats otherwise than the
    predecessor. Verdicts are -1, 0 (unknown) or 1; money is what is due now, and later; a most that is
    None is open. A verdict `before` of None: nothing stood before.
    """

    class Change(models.TextChoices):
        IN = "in", "进来"
        OUT = "out", "不再符合"
        OPEN = "open", "变为资料不足"
        SETTLED = "settled", "不再是资料不足"
        MONEY = "money", "金额有变"

    VERDICTS = [(1, "符合"), (0, "资料不足"), (-1, "不符合")]

    run = models.ForeignKey(Run, verbose_name="测算", on_delete=models.CASCADE, related_name="+")
    plan = models.PositiveSmallIntegerField("方案")
    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.CASCADE, related_name="+"
    )
    subject = models.ForeignKey(
        Subject, verbose_name="项目或基地", null=True, on_delete=models.CASCADE, related_name="+"
    )
    application = models.ForeignKey(
        Application, verbose_name="申报", null=True, on_delete=models.CASCADE, related_name="+"
    )
    county = models.ForeignKey(
        Jurisdiction, verbose_name="县（市、区）", on_delete=models.PROTECT, related_name="+"
    )
    change = models.CharField("变化", max_length=7, choices=Change.choices)
    before = models.SmallIntegerField("原来", null=True, choices=VERDICTS)
    after = models.SmallIntegerField("以后", choices=VERDICTS)
    now_least_before = MoneyField("原来本期至少")
    now_most_before = MoneyField("原来本期最多", null=True)
    later_least_before = MoneyField("原来以后至少")
    later_most_before = MoneyField("原来以后最多", null=True)
    now_least = MoneyField("本期至少")
    now_most = MoneyField("本期最多", null=True)
    later_least = MoneyField("以后至少")
    later_most = MoneyField("以后最多", null=True)

    objects = WithinQuerySet.as_manager()

    class Meta:
        verbose_name = "受影响的企业"
        verbose_name_plural = "受影响的企业"
        ordering = ["county", "enterprise", "pk"]
        default_permissions = ["view"]
        indexes = [models.Index(name="affected_by_run", fields=["run", "plan", "county", "change"])]
        constraints = [
            models.CheckConstraint(
                name="affected_change_is_valid",
                condition=Q(change__in=["in", "out", "open", "settled", "money"]),
            )
        ]

    def __str__(self) -> str:
        return str(self.enterprise)
