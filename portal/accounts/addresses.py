"""The address of an account: changing it, and who is told."""

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.mail import send_mail
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string

from portal.accounts.letters import has_account
from portal.models import User


class AddressTakenError(Exception):
    """An address that another account has come to use."""


def confirm_address(user: User, email: str) -> None:
    """From now on this address leads into the account, and the earlier one, which is told, does not."""
    try:
        with transaction.atomic():
            found = User.objects.select_for_update(no_key=True).get(pk=user.pk)
            before = found.email
            EmailAddress.objects.filter(user=found).delete()
            if before.lower() != email:
                if has_account(email):
                    raise AddressTakenError
                found.email = email
                found.save(update_fields=["email"])
            EmailAddress.objects.create(user=found, email=email, primary=True, verified=True)
    except IntegrityError as error:
        raise AddressTakenError from error
    if before and before.lower() != email:
        _write(before, "您的账户换了邮箱", "address_changed")


def replace_address(user: User, before: str) -> None:
    """An administrator gave the user another address: the earlier one leads in no more, and is told."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    if before:
        _write(before, "您的账号换了邮箱", "address_by_admin")


def tell_of_password(user: User) -> None:
    """An administrator set a password for the user."""
    if user.email:
        _write(user.email, "您的密码已由管理员重设", "password_by_admin")


def _write(address: str, subject: str, template: str) -> None:
    text = render_to_string(f"account/email/{template}.txt", {"site": settings.SITE_URL})
    send_mail(subject, text.strip(), settings.DEFAULT_FROM_EMAIL, [address])
