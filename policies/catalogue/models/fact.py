"""Facts: what may be asked of a firm."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q

from policies.rules import facts as rules
from policies.rules.derived import DERIVED
from policies.rules.industry import KNOWN_CODES
from portal.history import History, KeptQuerySet

FACT_KEY = r"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$"
FACT_KEY_SAYS = "键用小写英文字母、数字和下划线，分组之间用点，如 revenue.main_business.y0。"

CHOICE_CODE = r"^[A-Za-z0-9_]+([.-][A-Za-z0-9_]+)*$"
CHOICE_CODE_SAYS = "选项代码只能用英文字母、数字、下划线、点和连字符。"


class Fact(models.Model):
    class Type(models.TextChoices):
        BOOL = "bool", "是否"
        INT = "int", "整数"
        DECIMAL = "decimal", "小数"
        RATIO = "ratio", "比例（0–1）"
        DATE = "date", "日期"
        ENUM = "enum", "单选"
        ENUM_SET = "enum_set", "多选"
        MONEY_LIST = "money_list", "金额列表（万元）"
        ITEM_LIST = "item_list", "逐项填写（金额、种类、日期）"

    key = models.CharField(
        "名称（键）",
        max_length=80,
        primary_key=True,
        validators=[RegexValidator(FACT_KEY, FACT_KEY_SAYS)],
        error_messages={"unique": "已有这个键。"},
    )
    position = models.PositiveIntegerField("次序", default=0)
    section = models.CharField("分组", max_length=50)
    label = models.CharField("指标", max_length=300)
    type = models.CharField("类型", max_length=12, choices=Type.choices)
    unit = models.CharField("单位", max_length=20, blank=True)
    choices = models.JSONField("选项（代码：文字）", default=dict, blank=True)
    minimum = models.DecimalField("最小值", max_digits=20, decimal_places=6, null=True, blank=True)
    maximum = models.DecimalField("最大值", max_digits=20, decimal_places=6, null=True, blank=True)
    decimals = models.PositiveSmallIntegerField("小数位数", null=True, blank=True)
    changeable = models.BooleanField("企业可以改变", default=False)
    question = models.CharField("提问", max_length=300, blank=True)
    help = models.CharField("数据在哪里找", max_length=300, blank=True)
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = KeptQuerySet.as_manager()
    history = History(
        verbose_name="指标变更", verbose_name_plural="指标变更", excluded_fields=["updated_at"]
    )

    class Meta:
        verbose_name = "指标"
        verbose_name_plural = "指标"
        ordering = ["position", "key"]
        constraints = [
            models.CheckConstraint(
                name="fact_type_is_valid",
                condition=Q(type__in=rules.TYPES),
                violation_error_message="没有这种指标类型。",
            ),
            models.CheckConstraint(
                name="fact_key_is_an_identifier",
                condition=Q(key__regex=FACT_KEY),
                violation_error_message=FACT_KEY_SAYS,
            ),
            models.CheckConstraint(
                name="fact_minimum_is_not_above_maximum",
                condition=Q(minimum=None) | Q(maximum=None) | Q(minimum__lte=F("maximum")),
                violation_error_message="最小值不能大于最大值。",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        is_chosen = self.type in (self.Type.ENUM, self.Type.ENUM_SET)
        if is_chosen and not self.choices:
            raise ValidationError({"choices": "单选、多选要有选项。"})
        if self.choices and not (is_chosen or self.type == self.Type.ITEM_LIST):
            raise ValidationError({"choices": "只有单选、多选才有选项，逐项填写的可以有种类。"})
        if self.key in DERIVED:
            raise ValidationError({"key": "这个键已经用于推算的指标。"})
        if strange := sorted(set(self.choices) - KNOWN_CODES.get(self.key, set(self.choices))):
            told = f"行业分类（GB/T 4754—2017）里没有 {'、'.join(strange)}。"
            raise ValidationError({"choices": told})

    def as_rule_fact(self) -> rules.Fact:
        return rules.Fact.from_data(
            {
                field: getattr(self, field)
                for field in [
                    "key",
                    "section",
                    "label",
                    "type",
                    "choices",
                    "minimum",
                    "maximum",
                    "decimals",
                    "changeable",
                    "question",
                    "help",
                ]
            }
            | {"unit": self.unit or None}
        )
