"""Cover for leave on the pages: entered, said wherever it matters, and decided in anothers' stead."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.cases.models import Cover
from applications.cases.workflow import Status
from applications.centre.daily_mail import post_daily_mail
from portal.models import Delivery
from portal.users import deactivate_user
from tests.applications.centre.test_admin import LIST, case
from tests.applications.centre.test_assignees import give, listed
from tests.applications.centre.test_desk import decided, said
from tests.applications.centre.test_roles import INDEX, of_role
from tests.factories import ApplicationFactory, JurisdictionFactory, UserFactory

COVERS = reverse("desk:covers")
MONDAY = datetime(2025, 11, 24, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
UNTIL = "至 2025年12月3日"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture(autouse=True)
def a_monday(time_machine):
    time_machine.move_to(MONDAY, tick=False)


@pytest.fixture
def clerk(client):
    user = of_role("审核员", first_name="张三", email="zhang@centre.example")
    client.force_login(user)
    return user


@pytest.fixture
def away(clerk):
    return of_role("审核员", first_name="王五", email="wang@centre.example")


def enter(client, person, substitute, first="2025-11-24", last="2025-12-03", **more):
    data = {"person": person.pk, "substitute": substitute.pk, "first": first, "last": last, **more}
    return client.post(COVERS, data, follow=True)


def text(response):
    return response.content.decode()


def test_the_cases_of_who_is_away_are_the_substitutes_own_and_that_is_said(
    client, clerk, away, time_machine
):
    theirs, other = ApplicationFactory.create_batch(2, county_id="140521")
    give(client, theirs, away)
    assert listed(client, queue="own") == []
    page = enter(client, away, clerk, reason="年假")
    assert said(page) == ["已登记：2025年11月24日到2025年12月3日，王五的申报由张三代办。"]
    assert "正在代办" in text(page)
    assert listed(client, queue="own") == [theirs.pk]
    assert set(listed(client)) == {theirs.pk, other.pk}
    for address in (INDEX, f"{LIST}?queue=own", case(theirs)):
        assert f"代 王五 处理，{UNTIL}" in text(client.get(address)), address
    held = '王五（张三代办，至<span class="figure">2025年12月3日</span>）'
    assert held in text(client.get(f"{LIST}?queue=own"))
    page = decided(client, theirs, "accept", "queue=own")
    assert page.redirect_chain[-1][0].startswith(case(theirs))
    theirs.refresh_from_db()
    assert (theirs.status, theirs.assignee) == (Status.IN_REVIEW, away)
    assert "（代 王五）：<strong>受理" in text(client.get(case(theirs)))
    client.force_login(away)
    assert f"您的申报由 张三 代办，{UNTIL}" in text(client.get(INDEX))
    time_machine.move_to(MONDAY + timedelta(days=10), tick=False)
    client.force_login(clerk)
    assert listed(client, queue="own") == []
    assert "代 王五" not in text(client.get(INDEX))
    assert [action.value for action in client.get(case(theirs)).context["actions"]] == ["take_over"]


def test_what_is_wrong_stands_beside_it_and_nothing_typed_is_lost(client, clerk, away):
    page = enter(client, away, clerk, last="12月32日", reason="学习")
    assert page.status_code == 400
    for kept in ('value="12月32日"', 'value="学习"', f'<option value="{away.pk}" selected'):
        assert kept in text(page)
    page = enter(client, away, away)
    assert "代办的要是另一个人" in text(page)
    page = enter(client, away, UserFactory(jurisdiction_code="140500"))
    assert "请从列出的审核员中选" in text(page)
    assert not Cover.objects.exists()


def test_it_is_ended_before_its_time_by_the_office_only(client, clerk, away):
    enter(client, away, clerk)
    end = reverse("desk:end-cover", args=[Cover.objects.get().pk])
    assert client.get(end).status_code == 405
    for stranger in (UserFactory(jurisdiction_code="140500"), of_role("财务")):
        client.force_login(stranger)
        assert client.post(end).status_code == 404
    client.force_login(of_role("审核员"))
    assert said(client.post(end, follow=True)) == ["王五的代班已结束，申报回到王五那里。"]
    assert said(client.post(end, follow=True)) == ["这一段代班已经结束。"]
    assert Cover.objects.get().ended_at == MONDAY


@pytest.mark.parametrize(
    ("role", "place", "status"),
    [
        ("审核员", "140521", 200),
        ("审核员", "", 403),
        ("用户管理", "140500", 200),
        ("财务", "140521", 403),
        ("审计", "140521", 403),
    ],
)
def test_who_has_somebody_to_enter_may(client, away, role, place, status):
    city = JurisdictionFactory()
    JurisdictionFactory(code="140521", name="沁水县", level="county", parent=city)
    client.force_login(of_role(role, jurisdiction_code=place))
    assert client.get(COVERS).status_code == status
    assert (COVERS in text(client.get(INDEX))) is (status == 200)


def test_a_substitute_who_may_no_more_is_told_of(client, clerk, away):
    enter(client, away, clerk)
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    deactivate_user(user=clerk, actor=root, reason="离职")
    client.force_login(away)
    assert "现在不能代办" in text(client.get(COVERS))
    assert "代办，至" not in text(client.get(INDEX))


def test_the_cover_of_somebody_who_moved_is_ended_and_their_cases_are_free(client, clerk, away):
    case_of_away = ApplicationFactory(county_id="140521")
    give(client, case_of_away, away)
    enter(client, away, clerk)
    away.jurisdiction_code = JurisdictionFactory(
        code="140524", name="陵川县", level="county", parent_id="140500"
    ).pk
    away.save()
    page = client.post(reverse("desk:end-cover", args=[Cover.objects.get().pk]), follow=True)
    [told] = said(page)
    assert "王五现在不审核原来单位的申报" in told
    assert "1 件没有人办" in told
    assert Cover.objects.get().ended_by == clerk


def test_the_morning_letter_goes_to_the_substitute_alone(client, clerk, away):
    give(client, ApplicationFactory(county_id="140521"), away)
    post_daily_mail(MONDAY)
    enter(client, away, clerk)
    post_daily_mail(MONDAY + timedelta(days=1))
    assert [letter.recipient for letter in Delivery.objects.order_by("pk")] == [away, clerk]


def test_the_pages_ask_as_often_for_many(client, clerk, away):
    many = ApplicationFactory.create_batch(12, county_id="140521", assignee=away)
    enter(client, away, clerk)

    def asked(address):
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            client.get(address)
        return len(captured)

    pages = (COVERS, INDEX, f"{LIST}?queue=own", case(many[0]))
    few = [asked(page) for page in pages]
    for _ in range(5):
        person = of_role("审核员")
        ApplicationFactory(county_id="140521", assignee=person)
        enter(client, person, clerk)
    client.get(COVERS)
    assert [asked(page) for page in pages] == few
