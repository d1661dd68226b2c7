"""Addresses of applications."""

from django.urls import path

from applications.views import apply, case, notices

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/<slug:number>/", notices.notice, name="notice"),
    path("notices/<slug:number>/objection/", notices.objection, name="objection"),
    path("notices/<slug:number>/objection/thanks/", notices.thanks, name="objection-thanks"),
    path("application/<uuid:reference>/", case.receipt, name="receipt"),
    path("application/<uuid:reference>/correct/", case.correct, name="correct"),
    path("application/<uuid:reference>/withdraw/", case.take_back, name="withdraw"),
]
