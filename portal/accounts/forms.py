"""Forms of accounts: logging in, an account of one's own, a new password."""

from typing import Any

from allauth.account.forms import LoginForm, ResetPasswordForm, ResetPasswordKeyForm, SignupForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest

from portal.forms import plain_helper

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
