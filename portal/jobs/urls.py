"""Addresses of jobs."""

from django.urls import path

from portal.jobs import views

urlpatterns = [
    path("<uuid:reference>/", views.job, name="job"),
    path("<uuid:reference>/file/", views.job_file, name="job-file"),
    path("<uuid:reference>/stop/", views.stop, name="job-stop"),
]
