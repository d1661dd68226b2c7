"""The tree of GB/T 2260 jurisdictions: nation, province, city, county."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q


class JurisdictionQuerySet(models.QuerySet):
    def within(self, code: str) -> models.QuerySet:
        """The jurisdiction `code` and all below it; an empty code holds nothing."""
        if not code:
            return self.none()
        paths = ("code", "parent", "parent__parent", "parent__parent__parent")
        subtree = Q()
        for path in paths:
            subtree |= Q(**{path: code})
        return self.filter(subtree)

    def above(self, code: str) -> models.QuerySet:
        """The jurisdictions that `code` lies in, without itself; no query of its own."""
        if not code:
            return self.none()
        chain = Q(children=code) | Q(children__children=code)
        chain |= Q(children__children__children=code)
        return self.filter(pk__in=self.model.objects.order_by().filter(chain).values("pk"))


class Jurisdiction(models.Model):
    class Level(models.TextChoices):
        NATION = "nation", "国家"
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "县（市、区）"

    code = models.CharField(
        "代码",
        max_length=6,
        primary_key=True,
        validators=[RegexValidator(r"^\d{6}$", "应为六位行政区划代码")],
    )
    name = models.CharField("名称", max_length=50)
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    parent = models.ForeignKey(
        "self",
        verbose_name="上级",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = JurisdictionQuerySet.as_manager()

    class Meta:
        verbose_name = "行政区划"
        verbose_name_plural = "行政区划"
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="jurisdiction_level_is_valid",
                condition=Q(level__in=["nation", "province", "city", "county"]),
                violation_error_message="级别应为国家、省、市或县。",
            ),
            models.CheckConstraint(
                name="jurisdiction_only_nation_has_no_parent",
                condition=Q(level="nation", parent=None) | ~Q(level="nation") & ~Q(parent=None),
                violation_error_message="除国家外都要有上级行政区划。",
            ),
        ]

    def __str__(self) -> str:
        return self.name
