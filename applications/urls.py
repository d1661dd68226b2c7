"""Addresses of applications."""

from django.urls import path

from applications.views import apply

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("application/<uuid:reference>/", apply.receipt, name="receipt"),
]
