"""Addresses of applications and of the enterprise centre."""

from django.urls import path

from applications.views import apply, enterprise, members, profile

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
    path("enterprise/profile/", profile.profile, name="profile"),
    path("enterprise/profile/edit/", profile.edit, name="profile-edit"),
    path("enterprise/profile/self-check/", profile.self_check, name="profile-self-check"),
    path("enterprise/profile/subjects/", profile.add_subject, name="subject-add"),
    path("enterprise/profile/<int:subject>/", profile.profile, name="subject-profile"),
    path("enterprise/profile/<int:subject>/edit/", profile.edit, name="subject-profile-edit"),
    path(
        "enterprise/profile/<int:subject>/self-check/",
        profile.self_check,
        name="subject-profile-self-check",
    ),
    path("result/<token:token>/take-over/", profile.take_over, name="take-over"),
    path("invitation/<token:token>/", members.invitation, name="invitation"),
    path(
        "invitation/<token:token>/sign-up/",
        members.InvitedSignUpView.as_view(),
        name="invited-sign-up",
    ),
]
