"""The field for a 统一社会信用代码."""

from typing import Any

from django import forms

from applications.enterprises.models.enterprise import check_credit_code, compact_credit_code


class CreditCodeField(forms.CharField):
    """A 统一社会信用代码, however it was spaced and in whatever width."""

    def __init__(self, **options: Any) -> None:
        box = forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"})
        super().__init__(
            **{
                "label": "统一社会信用代码",
                "max_length": 40,
                "help_text": "营业执照右上角的 18 位代码。",
                "widget": box,
                **options,
            }
        )

    def clean(self, value: Any) -> str:
        code = compact_credit_code(super().clean(value))
        if code or self.required:
            check_credit_code(code)
        return code
