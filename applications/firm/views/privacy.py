"""What the site keeps of people, and what they can do about it."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_safe

from applications.firm.closing import close_account, owned_alone_by
from applications.firm.own_data import own_data
from applications.firm.retention import RETENTION
from portal.accounts.forms import PasswordForm
from portal.known_devices import forget_device
from portal.public_pages import limited, private
from portal.second_factor.fresh import fresh_factor_required


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """The table of what is kept, as the code has it."""
    sets = settings.BACKUP_KEEP if settings.BACKUP_FOLDER else None
    return render(request, "firm/privacy.html", {"retention": RETENTION, "backup_sets": sets})


@require_safe
@login_required
@private
def download_own_data(request: HttpRequest) -> HttpResponse:
    response = JsonResponse(
        own_data(request.user), json_dumps_params={"ensure_ascii": False, "indent": 2}
    )
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@limited
@login_required
@fresh_factor_required
@sensitive_post_parameters("password")
@private
def close(request: HttpRequest) -> HttpResponse:
    """Say what follows, ask for the password, and close the account."""
    if request.user.is_staff:
        # Their accounts are ended by whoever manages them.
        raise PermissionDenied
    data = request.POST if request.method == "POST" else None
    form = PasswordForm(data, user=request.user)
    if data is not None and form.is_valid():
        user, response = request.user, redirect("pages:home")
        close_account(user, timezone.now())
        logout(request)
        forget_device(request, response, user)
        messages.success(request, "您的账户已注销。")
        return response
    context = {"form": form, "alone": owned_alone_by(request.user)}
    return render(request, "firm/close_account.html", context)
