"""Readers tell what is wrong with a clause or a figure."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from policies.pages.error_reports import ErrorReportForm, find_subject
from portal.public_pages import limited, private


@require_http_methods(["GET", "HEAD", "POST"])
@limited
@private
def report_error(request: HttpRequest) -> HttpResponse:
    subject = find_subject(request.GET, timezone.localdate())
    if subject is None:
        raise Http404("没有这个条件或金额")
    form = ErrorReportForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        subject.report(**form.cleaned_data)
        return redirect("pages:report-error-thanks")
    return render(request, "pages/report_error.html", {"subject": subject, "form": form})


@require_safe
@private
def thanks(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/report_error_thanks.html")
