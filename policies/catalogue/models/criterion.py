"""Criteria of an edition, and the clauses that criteria and awards cite."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from policies.catalogue.models.award import Award
from policies.catalogue.models.edition import Edition
from policies.catalogue.models.source import Document
from policies.rules.edition import KINDS

CRITERION_CODE = r"^[A-Za-z0-9]+([.-][A-Za-z0-9]+)*$"
CRITERION_CODE_SAYS = "编号只能用英文字母、数字、点和连字符，如 XSG.3。"


class Criterion(models.Model):
    class Kind(models.TextChoices):
        GATE = "gate", "必备条件"
        EXCLUSION = "exclusion", "排除情形"
        ALTERNATIVE = "alternative", "可选其一"
        TRANCHE = "tranche", "分期条件"
        COUNTY_SHEET = "county_sheet", "县一览表要求"
        OPEN = "open", "来源未定"
        MANUAL = "manual", "人工判断"

    edition = models.ForeignKey(
        Edition, verbose_name="版本", on_delete=models.CASCADE, related_name="criteria"
    )
    position = models.PositiveIntegerField("次序")
    code = models.CharField(
        "编号", max_length=60, validators=[RegexValidator(CRITERION_CODE, CRITERION_CODE_SAYS)]
    )
    kind = models.CharField("性质", max_length=20, choices=Kind.choices)
    text = models.CharField("条件", max_length=500)
    sentence = models.CharField("一句话说法", max_length=1000, blank=True, default="")
    rule = models.JSONField("规则", null=True, blank=True)
    when = models.JSONField("适用前提", null=True, blank=True)
    reason = models.CharField("口径说明（编号或文字）", max_length=200, blank=True)

    class Meta:
        verbose_name = "条件"
        verbose_name_plural = "条件"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                name="criterion_position_is_unique",
                fields=["edition", "position"],
                violation_error_message="同一版本中条件的次序不能重复。",
            ),
            models.CheckConstraint(
                name="criterion_code_is_an_identifier",
                condition=Q(code__regex=CRITERION_CODE),
                violation_error_message=CRITERION_CODE_SAYS,
            ),
            models.CheckConstraint(
                name="criterion_kind_is_valid",
                condition=Q(kind__in=KINDS),
                violation_error_message="没有这种条件性质。",
            ),
            models.CheckConstraint(
                name="criterion_has_rule_unless_manual",
                condition=Q(kind="manual", rule__isnull=True)
                | ~Q(kind="manual") & Q(rule__isnull=False),
                violation_error_message="人工判断的条件不写规则，其余条件都要有规则。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"


class Citation(models.Model):
    document = models.ForeignKey(
        Document, verbose_name="政策文件", on_delete=models.PROTECT, related_name="citations"
    )
    clause = models.CharField("条款", max_length=200, blank=True)
    position = models.PositiveIntegerField("次序", default=0)
    criterion = models.ForeignKey(
        Criterion,
        verbose_name="条件",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="citations",
    )
    award = models.ForeignKey(
        Award,
        verbose_name="奖补",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="citations",
    )

    class Meta:
        verbose_name = "依据"
        verbose_name_plural = "依据"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                name="citation_has_exactly_one_owner",
                condition=Q(criterion=None) & ~Q(award=None) | ~Q(criterion=None) & Q(award=None),
                violation_error_message="一条依据只能属于一个条件或一项奖补。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.document} {self.clause}".strip()
