"""Addresses of applications."""

from django.urls import path

from applications.views import apply, case, messages, notes

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("application/<uuid:reference>/", case.receipt, name="receipt"),
    path("application/<uuid:reference>/correct/", case.correct, name="correct"),
    path("application/<uuid:reference>/withdraw/", case.take_back, name="withdraw"),
    path("application/<uuid:reference>/note/", notes.write, name="write-note"),
    path("enterprise/messages/", messages.inbox, name="messages"),
    path("enterprise/messages/read/", messages.read_all, name="read-messages"),
    path("enterprise/messages/<uuid:reference>/open/", messages.open_message, name="open-message"),
]
