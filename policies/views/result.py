"""The result of a self-check: on the page, on paper, as of today, and gone for good."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from policies import catalogue, presentation, questionnaire
from policies.catalogue import Catalogue
from policies.forms import QuestionsForm
from policies.models import SelfCheck
from policies.rules.assessment import assess
from policies.self_checks import find_self_check, known_answers, recompute_on
from portal.public_pages import limited, private


@limited
@private
def result(request: HttpRequest, token: str) -> HttpResponse:
    """What the firm may claim; posting answers the one question that the page asks."""
    check = find_self_check(token)
    known = Catalogue()
    facts = known.facts
    answers = known_answers(check, facts, check.on)
    document = _assess(check, answers, known)
    question = None
    if document["next_question"]:
        keys = [document["next_question"]["fact"]]
        data = request.POST if request.method == "POST" else None
        question = QuestionsForm(data, facts=facts, keys=keys, known=answers, on=check.on)
        if data is not None and question.is_valid():
            check.record(len(check.steps) + 1, keys, question.plain_answers, question.unclear)
            return redirect("policies:result", check.token)
    page = presentation.result_page(document, answers, known.vocabulary)
    context = {"check": check, "page": page, "question": question}
    return render(request, "policies/result.html", context)


@require_safe
@private
def print_result(request: HttpRequest, token: str) -> HttpResponse:
    """The result on A4: everything unfolded, what failed in a line each, the answers at the end."""
    check = find_self_check(token)
    known = Catalogue()
    facts = known.facts
    answers = known_answers(check, facts, check.on)
    document = _assess(check, answers, known)
    context = {
        "check": check,
        "page": presentation.result_page(document, answers, known.vocabulary),
        "answers": [
            (facts[key].label, facts[key].show(answers[key])) for key in facts if key in answers
        ],
        "address": request.build_absolute_uri(reverse("policies:result", args=[check.token])),
    }
    return render(request, "policies/print.html", context)


def _assess(check: SelfCheck, answers: Mapping[str, Any], known: Catalogue) -> Any:
    editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    return assess(editions, answers, check.on, known.facts, put_aside=check.unclear)


@require_POST
@limited
@private
def recompute(request: HttpRequest, token: str) -> HttpResponse:
    """A new self-check with the same answers, as of today; the old link keeps its day."""
    copy = recompute_on(find_self_check(token), catalogue.facts(), timezone.now())
    return redirect("policies:result", copy.token)


@require_POST
@limited
@private
def delete(request: HttpRequest, token: str) -> HttpResponse:
    find_self_check(token).delete()
    return render(request, "policies/deleted.html")
