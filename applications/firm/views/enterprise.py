"""The enterprise centre: what waits for the firm, and the rest at a glance, choosing another, registering one."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from applications.cases.models import Application
from applications.enterprises.models import Claim
from applications.enterprises.services.memberships import (
    MembershipError,
    claim_enterprise,
)
from applications.enterprises.services.profile import Profile
from applications.firm.current_enterprise import choose_enterprise, memberships_of
from applications.firm.dates import waiting_for
from applications.firm.forms.accounts import EnterpriseForm
from applications.firm.registered import go_on
from policies.catalogue.current import Catalogue
from policies.rules.inquiry import inquire
from portal.public_pages import limited, private

# What the page shows of each; whole rows have a hundred columns.
OF_MEMBERS = ("enterprise", "contact_name", "role", "user__email")
OF_CASES = (
    "reference", "number", "subject", "status", "submitted_at", "edition__programme__name",
)  # fmt: skip


@require_safe
@login_required
@private
def home(request: HttpRequest) -> HttpResponse:
    """The current firm, or what became of the wish to speak for one."""
    memberships = memberships_of(request)
    context = {
        "memberships": memberships,
        "claims": Claim.objects.filter(user=request.user).exclude(status=Claim.Status.APPROVED),
    }
    if memberships:
        enterprise = memberships[0].enterprise
        known, today = Catalogue(), timezone.localdate()
        profile = Profile(enterprise, None, known.facts, today)
        answers = profile.answers
        editions = known.editions_in_force(today)
        left = inquire(editions, answers, today, known.facts, topics=()).left
        context |= {
            "membership": memberships[0],
            "enterprise": enterprise,
            "answered": len(answers),
            "left": len(left),
            "progress": round(100 * len(answers) / max(len(answers) + len(left), 1)),
            "members": enterprise.memberships.select_related("user").only(*OF_MEMBERS),
            "applications": Application.objects.of_firm(enterprise)
            .select_related("edition__programme")
            .only(*OF_CASES),
            "waiting": waiting_for(profile, known),
            "today": today,
        }
    return render(request, "firm/enterprise.html", context)


@require_POST
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """Act for another of one's firms from now on."""
    for membership in memberships_of(request):
        if str(membership.enterprise_id) == request.POST.get("enterprise"):
            choose_enterprise(request, membership)
            return redirect("firm:enterprise")
    raise Http404("没有这家企业")


@limited
@login_required
@private
def register(request: HttpRequest) -> HttpResponse:
    """Speak for one more firm: at once where its code is new, else when the centre agrees."""
    initial = {}
    if current := memberships_of(request)[:1]:
        initial = {
            "contact_name": current[0].contact_name,
            "contact_telephone": current[0].contact_telephone,
        }
    data = request.POST if request.method == "POST" else None
    form = EnterpriseForm(data, initial=initial)
    if data is not None and form.is_valid():
        try:
            claim = claim_enterprise(user=request.user, now=timezone.now(), **form.claim)
        except MembershipError as error:
            form.add_error("credit_code", str(error))
        else:
            go_on(request, claim)
            return redirect("firm:enterprise")
    return render(request, "firm/register.html", {"form": form})
