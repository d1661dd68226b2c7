"""What a firm hands in and the steps its case goes through."""

from django.db import models
from django.db.models import Q

from policies.catalogue.models.call import Call
from policies.catalogue.models.edition import Edition

# What a firm hands in that no list names; a material of that name could not be told from it.
OTHER_MATERIAL = "其他材料"
STEP_LEVELS = ("enterprise", "county", "city", "province", "national")
STEP_KINDS = ("prepare", "apply", "review", "expert", "notice", "recognition", "service")


class Material(models.Model):
    """What a firm hands in: listed by an edition, or asked for in one call beside that list.

    `proves` are the facts that it bears out, by key, or EVERYTHING.
    """

    edition = models.ForeignKey(
        Edition, verbose_name="版本", null=True, on_delete=models.CASCADE, related_name="materials"
    )
    call = models.ForeignKey(
        Call,
        verbose_name="征集",
        null=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="materials",
    )
    position = models.PositiveIntegerField("次序")
    name = models.CharField("材料", max_length=200)
    note = models.CharField("说明", max_length=500, blank=True)
    proves = models.JSONField("证明哪些填报项", default=list, blank=True)

    class Meta:
        verbose_name = "申报材料"
        verbose_name_plural = "申报材料"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                name="material_position_is_unique",
                fields=["edition", "position"],
                violation_error_message="同一版本中材料的次序不能重复。",
            ),
            models.UniqueConstraint(
                name="material_of_call_is_named_once",
                fields=["call", "name"],
                violation_error_message="同一次征集中材料不能重名。",
            ),
            models.CheckConstraint(
                name="material_is_of_an_edition_or_a_call",
                condition=Q(edition__isnull=False, call=None) | Q(edition=None, call__isnull=False),
                violation_error_message="材料属于一个版本，或者属于一次征集。",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Step(models.Model):
    class Level(models.TextChoices):
        ENTERPRISE = "enterprise", "企业"
        COUNTY = "county", "县级"
        CITY = "city", "市级"
        PROVINCE = "province", "省级"
        NATIONAL = "national", "国家级"

    class Kind(models.TextChoices):
        PREPARE = "prepare", "申报前准备"
        APPLY = "apply", "提交申报"
        REVIEW = "review", "审核"
        EXPERT = "expert", "专家评审"
        NOTICE = "notice", "公示"
        RECOGNITION = "recognition", "认定"
        SERVICE = "service", "服务办理"

    edition = models.ForeignKey(
        Edition, verbose_name="版本", on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveIntegerField("次序")
    level = models.CharField("级别", max_length=10, choices=Level.choices)
    actor = models.CharField("办理单位", max_length=200)
    title = models.CharField("环节", max_length=100)
    kind = models.CharField(
        "性质",
        max_length=12,
        choices=Kind.choices,
        help_text="申报按“审核”“专家评审”的次序逐环节办理；有“公示”的，公示期满才能认定。",
    )
    text = models.CharField("说明", max_length=500, blank=True)
    time_limit = models.CharField("时限", max_length=200, blank=True)
    working_days = models.PositiveSmallIntegerField("工作日", null=True, blank=True)

    class Meta:
        verbose_name = "办理环节"
        verbose_name_plural = "办理环节"
        ordering = ["edition", "position"]
        constraints = [
            models.UniqueConstraint(
                name="step_position_is_unique",
                fields=["edition", "position"],
                violation_error_message="同一版本中环节的次序不能重复。",
            ),
            models.CheckConstraint(
                name="step_level_is_valid",
                condition=Q(level__in=STEP_LEVELS),
                violation_error_message="没有这种办理级别。",
            ),
            models.CheckConstraint(
                name="step_kind_is_valid",
                condition=Q(kind__in=STEP_KINDS),
                violation_error_message="没有这种办理环节。",
            ),
        ]

    def __str__(self) -> str:
        return self.title
