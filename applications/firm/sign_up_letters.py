"""The letter that opens an account: whoever has the mailbox says for which firm, with which password."""

from allauth.account.adapter import get_adapter
from django.http import HttpRequest
from django.urls import reverse

from portal.accounts.letters import count_letter, has_account, key_of, meaning_of

PURPOSE = "sign_up"


def sign_up_key(email: str) -> str:
    return key_of(email, PURPOSE)


def address_of(key: str) -> str | None:
    """The address that a key was sent to; none for one that is over or was never sent."""
    return meaning_of(key, PURPOSE)


def send_letter(request: HttpRequest, email: str) -> None:
    """Write to the address, whether or not it has an account; the same to all who look on."""
    count_letter(request, email, PURPOSE)
    adapter, is_known = get_adapter(), has_account(email)
    page = request.build_absolute_uri(reverse("finish_sign_up", args=[sign_up_key(email)]))
    if is_known:
        adapter.send_account_already_exists_mail(email)
    else:
        adapter.send_mail("account/email/sign_up", email, {"sign_up_url": page})
