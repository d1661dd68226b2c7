"""Addresses of files, for whoever may see them."""

from django.urls import path

from applications.cases import views

app_name = "cases"
urlpatterns = [
    path("files/<uuid:reference>/", views.download, name="file"),
    path("files/<uuid:reference>/preview/", views.preview, name="file-preview"),
]
