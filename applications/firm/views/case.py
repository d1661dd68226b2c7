"""A firm's own application: where it stands, what was handed in, and putting it right."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.cases.forms.note import NoteForm
from applications.cases.models import Application, ApplicationEvent, CalendarDay, Correction
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import answer_correction, owners_only
from applications.cases.services.review_requests import request_of, review_term
from applications.cases.services.timeline import standing_of
from applications.cases.submitted import answers_in_words
from applications.cases.workflow import TRANSITIONS, WITHIN_THE_OFFICE, Action, Status
from applications.firm.forms.materials import MaterialsForm
from applications.money.models import AwardLine
from applications.money.services.figures import figures_of
from applications.notices.models import NoticeLine
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Contact
from policies.catalogue.vocabulary import Vocabulary
from policies.presentation.programme import Guide, programme_row
from policies.rules.answers import parse_answers
from policies.rules.assessment import assess
from policies.self_check.forms.questions import QuestionsForm
from portal.public_pages import private


def find_case(request: HttpRequest, reference: UUID) -> Application:
    """An application of one of the user's firms; strangers get 404."""
    own = Application.objects.of_firms_of(request.user).select_related(
        "enterprise", "successor", "county", "edition__programme", "call", "review_request"
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
    note_form: NoteForm | None = None,
) -> HttpResponse:
    """How far it is, what was handed in, what was done, what is asked, and the conversation with staff."""
    contacts = Contact.objects.filter(
        programme=application.edition.programme_id,
        office__jurisdiction__in=[application.county_id, application.county.parent_id],
    ).select_related("office__jurisdiction")
    events = list(application.events.exclude(action__in=WITHIN_THE_OFFICE).select_related("actor"))
    members = application.current_firm.memberships.all()
    is_owner = any(each.user_id == request.user.pk and each.is_owner for each in members)
    lines = NoticeLine.objects.filter(application=application, notice__posted_on__isnull=False)
    correction = application.corrections.filter(answered_at=None).first()
    vocabulary = Catalogue().vocabulary
    facts, calendar = vocabulary.facts, CalendarDay.objects.calendar()
    context = {
        "application": application,
        "contacts": contacts,
        "events": events,
        "standing": standing_of(
            application,
            application.edition.steps.all(),
            events,
            calendar,
            lines.order_by("-pk").values_list("notice__ends_on", flat=True).first(),
        ),
        "attachments": application.attachments.current().select_related("material", "library_file"),
        "notes": application.notes.select_related("author"),
        "note_form": note_form or NoteForm(),
        "correction": correction,
        "review": request_of(application),
        "term": review_term(application, timezone.localdate(), calendar),
        "today": timezone.localdate(),
        "facts_to_correct": [
            fact.label for key, fact in facts.items() if correction and key in correction.facts
        ],
        "can_withdraw": can_withdraw(application),
        "is_owner": is_owner,
        "owners_only": owners_only(members),
        **_submitted(application, events, vocabulary),
        **_awards_of(application),
    }
    return render(request, "firm/case.html", context)


def can_withdraw(application: Application) -> bool:
    """Whether it is still under way; who may is another question."""
    return Status(application.status) in TRANSITIONS[Action.WITHDRAW].sources


def _submitted(
    application: Application, events: Iterable[ApplicationEvent], vocabulary: Vocabulary
) -> dict[str, Any]:
    """What was handed in, and the money that its assessment promises: by level, then tranche."""
    row = programme_row(application.assessment, vocabulary, Guide())
    details = [event.details for event in events]
    return {
        "answers": answers_in_words(
            application.answers, vocabulary.facts, application.year, details
        ),
        "row": row,
        "confirmed_unmet": next(
            (each["confirmed_unmet"] for each in details if "confirmed_unmet" in each), []
        ),
        "is_corrected": any(event.action == Action.RESUBMIT for event in events),
    }


def _awards_of(application: Application) -> dict[str, Any]:
    """How many awards the recognised case brings, and what they come to."""
    if application.status not in (Status.RECOGNISED, Status.REVOKED):
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
        call=application.call,
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
