"""Where to write to."""

from django import forms

from portal.forms import plain_helper


class AddressForm(forms.Form):
    email = forms.EmailField(
        label="邮箱",
        max_length=254,
        help_text="我们先写一封信请您确认，没有确认的不保存。不用注册账户，每封信里都能一下结束。",
        error_messages={
            "required": "请填邮箱",
            "invalid": "这不像一个邮箱，请核对，如 name@example.cn",
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()
