"""Forms of accounts: signing up for a firm, logging in, a new password."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from crispy_forms.helper import FormHelper
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from stdnum.cn import uscc

from applications.models import TELEPHONE, Invitation, check_credit_code
from applications.services.memberships import accept_invitation, claim_enterprise
from policies.models import Jurisdiction

EMAIL_EXPECTED = "请核对邮箱，如 bangong@example.cn"


class CreditCodeField(forms.CharField):
    """A 统一社会信用代码, however it was spaced."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            label="统一社会信用代码",
            max_length=40,
            help_text="营业执照右上角的 18 位代码。",
            widget=forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off"}),
            **options,
        )

    def clean(self, value: Any) -> str:
        code = uscc.compact(super().clean(value)).upper()
        check_credit_code(code)
        return code


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
        label="联系人", max_length=50, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    contact_telephone = forms.CharField(
        label="联系电话",
        max_length=30,
        validators=[TELEPHONE],
        help_text="手机或带区号的座机。",
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class EnterpriseForm(ContactForm):
    """Which firm a user says to act for."""

    credit_code = CreditCodeField()
    enterprise_name = forms.CharField(
        label="企业名称",
        max_length=200,
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


def plain_helper() -> FormHelper:
    """The page writes the form's tag and token itself."""
    helper = FormHelper()
    helper.form_tag = False
    helper.disable_csrf = True
    return helper


def _word(form: forms.Form, **labels: str) -> None:
    """Give fields of django-allauth our words: a label that stays instead of a placeholder."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class LogInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(
            self,
            login="电子邮箱（工作人员可填用户名）",
            password="密码",  # noqa: S106 (a label)
            remember="在这台电脑上保持登录（公用电脑请不要勾选）",
        )
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""
        self.helper = plain_helper()


class OwnSignupForm(SignupForm):
    """An account; whether the address has one already shows neither in the answer nor its time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, email="电子邮箱", password1="密码", password2="再输一次密码")
        self.fields["email"].help_text = "用来登录、接收确认信和找回密码。"
        self.fields["email"].error_messages["invalid"] = EMAIL_EXPECTED
        self.helper = plain_helper()

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        with transaction.atomic():
            return super().try_save(request)


class SignUpForm(EnterpriseForm, OwnSignupForm):
    """An account for a firm: the account, and the claim to speak for the firm."""

    field_order = [*EnterpriseForm.field_order, "email", "password1", "password2"]

    def save(self, request: HttpRequest) -> Any:
        user = super().save(request)
        claim_enterprise(user=user, now=timezone.now(), **self.claim)
        return user


class InvitedSignUpForm(ContactForm, OwnSignupForm):
    """An account for whoever got an invitation: its address is known and confirmed by it."""

    field_order = ["email", "contact_name", "contact_telephone", "password1", "password2"]

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        self.invitation = invitation
        super().__init__(*args, **kwargs)
        self.fields["email"].initial = invitation.email
        self.fields["email"].disabled = True
        self.fields["email"].help_text = "收到邀请的邮箱，以后用它登录。"

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


class AskNewPasswordForm(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, email="电子邮箱")
        self.fields["email"].error_messages["invalid"] = EMAIL_EXPECTED
        self.helper = plain_helper()


class NewPasswordForm(ResetPasswordKeyForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, password1="新密码", password2="再输一次新密码")
        self.helper = plain_helper()
