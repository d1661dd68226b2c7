"""The result to keep: on paper, as PDF, and as the JSON that the command prints."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from policies.rules.assessment import assess, to_json
from policies.self_check.carried_page import label_in_year
from policies.self_check.changes import changed_since
from policies.self_check.models import SelfCheck
from policies.self_check.result_page import report_page
from policies.self_check.self_checks import find_self_check
from policies.self_check.standing import Standing
from portal.jobs.asking import TooManyJobsError
from portal.jobs.papers import ask_for_paper
from portal.jobs.showing import file_response, progress_of
from portal.jobs.tidying import forget
from portal.public_pages import limited, limited_reading, private
from portal.qr_code import qr_svg


@require_safe
@private
def print_result(request: HttpRequest, token: str) -> HttpResponse:
    """The result on A4: everything unfolded, what failed in a line each, the answers at the end."""
    context = _report(request, find_self_check(token))
    return render(request, "self_check/print.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def report_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same as a file, which a worker makes: asked for by POST, fetched when it is ready.

    It names the short code and never the token.
    """
    check = find_self_check(token)
    if request.method != "POST":
        if check.report is not None and check.report.has_file:
            return file_response(check.report)
        return redirect("self_check:result-report", token)
    context = _report(request, check)
    try:
        job = ask_for_paper(
            render_to_string("self_check/report.html", context),
            title="测算报告",
            file_name="-".join(
                filter(None, ["测算报告", context["page"]["place"], f"{check.on}.pdf"])
            ),
            now=timezone.now(),
        )
    except TooManyJobsError as error:
        return render(
            request,
            "self_check/report_job.html",
            {"check": check, "problem": str(error)},
            status=503,
        )
    if job.pk != check.report_id:
        former, check.report = check.report, job
        check.save(update_fields=["report"])
        if former is not None:
            forget(former)
    return redirect("self_check:result-pdf" if job.has_file else "self_check:result-report", token)


@require_safe
@private
def report_job(request: HttpRequest, token: str) -> HttpResponse:
    """How far the report is; whoever holds the token of the result may look, nobody else."""
    check = find_self_check(token)
    progress = progress_of(check.report, timezone.now()) if check.report else None
    return render(request, "self_check/report_job.html", {"check": check, "progress": progress})


@require_safe
@limited_reading
@private
def report_json(request: HttpRequest, token: str) -> HttpResponse:
    """The answer document that `manage.py self_check` prints for these answers on that day.

    What the firm could not answer is not its next question.
    """
    check = find_self_check(token)
    standing = Standing(check, timezone.localdate())
    document = assess(
        standing.editions, standing.answers, check.on, standing.facts, put_aside=check.unclear
    )
    return HttpResponse(to_json(document), content_type="application/json")


def _report(request: HttpRequest, check: SelfCheck) -> dict[str, Any]:
    standing = Standing(check, timezone.localdate())
    facts, answers = standing.facts, standing.answers
    address = request.build_absolute_uri(reverse("self_check:result-by-code", args=[check.code]))
    return {
        "check": check,
        "changed": changed_since(check),
        "page": report_page(standing),
        "answers": [
            (label_in_year(facts[key], check.on.year), facts[key].show(answers[key]))
            for key in facts
            if key in answers
        ],
        "address": address,
        # A file knows no address but a whole one.
        "site": request.build_absolute_uri("/").removesuffix("/"),
        "qr": qr_svg(address),
    }
