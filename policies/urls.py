"""Addresses of the public pages."""

from django.urls import path, register_converter

from policies import views
from portal.converters import TokenConverter

register_converter(TokenConverter, "token")
app_name = "policies"
urlpatterns = [
    path("", views.home, name="home"),
    path("self-check/", views.start, name="self-check"),
    path("self-check/amount/", views.amount, name="amount-in-words"),
    path("self-check/<token:token>/<int:step>/", views.step, name="self-check-step"),
    path("result/<token:token>/", views.result, name="result"),
    path("result/<token:token>/print/", views.print_result, name="result-print"),
    path("result/<token:token>/today/", views.recompute, name="result-today"),
    path("result/<token:token>/delete/", views.delete, name="result-delete"),
]
