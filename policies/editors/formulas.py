"""Formulas in the admin: a version stands until a published edition is pinned to it, then a new one
follows it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from policies.catalogue import current as catalogue
from policies.catalogue.models import Formula
from policies.editors.formula_text import UnreadFormulaError, formula_text, read_formula_text
from policies.editors.reading import ReadInWords
from policies.editors.shared import SharedAdmin
from policies.editors.uses import areas_named, areas_using, place_of_maker
from policies.rules.read_edition import UNREADABLE
from policies.rules.read_quantity import RuleError
from policies.rules.tree import unit_of
from policies.rules.wording import quantity_in_words
from portal.guarded_admin import GuardedAdmin, GuardedForm
from portal.history_admin import HistoryAdmin
from portal.typed.fields import ADMIN_FIELDS

HOW = (
    "用指标的名称或键和 ＋ － × ÷ 写，可以用括号，如 研发费用（上年度） ÷ 营业收入（上年度）。另有"
    " 增长率（今年的，上年的）、满年数（日期）、满月数（日期）。相除和增长率只能最后算；除数为 0 时算不出，不算达到。"
)


class FormulaField(forms.CharField):
    """A quantity as people write it, with the facts by label."""

    def __init__(self, **options: Any) -> None:
        options.pop("encoder", None), options.pop("decoder", None)
        super().__init__(**{"widget": forms.Textarea(attrs={"rows": 3, "cols": 80}), **options})

    def prepare_value(self, value: Any) -> Any:
        # What was typed stands as it was; a quantity of one fact is no formula.
        if value is None or isinstance(value, str):
            return value
        return formula_text(value, catalogue.facts())

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return read_formula_text(text, catalogue.facts())
        except UnreadFormulaError as error:
            raise ValidationError(f"{error}。") from error

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


@areas_using.register
def _(row: Formula) -> frozenset[str] | None:
    return areas_named(row.key) or place_of_maker(row)


class FormulaForm(GuardedForm):
    class Meta:
        model = Formula
        fields = ["label", "key", "effective_from", "unit", "quantity"]
        field_classes = {"quantity": FormulaField}
        help_texts = {"quantity": HOW}


@admin.register(Formula)
class FormulaAdmin(ReadInWords, SharedAdmin, GuardedAdmin, HistoryAdmin):
    form = FormulaForm
    formfield_overrides = ADMIN_FIELDS
    list_display = ["label", "key", "effective_from", "in_plain_words"]
    search_fields = ["key", "label"]
    search_help_text = "公式的名称或键"
    in_words = {"quantity": "in_plain_words"}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = [name for name in super().get_fields(request, obj) if name != "in_plain_words"]
        return [*own, "in_plain_words"] if obj else own

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]
        return list(dict.fromkeys([*own, "in_plain_words"]))

    @admin.display(description="读出来是")
    def in_plain_words(self, formula: Formula) -> str:
        try:
            found = formula.read()
        except (RuleError, *UNREADABLE) as error:
            return f"读不出来：{error}"
        unit = unit_of(found)
        words = quantity_in_words(found, formula.facts)
        return f"{words}，单位 {unit}" if unit else words
