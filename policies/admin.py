"""The catalogue in the admin: drafts are edited, published editions only read."""

import json
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models as fields
from django.utils import timezone
from django.utils.html import format_html

from policies import catalogue
from policies.editions import EditionError, copy_to_draft, publish_edition, retire_edition
from policies.models import (
    Award,
    Citation,
    Conflict,
    Contact,
    Criterion,
    Document,
    Edition,
    Fact,
    Jurisdiction,
    Material,
    Programme,
    Step,
    Tranche,
)
from policies.rules.edition import RuleError, compile_edition
from policies.rules.money import compile_amount
from policies.rules.rule import compile_rule


class PrettyJSONEncoder(json.JSONEncoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "indent": 2, "ensure_ascii": False})


class PrettyJSONField(forms.JSONField):
    """JSON laid out over several lines, for people to read and edit."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "encoder": PrettyJSONEncoder})
        self.widget.attrs |= {"rows": 4, "cols": 60, "spellcheck": "false"}


PRETTY = {fields.JSONField: {"form_class": PrettyJSONField}}


def pretty(name: str, description: str) -> Any:
    """A read-only column that shows a JSON field over several lines."""

    @admin.display(description=description)
    def show(self: Any, row: Any) -> str:
        value = getattr(row, name)
        if value in (None, [], {}):
            return "—"
        text = json.dumps(value, ensure_ascii=False, indent=2)
        return format_html("<pre>{}</pre>", text)

    return show


def check_rule(value: Any, compile_value: Any = compile_rule) -> Any:
    """The value when it compiles; otherwise the form says what was expected."""
    if value is None:
        return None
    try:
        compile_value(value, catalogue.facts(), "规则")
    except RuleError as error:
        raise ValidationError(str(error)) from error
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValidationError("写法不对，请对照其他条件的写法。") from error
    return value


class CriterionForm(forms.ModelForm):
    class Meta:
        model = Criterion
        fields = ["position", "code", "kind", "text", "rule", "when", "reason"]

    def clean_rule(self) -> Any:
        return check_rule(self.cleaned_data["rule"])

    def clean_when(self) -> Any:
        return check_rule(self.cleaned_data["when"])


class TrancheForm(forms.ModelForm):
    class Meta:
        model = Tranche
        fields = [
            "position", "title", "amount", "now_when", "past_when", "void_when", "later", "condition"
        ]  # fmt: skip

    def clean_amount(self) -> Any:
        return check_rule(self.cleaned_data["amount"], compile_amount)

    def clean_now_when(self) -> Any:
        return check_rule(self.cleaned_data["now_when"])

    def clean_past_when(self) -> Any:
        return check_rule(self.cleaned_data["past_when"])

    def clean_void_when(self) -> Any:
        return check_rule(self.cleaned_data["void_when"])


def edition_of(row: Any) -> Edition | None:
    if row is None or isinstance(row, Edition):
        return row
    return row.edition


class DraftOnly:
    """Rows can be added, changed and deleted only while their edition is a draft."""

    def _is_open(self, row: Any) -> bool:
        edition = edition_of(row)
        return edition is None or edition.is_draft

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_add_permission(request, *self._parent(obj)) and self._is_open(obj)

    def _parent(self, obj: Any) -> tuple[Any, ...]:
        return (obj,) if isinstance(self, admin.options.InlineModelAdmin) else ()

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._is_open(obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._is_open(obj)


class CitationInline(DraftOnly, admin.TabularInline):
    model = Citation
    fields = ["position", "document", "clause"]
    autocomplete_fields = ["document"]
    extra = 0


class TrancheInline(DraftOnly, admin.StackedInline):
    model = Tranche
    form = TrancheForm
    formfield_overrides = PRETTY
    extra = 0


class CriterionInline(DraftOnly, admin.StackedInline):
    model = Criterion
    form = CriterionForm
    formfield_overrides = PRETTY
    show_change_link = True
    extra = 0


class AwardInline(DraftOnly, admin.TabularInline):
    model = Award
    fields = ["position", "level", "payer", "status"]
    show_change_link = True
    extra = 0


class MaterialInline(DraftOnly, admin.TabularInline):
    model = Material
    extra = 0


class StepInline(DraftOnly, admin.StackedInline):
    model = Step
    extra = 0


class ContactInline(admin.TabularInline):
    model = Contact
    extra = 0


@admin.register(Jurisdiction)
class JurisdictionAdmin(admin.ModelAdmin):
    list_display = ["code", "name", "level", "parent"]
    list_filter = ["level"]
    search_fields = ["code", "name"]
    list_select_related = ["parent"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Document)
class DocumentAdmin(admin.ModelAdmin):
    list_display = ["number", "title", "issuer", "issued_on"]
    list_filter = ["issuer"]
    search_fields = ["number", "title", "issuer"]
    date_hierarchy = "issued_on"


@admin.register(Conflict)
class ConflictAdmin(admin.ModelAdmin):
    list_display = ["code", "text"]
    search_fields = ["code", "text"]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Fact)
class FactAdmin(admin.ModelAdmin):
    list_display = ["key", "section", "label", "type", "unit", "changeable"]
    list_filter = ["section", "type", "changeable"]
    search_fields = ["key", "label", "question"]
    formfield_overrides = PRETTY

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["key"] if obj else []


@admin.register(Programme)
class ProgrammeAdmin(admin.ModelAdmin):
    list_display = ["name", "family", "area", "kind", "screened"]
    list_filter = ["family", "area", "kind", "screened", "editions__status"]
    search_fields = ["id", "name", "family", "summary"]
    list_select_related = ["area"]
    filter_horizontal = ["conflicts"]
    inlines = [ContactInline]

    def get_readonly_fields(self, request: Any, obj: Any = None) -> list[str]:
        return ["id"] if obj else []


@admin.register(Edition)
class EditionAdmin(DraftOnly, admin.ModelAdmin):
    list_display = ["programme", "effective_from", "ends", "status"]
    list_filter = ["status", "programme__family", "programme__area"]
    search_fields = ["programme__id", "programme__name"]
    list_select_related = ["programme"]
    date_hierarchy = "effective_from"
    fields = ["programme", "effective_from", "ends", "status", "notices"]
    readonly_fields = ["status"]
    autocomplete_fields = ["programme"]
    formfield_overrides = PRETTY
    inlines = [CriterionInline, AwardInline, MaterialInline, StepInline]
    actions = ["publish", "copy", "retire"]

    @admin.action(description="发布所选草稿", permissions=["change"])
    def publish(self, request: Any, queryset: Any) -> None:
        for edition in queryset:
            try:
                compile_edition(catalogue.edition_data(edition), catalogue.facts())
                publish_edition(edition)
            except (EditionError, RuleError) as error:
                self.message_user(request, f"{edition}：{error}", messages.ERROR)
            except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
                text = f"{edition}：规则或金额的写法不对，未发布。"
                self.message_user(request, text, messages.ERROR)
            else:
                self.message_user(request, f"{edition}：已发布，今后不能再改。", messages.SUCCESS)

    @admin.action(description="复制为新草稿", permissions=["add"])
    def copy(self, request: Any, queryset: Any) -> None:
        for edition in queryset:
            draft = copy_to_draft(edition, timezone.localdate())
            text = f"{edition}：已复制为草稿，起用日期暂定 {draft.effective_from}。"
            self.message_user(request, text, messages.SUCCESS)

    @admin.action(description="停用所选版本", permissions=["change"])
    def retire(self, request: Any, queryset: Any) -> None:
        for edition in queryset:
            try:
                retire_edition(edition)
            except EditionError as error:
                self.message_user(request, f"{edition}：{error}", messages.ERROR)
            else:
                self.message_user(request, f"{edition}：已停用。", messages.SUCCESS)

    def get_actions(self, request: Any) -> dict[str, Any]:
        actions = super().get_actions(request)
        # Deleting in bulk would pass by the check that each one is a draft.
        actions.pop("delete_selected", None)
        return actions


@admin.register(Criterion)
class CriterionAdmin(DraftOnly, admin.ModelAdmin):
    form = CriterionForm
    list_display = ["code", "text", "kind", "edition"]
    list_filter = ["kind", "edition__status", "edition__programme__family"]
    search_fields = ["code", "text", "edition__programme__name"]
    list_select_related = ["edition__programme"]
    formfield_overrides = PRETTY
    inlines = [CitationInline]
    actions = None

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False  # added on the edition's own page


@admin.register(Award)
class AwardAdmin(DraftOnly, admin.ModelAdmin):
    list_display = ["edition", "level", "payer", "status", "headline"]
    list_filter = ["level", "status", "edition__status", "edition__programme__family"]
    search_fields = ["edition__programme__id", "edition__programme__name"]
    list_select_related = ["edition__programme", "payer"]
    readonly_fields = ["edition"]
    formfield_overrides = PRETTY
    inlines = [TrancheInline, CitationInline]
    actions = None

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False  # added on the edition's own page
