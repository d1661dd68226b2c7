"""Addresses of signing up; the first bears the name that django-allauth knows."""

from django.urls import path

from applications.firm.views import sign_up

urlpatterns = [
    path("", sign_up.ask, name="account_signup"),
    path("<str:key>/", sign_up.FinishSignUpView.as_view(), name="finish_sign_up"),
]
