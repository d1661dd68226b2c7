"""Addresses of applications."""

from django.urls import path

from applications.views import apply, case, files, library, messages, notes, notices

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("notices/", notices.notice_list, name="notice-list"),
    path("notices/<slug:number>/", notices.notice, name="notice"),
    path("notices/<slug:number>/objection/", notices.objection, name="objection"),
    path("notices/<slug:number>/objection/thanks/", notices.thanks, name="objection-thanks"),
    path("application/<uuid:reference>/", case.receipt, name="receipt"),
    path("application/<uuid:reference>/correct/", case.correct, name="correct"),
    path("application/<uuid:reference>/withdraw/", case.take_back, name="withdraw"),
    path("application/<uuid:reference>/note/", notes.write, name="write-note"),
    path("enterprise/messages/", messages.inbox, name="messages"),
    path("enterprise/messages/read/", messages.read_all, name="read-messages"),
    path("enterprise/messages/<uuid:reference>/open/", messages.open_message, name="open-message"),
    path("enterprise/files/", library.library, name="library"),
    path("enterprise/files/<uuid:reference>/", library.change_file, name="library-file"),
    path("enterprise/files/<uuid:reference>/withdraw/", library.withdraw, name="library-withdraw"),
    path("files/<uuid:reference>/", files.download, name="file"),
    path("files/<uuid:reference>/preview/", files.preview, name="file-preview"),
]
