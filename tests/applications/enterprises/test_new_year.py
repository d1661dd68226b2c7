"""A profile over New Year: what lasts is confirmed, what has to be new is shown with last year's."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.enterprises.models import ProfileAnswer
from tests.applying import at, member_of
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
PROFILE, CONFIRM = reverse("firm:profile"), reverse("firm:profile-confirm")
SAID = {
    "industry.section": "C",
    "stat.direct_reporting": True,
    "enterprise.employees": 85,
    "assets.total.y1": 900,
}


@pytest.fixture
def member(client, time_machine):
    time_machine.move_to(at(2026, 11, 20, 9), tick=False)
    load_catalogue()
    member = member_of(SAID)
    client.force_login(member.user)
    assert "要核对和重新填的" not in client.get(PROFILE).content.decode()
    time_machine.move_to(at(2027, 2, 1, 9), tick=False)
    client.force_login(member.user)
    return member


def new_year(client):
    return client.get(PROFILE).context["new_year"]


def test_the_page_shows_what_to_confirm_and_what_to_say_anew(client, member):
    with CaptureQueriesContext(connection) as asked:
        found = new_year(client)
    assert len(asked) <= 12
    assert {row["key"] for row in found["lasting"]} == {"industry.section", "stat.direct_reporting"}
    assert {(row["year"], row["value"]) for row in found["anew"]} == {
        (2026, "85 人"),
        (2025, "900 万元"),
    }
    for row in found["anew"]:
        page = client.get(row["address"]).content.decode()
        assert f"{row['year']}年填的是 {row['value']}" in page


def test_what_is_confirmed_is_on_record_and_what_changed_is_unknown(client, member):
    shown = [row["key"] for row in new_year(client)["lasting"]]
    before = ProfileAnswer.objects.count()
    client.post(CONFIRM, {"shown": shown, "changed": ["industry.section"]})
    rows = ProfileAnswer.objects.order_by("pk")[before:]
    assert {(row.fact_key, row.value, row.given_at.year) for row in rows} == {
        ("stat.direct_reporting", True, 2027),
        ("industry.section", None, 2027),
    }
    assert new_year(client)["lasting"] == []
    # Nothing is left to confirm, and what was not shown is not taken as confirmed.
    client.post(CONFIRM, {"shown": shown})
    assert ProfileAnswer.objects.count() == before + 2


def test_nothing_is_confirmed_unseen(client, member):
    before = ProfileAnswer.objects.count()
    client.post(CONFIRM, {"changed": ["industry.section"]})
    assert ProfileAnswer.objects.count() == before
