"""An owner of the firm takes its application back: first what follows, then the deed."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import owners_only, withdraw
from applications.firm.forms.withdrawal import WithdrawalForm
from applications.firm.views.case import can_withdraw, find_case
from policies.catalogue.models import Edition
from portal.public_pages import private


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@private
def take_back(request: HttpRequest, reference: UUID) -> HttpResponse:
    application, now = find_case(request, reference), timezone.now()
    members = application.current_firm.memberships.all()
    is_owner = any(each.user_id == request.user.pk and each.is_owner for each in members)
    form = WithdrawalForm(request.POST if request.method == "POST" else None)
    problem, status = "", 200
    if not is_owner:
        problem, status = owners_only(members), 403
    elif form.is_bound and form.is_valid():
        try:
            withdraw(
                application=application,
                actor=request.user,
                opinion=form.cleaned_data["reason"],
                now=now,
            )
        except ApplicationError as error:
            problem, application = str(error), find_case(request, reference)
        else:
            messages.success(request, f"申报 {application.number} 已撤回。")
            return redirect("firm:case", application.reference)
    if problem or form.errors:
        status = max(status, 400)
    in_force = Edition.objects.in_force(timezone.localdate(now))
    context = {
        "application": application,
        "form": form,
        "problem": problem,
        "can_withdraw": is_owner and can_withdraw(application),
        "is_offered": in_force.filter(
            programme=application.edition.programme_id, programme__screened=True
        ).exists(),
    }
    return render(request, "firm/withdraw.html", context, status=status)
