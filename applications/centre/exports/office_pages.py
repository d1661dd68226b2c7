"""The form with which a centre chooses the columns of its lists."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from applications.centre.exports.office import STANDARD
from applications.centre.models import OfficeColumn, OfficeList
from portal.lists.canonical import NUMBER, TOTAL
from portal.models import Jurisdiction
from portal.scope import in_charge
from portal.scoped_admin import ScopedAdmin

MORE_COLUMNS = 3
Source = OfficeColumn.Source
NEEDED = (Source.FIRM, Source.AMOUNT)
LACKS = "还缺“{name}”一栏。"
TAKEN = "“{title}”不能作栏目名称：序号和合计由系统自动加上。"
TWICE = "有两栏都叫“{title}”。"
ONCE = "“{name}”列了两次，请去掉一栏。"


class ColumnForm(forms.ModelForm):
    """A column; a new one without content is left out."""

    def has_changed(self) -> bool:
        if self.instance.pk is None:
            return bool(self.data.get(self.add_prefix("source")))
        return super().has_changed()


class ColumnFormSet(forms.BaseInlineFormSet):
    """Together they name the firm and the amount, and no two are called the same."""

    def clean(self) -> None:
        super().clean()
        kept = [
            form.cleaned_data
            for form in self.forms
            if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
        ]
        sources = [column["source"] for column in kept if column.get("source")]
        titles = [
            column.get("title") or Source(column["source"]).label
            for column in kept
            if column.get("source")
        ]
        for title in titles:
            if title in (NUMBER, TOTAL):
                raise ValidationError(TAKEN.format(title=title))
            if titles.count(title) > 1:
                raise ValidationError(TWICE.format(title=title))
        for needed in NEEDED:
            if needed not in sources:
                raise ValidationError(LACKS.format(name=needed.label))

    def get_unique_error_message(self, unique_check: Any) -> str:
        twice = [form.cleaned_data.get("source") for form in self.forms if form.is_valid()]
        name = next((source for source in twice if source and twice.count(source) > 1), "")
        return ONCE.format(name=Source(name).label if name else "")


class ColumnInline(admin.StackedInline):
    model = OfficeColumn
    form = ColumnForm
    formset = ColumnFormSet
    fields = [("position", "source", "title")]
    verbose_name_plural = "栏目（最前面自动有“序号”；不要的栏目把“内容”选成空的，次序小的在前）"

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        return len(STANDARD) + MORE_COLUMNS if obj is None else MORE_COLUMNS

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("centre.view_officelist")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("centre.change_officelist")

    has_change_permission = has_delete_permission = has_add_permission


@admin.register(OfficeList)
class OfficeListAdmin(ScopedAdmin):
    """Lists of the user's place and below it."""

    list_display = ["title", "kind", "row_of", "jurisdiction", "issuer"]
    list_filter = ["kind"]
    list_select_related = ["jurisdiction"]
    list_per_page = 50
    fields = ["kind", "title", "issuer", "row_of", "signers", "jurisdiction"]
    inlines = [ColumnInline]
    actions = None

    def get_queryset(self, request: HttpRequest) -> Any:
        return OfficeList.objects.visible_to(request.user)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"jurisdiction": request.user.jurisdiction_code}

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "jurisdiction":
            kwargs["queryset"] = Jurisdiction.objects.filter(in_charge(request.user, "code"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset_kwargs(
        self, request: HttpRequest, obj: Any, inline: Any, prefix: str
    ) -> Mapping[str, Any]:
        """A new list begins with the standard columns."""
        found = super().get_formset_kwargs(request, obj, inline, prefix)
        if obj.pk is None:
            found["initial"] = [
                {"position": place, "source": source.value}
                for place, source in enumerate(STANDARD, start=1)
            ]
        return found
