"""A self-check's answers are taken over into the draft of an application."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.cases.services.drafts import AlreadySentError, DraftConflictError, save_draft
from applications.cases.services.filling import Filling
from applications.enterprises.services.profile import Difference
from applications.firm.applicant import Applicant, for_applicants
from applications.firm.forms.application import FillingForms
from applications.firm.forms.take_over import TakeOverForm
from applications.firm.views.apply_page import already_sent, find_filling
from policies.self_check.forms.typed import as_typed
from policies.self_check.self_checks import find_self_check, known_answers
from portal.numbers import whole_number


def _comparison(
    applicant: Applicant, filling: Filling, token: str
) -> tuple[dict[str, Any], list[Difference], list[str]]:
    """A self-check's answers that are needed, what of them differs, and which are new."""
    check = find_self_check(token)
    found = known_answers(check, filling.facts, filling.today)
    answers = {key: found[key] for key in filling.needed if key in found}
    now = FillingForms(filling, filling.content, contact=applicant.contact).answers
    different = [
        Difference(key, fact.label, fact.show(now[key]), fact.show(value))
        for key, value in answers.items()
        if key in now and now[key] != value
        for fact in [filling.facts[key]]
    ]
    return answers, different, [key for key in answers if key not in now]


def offer(
    request: HttpRequest, applicant: Applicant, filling: Filling, token: str, problem: str = ""
) -> HttpResponse:
    """What a self-check says otherwise, before any of it is taken over."""
    answers, different, new = _comparison(applicant, filling, token)
    if not different and not new:
        return redirect(applicant.address("apply", filling.programme, filling.subject))
    context = {
        "applicant": applicant,
        "filling": filling,
        "token": token,
        "different": different,
        "new": [(filling.facts[key].label, filling.facts[key].show(answers[key])) for key in new],
        "version": filling.draft.version if filling.draft else 0,
        "problem": problem,
        "take_over": applicant.address("apply-take-over", filling.programme, filling.subject),
        "address": applicant.address("apply", filling.programme, filling.subject),
    }
    status = 400 if problem else 200
    return render(request, "firm/apply_take_over.html", context, status=status)


@for_applicants
def take_over(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    """Put a self-check's answers into the draft: new ones, and those chosen to be replaced."""
    filling = find_filling(request, applicant, programme)
    address = applicant.address("apply", programme, filling.subject)
    if filling.closed or filling.needs_subject or request.method != "POST":
        return redirect(address)
    token = request.POST.get("token", "")
    answers, different, new = _comparison(applicant, filling, token)
    form = TakeOverForm(request.POST, differences=different)
    if not form.is_valid():
        problem = "列表刚有变化，请按下面的内容重新选择。"
        return offer(request, applicant, filling, token, problem)
    keys = [*new, *form.cleaned_data["replace"]]
    version = request.POST.get("version", "")
    try:
        save_draft(
            filling=filling,
            content={key: _as_list(as_typed(filling.facts[key], answers[key])) for key in keys},
            version=whole_number(version),
            user=applicant.user,
            who=applicant.who,
            now=timezone.now(),
        )
    except AlreadySentError as error:
        return already_sent(request, applicant, error)
    except DraftConflictError:
        return offer(request, applicant, filling, token, "草稿刚被改过，请按最新内容核对。")
    messages.success(request, f"已把自测的 {len(keys)} 项回答带入申报。")
    return redirect(address)


def _as_list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
