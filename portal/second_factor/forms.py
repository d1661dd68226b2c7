"""Forms of the second factor: each guess is counted, and no code opens twice."""

import unicodedata
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.account.forms import ReauthenticateForm as AllauthPasswordForm
from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.mfa.utils import decrypt, is_mfa_enabled
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.db import transaction

from portal.forms import at_most, plain_helper
from portal.guessing import TooManyGuessesError, begin_guess


def codes_left(codes: Authenticator) -> int:
    """How many recovery codes were not used yet, without reading any."""
    return int(app_settings.RECOVERY_CODE_COUNT) - int(codes.data["used_mask"]).bit_count()


# Label and help of the code that is asked for.
OF_APP = "验证码", "手机验证器上的 6 位数字；手机不在身边时，填一个恢复码。"
OF_PASSKEY = "恢复码", "通行密钥不在身边时，填一个恢复码。"


class CodeField(forms.CharField):
    """Digits as a telephone shows them; spaces and full-width digits are meant too."""

    def __init__(self, label: str, help_text: str = "") -> None:
        attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        widget = forms.TextInput(attrs=attrs)
        super().__init__(label=label, help_text=help_text, widget=widget)

    def to_python(self, value: Any) -> str:
        return unicodedata.normalize("NFKC", super().to_python(value))


class CodeForm:
    """What asks for a code adds this before django-allauth's form."""

    user: Any
    authenticator: Authenticator

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_app = is_mfa_enabled(self.user, types=[Authenticator.Type.TOTP])
        self.fields["code"] = CodeField(*(OF_APP if has_app else OF_PASSKEY))
        self.helper = plain_helper()

    def clean_code(self) -> str:
        try:
            guess = begin_guess("code", context.request, self.user)
        except TooManyGuessesError as error:
            raise forms.ValidationError(str(error)) from error
        code = super().clean_code()
        if self.authenticator.type == Authenticator.Type.TOTP:
            use_up(self.authenticator, code)
        guess.was_right()
        return code

    def save(self) -> None:
        super().save()
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            self.authenticator.refresh_from_db(fields=["data"])
            left = codes_left(self.authenticator)
            get_account_adapter(context.request).send_notification_mail(
                "mfa/email/recovery_code_used", self.user, {"left": left}
            )


@transaction.atomic
def use_up(factor: Authenticator, code: str) -> None:
    """Refuse a code that was used before, or is older than one that was (RFC 6238, 5.2)."""
    stored = Authenticator.objects.select_for_update().get(pk=factor.pk)
    secret = decrypt(stored.data["secret"])
    digits = "".join(letter for letter in code if letter.isdigit())
    fitting = [
        counter
        for counter in yield_hotp_counters_from_time()
        if format_hotp_value(hotp_value(secret, counter)) == digits
    ]
    if not fitting or max(fitting) <= stored.data.get("last_counter", -1):
        raise get_adapter().validation_error("incorrect_code")
    stored.data["last_counter"] = factor.data["last_counter"] = max(fitting)
    stored.save(update_fields=["data"])


class LogInCodeForm(CodeForm, AuthenticateForm):
    pass


class CheckCodeForm(CodeForm, ReauthenticateForm):
    pass


class SetUpAppForm(ActivateTOTPForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = CodeField("验证器上显示的 6 位数字")
        self.helper = plain_helper()


class AddPasskeyForm(AddWebAuthnForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["name"]
        field.label, field.help_text = "给它起个名字，以后好认", "例如：办公室电脑、手机。"
        field.validators.append(at_most(60))
        self.helper = plain_helper()


class PasswordForm(AllauthPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["password"]
        field.label, field.help_text = "密码", ""
        field.widget.attrs.pop("placeholder", None)
        self.helper = plain_helper()
