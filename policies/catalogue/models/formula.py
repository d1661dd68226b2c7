"""Formulas: what is computed of facts under a name, from one day on."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from policies.catalogue.models.fact import FACT_KEY, FACT_KEY_SAYS, Fact
from policies.rules.derived import DERIVED
from policies.rules.formulas import FactsWithFormulas
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_quantity import UNIT, RuleError, read_definition, read_formula
from policies.rules.tree import Named
from portal.history import History, KeptQuerySet

KEY_IS_TAKEN = "这个键已经是指标的键，公式要用别的键。"
NOT_A_QUANTITY = "算法的写法不对，请对照说明里的例子。"


class FormulaQuerySet(KeptQuerySet):
    def definitions(self, on: date | None = None) -> dict[str, dict[str, Any]]:
        """By key, the definition that counts on a day; without a day the newest of each."""
        rows = self.order_by("key", "effective_from")
        if on is not None:
            rows = rows.filter(effective_from__lte=on)
        return {row.key: row.definition for row in rows}


class Formula(models.Model):
    """One version of a formula: it counts for editions that start on `effective_from` or later, until
    the next version of its key. What a published edition is pinned to does not change any more: a
    change is a new version."""

    key = models.CharField(
        "名称（键）",
        max_length=80,
        validators=[RegexValidator(FACT_KEY, FACT_KEY_SAYS)],
        help_text="规则用它指这个公式，如 rd.share；同一公式的各个版本用同一个键。",
    )
    effective_from = models.DateField(
        "起用日期", help_text="从这一天起起用的政策版本用这一版；以前发布的版本不受影响。"
    )
    label = models.CharField("叫什么", max_length=100, help_text="如 研发费用占比。")
    unit = models.CharField(
        "单位", max_length=20, blank=True, help_text="比例按百分数显示；空着就用算出来的单位。"
    )
    quantity = models.JSONField("怎么算")
    updated_at = models.DateTimeField("更新时间", auto_now=True)

    objects = FormulaQuerySet.as_manager()
    history = History(
        verbose_name="公式变更", verbose_name_plural="公式变更", excluded_fields=["updated_at"]
    )

    class Meta:
        verbose_name = "公式"
        verbose_name_plural = "公式"
        ordering = ["key", "-effective_from"]
        constraints = [
            models.UniqueConstraint(
                name="formula_begins_once_a_day",
                fields=["key", "effective_from"],
                violation_error_message="这个公式在这一天已有一个版本。",
            ),
            models.CheckConstraint(
                name="formula_key_is_an_identifier",
                condition=Q(key__regex=FACT_KEY),
                violation_error_message=FACT_KEY_SAYS,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label}（{self.effective_from}起）"

    @property
    def definition(self) -> dict[str, Any]:
        """As an edition carries it."""
        return {
            "effective_from": self.effective_from.isoformat(),
            "label": self.label,
            "unit": self.unit,
            "quantity": self.quantity,
        }

    def read(self) -> Named:
        """What it computes, of the facts as they are. Raises RuleError and what UNREADABLE names."""
        return read_formula(self.key, self.facts, "怎么算")

    @property
    def facts(self) -> FactsWithFormulas:
        """The facts as they are, with this version and the newest of the other formulas."""
        formulas = Formula.objects.definitions()
        own = {"label": self.label, "unit": self.unit, "quantity": self.quantity}
        facts = {fact.key: fact.as_rule_fact() for fact in Fact.objects.all()}
        return FactsWithFormulas(facts, formulas | {self.key: own})

    def clean(self) -> None:
        if self.key in DERIVED or Fact.objects.filter(pk=self.key).exists():
            raise ValidationError({"key": KEY_IS_TAKEN})
        try:
            own = {"label": self.label, "unit": self.unit, "quantity": self.quantity}
            read_definition(own, self.facts, "怎么算")
        except RuleError as error:
            told = {"unit": error.message} if error.where == UNIT else {"quantity": str(error)}
            raise ValidationError({name: f"{each}。" for name, each in told.items()}) from error
        except UNREADABLE as error:
            raise ValidationError({"quantity": NOT_A_QUANTITY}) from error
