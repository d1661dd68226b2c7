"""E-mail addresses as people type them, in the one spelling under which the site knows a mailbox."""

import unicodedata
from typing import Any

from django import forms


def plain_address(typed: str) -> str:
    """Without what makes no other mailbox: width of letters, case, signs of no width.

    A domain is spelt as mail servers understand it (IDNA); one that they do not is left out, for a
    validator to refuse.
    """
    plain = unicodedata.normalize("NFKC", typed).strip()
    visible = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    name, at, domain = visible.rpartition("@")
    try:
        domain = domain.encode("idna").decode("idna")
    except UnicodeError:
        domain = ""
    return f"{name}{at}{domain}".lower()


class AddressField(forms.EmailField):
    """An e-mail address; counts, invitations and accounts of one mailbox are told by its one name."""

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return plain_address(text) if text else text
