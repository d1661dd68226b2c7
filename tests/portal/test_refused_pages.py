"""What a form names is gone, or in use, when it is saved: told in words, and nothing typed is lost."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path, reverse

from applications.enterprises.models import Enterprise, ProfileAnswer
from policies.catalogue.models import Contact, Document, Edition, Fact, Programme
from portal.models import Jurisdiction
from portal.refusals import GONE, TWICE
from tests.factories import (
    DocumentFactory,
    FactFactory,
    FirmUserFactory,
    JurisdictionFactory,
    MembershipFactory,
    OfficeFactory,
    ProgrammeFactory,
)
from tests.in_turn import one_after_the_other

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(
    connection.vendor != "postgresql", reason="needs several connections"
)
WORDS = "工作人员刚改过的一段话"


@transaction.atomic
def of_nobody(request):
    Contact.objects.create(programme_id="gone", office=OfficeFactory())
    return HttpResponse("saved")


@transaction.atomic
def guarded(request):
    Document.objects.update(number="别的号")
    return HttpResponse("saved")


@transaction.atomic
def twice(request):
    Programme.objects.bulk_create([Programme.objects.get()])
    return HttpResponse("saved")


@transaction.atomic
def faulty(request):
    Programme.objects.update(name=None)
    return HttpResponse("saved")


urlpatterns = [
    path("of-nobody", of_nobody),
    path("guarded", guarded),
    path("twice", twice),
    path("faulty", faulty),
    path("", include("portal.urls")),
]


@pytest.mark.urls(__name__)
@pytest.mark.parametrize(
    ("page", "told"), [("of-nobody", GONE), ("guarded", "文号不能改"), ("twice", TWICE)]
)
def test_what_the_database_refuses_is_told_with_all_that_was_typed(page, told):
    JurisdictionFactory()
    DocumentFactory()
    ProgrammeFactory()
    response = Client().post(f"/{page}", {"words": WORDS, "password": "secret-1"})
    assert response.status_code == 409
    text = response.content.decode()
    assert told in text
    assert f'name="words" value="{WORDS}"' in text
    assert "secret-1" not in text
    assert not Contact.objects.exists()


@pytest.mark.urls(__name__)
def test_a_fault_of_the_program_stays_one():
    ProgrammeFactory()
    with pytest.raises(IntegrityError):
        Client().post("/faulty")


@pytest.fixture
def member(client):
    member = MembershipFactory()
    client.force_login(member.user)
    return member


def sent(client, address, data, responses):
    """The posting of a form, for another thread; the session is read before the race begins."""

    def send():
        responses.append(client.post(address, data))

    return send


@on_postgresql
def test_a_profile_that_answers_a_fact_just_deleted_keeps_what_was_typed(client, member):
    for key, label in (("test.gone", "要删的"), ("test.stays", "留下的")):
        FactFactory(key=key, label=label, type="int", section="试验", unit="")
    address = f"{reverse('firm:profile-edit')}?section=试验"
    form = client.get(address).context["form"]
    names = [field.name for field in form]
    data = {"seen": form.version, **dict.fromkeys(names, "7")}
    responses = []

    def delete():
        Fact.objects.get(pk="test.gone").delete()

    send = sent(client, address, data, responses)
    assert one_after_the_other(delete, send, IntegrityError, ends_itself=True) == ["done", "done"]
    [response] = responses
    assert response.status_code == 409
    assert "指标刚被删除" in response.content.decode()
    assert not ProfileAnswer.objects.exists()
    again = dict(response.context["typed"])
    assert again == {name: str(value) for name, value in data.items()}
    assert client.post(address, again).status_code == 302
    assert [row.fact_key for row in ProfileAnswer.objects.all()] == ["test.stays"]


@on_postgresql
def test_a_firm_that_registers_in_a_county_just_deleted_keeps_what_was_typed(client):
    JurisdictionFactory()
    county = JurisdictionFactory(code="140599", name="新县", level="county", parent_id="140500")
    client.force_login(FirmUserFactory())
    address, responses = reverse("firm:enterprise-register"), []
    data = {
        "enterprise_name": "新县测试公司", "credit_code": "91140599MA0K000019", "county": county.pk,
        "contact_name": "张三", "contact_telephone": "0356-7000000",
    }  # fmt: skip
    form = client.post(address, {**data, "credit_code": ""}).context["form"]
    assert list(form.errors) == ["credit_code"]

    def delete():
        Jurisdiction.objects.get(pk="140599").delete()

    send = sent(client, address, data, responses)
    assert one_after_the_other(delete, send, IntegrityError, ends_itself=True) == ["done", "done"]
    [response] = responses
    assert response.status_code == 409, response.context["form"].errors
    assert "新县测试公司" in response.content.decode()
    assert not Enterprise.objects.exists()


@on_postgresql
def test_an_editor_whose_programme_is_just_deleted_keeps_the_notices_typed(admin_client):
    programme = ProgrammeFactory()
    address, responses = reverse("admin:catalogue_edition_add"), []
    data = {"programme": programme.pk, "effective_from": "2030-01-01", "notices": WORDS}
    for prefix in ("criteria", "awards", "materials", "steps"):
        data |= {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}

    def delete():
        Programme.objects.get(pk=programme.pk).delete()

    send = sent(admin_client, address, data, responses)
    assert one_after_the_other(delete, send, IntegrityError, ends_itself=True) == ["done", "done"]
    [response] = responses
    assert "刚被别人删除" in "".join(response.context["adminform"].form.errors["programme"])
    assert WORDS in response.content.decode()
    assert not Edition.objects.exists()
