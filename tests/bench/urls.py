"""The site's addresses with an empty page beside them, to measure the others against."""

from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", include("portal.urls")),
    path("empty/", lambda request: HttpResponse()),
]
