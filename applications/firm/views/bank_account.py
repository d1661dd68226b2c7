"""The firm's bank account: an owner enters it, the centre's finance confirms it."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.cases.services.account_messages import tell_of_account
from applications.enterprises.forms.bank_account import BankAccountForm
from applications.enterprises.models import BankAccount, Membership
from applications.enterprises.services.bank_accounts import BankAccountError, enter_account
from applications.firm.current_enterprise import for_members
from portal.public_pages import limited
from portal.second_factor.fresh import ask_for_factor

ENTERED = "已收到。县中心的财务人员核对后才使用，结果会有消息告诉您。"


@limited
@for_members
def bank_account(request: HttpRequest, membership: Membership) -> HttpResponse:
    """What is used, what waits and what was; only owners see numbers whole and enter another."""
    enterprise, form = membership.enterprise, None
    if request.method == "POST" and not membership.is_owner:
        raise PermissionDenied
    if membership.is_owner:
        form = BankAccountForm(None, enterprise=enterprise)
    if request.method == "POST":
        if asked := ask_for_factor(request):
            return asked
        form = BankAccountForm(request.POST, enterprise=enterprise)
        if form.is_valid() and _entered(request, membership, form):
            messages.success(request, ENTERED)
            return redirect("firm:bank-account")
    rows = list(BankAccount.objects.filter(enterprise=enterprise))
    for row in rows:
        row.shown = row.in_fours if membership.is_owner else row.tail
    current = BankAccount.objects.current(enterprise)
    now_used = next((row for row in rows if row == current), None)
    waiting = next((row for row in rows if row.state == BankAccount.State.PENDING), None)
    context = {
        "membership": membership,
        "enterprise": enterprise,
        "current": now_used,
        "waiting": waiting,
        # The last word of the centre, until something else is entered.
        "refused": rows[0] if rows and rows[0].state == BankAccount.State.REFUSED else None,
        "earlier": [row for row in rows if row not in (now_used, waiting)],
        "form": form,
    }
    status = 400 if form is not None and form.errors else 200
    return render(request, "firm/bank_account.html", context, status=status)


def _entered(request: HttpRequest, membership: Membership, form: BankAccountForm) -> bool:
    try:
        with transaction.atomic():
            account = enter_account(
                enterprise=membership.enterprise,
                actor=request.user,
                now=timezone.now(),
                **form.cleaned_data,
            )
            tell_of_account(account)
    except BankAccountError as error:
        form.add_error("number", str(error))
        return False
    return True
