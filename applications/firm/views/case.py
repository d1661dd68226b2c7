"""A firm's own application: where it stands, putting it right, and taking it back."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from applications.cases.forms.note import NoteForm
from applications.cases.models import Application, CalendarDay, Correction
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import answer_correction, withdraw
from applications.cases.services.timeline import standing_of
from applications.cases.workflow import TRANSITIONS, Action, Status
from applications.firm.forms.materials import MaterialsForm
from applications.money.models import AwardLine
from applications.money.services.figures import figures_of
from applications.notices.models import NoticeLine
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Contact
from policies.rules.answers import parse_answers
from policies.rules.assessment import assess
from policies.self_check.forms.questions import QuestionsForm
from portal.public_pages import private


def find_case(request: HttpRequest, reference: UUID) -> Application:
    """An application of one of the user's firms; strangers get 404."""
    own = Application.objects.of_firms_of(request.user).select_related(
        "enterprise", "county", "edition__programme"
    )
    return get_object_or_404(
        own.prefetch_related("edition__materials", "edition__steps"), reference=reference
    )


@require_safe
@login_required
@private
def case(request: HttpRequest, reference: UUID) -> HttpResponse:
    return case_page(request, find_case(request, reference))


def case_page(
    request: HttpRequest,
    application: Application,
    *,
    problem: str = "",
    note_form: NoteForm | None = None,
) -> HttpResponse:
    """How far it is, what was done, what is asked, and the conversation with staff."""
    contacts = Contact.objects.filter(
        programme=application.edition.programme_id,
        jurisdiction__in=[application.county_id, application.county.parent_id],
    ).select_related("jurisdiction")
    events = list(application.events.select_related("actor"))
    lines = NoticeLine.objects.filter(application=application, notice__posted_on__isnull=False)
    correction = application.corrections.filter(answered_at=None).first()
    context = {
        "application": application,
        "contacts": contacts,
        "events": events,
        "standing": standing_of(
            application,
            application.edition.steps.all(),
            events,
            CalendarDay.objects.calendar(),
            lines.order_by("-pk").values_list("notice__ends_on", flat=True).first(),
        ),
        "attachments": application.attachments.current().select_related("material", "library_file"),
        "notes": application.notes.select_related("author"),
        "note_form": note_form or NoteForm(),
        "correction": correction,
        "today": timezone.localdate(),
        "facts_to_correct": _labels(correction.facts) if correction else [],
        "can_withdraw": Status(application.status) in TRANSITIONS[Action.WITHDRAW].sources,
        "problem": problem,
        "typed": request.POST.get("reason", ""),
        **_awards_of(application),
    }
    status = 400 if problem else 200
    return render(request, "firm/case.html", context, status=status)


def _labels(keys: Iterable[str]) -> list[str]:
    """What facts are called, in the order of the questionnaire."""
    return [fact.label for key, fact in Catalogue().facts.items() if key in keys]


def _awards_of(application: Application) -> dict[str, Any]:
    """How many awards the recognised case brings, and what they come to."""
    if application.status != Status.RECOGNISED:
        return {}
    lines = application.award_lines.exclude(state=AwardLine.State.VOID)
    return {"awards": lines.count(), "figures": figures_of(lines)}


@login_required
@private
def correct(request: HttpRequest, reference: UUID) -> HttpResponse:
    """Ask again for the named facts and materials only; the pinned edition judges the answers."""
    application = find_case(request, reference)
    correction = application.corrections.filter(answered_at=None).first()
    if correction is None:
        raise Http404("没有要补正的内容")
    known, now = Catalogue(), timezone.now()
    facts, on = known.facts, application.on
    answers = parse_answers(
        {key: value for key, value in application.answers.items() if key in facts}, facts, on
    )
    keys = [key for key in facts if key in correction.facts]
    data = request.POST if request.method == "POST" else None
    form = QuestionsForm(data, facts=facts, keys=keys, known=answers, on=on)
    materials = _materials(request, application, correction)
    problem = ""
    if data is not None:
        is_valid = form.is_valid() & materials.is_valid()
        is_kept = materials.keep_uploads(user=request.user, now=now)
        if is_valid and is_kept:
            rest = {key: value for key, value in answers.items() if key not in keys}
            try:
                _answer(request, application, rest | form.parsed, materials)
            except ApplicationError as error:
                problem = str(error)
            else:
                messages.success(request, "补正已提交，审核人员会接着办理。")
                return redirect("firm:case", application.reference)
    context = {
        "application": application,
        "correction": correction,
        "today": timezone.localdate(now),
        "form": form,
        "materials_form": materials,
        "problem": problem,
    }
    status = 400 if problem else 200
    return render(request, "firm/correct.html", context, status=status)


def _materials(
    request: HttpRequest, application: Application, correction: Correction
) -> MaterialsForm:
    is_sent = request.method == "POST"
    return MaterialsForm(
        application.edition,
        application.enterprise,
        request.POST if is_sent else None,
        request.FILES if is_sent else None,
        today=timezone.localdate(),
        application=application,
        only=correction.materials,
    )


def _answer(
    request: HttpRequest,
    application: Application,
    answers: dict[str, Any],
    materials: MaterialsForm,
) -> None:
    known = Catalogue()
    rules = known.pinned_edition(application.edition)
    if rules.fault:
        raise ApplicationError(
            "这份申报的规则正在核对，暂不能提交补正；请过几天再试，或问审核人员。"
        )
    assessment = assess([rules], answers, application.on, known.facts)["programmes"][0]
    answer_correction(
        application=application,
        answers=answers,
        assessment=assessment,
        chosen=materials.chosen,
        actor=request.user,
        now=timezone.now(),
    )


@require_POST
@login_required
@private
def take_back(request: HttpRequest, reference: UUID) -> HttpResponse:
    application = find_case(request, reference)
    reason = request.POST.get("reason", "").replace("\x00", "")[:2000]
    try:
        withdraw(application=application, actor=request.user, opinion=reason, now=timezone.now())
    except ApplicationError as error:
        return case_page(request, find_case(request, reference), problem=str(error))
    messages.success(request, "申报已撤回。以后可以重新申报。")
    return redirect("firm:case", application.reference)
