"""A firm whose programme is retired, corrected or withdrawn: a sentence, and nothing typed is lost."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from applications.cases.models import Application, ApplicationDraft
from policies.catalogue.editions import begin_correction, copy_to_draft
from policies.catalogue.models import Programme
from policies.catalogue.screening import set_screened
from tests.applying import (
    ANSWERS,
    address,
    draft,
    edition_of,
    handed_in,
    member_of,
    page_data,
    send,
)
from tests.factories import EnterpriseFactory, MembershipFactory, UserFactory, ready
from tests.policies.packs import load_catalogue
from tests.two_editors import publish_correction, publish_edition, retire_edition

REVENUE = "revenue.main_business.y0"
LACKING = {key: value for key, value in ANSWERS.items() if key != REVENUE}
WHY = "文件已废止"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.one_database,
    pytest.mark.usefixtures("files_root"),
]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def member(client):
    member = member_of(LACKING)
    client.force_login(member.user)
    return member


def retire():
    edition = edition_of()
    retire_edition(edition, reason=WHY, day=timezone.localdate(), now=timezone.now())
    return edition


def correct():
    new = begin_correction(edition_of())
    new.criteria.filter(code="XSG.3").update(rule={"fact": REVENUE, "at_least": 3000}, sentence="")
    publish_correction(ready(new), reason="限额看错了", now=timezone.now())
    return new


def save(client, data, **changes):
    return client.post(address(name="apply-save"), {**data, **changes})


def typed(client):
    data = page_data(client, address())
    save(client, data, revenue__main_business__y0="2000")
    return page_data(client, address())


def test_a_draft_of_a_retired_programme_leads_to_a_sentence_with_all_that_was_typed(client, member):
    typed(client)
    retire()
    response = client.get(address())
    page = response.content.decode()
    assert response.status_code == 200
    assert WHY in page
    assert "停止受理" in page
    assert "2000 万元" in page
    home = client.get(reverse("firm:enterprise")).content.decode()
    assert "这个项目现在不受理" in home


@pytest.mark.parametrize("name", ["apply", "apply-save"])
def test_what_an_open_page_sends_after_that_is_kept_and_not_handed_in(client, member, name):
    data = typed(client)
    retire()
    response = client.post(
        address(name=name), {**data, "revenue__main_business__y0": "2345", "truthful": "on"}
    )
    assert response.status_code == 200
    assert "2345 万元" in response.content.decode()
    assert draft().answers == {REVENUE: ["2345"]}
    assert not Application.objects.exists()


def test_the_page_that_saves_by_itself_is_led_to_the_sentence(client, member):
    data = typed(client)
    retire()
    response = client.post(
        address(name="apply-save"),
        {**data, "revenue__main_business__y0": "2345"},
        headers={"HX-Request": "true"},
    )
    assert response["HX-Redirect"] == address()
    assert draft().answers == {REVENUE: ["2345"]}


def test_what_a_colleague_typed_otherwise_stands_beside_it(client, member):
    data = typed(client)
    colleague = Client()
    colleague.force_login(MembershipFactory(role="member", contact_name="财务").user)
    save(colleague, page_data(colleague, address()), revenue__main_business__y0="2100")
    retire()
    response = save(client, data, revenue__main_business__y0="2200")
    page = response.content.decode()
    assert response.status_code == 409
    assert "2100 万元" in page
    assert "2200 万元" in page
    assert draft().answers == {REVENUE: ["2100"]}


def test_the_draft_is_deleted_as_it_was_shown(client, member):
    typed(client)
    retire()
    discard = address(name="apply-discard")
    response = client.post(discard, {"version": "0"})
    assert response.status_code == 409
    assert "草稿被改过" in response.content.decode()
    assert ApplicationDraft.objects.exists()
    version = client.get(address()).context["draft"].version
    assert client.post(discard, {"version": version}).status_code == 302
    assert not ApplicationDraft.objects.exists()


def test_a_draft_of_an_open_programme_is_not_deleted(client, member):
    typed(client)
    response = client.post(address(name="apply-discard"), {"version": draft().version})
    assert response.url == address()
    assert ApplicationDraft.objects.exists()


def test_a_new_edition_takes_the_draft_over(client, member):
    typed(client)
    edition = retire()
    publish_edition(ready(copy_to_draft(edition, timezone.localdate())))
    page = client.get(address())
    assert page.context["filling"].closed == ""
    assert page.context["forms"].content[REVENUE] == ["2000"]


def test_a_new_edition_to_come_is_named(client, member):
    edition = retire()
    publish_edition(ready(copy_to_draft(edition, timezone.localdate() + timedelta(days=30))))
    assert "新的版本自" in client.get(address()).content.decode()


@pytest.mark.parametrize("name", ["apply", "apply-save", "apply-subject", "apply-take-over"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_no_address_of_a_closed_programme_is_lost(client, member, name, method):
    retire()
    response = getattr(client, method)(address(name=name), follow=True)
    assert response.status_code == 200
    assert WHY in response.content.decode()


def test_what_is_not_offered_on_the_site_says_so(client, member):
    programme = Programme.objects.get(pk="jc-xsg")
    set_screened(programme, is_screened=False, reason=WHY, now=timezone.now())
    page = client.get(address()).content.decode()
    assert "不在网上受理" in page
    assert WHY in page


def test_an_unknown_programme_is_still_not_found(client, member):
    assert client.get(address("no-such")).status_code == 404


def test_who_had_the_old_rules_on_the_page_looks_at_the_corrected_ones_first(client, member):
    data = typed(client)
    new = correct()
    response = client.post(address(), {**data, "truthful": "on"})
    assert "政策内容更新了" in response.content.decode()
    assert not Application.objects.exists()
    assert client.get(address()).context["filling"].edition == new
    assert client.get(address()).context["row"]["verdict"] == "not_eligible"
    assert draft().answers == {REVENUE: ["2000"]}


def test_a_case_keeps_the_old_edition_and_both_pages_say_that_it_was_corrected(client):
    member = member_of()
    case = handed_in(member)
    old = case.edition
    new = correct()
    case.refresh_from_db()
    assert case.edition == old
    client.force_login(member.user)
    pages = [client.get(reverse("firm:case", args=[case.reference])).content.decode()]
    client.force_login(UserFactory())
    staff = reverse("admin:cases_application_change", args=[case.pk])
    pages.append(client.get(staff).content.decode())
    for page in pages:
        assert "更正：限额看错了" in page
        assert reverse("pages:edition", args=["jc-xsg", old.pk]) in page
        assert reverse("pages:programme", args=["jc-xsg"]) in page
    assert "达到2000万元" in pages[1]
    firm = EnterpriseFactory(credit_code="TESTCODE0000000001", name="另一家公司")
    other = member_of(enterprise=firm)
    client.force_login(other.user)
    assert send(client, confirmed_unmet="on").status_code == 302
    assert Application.objects.latest("pk").edition == new
