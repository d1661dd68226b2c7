"""A firm applies for a programme with the answers of a self-check."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from applications.forms import ApplicationForm
from applications.services import AlreadySentError, ApplicationError, submit_application
from policies.catalogue import Catalogue
from policies.models import Edition, Jurisdiction
from policies.presentation import Guide, programme_row
from policies.rules.assessment import assess
from policies.self_checks import find_self_check, known_answers
from portal.public_pages import limited, private

# A programme judged on these is asked for once for each project or base.
SUBJECT_FACTS = ("project.", "base.")


@limited
@private
def apply(request: HttpRequest, token: str, programme: str) -> HttpResponse:
    """Ask for one programme with the answers of a self-check, judged anew by today's edition."""
    check = find_self_check(token)
    now = timezone.now()
    today, known = timezone.localdate(now), Catalogue()
    facts = known.facts
    rules = next(iter(known.editions_in_force(today, [programme])), None)
    if rules is None:
        raise Http404("没有这个项目，或今天不在有效期内")
    edition = Edition.objects.in_force(today).select_related("programme").get(programme=programme)
    answers = known_answers(check, facts, today)
    assessment = assess([rules], answers, today, facts)["programmes"][0]
    county = Jurisdiction.objects.filter(pk=answers.get("enterprise.county")).first()
    can_apply = assessment["verdict"] == "eligible" and county is not None
    form = ApplicationForm(
        request.POST if request.method == "POST" else None,
        asks_subject=any(key.startswith(SUBJECT_FACTS) for key in rules.fact_keys),
    )
    if can_apply and form.is_bound and form.is_valid():
        if request.POST.get("edition") == str(edition.pk):
            return _submit(
                request,
                form,
                self_check=check,
                edition=edition,
                county=county,
                answers=answers,
                assessment=assessment,
                now=now,
            )
        form.add_error(None, "政策内容刚刚更新，请按下面的最新条件核对后再提交。")
    guide = Guide(materials=edition.materials.all(), steps=edition.steps.all())
    context = {
        "check": check,
        "edition": edition,
        "form": form,
        "can_apply": can_apply,
        "row": programme_row(assessment, known.vocabulary, guide, today),
        "county": county,
    }
    return render(request, "applications/apply.html", context)


def _submit(request: HttpRequest, form: ApplicationForm, **what: Any) -> HttpResponse:
    data = form.cleaned_data
    try:
        application = submit_application(
            enterprise_name=data["enterprise_name"],
            credit_code=data["credit_code"],
            contact_name=data["contact_name"],
            contact_telephone=data["contact_telephone"],
            subject=data.get("subject", ""),
            **what,
        )
    except AlreadySentError as error:
        messages.info(request, str(error))
        application = error.application
    except ApplicationError as error:
        raise Http404(str(error)) from error
    return redirect("applications:receipt", application.reference)
