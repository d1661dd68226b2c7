"""Where the second factor differs from django-allauth's: our words, and secrets kept encrypted."""

import ipaddress
from base64 import urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.forms import ValidationError
from django.http import HttpRequest

from portal.models import User
from portal.qr_code import qr_svg

SITE = "惠企政策资格自测"
UNREADABLE = "本站读不出您的二次验证（站点的密钥换过了），请联系用户管理员重置。"


def _cipher() -> MultiFernet:
    """By SECRET_KEY; what an older one wrote is still read with SECRET_KEY_FALLBACKS."""

    def derived(key: str) -> Fernet:
        own = HKDF(SHA256(), length=32, salt=None, info=b"second factor").derive(key.encode())
        return Fernet(urlsafe_b64encode(own))

    return MultiFernet(
        [derived(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    )


def has_passkeys(request: HttpRequest) -> bool:
    """Whether passkeys work at the address that was opened: a domain or localhost, no number."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return "." in host or host == "localhost"
    return False


class SecondFactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "没有通过：请核对手机的时间，换下一个验证码再试。",
        "cannot_generate_recovery_codes": "先开通验证器或通行密钥，才有恢复码。",
    }

    def get_totp_issuer(self) -> str:
        return SITE

    def build_totp_svg(self, url: str) -> str:
        return qr_svg(url)

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ValidationError with what to do when SECRET_KEY was changed."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise ValidationError(UNREADABLE) from error

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return f"通行密钥 {number}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": SITE}
