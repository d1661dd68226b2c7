"""The self-check: where and what the firm is, what concerns it, then step after step of questions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from policies.catalogue import current as catalogue
from policies.catalogue.current import Catalogue
from policies.self_check import questionnaire
from policies.self_check.forms.items import kinds_of
from policies.self_check.forms.questions import QuestionsForm, field_name
from policies.self_check.forms.start import CodeForm, TopicsForm
from policies.self_check.forms.step import StepForm
from policies.self_check.forms.typed import echoed_amounts, words_typed
from policies.self_check.models import SelfCheck
from policies.self_check.questions_page import dropped_answers, offered_topics, settled_in_words
from policies.self_check.self_checks import (
    KEPT,
    earlier_in_words,
    find_self_check,
    inquiry_of,
    known_answers,
    questions_of,
    record_answers,
    record_topics,
)
from portal.numbers import whole_number
from portal.public_pages import limited, private

# What the first page asks, by the names in its address.
CHOSEN_BEFORE = {"county": "enterprise.county", "section": "industry.section"}


@require_http_methods(["GET", "HEAD", "POST"])
@limited
def find_result(request: HttpRequest) -> HttpResponse:
    """Posting the short code of a report leads back to its result."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return redirect("self_check:result", form.self_check.token)
    return render(
        request,
        "self_check/find_result.html",
        {"code_form": form, "minutes": questionnaire.minutes()},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def start(request: HttpRequest) -> HttpResponse:
    """Where and what you are; what was chosen on the first page is filled in."""
    today, facts = timezone.localdate(), catalogue.facts()
    keys = [key for key in questionnaire.FIRST_QUESTIONS if key in facts]
    data = request.POST if request.method == "POST" else None
    chosen = {key: request.GET.get(name, "") for name, key in CHOSEN_BEFORE.items()}
    known = {
        key: code for key, code in chosen.items() if key in keys and code in facts[key].choices
    }
    form = QuestionsForm(data, facts=facts, keys=keys, known=known, on=today)
    if data is not None and form.is_valid():
        check = SelfCheck.objects.create(
            answers=form.plain_answers,
            unclear=form.unclear,
            steps=[list(keys)],
            on=today,
            expires_at=timezone.now() + KEPT,
        )
        return redirect("self_check:self-check-topics", check.token)
    return render(request, "self_check/step.html", {"form": form, "step": 1})


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def topics(request: HttpRequest, token: str) -> HttpResponse:
    """The one list of what concerns the firm; what is not ticked is not asked."""
    check = find_self_check(token)
    known = Catalogue()
    editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    answers = known_answers(check, known.facts, check.on)
    inquiry = inquiry_of(check, editions, answers, known.facts)
    offered = offered_topics(inquiry)
    onwards = redirect("self_check:self-check-step", check.token, min(2, len(check.steps) + 1))
    if not offered:
        return onwards
    data = request.POST if request.method == "POST" else None
    form = TopicsForm(data, offered=offered, initial={"topics": sorted(inquiry.topics)})
    if data is not None and form.is_valid():
        record_topics(
            check,
            offered=[code for code, _ in offered],
            ticked=form.cleaned_data["topics"],
            editions=editions,
            facts=known.facts,
        )
        if "back" in request.POST:
            return redirect("self_check:self-check-step", check.token, 1)
        return onwards
    dropped = dropped_answers(check, known.facts)
    context = {"check": check, "form": form, "step": 1, "dropped": dropped}
    return render(request, "self_check/topics.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def step(request: HttpRequest, token: str, step: int) -> HttpResponse:
    """One step; a step once shown keeps its questions, so that going back loses nothing."""
    check = find_self_check(token)
    if step < 1 or step > len(check.steps) + 1:
        raise Http404("没有这一步")
    known = Catalogue()
    facts = known.facts
    editions = questionnaire.chosen(known.editions_in_force(check.on), check.families)
    answers = known_answers(check, facts, check.on)
    inquiry = inquiry_of(check, editions, answers, facts)
    keys = questions_of(check, step, inquiry)
    data = request.POST if request.method == "POST" else None
    earlier = earlier_in_words(check, facts)
    form = StepForm(data, facts=facts, keys=keys, known=answers, on=check.on, earlier=earlier)
    not_kept = form.not_kept
    if not keys and not not_kept:
        if step > len(check.steps):
            return redirect("self_check:result", check.token)
        return redirect("self_check:self-check-step", check.token, step + 1)
    if form.is_of_another_page:
        form = form.asked_now()
    elif data is not None and form.is_valid():
        goes_back = "back" in request.POST
        # Going back keeps what was typed; what was not reached yet is asked on the way forward.
        said = set(check.unclear) if goes_back else set(keys)
        record_answers(
            check,
            keys=keys,
            answers=form.plain_answers,
            unclear=[key for key in form.unclear if key in said],
            contradicted=form.contradicted,
            editions=editions,
            facts=facts,
            step=step,
        )
        if goes_back:
            return _step_before(check, step)
        if "finish" in request.POST:
            return redirect("self_check:result", check.token)
        if step == 1:
            return redirect("self_check:self-check-topics", check.token)
        return redirect("self_check:self-check-step", check.token, step + 1)
    answered, left = len(check.answers), len(inquiry.left)
    context = {
        "form": form,
        "check": check,
        "step": step,
        "not_kept": not_kept,
        "left": left,
        "answered": answered,
        "progress": round(100 * answered / max(answered + left, 1)),
        "settled": settled_in_words(questionnaire.settled(inquiry)),
        "dropped": dropped_answers(check, facts),
        "echoed": echoed_amounts(answers, facts)[-4:],
    }
    return render(request, "self_check/step.html", context)


def _step_before(check: SelfCheck, step: int) -> HttpResponse:
    if step == 2:
        return redirect("self_check:self-check-topics", check.token)
    return redirect("self_check:self-check-step", check.token, max(step - 1, 1))


@require_POST
@limited
@private
def restore(request: HttpRequest, token: str) -> HttpResponse:
    """Put back what the last change of an answer set aside, and that answer as it was."""
    check = find_self_check(token)
    check.restore()
    step = whole_number(request.POST.get("step"))
    if 1 <= step <= len(check.steps) + 1:
        return redirect("self_check:self-check-step", check.token, step)
    return redirect("self_check:result", check.token)


@require_POST
@limited
@private
def tick(request: HttpRequest, token: str) -> HttpResponse:
    """Tick one topic more from the result, and go on asking."""
    check = find_self_check(token)
    topic = request.POST.get("topic", "")
    known = Catalogue()
    record_topics(
        check,
        offered=[topic],
        ticked=[topic],
        editions=questionnaire.chosen(known.editions_in_force(check.on), check.families),
        facts=known.facts,
    )
    return redirect("self_check:self-check-step", check.token, len(check.steps) + 1)


@require_safe
def amount(request: HttpRequest) -> HttpResponse:
    """An amount of 万元 in words, to be shown beside the field while it is typed."""
    typed = next(iter(request.GET.values()), "")
    return render(request, "self_check/_amount.html", {"words": words_typed(typed)})


@require_safe
def item_row(request: HttpRequest) -> HttpResponse:
    """One more blank row of a question that is answered item by item."""
    fact = catalogue.facts().get(request.GET.get("fact", ""))
    if fact is None or fact.type != "item_list":
        raise Http404("没有这个问题")
    widget = {"name": field_name(fact.key), "kinds": kinds_of(fact)}
    return render(request, "self_check/_item_row.html", {"widget": widget})
