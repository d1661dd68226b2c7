"""The order of rows in forms: whoever leaves it empty gets the next place, and two in one are told."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

TAKEN = "次序 {position} 已有“{other}”，请改成别的数。"


class PlacedForm(forms.ModelForm):
    """A row of an edition on a page of its own; the constraint of the database would be told too late."""

    def clean_position(self) -> int:
        position = self.cleaned_data["position"]
        edition = self.cleaned_data.get("edition") or self.instance.edition_id
        rows = self._meta.model.objects.filter(edition=edition, position=position)
        if other := rows.exclude(pk=self.instance.pk).first():
            raise ValidationError(TAKEN.format(position=position, other=other))
        return position


class PlacedFormSet(forms.BaseInlineFormSet):
    """Rows on the page of what they are a part of."""

    def add_fields(self, form: forms.ModelForm, index: int | None) -> None:
        super().add_fields(form, index)
        if "position" in form.fields:
            form.fields["position"].required = False

    def clean(self) -> None:
        """Django compares the rows with each other afterwards, and tells only where they are."""
        named: dict[int, Any] = {}
        forms_left = [each for each in self.forms if each not in self.deleted_forms]
        # Rows that stay as they are keep their places.
        for form in sorted(forms_left, key=lambda each: each.has_changed()):
            if not form.is_bound or "position" in form.errors:
                continue
            position = form.cleaned_data.get("position")
            if position is None and form.has_changed():
                position = max(named, default=0) + 1
                form.cleaned_data["position"] = form.instance.position = position
            if position in named:
                form.add_error("position", TAKEN.format(position=position, other=named[position]))
            elif position is not None:
                named[position] = form.instance
        super().clean()
