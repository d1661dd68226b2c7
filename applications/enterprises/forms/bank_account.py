"""The form for a firm's account."""

from typing import Any

from django import forms

from applications.enterprises.models import Enterprise
from applications.enterprises.models.bank_account import check_number, compact_number
from portal.forms import STRANGE, plain_helper


class AccountNumberField(forms.CharField):
    """An account number, however it was spaced and in whatever width; kept as digits alone."""

    def clean(self, value: Any) -> str:
        number = compact_number(super().clean(value))
        check_number(number)
        return number


class BankAccountForm(forms.Form):
    """Whose account it is, at which bank, and its number; the number is always typed anew."""

    holder = forms.CharField(
        label="开户名",
        max_length=200,
        help_text="与开户许可证一致，一般就是企业名称。",
        error_messages={"required": "请填开户名。", **STRANGE},
    )
    bank = forms.CharField(
        label="开户行",
        max_length=200,
        help_text="写到支行，如“中国农业银行沁水县支行营业部”。",
        error_messages={"required": "请填开户行。", **STRANGE},
    )
    number = AccountNumberField(
        label="账号",
        max_length=80,
        help_text="8 到 32 位数字，可以有空格。",
        error_messages={"required": "请填账号。", **STRANGE},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, enterprise: Enterprise) -> None:
        super().__init__(data, initial={"holder": enterprise.name})
        self.helper = plain_helper()

    def clean_holder(self) -> str:
        return " ".join(self.cleaned_data["holder"].split())

    def clean_bank(self) -> str:
        return " ".join(self.cleaned_data["bank"].split())
