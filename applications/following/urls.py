"""Addresses of following."""

from django.urls import path

from applications.following import views

app_name = "following"
urlpatterns = [
    path("follow/", views.follow, name="follow"),
    path("follow/asked/", views.asked, name="asked"),
    path("follow/confirm/<str:key>/", views.confirm, name="confirm"),
    path("following/", views.mine, name="mine"),
    path("following/<token:token>/", views.following, name="following"),
    path("following/<token:token>/end/", views.end_following, name="end"),
]
