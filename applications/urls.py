"""Addresses of applications."""

from django.urls import path

from applications.views import apply, files

app_name = "applications"
urlpatterns = [
    path("result/<token:token>/apply/<slug:programme>/", apply.apply, name="apply"),
    path("application/<uuid:reference>/", apply.receipt, name="receipt"),
    path("files/<uuid:reference>/", files.download, name="file"),
    path("files/<uuid:reference>/preview/", files.preview, name="file-preview"),
]
