"""The self-check: who and where the firm is, then step after step of questions."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from policies.catalogue import current as catalogue
from policies.self_check import questionnaire
from policies.self_check.forms.questions import QuestionsForm
from policies.self_check.forms.start import CodeForm, FamiliesForm
from policies.self_check.forms.typed import echoed_amounts, words_typed
from policies.self_check.models import SelfCheck
from policies.self_check.self_checks import KEPT, find_self_check, known_answers
from portal.public_pages import limited, private


@limited
def find_result(request: HttpRequest) -> HttpResponse:
    """Posting the short code of a report leads back to its result."""
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        return redirect("self_check:result", form.self_check.token)
    return render(request, "self_check/find_result.html", {"code_form": form})


@limited
@private
def start(request: HttpRequest) -> HttpResponse:
    """Where and who you are, and which families interest you."""
    today, facts = timezone.localdate(), catalogue.facts()
    names = list(dict.fromkeys(e.family for e in catalogue.editions_in_force(today)))
    keys = [key for key in questionnaire.FIRST_QUESTIONS if key in facts]
    data = request.POST if request.method == "POST" else None
    questions = QuestionsForm(data, facts=facts, keys=keys, known={}, on=today)
    families = FamiliesForm(data, families=names)
    if data is not None and questions.is_valid() and families.is_valid():
        check = SelfCheck.objects.create(
            answers=questions.plain_answers,
            families=families.cleaned_data["families"],
            unclear=questions.unclear,
            steps=[list(keys)],
            on=today,
            expires_at=timezone.now() + KEPT,
        )
        return redirect("self_check:self-check-step", check.token, 2)
    context = {"form": questions, "families_form": families, "step": 1}
    return render(request, "self_check/step.html", context)


@limited
@private
def step(request: HttpRequest, token: str, step: int) -> HttpResponse:
    """One step; a step once shown keeps its questions, so that going back loses nothing."""
    check = find_self_check(token)
    if step < 1 or step > len(check.steps) + 1:
        raise Http404("没有这一步")
    facts = catalogue.facts()
    editions = questionnaire.chosen(catalogue.editions_in_force(check.on), check.families)
    answers = known_answers(check, facts, check.on)
    left = questionnaire.remaining(editions, answers, check.unclear, check.on, facts)
    if step <= len(check.steps):
        keys = [key for key in check.steps[step - 1] if key in facts]
    else:
        keys = questionnaire.next_step(left, facts)
        if not keys:
            return redirect("self_check:result", check.token)
    data = request.POST if request.method == "POST" else None
    form = QuestionsForm(data, facts=facts, keys=keys, known=answers, on=check.on)
    if data is not None and form.is_valid():
        check.record(step, keys, form.plain_answers, form.unclear)
        if "finish" in request.POST:
            return redirect("self_check:result", check.token)
        return redirect("self_check:self-check-step", check.token, step + 1)
    context = {
        "form": form,
        "check": check,
        "step": step,
        "left": len(left),
        "answered": len(answers),
        "progress": round(100 * len(answers) / max(len(answers) + len(left), 1)),
        "echoed": echoed_amounts(answers, facts)[-4:],
    }
    return render(request, "self_check/step.html", context)


@require_safe
def amount(request: HttpRequest) -> HttpResponse:
    """An amount of 万元 in words, to be shown beside the field while it is typed."""
    typed = next(iter(request.GET.values()), "")
    return render(request, "self_check/_amount.html", {"words": words_typed(typed)})
