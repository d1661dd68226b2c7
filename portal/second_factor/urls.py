"""Addresses of the second factor, under the names that django-allauth knows."""

from allauth.account.views import reauthenticate
from django.urls import path

from portal.second_factor import views
from portal.second_factor.kept_forms import kept_form

urlpatterns = [
    path("check-password/", reauthenticate, name="account_reauthenticate"),
    path("kept-form/", kept_form, name="account_kept_form"),
    path("second-factor/", views.FactorsView.as_view(), name="mfa_index"),
    path("second-factor/log-in/", views.LogInCheckView.as_view(), name="mfa_authenticate"),
    path("second-factor/check/", views.check_factor, name="mfa_reauthenticate"),
    path("second-factor/app/", views.SetUpAppView.as_view(), name="mfa_activate_totp"),
    path("second-factor/app/remove/", views.RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("second-factor/passkeys/add/", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path(
        "second-factor/passkeys/<int:pk>/remove/",
        views.RemovePasskeyView.as_view(),
        name="mfa_remove_webauthn",
    ),
    path("second-factor/codes/", views.CodesView.as_view(), name="mfa_view_recovery_codes"),
    path(
        "second-factor/codes/new/", views.NewCodesView.as_view(), name="mfa_generate_recovery_codes"
    ),
]
