"""Addresses of the self-check."""

from django.urls import path, register_converter

from policies.self_check.views import carry, report, result, self_check, variants
from portal.converters import TokenConverter

register_converter(TokenConverter, "token")
app_name = "self_check"
urlpatterns = [
    path("find-result/", self_check.find_result, name="find-result"),
    path("self-check/", self_check.start, name="self-check"),
    path("self-check/amount/", self_check.amount, name="amount-in-words"),
    path("self-check/item-row/", self_check.item_row, name="item-row"),
    path("self-check/<token:token>/topics/", self_check.topics, name="self-check-topics"),
    path("self-check/<token:token>/tick/", self_check.tick, name="self-check-tick"),
    path("self-check/<token:token>/restore/", self_check.restore, name="self-check-restore"),
    path("self-check/<token:token>/<int:step>/", self_check.step, name="self-check-step"),
    path("result/<token:token>/", result.result, name="result"),
    path("result/<token:token>/group/<slug:group>/", result.group, name="result-group"),
    path(
        "result/<token:token>/programme/<slug:programme>/",
        result.programme,
        name="result-programme",
    ),
    path("result/<token:token>/print/", report.print_result, name="result-print"),
    path("result/<token:token>/report.pdf", report.report_pdf, name="result-pdf"),
    path("result/<token:token>/report/", report.report_job, name="result-report"),
    path("result/<token:token>/report.json", report.report_json, name="result-json"),
    path("result/<token:token>/what-if/", result.what_if, name="what-if"),
    path("result/<token:token>/variants/", variants.variants, name="variants"),
    path("result/<token:token>/today/", result.recompute, name="result-today"),
    path("result/<token:token>/carry/", carry.carry, name="result-carry"),
    path("result/<token:token>/keep/", carry.keep, name="result-keep"),
    path("result/<token:token>/delete/", result.delete, name="result-delete"),
    path("r/<str:code>/", result.by_code, name="result-by-code"),
]
