"""A firm applies for a programme: from its profile, what it lacks, and its library."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.cases.services.drafts import AlreadySentError
from applications.cases.services.filling import Filling
from applications.enterprises.forms.profile import SubjectForm
from applications.firm.applicant import Applicant, for_applicants
from applications.firm.forms.application import FillingForms
from applications.firm.views.apply_closed import closed_page
from applications.firm.views.apply_hand_in import hand_in
from applications.firm.views.apply_page import already_sent, apply_page, find_filling
from applications.firm.views.apply_take_over import offer
from policies.catalogue.calls import CallState, in_county, state_on
from policies.catalogue.current import Catalogue


@require_safe
@for_applicants
def index(request: HttpRequest, applicant: Applicant) -> HttpResponse:
    """The programmes of the firm's place that are in force today."""
    today, known = timezone.localdate(), Catalogue()
    county = applicant.enterprise.county
    places = {county.pk, county.parent_id}
    families: dict[str, list[tuple[str, str, bool, CallState | None]]] = {}
    for rules in known.editions_in_force(today):
        if rules.area in places:
            address = applicant.address("apply", rules.programme)
            state = state_on(in_county(known.calls.get(rules.programme, ()), county.pk), today)
            row = (rules.name, address, bool(rules.fault), state)
            families.setdefault(rules.family, []).append(row)
    context = {"applicant": applicant, "families": families}
    return render(request, "firm/apply_index.html", context)


@for_applicants
def apply(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    """The form; posting hands it in."""
    filling = find_filling(request, applicant, programme)
    if filling.closed:
        return closed_page(request, applicant, filling)
    if filling.needs_subject:
        form = SubjectForm(enterprise=applicant.enterprise, kinds=filling.kinds)
        return _subject_page(request, applicant, filling, form)
    if request.method == "POST":
        return hand_in(request, applicant, filling)
    if standing := filling.standing:
        return already_sent(request, applicant, AlreadySentError(standing))
    if token := request.GET.get("from"):
        return offer(request, applicant, filling, token)
    forms = FillingForms(
        filling,
        filling.content,
        contact=applicant.contact,
        uploaded_by=applicant.uploaded_by,
    )
    return apply_page(request, applicant, filling, forms)


def _subject_page(
    request: HttpRequest, applicant: Applicant, filling: Filling, form: SubjectForm
) -> HttpResponse:
    """Which project or base it is for, or a new one."""
    token = request.GET.get("from", "")
    query = {"from": token} if token else {}
    context = {
        "applicant": applicant,
        "filling": filling,
        "subjects": [
            (subject, applicant.address("apply", filling.programme, subject, **query))
            for subject in applicant.enterprise.subjects.filter(kind__in=filling.kinds)
        ],
        "form": form,
        "add": applicant.address("apply-subject", filling.programme, **query),
    }
    status = 400 if form.errors else 200
    return render(request, "firm/apply_subject.html", context, status=status)


@for_applicants
def add_subject(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    filling = find_filling(request, applicant, programme)
    if filling.closed:
        return closed_page(request, applicant, filling)
    if not filling.kinds:
        raise Http404("这个项目不按项目或基地申报")
    token = request.GET.get("from", "")
    query = {"from": token} if token else {}
    if request.method != "POST":
        return redirect(applicant.address("apply", programme, **query))
    form = SubjectForm(request.POST, enterprise=applicant.enterprise, kinds=filling.kinds)
    if not form.is_valid():
        return _subject_page(request, applicant, filling, form)
    return redirect(applicant.address("apply", programme, form.save(), **query))
