"""Addresses of applications and of the enterprise centre."""

from django.urls import path

from applications.views import apply, enterprise, members

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("application/<uuid:reference>/", apply.receipt, name="receipt"),
    path("enterprise/", enterprise.home, name="enterprise"),
    path("enterprise/choose/", enterprise.choose, name="enterprise-choose"),
    path("enterprise/register/", enterprise.register, name="enterprise-register"),
    path("enterprise/members/", members.members, name="members"),
    path("enterprise/members/invite/", members.invite, name="member-invite"),
    path("enterprise/members/<int:pk>/remove/", members.remove, name="member-remove"),
    path("enterprise/members/<int:pk>/role/", members.change_role, name="member-role"),
    path("enterprise/invitations/<int:pk>/withdraw/", members.withdraw, name="invitation-withdraw"),
    path("invitation/<token:token>/", members.invitation, name="invitation"),
    path(
        "invitation/<token:token>/sign-up/",
        members.InvitedSignUpView.as_view(),
        name="invited-sign-up",
    ),
]
