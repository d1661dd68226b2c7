"""What was done stays: through the admin, the models and plain SQL."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import ApplicationEvent, CaseNote, Message
from applications.cases.services.notes import write_note
from applications.cases.services.review import decide
from applications.cases.workflow import Action
from applications.enterprises.models import Enterprise
from tests.factories import ApplicationFactory, EnterpriseFactory, MembershipFactory, UserFactory

KEPT = {
    "cases_applicationevent": "opinion",
    "cases_casenote": "text",
    "cases_message": "text",
    "portal_delivery": "address",
    "enterprises_historicalenterprise": "name",
    "portal_historicaluser": "username",
    "portal_user": None,
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def event():
    member = MembershipFactory().user
    application = ApplicationFactory()
    now = timezone.now()
    decide(
        application=application,
        action=Action.REJECT,
        actor=UserFactory(),
        opinion="缺证明",
        now=now,
    )
    write_note(application=application, author=member, from_staff=False, text="何时？", now=now)
    return application.events.get()


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def run(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize(("table", "column"), KEPT.items())
def test_plain_sql_is_refused(event, table, column):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        assert cursor.fetchone()[0]
    refused(lambda: run(f"DELETE FROM {table}"))
    if column:
        refused(lambda: run(f"UPDATE {table} SET {column} = 'x'"))


@pytest.mark.parametrize("model", [ApplicationEvent, CaseNote, Message, Enterprise.history.model])
def test_models_are_refused(event, model):
    row = model.objects.first()
    refused(row.delete)
    refused(model.objects.all().delete)
    for field in ("opinion", "text", "name"):
        if hasattr(row, field):
            setattr(row, field, "另一种说法")
            refused(row.save)
            refused(lambda name=field: model.objects.update(**{name: "另一种说法"}))


def test_the_admin_offers_no_way_to_change_an_event(client, event):
    client.force_login(UserFactory(is_superuser=True))
    case = reverse("admin:cases_application_change", args=[event.application_id])
    page = client.get(case).content.decode()
    assert "缺证明" in page
    inline = {
        "events-TOTAL_FORMS": 1, "events-INITIAL_FORMS": 1, "events-0-id": event.pk,
        "events-0-opinion": "另一种说法", "events-0-DELETE": "on",
    }  # fmt: skip
    client.post(case, inline)
    for address in (f"{case}delete/", f"/admin/cases/applicationevent/{event.pk}/delete/"):
        assert client.post(address, {"post": "yes"}).status_code in (302, 403, 404)
    event.refresh_from_db()
    assert event.opinion == "缺证明"


def test_the_history_of_a_firm_is_for_those_who_see_the_firm(client):
    application = ApplicationFactory()
    firm = application.enterprise
    firm.name = "沁水县改名制造有限公司"
    firm.save()
    url = reverse("admin:enterprises_enterprise_history", args=[firm.pk])
    client.force_login(UserFactory(permissions=["view_enterprise"]))
    page = client.get(url).content.decode()
    assert "沁水县改名制造有限公司" in page
    client.force_login(UserFactory(permissions=["view_enterprise"], jurisdiction_code="140522"))
    assert client.get(url).status_code in (302, 404)
    assert firm.name not in client.get(url, follow=True).content.decode()


def test_a_firm_updated_without_saving_has_history_too():
    firm = EnterpriseFactory()
    Enterprise.objects.filter(pk=firm.pk).update(name="另一个名称")
    assert firm.history.first().name == "另一个名称"
