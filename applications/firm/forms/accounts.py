"""Signing up for a firm, and saying that one acts for it."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils import timezone

from applications.enterprises.forms.credit_code import CreditCodeField
from applications.enterprises.models import Invitation
from applications.enterprises.models.enterprise import TELEPHONE
from applications.enterprises.names import check_name
from applications.enterprises.services.memberships import accept_invitation, claim_enterprise
from portal.accounts.forms import OwnSignupForm
from portal.form_problems import ask_briefly
from portal.forms import plain_helper
from portal.models import Jurisdiction
from portal.typed.fields import TelephoneField


class CountyField(forms.ModelChoiceField):
    """A county of the catalogue, named after its city."""

    def __init__(self, **options: Any) -> None:
        counties = Jurisdiction.objects.filter(level=Jurisdiction.Level.COUNTY)
        super().__init__(
            counties.select_related("parent"),
            label="注册地（县、市、区）",
            empty_label="请选择",
            help_text="营业执照上住所所在的县（市、区）。",
            **options,
        )

    def label_from_instance(self, county: Any) -> str:
        return f"{county.parent.name} {county.name}"


class ContactForm(forms.Form):
    """Whom to call."""

    contact_name = forms.CharField(
        label="联系人",
        max_length=50,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact_telephone = TelephoneField(
        label="联系电话",
        max_length=30,
        validators=[TELEPHONE],
        help_text="手机或带区号的座机。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ask_briefly(self)
        self.helper = plain_helper()


class EnterpriseForm(ContactForm):
    """Which firm a user says to act for."""

    credit_code = CreditCodeField()
    enterprise_name = forms.CharField(
        label="企业名称",
        max_length=200,
        validators=[check_name],
        help_text="与营业执照一致。",
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    county = CountyField()
    message = forms.CharField(
        label="补充说明（可不填）",
        max_length=1000,
        required=False,
        help_text="这个代码如果已在本站登记过，要由县中心核实；可以写明您在企业的职务。",
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = [
        "credit_code", "enterprise_name", "county", "contact_name", "contact_telephone", "message",
    ]  # fmt: skip

    def clean_enterprise_name(self) -> str:
        return "".join(self.cleaned_data["enterprise_name"].split())

    @property
    def claim(self) -> dict[str, Any]:
        """What `claim_enterprise` takes."""
        return {name: self.cleaned_data[name] for name in EnterpriseForm.base_fields}


class SignUpForm(EnterpriseForm, OwnSignupForm):
    """An account for a firm: the account, and the claim to speak for the firm."""

    field_order = ["email", *EnterpriseForm.field_order, "password1", "password2"]

    def save(self, request: HttpRequest) -> Any:
        user = super().save(request)
        claim_enterprise(user=user, now=timezone.now(), **self.claim)
        return user


class InvitedSignUpForm(ContactForm, OwnSignupForm):
    """An account for whoever got an invitation: its address is known and confirmed by it."""

    field_order = ["email", "contact_name", "contact_telephone", "password1", "password2"]

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        self.invitation = invitation
        super().__init__(*args, address=invitation.email, **kwargs)

    def save(self, request: HttpRequest) -> Any:
        user = super().save(request)
        accept_invitation(
            invitation=self.invitation,
            user=user,
            contact_name=self.cleaned_data["contact_name"],
            contact_telephone=self.cleaned_data["contact_telephone"],
            now=timezone.now(),
        )
        return user
