"""Addresses of the staff's own pages that belong to no list; within the admin."""

from django.contrib import admin
from django.urls import path

from applications.centre.desk_pages import change_daily_mail, covers, end

app_name = "desk"
urlpatterns = [
    path("daily-mail/", admin.site.admin_view(change_daily_mail), name="daily-mail"),
    path("covers/", admin.site.admin_view(covers), name="covers"),
    path("covers/<int:pk>/end/", admin.site.admin_view(end), name="end-cover"),
]
