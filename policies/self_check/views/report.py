"""The result to keep: on paper, as PDF, and as the JSON that the command prints."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from policies.catalogue.current import Catalogue
from policies.rules.assessment import to_json
from policies.self_check.changes import changed_since
from policies.self_check.models import SelfCheck
from policies.self_check.result_page import result_page
from policies.self_check.self_checks import find_self_check, known_answers
from policies.self_check.views.result import assess_self_check
from portal.public_pages import limited_reading, private
from portal.qr_code import qr_svg


@require_safe
@private
def print_result(request: HttpRequest, token: str) -> HttpResponse:
    """The result on A4: everything unfolded, what failed in a line each, the answers at the end."""
    context = _report(request, find_self_check(token))
    return render(request, "self_check/print.html", context)


@require_safe
@limited_reading
@private
def report_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a file; it names the short code and never the token."""
    # Loaded with the first report: it takes half a second and Debian's text libraries.
    from portal.pdf import html_to_pdf

    check = find_self_check(token)
    context = _report(request, check)
    paper = html_to_pdf(render_to_string("self_check/report.html", context))
    name = "-".join(filter(None, ["测算报告", context["page"]["place"], f"{check.on}.pdf"]))
    headers = {"Content-Disposition": content_disposition_header(True, name)}
    return HttpResponse(paper, content_type="application/pdf", headers=headers)


@require_safe
@limited_reading
@private
def report_json(request: HttpRequest, token: str) -> HttpResponse:
    """The answer document that `manage.py self_check` prints for these answers on that day."""
    check = find_self_check(token)
    known = Catalogue()
    document = assess_self_check(check, known_answers(check, known.facts, check.on), known)
    return HttpResponse(to_json(document), content_type="application/json")


def _report(request: HttpRequest, check: SelfCheck) -> dict[str, Any]:
    known = Catalogue()
    facts = known.facts
    answers = known_answers(check, facts, check.on)
    document = assess_self_check(check, answers, known)
    address = request.build_absolute_uri(reverse("self_check:result-by-code", args=[check.code]))
    return {
        "check": check,
        "changed": changed_since(check),
        "page": result_page(document, answers, known.vocabulary, ()),
        "answers": [
            (facts[key].label, facts[key].show(answers[key])) for key in facts if key in answers
        ],
        "address": address,
        "qr": qr_svg(address),
    }
