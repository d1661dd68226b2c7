"""The form with which a firm asks for a review of a rejection."""

from typing import Any

from django import forms

from portal.forms import LONGEST, at_most, plain_helper


class ReviewRequestForm(forms.Form):
    """Why the firm thinks the rejection wrong."""

    reason = forms.CharField(
        label="申请理由",
        help_text="写明哪一条不认可、为什么、依据什么。提交后不能改，只能申请一次。",
        validators=[at_most(LONGEST)],
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": "请写明申请复核的理由。"},
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.helper = plain_helper()
