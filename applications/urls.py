"""Addresses of applications."""

from django.urls import path

from applications import views

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", views.apply, name="apply"),
    path("application/<uuid:reference>/", views.receipt, name="receipt"),
]
