"""The page of one case: claims beside limits and clauses, history, and what can be done."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.reviewers import name_of
from applications.cases.services.review import NOT_YOUR_LEVEL, REVIEW_STANDS
from applications.cases.services.review_requests import request_of
from applications.cases.services.two_people import refusals
from applications.cases.submitted import Submitted, answers_in_words, label_of, shown
from applications.cases.workflow import Action
from applications.centre.cases.differences import different
from applications.centre.cases.forms.review import DecisionForm
from applications.centre.cases.proofs import Proof, Proofs
from applications.centre.cases.warnings import warnings_of_case
from applications.centre.money.awards import may_see
from policies.catalogue.current import Catalogue
from policies.presentation.programme import Guide, programme_row
from policies.rules.facts import Fact

CHANGED_MEANWHILE = "这件申报现在是“{status}”，在您打开页面之后已被他人处理；您的操作没有生效。"
TAKEN_OVER = "这件申报现在由{desk}（{name}）办理，您可以接手。"
# Folded away, with what else they need.
WITH_MORE = (Action.RETURN, Action.VISIT)


def case_context(
    request: HttpRequest,
    application: Application,
    known: Catalogue,
    *,
    may_decide: bool,
    form: DecisionForm,
) -> dict[str, Any]:
    vocabulary = known.vocabulary
    prefetch_related_objects([application], "edition__materials")
    guide = Guide(materials=application.materials, steps=application.edition.steps.all())
    others = (
        Application.objects.visible_to(request.user)
        .filter(enterprise=application.enterprise_id)
        .exclude(pk=application.pk)
        .select_related("edition__programme")
        .order_by("-submitted_at")
        .defer("answers", "assessment")
    )
    compared = _compared(application, others, vocabulary.facts)
    attachments = list(application.attachments.select_related("material", "library_file"))
    correction = application.corrections.filter(answered_at=None).first()
    is_overdue = correction is not None and correction.is_overdue_on(timezone.localdate())
    possible, hints = (
        _possible(application, request.user, is_overdue=is_overdue) if may_decide else ([], [])
    )
    proofs = Proofs(known.rules_of(application.edition), guide.materials, attachments)
    return {
        "application": application,
        **with_proofs(
            programme_row(application.assessment, vocabulary, guide),
            answers_in_words(application.answers, vocabulary.facts, application.year),
            proofs,
        ),
        "events": [
            {"event": event, "changes": _changes_in_words(event.details, vocabulary.facts)}
            for event in application.events.select_related("actor", "on_behalf_of")
        ],
        "attachments": attachments,
        "correction": correction,
        "is_overdue": is_overdue,
        "award_lines": application.award_lines.select_related("payer"),
        "may_see_awards": may_see(request),
        "others": others,
        **compared,
        "hints": hints,
        "warnings": warnings_of_case(
            application,
            contradictions=[
                (each["application"], each["rows"]) for each in compared["contradictions"]
            ],
            papers=[each for each in attachments if each.replaced_at is None],
            today=timezone.localdate(),
        ),
        "actions": [action for action in possible if action not in WITH_MORE],
        "can_return": Action.RETURN in possible,
        "can_visit": Action.VISIT in possible,
        "form": form,
    }


def with_proofs(
    row: dict[str, Any], answers: Iterable[Submitted], proofs: Proofs
) -> dict[str, Any]:
    """Clauses and answers, each with what bears it out, where the list says what is for what."""
    if proofs.are_told:
        criteria = [
            item | {"further": _shown(proofs.of_criterion(item["code"]))}
            for item in row["criteria"]
        ]
        row = row | {"further": "证明材料", "criteria": criteria}
    return {
        "row": row,
        "answers": [(answer, proofs.of_fact(answer.key)) for answer in answers],
        "proofs": proofs,
    }


def _shown(found: Sequence[Proof]) -> str:
    return render_to_string("admin/cases/application/_proofs.html", {"proofs": found})


def _possible(
    application: Application, user: Any, *, is_overdue: bool
) -> tuple[list[Action], list[str]]:
    """What the user can do with the case now, and why they cannot do the rest."""
    possible = [transition.action for transition in application.possible_actions]
    if not is_overdue:
        possible = [action for action in possible if action is not Action.LAPSE]
    if not possible:
        return [], []
    review = request_of(application)
    if review is not None and review.keeps_closed and Action.REOPEN in possible:
        return [], [] if review.is_waiting else [REVIEW_STANDS]
    desk = application.get_desk_display()
    if not application.lies_with(user):
        return [], [NOT_YOUR_LEVEL.format(desk=desk)]
    hints = []
    if application.is_taken_from(user, timezone.localdate()):
        possible = [action for action in possible if action is Action.TAKE_OVER]
        hints = [TAKEN_OVER.format(desk=desk, name=name_of(application.assignee))]
    elif application.assignee_id == user.pk:
        possible = [action for action in possible if action is not Action.TAKE_OVER]
    refused = refusals(application, user, application.in_whose_stead(user, timezone.localdate()))
    told = dict.fromkeys(refused[action] for action in possible if action in refused)
    return [action for action in possible if action not in refused], [*hints, *told]


def _changes_in_words(
    details: Mapping[str, Any], facts: Mapping[str, Fact]
) -> list[tuple[str, str, str]]:
    """What a correction changed: label, before and after."""
    return [
        (label_of(key, facts), shown(key, before, facts), shown(key, after, facts))
        for key, (before, after) in details.get("changes", {}).items()
    ]


def _compared(
    application: Application, others: Iterable[Application], facts: Mapping[str, Fact]
) -> dict[str, Any]:
    """`earlier`: how the answers differ from those of the firm's last case of an earlier year.

    `contradictions`: cases of the same year that say otherwise; what belongs to a subject may differ.
    """
    before = [other for other in others if other.year < application.year]
    # Of the newest year the newest: that is their order.
    last = max(before, key=attrgetter("year"), default=None)
    same_year = [other for other in others if other.year == application.year]
    # Answers are large; only those that are compared are read.
    compared = [other.pk for other in (last, *same_year) if other]
    answers = dict(Application.objects.filter(pk__in=compared).values_list("pk", "answers"))

    def rows(other: Application, subject: str = "") -> list[tuple[str, str, str]]:
        return different(answers[other.pk], application.answers, facts, subject)

    contradictions = [
        {"application": other, "rows": rows(other, other.subject)} for other in same_year
    ]
    return {
        "earlier": last and {"application": last, "rows": rows(last)},
        "contradictions": [row for row in contradictions if row["rows"]],
    }
