"""Addresses of the public notices."""

from django.urls import path

from applications.notices import views

app_name = "notices"
urlpatterns = [
    path("notices/", views.notice_list, name="notice-list"),
    path("notices/calendar.ics", views.feed, name="feed"),
    path("notices/<slug:number>/", views.notice, name="notice"),
    path("notices/<slug:number>/objection/", views.objection, name="objection"),
    path("notices/<slug:number>/objection/thanks/", views.thanks, name="objection-thanks"),
]
