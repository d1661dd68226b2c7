"""The result of a self-check: on the page, found by its code, as of today, gone for good."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policies.catalogue import current as catalogue
from policies.rules.firm import Firm
from policies.self_check.changes import changed_since
from policies.self_check.comparison import compare
from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.forms.step import StepForm
from policies.self_check.questions_page import dropped_answers
from policies.self_check.result_page import answer_page, group_page, programme_page
from policies.self_check.self_checks import (
    earlier_in_words,
    find_self_check,
    read_code,
    recompute_on,
    record_answers,
    self_check_of_code,
)
from policies.self_check.standing import Standing
from portal.jobs.tidying import forget
from portal.public_pages import limited, limited_reading, private


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def result(request: HttpRequest, token: str) -> HttpResponse:
    """What the firm may claim; posting answers the one question that the page asks."""
    check = find_self_check(token)
    standing = Standing(check, timezone.localdate())
    asked = standing.inquiry.next_question
    keys = [asked["fact"]] if asked else []
    data = request.POST if request.method == "POST" else None
    question = StepForm(
        data,
        facts=standing.facts,
        keys=keys,
        known=standing.answers,
        on=check.on,
        earlier=earlier_in_words(check, standing.facts),
    )
    not_kept = question.not_kept
    if question.is_of_another_page:
        question = question.asked_now()
    elif keys and data is not None and question.is_valid():
        record_answers(
            check,
            keys=keys,
            answers=question.plain_answers,
            unclear=question.unclear,
            contradicted=question.contradicted,
            editions=standing.editions,
            facts=standing.facts,
            step=len(check.steps) + 1,
        )
        return redirect("self_check:result", check.token)
    context = {
        "check": check,
        "page": answer_page(standing),
        "changed": changed_since(check),
        "dropped": dropped_answers(check, standing.facts),
        "question": question if keys else None,
        "not_kept": not_kept,
        "left": len(standing.inquiry.left),
        "next_step": len(check.steps) + 1,
        "is_of_earlier_year": check.on.year < timezone.localdate().year,
    }
    return render(request, "self_check/result.html", context)


@require_safe
@limited_reading
@private
def group(request: HttpRequest, token: str, group: str) -> HttpResponse:
    """Programmes that the answer folds, with why each stands there."""
    check = find_self_check(token)
    page = group_page(Standing(check, timezone.localdate()), group)
    if page is None:
        raise Http404("这份结果里没有这一组")
    return render(request, "self_check/group.html", {"check": check, "page": page})


@require_safe
@limited_reading
@private
def programme(request: HttpRequest, token: str, programme: str) -> HttpResponse:
    """One programme of the result, clause by clause."""
    check = find_self_check(token)
    row = programme_page(Standing(check, timezone.localdate()), programme)
    if row is None:
        raise Http404("这份结果里没有这个项目")
    return render(request, "self_check/programme.html", {"check": check, "row": row})


@require_safe
@private
def what_if(request: HttpRequest, token: str) -> HttpResponse:
    """What one changed number would change; nothing of it is kept."""
    check = find_self_check(token)
    standing = Standing(check, timezone.localdate())
    choices = _changeable(standing)
    context: dict[str, Any] = {"check": check, "what_if_facts": choices}
    key = request.GET.get("fact", "")
    if key in dict(choices):
        typed = request.GET if field_name(key) in request.GET else None
        form = QuestionsForm(
            typed, facts=standing.facts, keys=[key], known=standing.answers, on=check.on
        )
        context |= {"form": form, "fact": key}
        if typed is not None and form.is_valid():
            rest = {name: value for name, value in standing.answers.items() if name != key}
            changed = Firm(rest | form.parsed, check.on)
            context["comparison"] = compare(standing.editions, standing.firm, changed)
    elif key:
        context["problem"] = "没有这个可以改变的数据，请在列表里选。"
    return render(request, "self_check/what_if.html", context)


def _changeable(standing: Standing) -> list[tuple[str, str]]:
    """The facts a firm can change that its programmes turn on: key and label."""
    read = {key for edition in standing.editions for key in edition.fact_keys}
    return [
        (key, fact.label) for key, fact in standing.facts.items() if fact.changeable and key in read
    ]


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
