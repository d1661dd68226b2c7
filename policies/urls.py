"""Addresses of the public pages."""

from django.urls import path

from policies import views

app_name = "policies"
urlpatterns = [
    path("", views.home, name="home"),
    path("self-check/", views.start, name="self-check"),
    path("self-check/amount/", views.amount, name="amount-in-words"),
    path("self-check/<str:token>/<int:step>/", views.step, name="self-check-step"),
    path("result/<str:token>/", views.result, name="result"),
    path("result/<str:token>/print/", views.print_result, name="result-print"),
    path("result/<str:token>/today/", views.recompute, name="result-today"),
    path("result/<str:token>/delete/", views.delete, name="result-delete"),
]
