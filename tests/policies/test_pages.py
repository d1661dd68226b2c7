"""The public pages: queries, privacy, strangers and bad input."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from policies.models import SelfCheck
from policies.packs import load_packs
from tests.policies.packs import FIXTURES

FIRM = {
    "enterprise.county": "140521",
    "industry.section": "C",
    "revenue.main_business.y0": 2000,
    "stat.direct_reporting": True,
    "stat.first_time_above_scale": True,
    "stat.entry_path": "below_scale",
    "stat.first_upgrade_year": 2026,
}
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def catalogue(db):
    load_packs(FIXTURES)


@pytest.fixture
def check(db):
    return SelfCheck.objects.create(
        answers=FIRM, on="2026-11-20", expires_at=timezone.now() + timedelta(days=1)
    )


def test_the_result_takes_at_most_ten_queries(client, check, django_assert_max_num_queries):
    url = reverse("policies:result", args=[check.token])
    client.get(url)
    with django_assert_max_num_queries(10):
        page = client.get(url).content.decode()
    assert "小升规奖励" in page
    assert "未公布" in page


def test_the_result_is_kept_out_of_indexes_and_caches(client, check):
    response = client.get(reverse("policies:result", args=[check.token]))
    assert "noindex" in response["X-Robots-Tag"]
    assert "no-store" in response["Cache-Control"]


def test_an_expired_or_guessed_link_is_not_found(client, check):
    assert client.get(reverse("policies:result", args=["guess"])).status_code == 404
    SelfCheck.objects.update(expires_at=timezone.now())
    assert client.get(reverse("policies:result", args=[check.token])).status_code == 404


def test_deleting_takes_a_post(client, check):
    url = reverse("policies:result-delete", args=[check.token])
    assert client.get(url).status_code == 405
    client.post(url)
    assert not SelfCheck.objects.exists()


def test_today_makes_a_new_link_and_keeps_the_old_day(client, check):
    response = client.post(reverse("policies:result-today", args=[check.token]))
    assert response.status_code == 302
    check.refresh_from_db()
    assert check.on.isoformat() == "2026-11-20"
    assert SelfCheck.objects.exclude(pk=check.pk).get().on == timezone.localdate()


def test_contradictions_are_named_beside_the_field(client):
    data = {"industry__section": "A", "industry__division": "35"}
    page = client.post(reverse("policies:self-check"), data).content.decode()
    assert "不属于所填的行业门类" in page
    assert not SelfCheck.objects.exists()


def test_a_step_once_shown_can_be_gone_back_to(client, check):
    url = reverse("policies:self-check-step", args=[check.token, 1])
    page = client.get(url)
    name = page.context["form"].keys[0]
    client.post(url, {})
    check.refresh_from_db()
    assert check.unclear == page.context["form"].keys
    assert client.get(url).context["form"].keys[0] == name
    assert len(check.answers) == len(FIRM)
