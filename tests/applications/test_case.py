"""The firm's own case: putting right what was asked, and taking it back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from applications.models import Application
from applications.services import request_correction
from applications.workflow import Status
from policies.packs import load_packs
from tests.applications.test_apply import send
from tests.factories import SelfCheckFactory, UserFactory
from tests.policies.packs import FIXTURES

pytestmark = pytest.mark.django_db
REVENUE = "revenue.main_business.y0"


@pytest.fixture
def returned(client):
    load_packs(FIXTURES)
    send(client, SelfCheckFactory())
    application = Application.objects.get()
    request_correction(
        application=application,
        actor=UserFactory(),
        facts=[REVENUE],
        materials=["其他材料"],
        reason="收入与报表不符",
        now=timezone.now(),
    )
    return application


def address(name, application):
    return reverse(f"applications:{name}", args=[application.reference])


def test_the_receipt_says_what_to_correct(client, returned):
    page = client.get(address("receipt", returned)).content.decode()
    assert "收入与报表不符" in page
    assert address("correct", returned) in page


def test_only_the_named_fact_is_asked_and_the_pinned_edition_judges_it(client, returned):
    url = address("correct", returned)
    page = client.get(url)
    assert list(page.context["form"].keys) == [REVENUE]
    sent = {"revenue__main_business__y0": "1800", "enterprise__county": "140522"}
    assert client.post(url, sent).status_code == 302
    returned.refresh_from_db()
    assert returned.status == Status.IN_REVIEW
    assert returned.answers[REVENUE] == 1800
    assert returned.answers["enterprise.county"] == "140521"
    assert returned.assessment["verdict"] == "not_eligible"
    details = returned.events.last().details
    assert details["changes"] == {REVENUE: [2000, 1800]}
    assert returned.corrections.get().answered_at
    assert client.get(url).status_code == 404


def test_a_wrong_number_is_said_beside_its_field_and_kept(client, returned):
    page = client.post(address("correct", returned), {"revenue__main_business__y0": "两千"})
    assert "revenue__main_business__y0" in page.context["form"].errors
    assert "两千" in page.content.decode()
    returned.refresh_from_db()
    assert returned.status == Status.RETURNED


def test_a_reviewer_sees_what_the_correction_changed(client, returned):
    client.post(address("correct", returned), {"revenue__main_business__y0": "2100"})
    client.force_login(UserFactory())
    url = reverse("admin:applications_application_change", args=[returned.pk])
    assert "2000 万元 → 2100 万元" in client.get(url).content.decode()


def test_a_firm_takes_its_application_back_and_may_apply_again(client, returned):
    url = address("withdraw", returned)
    assert client.get(url).status_code == 405
    assert client.post(url, {"reason": "想先补材料"}).status_code == 302
    returned.refresh_from_db()
    assert returned.status == Status.WITHDRAWN
    assert returned.events.last().opinion == "想先补材料"
    again = client.post(url)
    assert again.status_code == 400
    assert "不能“撤回申报”" in again.content.decode()
    send(client, returned.self_check)
    assert Application.objects.count() == 2


def test_a_correction_made_in_two_tabs_counts_once(client, returned):
    url = address("correct", returned)
    assert client.post(url, {"revenue__main_business__y0": "2100"}).status_code == 302
    assert client.post(url, {"revenue__main_business__y0": "2200"}).status_code == 404
    returned.refresh_from_db()
    assert returned.answers[REVENUE] == 2100
