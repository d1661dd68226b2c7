"""Addresses of the enterprise centre."""

from django.urls import path

from applications.firm.views import (
    apply,
    apply_closed,
    apply_draft,
    apply_take_over,
    awards,
    bank_account,
    calendar,
    case,
    enterprise,
    following,
    library,
    members,
    messages,
    notes,
    privacy,
    profile,
    review_request,
    withdrawal,
)

app_name = "firm"
urlpatterns = [
    path("enterprise/applications/<uuid:reference>/", case.case, name="case"),
    path("enterprise/applications/<uuid:reference>/correct/", case.correct, name="correct"),
    path(
        "enterprise/applications/<uuid:reference>/withdraw/", withdrawal.take_back, name="withdraw"
    ),
    path("enterprise/applications/<uuid:reference>/review/", review_request.ask, name="ask-review"),
    path("enterprise/applications/<uuid:reference>/note/", notes.write, name="write-note"),
    *(
        address
        for start, side in (
            ("enterprise/apply/", ""),
            ("enterprise/<int:enterprise>/apply/", "-for"),
        )
        for address in (
            path(start, apply.index, name=f"apply-index{side}"),
            path(f"{start}<slug:programme>/", apply.apply, name=f"apply{side}"),
            path(f"{start}<slug:programme>/save/", apply_draft.save, name=f"apply-save{side}"),
            path(
                f"{start}<slug:programme>/discard/",
                apply_closed.discard,
                name=f"apply-discard{side}",
            ),
            path(
                f"{start}<slug:programme>/subject/", apply.add_subject, name=f"apply-subject{side}"
            ),
            path(
                f"{start}<slug:programme>/take-over/",
                apply_take_over.take_over,
                name=f"apply-take-over{side}",
            ),
        )
    ),
    path("enterprise/messages/", messages.inbox, name="messages"),
    path("enterprise/messages/read/", messages.read_all, name="read-messages"),
    path("enterprise/messages/<uuid:reference>/open/", messages.open_message, name="open-message"),
    path("enterprise/files/", library.library, name="library"),
    path("enterprise/files/<uuid:reference>/", library.change_file, name="library-file"),
    path("enterprise/files/<uuid:reference>/withdraw/", library.withdraw, name="library-withdraw"),
    path("enterprise/", enterprise.home, name="enterprise"),
    path("enterprise/awards/", awards.awards, name="awards"),
    path("enterprise/account/", bank_account.bank_account, name="bank-account"),
    path("enterprise/calendar/", calendar.calendar, name="calendar"),
    path("enterprise/calendar/address/", calendar.make_feed, name="calendar-address"),
    path("enterprise/calendar/revoke/", calendar.revoke_feed, name="calendar-revoke"),
    path("enterprise/calendar/<token:token>.ics", calendar.feed, name="calendar-feed"),
    path("enterprise/follow/", following.follow, name="follow"),
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
    path("enterprise/profile/confirm/", profile.confirm, name="profile-confirm"),
    path("enterprise/profile/subjects/", profile.add_subject, name="subject-add"),
    path("enterprise/profile/<int:subject>/", profile.profile, name="subject-profile"),
    path("enterprise/profile/<int:subject>/edit/", profile.edit, name="subject-profile-edit"),
    path(
        "enterprise/profile/<int:subject>/confirm/",
        profile.confirm,
        name="subject-profile-confirm",
    ),
    path(
        "enterprise/profile/<int:subject>/self-check/",
        profile.self_check,
        name="subject-profile-self-check",
    ),
    path("result/<token:token>/take-over/", profile.take_over, name="take-over"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("account/data/", privacy.download_own_data, name="own-data"),
    path("account/close/", privacy.close, name="close-account"),
    path("invitation/<token:token>/", members.invitation, name="invitation"),
    path(
        "invitation/<token:token>/sign-up/",
        members.InvitedSignUpView.as_view(),
        name="invited-sign-up",
    ),
]
