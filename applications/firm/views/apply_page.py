"""The page on which a firm fills in an application, and what its views share."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from applications.cases.models import ApplicationDraft
from applications.cases.services.drafts import AlreadySentError, save_draft
from applications.cases.services.filling import Filling, NotInForceError
from applications.firm.applicant import Applicant
from applications.firm.forms.application import FillingForms, Page
from policies.presentation.programme import Guide, programme_row
from portal.numbers import whole_number

NEW_YEAR = (
    "还没有提交：打开这一页以后换了年份，“今年”现在指 {year} 年。"
    "您填的已按原来的年份保存，今年不再用到的不再列出；请按下面的最新内容核对。"
)


def find_filling(
    request: HttpRequest, applicant: Applicant, programme: str, subject: str | None = None
) -> Filling:
    """What is filled in; 404 where there is no such programme, or the subject is not theirs."""
    today = timezone.localdate()
    number = request.GET.get("subject", "") if subject is None else subject
    found = None
    if number:
        own = applicant.enterprise.subjects
        found = get_object_or_404(own, pk=whole_number(number))
    try:
        filling = Filling(applicant.enterprise, programme, today, found)
    except NotInForceError as error:
        raise Http404("没有这个项目") from error
    # Which kinds a programme judges only rules that compile tell.
    if found and found.kind not in filling.kinds and not filling.is_faulty:
        raise Http404("这个项目不按项目或基地申报")
    return filling


def forms_of(
    applicant: Applicant, filling: Filling, page: Page, content: Any = None
) -> FillingForms:
    return FillingForms(
        filling,
        filling.content if content is None else content,
        contact=applicant.contact,
        data=page.data,
        materials=page.materials if page.is_of_this_edition else None,
        asked=page.asked,
        confirmed="confirmed" in page.data,
        uploaded_by=applicant.uploaded_by,
    )


def save_page(applicant: Applicant, filling: Filling, page: Page, now: Any) -> ApplicationDraft:
    """Save the page; from now on `filling` reads the draft as it is kept."""
    draft = save_draft(
        filling=filling,
        content=page.content,
        version=page.version,
        choices=page.choices,
        chosen_for=page.chosen_for,
        user=applicant.user,
        who=applicant.who,
        now=now,
    )
    filling.__dict__.pop("content", None)
    filling.draft = draft
    return draft


def apply_page(
    request: HttpRequest,
    applicant: Applicant,
    filling: Filling,
    forms: FillingForms,
    *,
    problem: str = "",
    conflict: Mapping[str, Any] | None = None,
    version: int | None = None,
) -> HttpResponse:
    draft = filling.draft
    if version is None:
        version = draft.version if draft else 0
    context = {
        **page_context(applicant, filling, forms, version),
        "problem": problem,
        "draft": draft,
        "known": [
            (answer, applicant.profile(_owner(filling, answer.fact.key), answer.fact.section))
            for answer in filling.known_answers(forms.asked)
        ],
        **(conflict or {}),
    }
    return render(request, "firm/apply.html", context, status=409 if conflict else 200)


def _owner(filling: Filling, key: str) -> Any:
    return (
        filling.subject if filling.subject and key.startswith(f"{filling.subject.kind}.") else None
    )


def page_context(
    applicant: Applicant, filling: Filling, forms: FillingForms, version: int
) -> dict[str, Any]:
    guide = Guide(materials=filling.materials, steps=filling.edition.steps.all())
    here = (filling.programme, filling.subject)
    return {
        "applicant": applicant,
        "filling": filling,
        "forms": forms,
        "materials_form": forms.materials,
        "version": version,
        "row": programme_row(forms.assessment, filling.known.vocabulary, guide),
        "address": applicant.address("apply", *here),
        "save_address": applicant.address("apply-save", *here),
    }


def begin_new_year(request: HttpRequest, applicant: Applicant, filling: Filling) -> HttpResponse:
    """A page that was open over New Year is kept; its questions speak of other years now."""
    messages.warning(request, NEW_YEAR.format(year=filling.today.year))
    return redirect(applicant.address("apply", filling.programme, filling.subject))


def already_sent(
    request: HttpRequest, applicant: Applicant, error: AlreadySentError
) -> HttpResponse:
    messages.info(request, str(error))
    return redirect(applicant.case(error.application))
