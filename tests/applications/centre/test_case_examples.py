"""A case becomes an example of its programme's draft: its answers and its day, without its names."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from policies.catalogue.editions import copy_to_draft
from policies.catalogue.models import Edition, Example
from policies.catalogue.readiness import refusals_of
from tests.factories import ApplicationFactory, UserFactory
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ANSWERS = {
    "enterprise.county": "140521", "industry.section": "C", "revenue.main_business.y0": 2300.5,
    "stat.first_upgrade_year": 2026, "stat.entry_path": "below_scale",
    "stat.first_time_above_scale": True, "stat.direct_reporting": True,
    # Nobody asks it for this programme.
    "enterprise.founded_on": "2019-05-06",
}  # fmt: skip
EDITS = ["change_edition", "view_application", "change_example", "view_example"]


@pytest.fixture
def case(db):
    load_catalogue()
    edition = Edition.objects.standing().get(programme="jc-xsg")
    return ApplicationFactory(edition=edition, answers=ANSWERS, on="2026-11-20")


def make(client, case, **user):
    client.force_login(UserFactory(**user))
    address = reverse("admin:cases_application_example", args=[case.pk])
    return client.post(address, follow=True)


def test_its_answers_and_day_go_to_the_newest_draft_and_nothing_else(client, case):
    older = copy_to_draft(case.edition, date(2027, 1, 1))
    draft = copy_to_draft(case.edition, date(2027, 7, 1))
    user = {"jurisdiction_code": "140500", "permissions": EDITS}
    page = make(client, case, **user)
    assert "没有企业名称、电话" in page.content.decode()
    assert older.examples.count() == 1
    example = draft.examples.get(position=2)
    assert example.firm == {
        key: value for key, value in ANSWERS.items() if key != "enterprise.founded_on"
    }
    assert f"{example.on}" == "2026-11-20"
    kept = str(Example.objects.filter(pk=example.pk).values().get())
    kept += str(LogEntry.objects.filter(object_id=str(example.pk)).values())
    for gone in (
        case.enterprise_name, case.number, case.contact_name, case.contact_telephone,
        case.enterprise.credit_code,
    ):  # fmt: skip
        assert gone
        assert gone not in kept
    outcomes = {row["code"]: row["is"] for row in example.criteria}
    assert outcomes["XSG.3"] == "met"
    assert {row["level"] for row in example.money} == {"province", "city", "county"}
    assert refusals_of(draft) == []
    shown = client.get(reverse("admin:cases_application_change", args=[case.pk]))
    assert "做成例子" in shown.content.decode()


def test_without_a_draft_or_elsewhere_it_says_what_to_do(client, case):
    user = {"jurisdiction_code": "140500", "permissions": EDITS}
    assert "现在没有草稿" in make(client, case, **user).content.decode()
    copy_to_draft(case.edition, date(2027, 1, 1))
    here = {"jurisdiction_code": "140521", "permissions": EDITS}
    assert "不在您编辑的地区" in make(client, case, **here).content.decode()
    assert make(client, case, jurisdiction_code="140500").status_code == 403
    assert Example.objects.filter(edition__status="draft").count() == 1
