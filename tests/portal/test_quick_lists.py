"""Quick lists write what Django's lists write: boxes, and the ways to the rows and back."""

import pytest
from django.contrib import admin
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import ChangeList
from django.test import RequestFactory
from django.urls import resolve, reverse

from applications.cases.models import Application
from applications.centre.filters import StepFilter
from policies.catalogue.models import Programme
from portal.models import User
from portal.quick_lists import QuickListAdmin
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(is_superuser=True, jurisdiction_code="")


def list_of(model, user, query=""):
    """The admin of a model, its list as a request of the user makes it, and that request."""
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    request = RequestFactory().get(f"{address}{query}")
    request.user, request.resolver_match = user, resolve(address)
    model_admin = admin.site._registry[model]
    return model_admin, model_admin.get_changelist_instance(request), request


def test_every_list_of_the_site_is_quick():
    own = [
        each
        for model, each in admin.site._registry.items()
        if model._meta.app_config.module.__name__.partition(".")[0]
        in ("portal", "policies", "applications")
    ]
    assert len(own) > 20
    assert [each for each in own if not isinstance(each, QuickListAdmin)] == []


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("money_awardline", "title=%00"),
        ("cases_application", "status__exact=%00"),
        ("cases_application", "county__code__exact=a%00"),
        ("cases_application", "verdict=%00"),
        ("cases_application", "q=%00"),
        ("cases_application", "submitted_at__lt=0001-01-01"),
        ("portal_user", "groups__id__exact=%00"),
    ],
)
def test_what_no_database_can_look_for_is_no_filter(client, user, name, query):
    client.force_login(user)
    address = reverse(f"admin:{name}_changelist")
    page = client.get(f"{address}?{query}", follow=True)
    assert page.status_code == 200
    assert page.context["cl"] is not None


@pytest.mark.parametrize("name", ["plain", "<b>\"&'", "中文 名", "{}"])
def test_a_box_is_written_as_django_writes_it(name):
    row = User(pk=7, username=name)
    model_admin = admin.site._registry[User]
    assert model_admin.action_checkbox(row) == admin.ModelAdmin.action_checkbox(model_admin, row)


@pytest.mark.parametrize("query", ["", "?p=2&o=1", "?q=--key--", "?q=%E4%B8%AD+%26a%3Db"])
@pytest.mark.parametrize("key", ["7", "jc-xsg", "a/b_c:d?e", "中 文%", "--key--"])
def test_the_way_to_a_row_and_back_is_djangos(user, query, key):
    model_admin, found, request = list_of(Programme if not key.isdigit() else User, user, query)
    row = found.model(pk=key)
    kept = {"preserved_filters": model_admin.get_preserved_filters(request), "opts": found.opts}

    written = add_preserved_filters(
        {"preserved_filters": found.preserved_filters, "opts": found.opts},
        found.url_for_result(row),
    )
    assert written == add_preserved_filters(kept, ChangeList.url_for_result(found, row))


def test_filters_ask_for_their_choices_once(user, monkeypatch):
    asked = []
    places = StepFilter._places
    monkeypatch.setattr(StepFilter, "_places", lambda *each: asked.append(each) or places(*each))
    _, found, request = list_of(Application, user, "?queue=all")

    assert found.get_filters(request) == found.get_filters(request)
    assert len(asked) == 1
