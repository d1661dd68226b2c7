"""The firm's profile: look, fill in by section, take over a self-check, start one."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_POST, require_safe

from applications.enterprises.forms.profile import SectionForm, SubjectForm
from applications.enterprises.models import Enterprise, Membership, Subject
from applications.enterprises.services.new_year import confirm_lasting, new_year_of
from applications.enterprises.services.profile import (
    Profile,
    differences,
    kind_of,
    lacking,
    record_answers,
    start_self_check,
)
from applications.firm.current_enterprise import for_members
from applications.firm.forms.take_over import TakeOverForm
from policies.catalogue import current as catalogue
from policies.self_check.forms.typed import echoed_amounts
from policies.self_check.self_checks import find_self_check, known_answers
from portal.numbers import whole_number
from portal.public_pages import limited


def _profile(enterprise: Enterprise, subject: int | None) -> Profile:
    """The profile of the firm, or of one of its projects or bases; 404 for those of others."""
    found = subject and get_object_or_404(Subject, pk=subject, enterprise=enterprise)
    return Profile(enterprise, found or None, catalogue.facts(), timezone.localdate())


def _address(name: str, subject: Subject | None, **query: str) -> str:
    address = (
        reverse(f"firm:subject-{name}", args=[subject.pk]) if subject else reverse(f"firm:{name}")
    )
    return f"{address}?{urlencode(query)}" if query else address


@require_safe
@for_members
def profile(
    request: HttpRequest, membership: Membership, subject: int | None = None
) -> HttpResponse:
    """What the firm has said, section by section, with year, day and who said it."""
    found = _profile(membership.enterprise, subject)
    return _profile_page(request, found, SubjectForm(enterprise=membership.enterprise))


def _profile_page(request: HttpRequest, found: Profile, form: SubjectForm) -> HttpResponse:
    context = {
        "enterprise": found.enterprise,
        "subject": found.subject,
        "subjects": found.enterprise.subjects.all(),
        "sections": [
            (section, _address("profile-edit", found.subject, section=section.name))
            for section in found.sections
        ],
        "year": found.today.year,
        "new_year": _new_year(found),
        "form": form,
    }
    status = 400 if form.errors else 200
    return render(request, "firm/profile.html", context, status=status)


def _new_year(found: Profile) -> dict[str, Any] | None:
    """What is to be confirmed and said anew, with the section where it is said."""
    new_year, facts = new_year_of(found), found.facts
    if not new_year:
        return None
    return {
        "since": new_year.since,
        "lasting": [
            {"key": key, "label": facts[key].label, "value": facts[key].show(value)}
            for key, value in new_year.lasting.items()
        ],
        "anew": [
            {
                "label": facts[key].label,
                "year": said.year,
                "value": facts[key].show(said.value),
                "address": _address("profile-edit", found.subject, section=facts[key].section),
            }
            for key, said in new_year.anew.items()
        ],
        "address": _address("profile-confirm", found.subject),
    }


@require_POST
@limited
@for_members
def confirm(
    request: HttpRequest, membership: Membership, subject: int | None = None
) -> HttpResponse:
    """What still holds is confirmed for this year; what is ticked has changed and is unknown again."""
    found = _profile(membership.enterprise, subject)
    changed, shown = request.POST.getlist("changed"), request.POST.getlist("shown")
    number = confirm_lasting(found, changed, shown, timezone.now(), request.user)
    messages.success(request, f"已核对 {number} 项。" if number else "没有要核对的。")
    return redirect(_address("profile", found.subject))


@limited
@for_members
def edit(request: HttpRequest, membership: Membership, subject: int | None = None) -> HttpResponse:
    """The questions of one section; what is left open is unknown."""
    found = _profile(membership.enterprise, subject)
    section = request.GET.get("section", "")
    if not found.section_keys(section):
        raise Http404("没有这一部分")
    data = request.POST if request.method == "POST" else None
    form = SectionForm(data, profile=found, section=section)
    if data is not None and form.is_valid():
        number = record_answers(
            enterprise=found.enterprise,
            subject=found.subject,
            answers=form.parsed,
            unclear=form.unclear,
            facts=found.facts,
            now=timezone.now(),
            given_by=request.user,
        )
        messages.success(request, f"已保存，改动 {number} 项。" if number else "没有改动。")
        for label, words in echoed_amounts(form.parsed, found.facts)[-4:]:
            messages.info(request, f"{label}：人民币{words}")
        return redirect(_address("profile", found.subject))
    context = {
        "enterprise": found.enterprise,
        "subject": found.subject,
        "section": section,
        "year": found.today.year,
        "form": form,
        "back": _address("profile", found.subject),
    }
    return render(request, "firm/profile_edit.html", context)


@require_POST
@limited
@for_members
def add_subject(request: HttpRequest, membership: Membership) -> HttpResponse:
    form = SubjectForm(request.POST, enterprise=membership.enterprise)
    if not form.is_valid():
        return _profile_page(request, _profile(membership.enterprise, None), form)
    subject = form.save()
    return redirect(_address("profile", subject))


@require_POST
@limited
@for_members
def self_check(
    request: HttpRequest, membership: Membership, subject: int | None = None
) -> HttpResponse:
    """A result from what the profile holds today."""
    check = start_self_check(_profile(membership.enterprise, subject), timezone.now())
    return redirect("self_check:result", check.token)


@require_POST
@limited
@for_members
def take_over(request: HttpRequest, membership: Membership, token: str) -> HttpResponse:
    """Put a self-check's answers into the profile; what differs is shown before it is replaced.

    The first post shows, the second, from that page, writes.
    """
    facts, now = catalogue.facts(), timezone.now()
    answers = known_answers(find_self_check(token), facts, timezone.localdate(now))
    subject, kinds = request.POST.get("subject", ""), {kind_of(key) for key in answers}
    subjects = membership.enterprise.subjects.filter(kind__in=kinds - {None})
    if subject and not subjects.filter(pk=whole_number(subject)).exists():
        raise Http404("没有这个项目或基地")
    found = _profile(membership.enterprise, whole_number(subject) if subject else None)
    different = differences(found, answers)
    is_shown = request.POST.get("seen") == str(found.version)
    form = TakeOverForm(request.POST if is_shown else None, differences=different)
    if is_shown and form.is_valid():
        replaced = form.cleaned_data["replace"]
        return _write(
            request, found, {key: answers[key] for key in [*lacking(found, answers), *replaced]}
        )
    context = {
        "enterprise": membership.enterprise,
        "token": token,
        "subject": found.subject,
        "subjects": subjects,
        "left_out": [facts[key].label for key in answers if found.place(key) is None],
        "different": different,
        "ticked": request.POST.getlist("replace") if is_shown else [row.key for row in different],
        "new": [
            (facts[key].label, facts[key].show(answers[key])) for key in lacking(found, answers)
        ],
        "version": found.version,
        "is_old": bool(request.POST.get("seen")) and not is_shown,
        "form": form,
    }
    return render(request, "firm/take_over.html", context)


def _write(request: HttpRequest, found: Profile, answers: Mapping[str, Any]) -> HttpResponse:
    number = record_answers(
        enterprise=found.enterprise,
        subject=found.subject,
        answers=answers,
        facts=found.facts,
        now=timezone.now(),
        given_by=request.user,
    )
    messages.success(request, f"已存入企业档案，改动 {number} 项。")
    return redirect(_address("profile", found.subject))
