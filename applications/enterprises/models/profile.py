"""What a firm says of itself once, for all self-checks and applications."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from applications.enterprises.models.enterprise import Enterprise
from portal.exact_json import ExactDecoder


class Subject(models.Model):
    """A project or a base of a firm; what is asked of it is asked for each."""

    class Kind(models.TextChoices):
        PROJECT = "project", "项目"
        BASE = "base", "双创基地"

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="subjects"
    )
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    name = models.CharField("名称", max_length=200)

    class Meta:
        verbose_name = "项目或基地"
        verbose_name_plural = "项目和基地"
        ordering = ["kind", "name", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="subject_is_named_once",
                fields=["enterprise", "kind", "name"],
                violation_error_message="已有这个名称的项目或基地。",
            ),
            models.CheckConstraint(
                name="subject_kind_is_valid",
                condition=Q(kind__in=["project", "base"]),
                violation_error_message="没有这种类别。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProfileAnswer(models.Model):
    """One answer to one fact; the newest counts, the database keeps the earlier ones.

    `fact_key` is without its place in time (see policies.rules.years.dated), `year` the absolute
    year that the answer speaks of. A `value` of None takes an answer back: unknown again.
    """

    enterprise = models.ForeignKey(
        Enterprise, verbose_name="企业", on_delete=models.PROTECT, related_name="profile_answers"
    )
    subject = models.ForeignKey(
        Subject,
        verbose_name="项目或基地",
        null=True,
        on_delete=models.PROTECT,
        related_name="profile_answers",
    )
    fact_key = models.CharField("指标", max_length=80)
    year = models.PositiveSmallIntegerField("所属年度", null=True)
    value = models.JSONField("填报数据", null=True, decoder=ExactDecoder)
    given_at = models.DateTimeField("填报时间")
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="填报人",
        null=True,
        on_delete=models.PROTECT,
        related_name="profile_answers",
    )
    by_staff = models.BooleanField("县中心代填", default=False)

    class Meta:
        verbose_name = "档案数据"
        verbose_name_plural = "档案数据"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="profile_answer_by_staff_names_who",
                condition=Q(by_staff=False) | Q(given_by__isnull=False),
                violation_error_message="代填要写明是谁填的。",
            ),
            models.CheckConstraint(
                name="profile_answer_year_is_probable",
                condition=Q(year=None) | Q(year__range=(1949, 2999)),
                violation_error_message="年度不合常理。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enterprise} {self.fact_key} {self.year or ''}"
