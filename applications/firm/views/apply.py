"""A firm applies for a programme: from its profile, what it lacks, and its library."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from applications.cases.models import ApplicationDraft
from applications.cases.services.drafts import AlreadySentError, DraftConflictError, save_draft
from applications.cases.services.errors import ApplicationError
from applications.cases.services.filling import Filling, NotInForceError
from applications.cases.services.submission import CHANGED_MEANWHILE, submit_application
from applications.enterprises.forms.profile import SubjectForm
from applications.enterprises.services.profile import Difference
from applications.firm.applicant import Applicant, for_applicants
from applications.firm.forms.application import FillingForms, Page, conflicts_in_words
from applications.firm.forms.take_over import TakeOverForm
from policies.catalogue.current import Catalogue
from policies.presentation.programme import Guide, programme_row
from policies.self_check.forms.typed import as_typed
from policies.self_check.self_checks import find_self_check, known_answers
from portal.numbers import whole_number

NEW_EDITION = "还没有提交：打开这一页以后，政策内容更新了。您填的都已保存，请按下面的最新条件和材料核对后再提交。"


def _filling(
    request: HttpRequest, applicant: Applicant, programme: str, subject: str | None = None
) -> Filling:
    """What is filled in; 404 where it is not in force, or the subject is not theirs."""
    today = timezone.localdate()
    number = request.GET.get("subject", "") if subject is None else subject
    found = None
    if number:
        own = applicant.enterprise.subjects
        found = get_object_or_404(own, pk=whole_number(number))
    try:
        filling = Filling(applicant.enterprise, programme, today, found)
    except NotInForceError as error:
        raise Http404("没有这个项目，或今天不在有效期内") from error
    if found and found.kind not in filling.kinds:
        raise Http404("这个项目不按项目或基地申报")
    return filling


@require_safe
@for_applicants
def index(request: HttpRequest, applicant: Applicant) -> HttpResponse:
    """The programmes of the firm's place that are in force today."""
    today, known = timezone.localdate(), Catalogue()
    county = applicant.enterprise.county
    places = {county.pk, county.parent_id}
    families: dict[str, list[tuple[str, str]]] = {}
    for rules in known.editions_in_force(today):
        if rules.area in places:
            address = applicant.address("apply", rules.programme)
            families.setdefault(rules.family, []).append((rules.name, address))
    context = {"applicant": applicant, "families": families}
    return render(request, "firm/apply_index.html", context)


@for_applicants
def apply(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    """The form; posting hands it in."""
    filling = _filling(request, applicant, programme)
    if filling.needs_subject:
        form = SubjectForm(enterprise=applicant.enterprise, kinds=filling.kinds)
        return _subject_page(request, applicant, filling, form)
    if request.method == "POST":
        return _hand_in(request, applicant, filling)
    if standing := filling.standing:
        return _already_sent(request, applicant, AlreadySentError(standing))
    if token := request.GET.get("from"):
        return _offer(request, applicant, filling, token)
    forms = FillingForms(
        filling,
        filling.content,
        contact=applicant.contact,
        uploaded_by=applicant.uploaded_by,
    )
    return _page(request, applicant, filling, forms)


def _page(
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
        **_context(applicant, filling, forms, version),
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


def _context(
    applicant: Applicant, filling: Filling, forms: FillingForms, version: int
) -> dict[str, Any]:
    guide = Guide(materials=filling.edition.materials.all(), steps=filling.edition.steps.all())
    here = (filling.programme, filling.subject)
    return {
        "applicant": applicant,
        "filling": filling,
        "forms": forms,
        "materials_form": forms.materials,
        "version": version,
        "row": programme_row(forms.assessment, filling.known.vocabulary, guide, filling.today),
        "address": applicant.address("apply", *here),
        "save_address": applicant.address("apply-save", *here),
    }


def _subject_page(
    request: HttpRequest, applicant: Applicant, filling: Filling, form: SubjectForm
) -> HttpResponse:
    """Which project or base it is for, or a new one."""
    token = request.GET.get("from", "")
    query = {"from": token} if token else {}
    context = {
        "applicant": applicant,
        "filling": filling,
        "subjects": [
            (subject, applicant.address("apply", filling.programme, subject, **query))
            for subject in applicant.enterprise.subjects.filter(kind__in=filling.kinds)
        ],
        "form": form,
        "add": applicant.address("apply-subject", filling.programme, **query),
    }
    status = 400 if form.errors else 200
    return render(request, "firm/apply_subject.html", context, status=status)


@for_applicants
def add_subject(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    filling = _filling(request, applicant, programme)
    if not filling.kinds:
        raise Http404("这个项目不按项目或基地申报")
    token = request.GET.get("from", "")
    query = {"from": token} if token else {}
    if request.method != "POST":
        return redirect(applicant.address("apply", programme, **query))
    form = SubjectForm(request.POST, enterprise=applicant.enterprise, kinds=filling.kinds)
    if not form.is_valid():
        return _subject_page(request, applicant, filling, form)
    return redirect(applicant.address("apply", programme, form.save(), **query))


def _already_sent(
    request: HttpRequest, applicant: Applicant, error: AlreadySentError
) -> HttpResponse:
    messages.info(request, str(error))
    return redirect(applicant.case(error.application))


@for_applicants
def save(request: HttpRequest, applicant: Applicant, programme: str) -> HttpResponse:
    """Keep what is typed, right or wrong: a page for the button, its parts for htmx."""
    filling = _filling(request, applicant, programme)
    address = applicant.address("apply", programme, filling.subject)
    if filling.needs_subject or request.method != "POST":
        return redirect(address)
    page = Page(request, filling, applicant.uploaded_by)
    now = timezone.now()
    are_kept = page.materials.keep_uploads(user=request.user, now=now)
    try:
        draft = _save(applicant, filling, page, now)
    except AlreadySentError as error:
        if not _is_htmx(request):
            return _already_sent(request, applicant, error)
        gone = {"sent": applicant.case(error.application), "error": error}
        return _fragment(request, "firm/_draft_conflict.html", gone, status=409)
    except DraftConflictError as error:
        return _conflict(request, applicant, filling, page, error)
    if not _is_htmx(request):
        if not are_kept:
            return _page(request, applicant, filling, _forms(applicant, filling, page))
        messages.success(request, f"已保存 {timezone.localtime(now):%H:%M}。")
        return redirect(address)
    forms = _forms(applicant, filling, page)
    context = {
        **_context(applicant, filling, forms, draft.version),
        "saved_at": now,
        "with_materials": page.has_uploads,
    }
    return _fragment(request, "firm/_draft_saved.html", context)


def _is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers


def _fragment(
    request: HttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """Parts of the page; the header tells its script from any other page."""
    response = render(request, template, {**context, "is_part": True}, status=status)
    response["X-Draft"] = "saved" if status == 200 else "conflict"
    return response


def _save(applicant: Applicant, filling: Filling, page: Page, now: Any) -> ApplicationDraft:
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


def _forms(applicant: Applicant, filling: Filling, page: Page, content: Any = None) -> FillingForms:
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


def _conflict(
    request: HttpRequest,
    applicant: Applicant,
    filling: Filling,
    page: Page,
    error: DraftConflictError,
) -> HttpResponse:
    conflict = {
        "conflicts": conflicts_in_words(error.conflicts, filling, page.choices),
        "error": error,
        "save_address": applicant.address("apply-save", filling.programme, filling.subject),
    }
    if _is_htmx(request):
        return _fragment(request, "firm/_draft_conflict.html", conflict, status=409)
    forms = _forms(applicant, filling, page, {**filling.content, **page.content})
    return _page(request, applicant, filling, forms, conflict=conflict, version=page.version)


def _hand_in(request: HttpRequest, applicant: Applicant, filling: Filling) -> HttpResponse:
    page, now = Page(request, filling, applicant.uploaded_by), timezone.now()
    page.materials.keep_uploads(user=request.user, now=now)
    try:
        draft = _save(applicant, filling, page, now)
    except AlreadySentError as error:
        return _already_sent(request, applicant, error)
    except DraftConflictError as error:
        return _conflict(request, applicant, filling, page, error)
    forms = _forms(applicant, filling, page)
    are_valid = forms.are_valid()
    if page.seen != filling.seen:
        problem = CHANGED_MEANWHILE if page.is_of_this_edition else NEW_EDITION
        return _page(request, applicant, filling, forms, problem=problem)
    if not are_valid:
        problem = "还没有提交：有几处请核对，已在下面标出；您填的内容都还在。"
        return _page(request, applicant, filling, forms, problem=problem)
    try:
        application = submit_application(
            filling=filling,
            draft=draft,
            submission=forms.submission,
            user=applicant.user,
            by_staff=applicant.by_staff,
            now=now,
        )
    except AlreadySentError as error:
        return _already_sent(request, applicant, error)
    except ApplicationError as error:
        fresh = _filling(request, applicant, filling.programme)
        forms = _forms(applicant, fresh, page)
        return _page(request, applicant, fresh, forms, problem=str(error))
    messages.success(request, f"申报已提交，编号 {application.number}。")
    return redirect(applicant.case(application))


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


def _offer(
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
    filling = _filling(request, applicant, programme)
    address = applicant.address("apply", programme, filling.subject)
    if filling.needs_subject or request.method != "POST":
        return redirect(address)
    token = request.POST.get("token", "")
    answers, different, new = _comparison(applicant, filling, token)
    form = TakeOverForm(request.POST, differences=different)
    if not form.is_valid():
        problem = "列表刚有变化，请按下面的内容重新选择。"
        return _offer(request, applicant, filling, token, problem)
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
        return _already_sent(request, applicant, error)
    except DraftConflictError:
        return _offer(request, applicant, filling, token, "草稿刚被改过，请按最新内容核对。")
    messages.success(request, f"已把自测的 {len(keys)} 项回答带入申报。")
    return redirect(address)


def _as_list(value: Any) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else [str(value)]
