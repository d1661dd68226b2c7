"""Formulas in the admin: a version stands until a published edition is pinned to it, then a new one
follows it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from policies.catalogue.models import Formula
from policies.editors.builder.field import AsksOnce, UnsavedOnAct
from policies.editors.fields import QuantityField
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
    "由几个指标相加、相减、相乘、相除，或算增长率、从某天起满几年。可以一层套一层；"
    "相除和增长率只能在最外层，除数为 0 时算不出，不算达到。"
)


@areas_using.register
def _(row: Formula) -> frozenset[str] | None:
    return areas_named(row.key) or place_of_maker(row)


class FormulaForm(UnsavedOnAct, GuardedForm):
    class Meta:
        model = Formula
        fields = ["label", "key", "effective_from", "unit", "quantity"]
        field_classes = {"quantity": QuantityField}
        help_texts = {"quantity": HOW}


@admin.register(Formula)
class FormulaAdmin(AsksOnce, ReadInWords, SharedAdmin, GuardedAdmin, HistoryAdmin):
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
