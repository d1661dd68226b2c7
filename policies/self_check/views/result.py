"""The result of a self-check: on the page, found by its code, as of today, gone for good."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from policies.catalogue import current as catalogue
from policies.catalogue.current import Catalogue
from policies.rules.assessment import assess
from policies.rules.firm import Firm
from policies.self_check import questionnaire
from policies.self_check.changes import changed_since
from policies.self_check.comparison import compare
from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.forms.step import StepForm
from policies.self_check.models import SelfCheck
from policies.self_check.questions_page import dropped_answers
from policies.self_check.result_page import result_page
from policies.self_check.self_checks import (
    find_self_check,
    inquiry_of,
    known_answers,
    read_code,
    recompute_on,
    record_answers,
    self_check_of_code,
)
from portal.jobs.tidying import forget
from portal.public_pages import limited, limited_reading, private


@limited
@private
def result(request: HttpRequest, token: str) -> HttpResponse:
    """What the firm may claim; posting answers the one question that the page asks."""
    check = find_self_check(token)
    known = Catalogue()
    facts = known.facts
    answers = known_answers(check, facts, check.on)
    chosen = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    document = assess(chosen, answers, check.on, facts)
    inquiry = inquiry_of(check, chosen, answers, facts)
    question = None
    if inquiry.next_question:
        keys = [inquiry.next_question["fact"]]
        data = request.POST if request.method == "POST" else None
        question = StepForm(data, facts=facts, keys=keys, known=answers, on=check.on)
        if data is not None and question.is_valid():
            record_answers(
                check,
                keys=keys,
                answers=question.plain_answers,
                unclear=question.unclear,
                contradicted=question.contradicted,
                editions=chosen,
                facts=facts,
                step=len(check.steps) + 1,
            )
            return redirect("self_check:result", check.token)
    page = result_page(document, answers, known.vocabulary, chosen, inquiry)
    context = {
        "check": check,
        "page": page,
        "changed": changed_since(check),
        "dropped": dropped_answers(check, facts),
        "question": question,
        "left": len(inquiry.left),
        "next_step": len(check.steps) + 1,
        "what_if_facts": _changeable(check, known),
    }
    return render(request, "self_check/result.html", context)


@require_safe
@private
def what_if(request: HttpRequest, token: str) -> HttpResponse:
    """What one changed number would change; nothing of it is kept."""
    check = find_self_check(token)
    known = Catalogue()
    choices = _changeable(check, known)
    context: dict[str, Any] = {"check": check, "what_if_facts": choices}
    key = request.GET.get("fact", "")
    if key in dict(choices):
        answers = known_answers(check, known.facts, check.on)
        typed = request.GET if field_name(key) in request.GET else None
        form = QuestionsForm(typed, facts=known.facts, keys=[key], known=answers, on=check.on)
        context |= {"form": form, "fact": key}
        if typed is not None and form.is_valid():
            changed = {name: value for name, value in answers.items() if name != key}
            changed |= form.parsed
            editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
            firms = Firm(answers, check.on), Firm(changed, check.on)
            context["comparison"] = compare(editions, *firms)
    elif key:
        context["problem"] = "没有这个可以改变的数据，请在列表里选。"
    return render(request, "self_check/what_if.html", context)


def _changeable(check: SelfCheck, known: Catalogue) -> list[tuple[str, str]]:
    """The facts a firm can change that its programmes turn on: key and label."""
    editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    read = {key for edition in editions for key in edition.fact_keys}
    return [
        (key, fact.label) for key, fact in known.facts.items() if fact.changeable and key in read
    ]


def assess_self_check(
    check: SelfCheck,
    answers: Mapping[str, Any],
    known: Catalogue,
    put_aside: Collection[str] = (),
) -> dict[str, Any]:
    """The answer document on the day of the self-check, of the families it asked for."""
    editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    return assess(editions, answers, check.on, known.facts, put_aside)


@require_safe
@limited_reading
@private
def by_code(request: HttpRequest, code: str) -> HttpResponse:
    """From the code on a printed report back to its result."""
    known = read_code(code)
    check = self_check_of_code(known) if known else None
    if check is None:
        raise Http404("没有这个短码的结果，或已过期、已删除")
    return redirect("self_check:result", check.token)


@require_POST
@limited
@private
def recompute(request: HttpRequest, token: str) -> HttpResponse:
    """A new self-check with the same answers, as of today; the old link keeps its day."""
    copy = recompute_on(find_self_check(token), catalogue.facts(), timezone.now())
    return redirect("self_check:result", copy.token)


@require_POST
@limited
@private
def delete(request: HttpRequest, token: str) -> HttpResponse:
    check = find_self_check(token)
    report = check.report
    check.delete()
    if report is not None:
        forget(report)
    return render(request, "self_check/deleted.html")
