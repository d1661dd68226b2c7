"""Addresses of applications."""

from django.urls import path

from applications.views import apply, files, library

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("application/<uuid:reference>/", apply.receipt, name="receipt"),
    path("enterprise/files/", library.library, name="library"),
    path("enterprise/files/<uuid:reference>/", library.change_file, name="library-file"),
    path("enterprise/files/<uuid:reference>/withdraw/", library.withdraw, name="library-withdraw"),
    path("files/<uuid:reference>/", files.download, name="file"),
    path("files/<uuid:reference>/preview/", files.preview, name="file-preview"),
]
