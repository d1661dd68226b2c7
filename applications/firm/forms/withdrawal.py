"""The form with which a firm takes its application back."""

from typing import Any

from django import forms

from portal.forms import LONGEST, at_most, plain_helper


class WithdrawalForm(forms.Form):
    """Why, if the firm wants to say it."""

    reason = forms.CharField(
        label="原因（选填，审核人员看得到）",
        required=False,
        validators=[at_most(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.helper = plain_helper()
