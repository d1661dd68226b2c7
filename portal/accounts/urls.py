"""Addresses of accounts: what is used of django-allauth, under the names that it knows.

Signing up, which says for which firm, is at home with the firms.
"""

from allauth.account import views
from django.urls import include, path, re_path

from portal.accounts import own_account
from portal.accounts.views import NewPasswordView, change_password

urlpatterns = [
    path("", own_account.account, name="account_home"),
    path("log-out-elsewhere/", own_account.log_out_elsewhere, name="account_log_out_elsewhere"),
    path("password/change/", change_password, name="account_change_password"),
    path("address/", own_account.change_address, name="account_change_address"),
    path("address/<str:key>/", own_account.confirm_new_address, name="account_confirm_address"),
    path("login/", views.login, name="account_login"),
    path("logout/", views.logout, name="account_logout"),
    path("inactive/", views.account_inactive, name="account_inactive"),
    path("confirm-email/", views.email_verification_sent, name="account_email_verification_sent"),
    re_path(
        r"^confirm-email/(?P<key>[-:\w]+)/$", views.confirm_email, name="account_confirm_email"
    ),
    path("password/reset/", views.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        NewPasswordView.as_view(),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("", include("portal.second_factor.urls")),
]
