"""Formulas in the admin: a version stands until a published edition is pinned to it, then a new one
follows it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from policies.catalogue.models import Formula
from policies.editors.fields import JSONField
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
    '用指标的键写。相除 {"quotient": ["rd.expense.y1", "revenue.main_business.y1"]}；相加'
    ' {"sum": […]}；相减 {"difference": [甲, 乙]}；相乘 {"product": […]}；增长率'
    ' {"growth": [今年, 上年]}；从某天起满几年 {"full_years": "enterprise.founded_on"}、满几个月'
    ' {"full_months": …}。可以一层套一层；相除和增长率只能在最外层，除数为 0 时算不出，不算达到。'
)


@areas_using.register
def _(row: Formula) -> frozenset[str] | None:
    return areas_named(row.key) or place_of_maker(row)


class FormulaForm(GuardedForm):
    class Meta:
        model = Formula
        fields = ["label", "key", "effective_from", "unit", "quantity"]
        field_classes = {"quantity": JSONField}
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
        own = list(super().get_fields(request, obj))
        return own if obj is None or "in_plain_words" in own else [*own, "in_plain_words"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        own = [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]
        return own if "in_plain_words" in own else [*own, "in_plain_words"]

    @admin.display(description="读出来是")
    def in_plain_words(self, formula: Formula) -> str:
        try:
            found = formula.read()
        except (RuleError, *UNREADABLE) as error:
            return f"读不出来：{error}"
        unit = unit_of(found)
        words = quantity_in_words(found, formula.facts)
        return f"{words}，单位 {unit}" if unit else words
