"""Addresses of applications."""

from django.urls import path

from applications import views

app_name = "applications"
urlpatterns = [
    path("result/<str:token>/apply/<str:programme>/", views.apply, name="apply"),
    path("application/<uuid:reference>/", views.receipt, name="receipt"),
]
