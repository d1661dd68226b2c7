"""Addresses of applications."""

from django.urls import path

from applications.views import apply, case

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("application/<uuid:reference>/", case.receipt, name="receipt"),
    path("application/<uuid:reference>/correct/", case.correct, name="correct"),
    path("application/<uuid:reference>/withdraw/", case.take_back, name="withdraw"),
]
