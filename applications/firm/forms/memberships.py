"""Forms with which owners keep the members of a firm."""

from typing import Any

from django import forms

from applications.enterprises.models import Membership
from portal.accounts.forms import EMAIL_EXPECTED
from portal.accounts.plain_address import AddressField
from portal.forms import plain_helper


class InviteForm(forms.Form):
    """Whom to invite."""

    email = AddressField(
        label="对方的电子邮箱",
        max_length=254,
        error_messages={"invalid": EMAIL_EXPECTED},
        help_text="对方会收到一封信，7 天内打开里面的链接即可加入。",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Membership.Role.choices)
