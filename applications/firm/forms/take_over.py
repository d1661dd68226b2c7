"""What of a self-check goes into the profile."""

from collections.abc import Iterable
from typing import Any

from django import forms

from applications.enterprises.services.profile import Difference


class TakeOverForm(forms.Form):
    """Which answers of a self-check replace those of the profile; new ones are taken anyway."""

    replace = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "列表里没有这一项，请按下面的内容重新选择。"},
    )

    def __init__(self, data: Any = None, *, differences: Iterable[Difference]) -> None:
        super().__init__(data)
        self.fields["replace"].choices = [(each.key, each.label) for each in differences]
