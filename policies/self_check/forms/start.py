"""How a self-check begins, or is found again by its code."""

from collections.abc import Iterable
from typing import Any

from django import forms

from policies.self_check.self_checks import read_code, self_check_of_code
from portal.forms import plain_helper


class TopicsForm(forms.Form):
    """Which topics concern the firm; of the others nothing is asked."""

    def __init__(self, *args: Any, offered: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """`offered` are the codes with what the list says of them."""
        super().__init__(*args, **kwargs)
        self.fields["topics"] = forms.MultipleChoiceField(
            label="与您有关的请勾选，可以多选",
            help_text="没有勾选的先不问，结果里会写明有几项没有问，随时可以补；都不勾也可以",
            choices=list(offered),
            widget=forms.CheckboxSelectMultiple,
            required=False,
        )
        self.helper = plain_helper()


class CodeForm(forms.Form):
    """The short code of a printed report; `self_check` is what it found once valid."""

    code = forms.CharField(
        label="短码",
        max_length=40,
        help_text="印在测算报告上，10 个字母和数字，如 ABCDE-FGHJK；不分大小写",
        error_messages={
            "required": "请填报告上的短码",
            "max_length": "短码只有 10 个字母和数字，请对照报告核对",
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Shown again only when something is wrong: the page then opens at the message.
        self.fields["code"].widget.attrs["autofocus"] = self.is_bound
        self.helper = plain_helper()

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]
        code = read_code(typed)
        if code is None:
            raise forms.ValidationError(
                "短码是 10 个字母和数字，没有 0、1、I、L、O，请对照报告核对"
            )
        self.self_check = self_check_of_code(code)
        if self.self_check is None:
            raise forms.ValidationError(
                "没有找到这个短码的结果：请对照报告核对；结果也可能已到期或已删除"
            )
        return typed
