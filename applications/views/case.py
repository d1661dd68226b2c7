"""The firm's own case: where it stands, putting right what was asked, and taking it back."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from applications.models import Application
from applications.services import ApplicationError, answer_correction, withdraw
from applications.workflow import TRANSITIONS, Action, Status
from policies.catalogue import Catalogue
from policies.forms import QuestionsForm
from policies.models import Contact
from policies.rules.answers import parse_answers
from policies.rules.assessment import assess
from portal.public_pages import limited, private


def _find(reference: UUID) -> Application:
    applications = Application.objects.select_related(
        "enterprise", "county", "edition__programme"
    ).prefetch_related("events", "edition__materials", "edition__steps")
    return get_object_or_404(applications, reference=reference)


@require_safe
@private
def receipt(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Where the application stands; whoever holds the address may read it."""
    return _receipt(request, _find(reference))


def _receipt(request: HttpRequest, application: Application, problem: str = "") -> HttpResponse:
    contacts = Contact.objects.filter(
        programme=application.edition.programme,
        jurisdiction__in=[application.county_id, application.county.parent_id],
    ).select_related("jurisdiction")
    context = {
        "application": application,
        "contacts": contacts,
        "correction": application.corrections.filter(answered_at=None).first(),
        "can_withdraw": Status(application.status) in TRANSITIONS[Action.WITHDRAW].sources,
        "problem": problem,
        "typed": request.POST.get("reason", ""),
    }
    status = 400 if problem else 200
    return render(request, "applications/receipt.html", context, status=status)


@limited
@private
def correct(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Ask again for the named facts only; the pinned edition judges the corrected answers."""
    application = _find(reference)
    correction = application.corrections.filter(answered_at=None).first()
    if correction is None:
        raise Http404("没有要补正的内容")
    known = Catalogue()
    facts, on = known.facts, application.on
    answers = parse_answers(
        {key: value for key, value in application.answers.items() if key in facts}, facts, on
    )
    keys = [key for key in facts if key in correction.facts]
    data = request.POST if request.method == "POST" else None
    form = QuestionsForm(data, facts=facts, keys=keys, known=answers, on=on)
    problem = ""
    if data is not None and form.is_valid():
        corrected = {key: value for key, value in answers.items() if key not in keys} | form.parsed
        try:
            _answer(application, corrected, facts)
        except ApplicationError as error:
            problem = str(error)
        else:
            messages.success(request, "补正已提交，审核人员会接着办理。")
            return redirect("applications:receipt", application.reference)
    context = {
        "application": application,
        "correction": correction,
        "form": form,
        "problem": problem,
    }
    status = 400 if problem else 200
    return render(request, "applications/correct.html", context, status=status)


def _answer(application: Application, answers: dict[str, Any], facts: Any) -> None:
    rules = Catalogue().pinned_edition(application.edition)
    assessment = assess([rules], answers, application.on, facts)["programmes"][0]
    answer_correction(
        application=application,
        answers=answers,
        assessment=assessment,
        actor=None,
        now=timezone.now(),
    )


@require_POST
@limited
@private
def take_back(request: HttpRequest, reference: UUID) -> HttpResponse:
    application = _find(reference)
    reason = request.POST.get("reason", "")[:2000]
    try:
        withdraw(application=application, actor=None, opinion=reason, now=timezone.now())
    except ApplicationError as error:
        return _receipt(request, _find(reference), str(error))
    messages.success(request, "申报已撤回。以后可以重新申报。")
    return redirect("applications:receipt", application.reference)
