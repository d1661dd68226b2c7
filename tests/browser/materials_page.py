"""A page around the fields for materials, as the forms of applications have."""

from django.http import HttpRequest, HttpResponse
from django.template import RequestContext, Template
from django.urls import path
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.attachments import attach_files
from applications.firm.forms.materials import MaterialsForm
from portal.urls import urlpatterns as portal_urls

PAGE = Template("""
{% extends "base.html" %}{% load static %}
{% block title %}材料{% endblock %}
{% block head %}<link rel="stylesheet" href="{% static 'firm/library.css' %}">{% endblock %}
{% block main %}<h1>材料</h1>
<form method="post" enctype="multipart/form-data" class="sheet questions" novalidate>
<h2>申报材料</h2>{% csrf_token %}{% include "firm/_materials.html" %}
<button class="btn btn-primary" type="submit">提交</button></form>{% endblock %}
""")


def materials(request: HttpRequest, pk: int) -> HttpResponse:
    now = timezone.now()
    application = Application.objects.get(pk=pk)
    form = MaterialsForm(
        application.edition,
        application.enterprise,
        request.POST if request.method == "POST" else None,
        request.FILES if request.method == "POST" else None,
        today=timezone.localdate(now),
        application=application,
    )
    if form.is_bound:
        is_valid = form.is_valid()
        if form.keep_uploads(user=request.user, now=now) and is_valid:
            attach_files(application, form.chosen, user=request.user, now=now)
            return HttpResponse("<title>ok</title>已提交")
    return HttpResponse(PAGE.render(RequestContext(request, {"materials_form": form})))


urlpatterns = [*portal_urls, path("test/<int:pk>/", materials)]
