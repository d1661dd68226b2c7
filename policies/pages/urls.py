"""Addresses of the public pages."""

from django.urls import path

from policies.pages.views import calendar, documents, error_reports, home, programmes

app_name = "pages"
urlpatterns = [
    path("", home.home, name="home"),
    path("programmes/", programmes.index, name="programmes"),
    path("programmes/<slug:programme>/", programmes.detail, name="programme"),
    path("programmes/<slug:programme>/editions/<int:pk>/", programmes.edition, name="edition"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("calendar.ics", calendar.feed, name="calendar-feed"),
    path("documents/", documents.document_list, name="document-list"),
    path("documents/<int:pk>/", documents.document, name="document"),
    path(
        "documents/<int:pk>/file/<uuid:reference>/", documents.document_file, name="document-file"
    ),
    path("report-error/", error_reports.report_error, name="report-error"),
    path("report-error/thanks/", error_reports.thanks, name="report-error-thanks"),
]
