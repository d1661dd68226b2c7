"""Criteria of an edition."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from policies.catalogue.models.edition import Edition
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
