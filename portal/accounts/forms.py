"""Forms of accounts: logging in, an account of one's own, a new password."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import (
    ChangePasswordForm as UsualChangePasswordForm,
)
from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.contrib.auth.forms import AdminPasswordChangeForm
from django.db import transaction
from django.http import HttpRequest
from django.utils.html import format_html

from portal.accounts.addresses import tell_of_password
from portal.accounts.plain_address import AddressField, plain_address
from portal.forms import plain_helper
from portal.models import User
from portal.users import end_sessions

NOT_BY_IT = "禁用后，这个账号没有密码，不能用密码登录。"
IT_IS_LOST = "现在的密码就没有了。"
EMAIL_EXPECTED = "请核对邮箱，如 bangong@example.cn"


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
        self.fields[
            "remember"
        ].help_text = "工作人员 30 分钟没有操作，或登录满 12 小时，会自动退出。"
        self.fields["password"].help_text = ""
        self.helper = plain_helper()

    def clean_login(self) -> str:
        login = super().clean_login()
        return plain_address(login) if "@" in plain_address(login) else login


class AskToSignUpForm(forms.Form):
    """Where to send the link with which an account is opened."""

    email = AddressField(
        label="电子邮箱",
        max_length=254,
        error_messages={"invalid": EMAIL_EXPECTED},
        help_text="用来登录、接收通知和找回密码。",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()


class AccountExistsError(Exception):
    """An address that got its account while the form for it was under way, as when sent twice."""


class OwnSignupForm(SignupForm):
    """An account for whoever opened the letter that was sent to `address`."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, email="电子邮箱", password1="密码", password2="再输一次密码")
        self.fields["email"].initial = address
        self.fields["email"].disabled = True
        self.fields["email"].help_text = "刚才收到信的邮箱，以后用它登录。"
        self.helper = plain_helper()

    def try_save(self, request: HttpRequest) -> tuple[Any, Any]:
        """Raise AccountExistsError rather than write to the mailbox: who answers a letter may know."""
        if self.account_already_exists:
            raise AccountExistsError
        with transaction.atomic():
            return super().try_save(request)


def _check_password(user: User, password: str) -> str:
    """The password if it is the user's; each guess is counted."""
    if not get_adapter().reauthenticate(user, password):
        raise forms.ValidationError("密码不对，请再输一次。")
    return password


class ChangePasswordForm(UsualChangePasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, oldpassword="现在的密码", password1="新密码", password2="再输一次新密码")
        self.fields["oldpassword"].help_text = ""
        self.helper = plain_helper()

    def clean_oldpassword(self) -> str:
        return _check_password(self.user, self.cleaned_data["oldpassword"])


class PasswordForm(forms.Form):
    """The password of now, before something that cannot be undone by whoever finds a screen open."""

    password = forms.CharField(
        label="现在的密码",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        self.helper = plain_helper()

    def clean_password(self) -> str:
        return _check_password(self.user, self.cleaned_data["password"])


class ChangeAddressForm(PasswordForm, AskToSignUpForm):
    """The address to change to; it counts once somebody opens the letter sent to it."""

    field_order = ["email", "password"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "新的电子邮箱"

    def clean_email(self) -> str:
        email = self.cleaned_data["email"]
        if self.user.emailaddress_set.filter(email=email, verified=True).exists():
            raise forms.ValidationError("您现在用的就是这个邮箱。")
        return email


class PasswordByAdminForm(AdminPasswordChangeForm):
    """A password that an administrator sets: its owner learns of it, and is out everywhere."""

    # The warning that the admin's script shows and hides; Django writes it in English.
    usable_password_help_text = format_html(
        '{}<ul id="id_unusable_warning" class="messagelist"><li class="warning">{}</li></ul>',
        NOT_BY_IT,
        IT_IS_LOST,
    )

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit)
        end_sessions(user)
        tell_of_password(user)
        return user


class AskNewPasswordForm(ResetPasswordForm):
    email = AddressField(widget=forms.EmailInput(attrs={"autocomplete": "email"}))

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
