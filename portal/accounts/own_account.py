"""One's own account: its password, its address, and where else one is logged in."""

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from portal.accounts.addresses import AddressTakenError, confirm_address
from portal.accounts.forms import ChangeAddressForm
from portal.accounts.letters import (
    TooManyLettersError,
    count_letter,
    has_account,
    key_of,
    meaning_of,
)
from portal.models import User
from portal.public_pages import private
from portal.second_factor.fresh import fresh_factor_required
from portal.users import end_sessions

PURPOSE = "change_address"


@require_safe
@login_required
@private
def account(request: HttpRequest) -> HttpResponse:
    """What the account is, and what can be done with it."""
    verified = EmailAddress.objects.filter(user=request.user, verified=True)
    return render(request, "account/account.html", {"is_confirmed": verified.exists()})


@require_POST
@login_required
def log_out_elsewhere(request: HttpRequest) -> HttpResponse:
    """End all other sessions of the user."""
    end_sessions(request.user, but=request.session.session_key)
    messages.success(request, "在其他地方的登录都已退出，这里仍保持登录。")
    return redirect("account_home")


@login_required
@fresh_factor_required
@rate_limit(action="manage_email")
@sensitive_post_parameters("password")
@private
def change_address(request: HttpRequest) -> HttpResponse:
    """Write to the new address; the answer tells nobody whether it has an account."""
    data = request.POST if request.method == "POST" else None
    form = ChangeAddressForm(data, user=request.user)
    if data is not None and form.is_valid():
        email = form.cleaned_data["email"]
        try:
            _send_letter(request, email)
        except TooManyLettersError as error:
            form.add_error("email", str(error))
        else:
            messages.success(
                request,
                f"已往 {email} 发了一封信。打开信里的链接才会更换，在此之前仍用原来的邮箱。",
            )
            return redirect("account_home")
    return render(request, "account/change_address.html", {"form": form})


def address_key(user: User, email: str) -> str:
    """Proves that whoever has the mailbox of `email` was asked by the user, at their address of now."""
    return key_of([user.pk, user.email, email], PURPOSE)


def _send_letter(request: HttpRequest, email: str) -> None:
    count_letter(request, email, PURPOSE)
    adapter, user = get_adapter(), request.user
    is_taken = has_account(email) and email != user.email.lower()
    page = request.build_absolute_uri(
        reverse("account_confirm_address", args=[address_key(user, email)])
    )
    if is_taken:
        adapter.send_mail("account/email/address_taken", email, {})
    else:
        adapter.send_mail("account/email/change_address", email, {"confirm_url": page})


@login_required
@private
def confirm_new_address(request: HttpRequest, key: str) -> HttpResponse:
    """Opened from the letter, by whoever asked for it: posting changes the address.

    The key names the address that the account had: it is over once that has changed.
    """
    meaning = meaning_of(key, PURPOSE)
    if meaning is None or meaning[:2] != [request.user.pk, request.user.email]:
        return render(request, "account/address_closed.html", status=404)
    email = meaning[2]
    if request.method == "POST":
        try:
            confirm_address(request.user, email)
        except AddressTakenError:
            return render(request, "account/address_closed.html", status=404)
        messages.success(request, f"您的邮箱现在是 {email}，以后用它登录。")
        return redirect("account_home")
    return render(request, "account/confirm_address.html", {"email": email})
