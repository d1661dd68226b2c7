"""The letter that says each working morning how much waits, and the list of what is late."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.cases.models import CalendarDay
from applications.centre.daily_mail import post_daily_mail
from portal.daily import run_daily
from portal.models import Delivery
from tests.applications.centre.test_admin import LIST
from tests.applications.centre.test_roles import INDEX, of_role
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    FirmUserFactory,
    JurisdictionFactory,
    StepFactory,
    UserFactory,
)

SWITCH = reverse("desk:daily-mail")
# A Friday and the Saturday after it.
FRIDAY = datetime(2025, 11, 21, 6, tzinfo=ZoneInfo("Asia/Shanghai"))
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def clerk():
    return of_role("审核员", email="li@centre.example", first_name="李四")


@pytest.fixture
def work():
    """A case that is late, one that is due soon, and one that has time."""
    edition = EditionFactory()
    StepFactory(edition=edition, level="county", title="初审", kind="review", working_days=10)
    return [
        ApplicationFactory(
            edition=edition, county_id="140521", subject=f"{days} 天前", enterprise_name="隐名企业",
            contact_name="保密的人", arrived_at=FRIDAY - timedelta(days=days),
        )
        for days in (30, 11, 0)
    ]  # fmt: skip


def letters():
    return list(Delivery.objects.order_by("pk"))


def test_it_says_how_much_waits_and_where_and_nothing_of_firms(clerk, work, settings):
    assert post_daily_mail(FRIDAY) == 1
    (letter,) = letters()
    assert (letter.address, letter.recipient) == ("li@centre.example", clerk)
    assert letter.subject == "11月21日等您办理的事：等我办理的申报 3 件"
    text = letter.text
    assert text.startswith("李四，您好：")
    for line in (
        "等我办理的申报：3 件，最早 2025年10月22日",
        "其中已经逾期的：1 件",
        f"{settings.SITE_URL}{LIST}?due=past&queue=mine",
        "其中 3 个工作日内到期的：1 件",
        f"{settings.SITE_URL}{INDEX}#daily-mail",
    ):
        assert line in text.split("\n") or f"{line}，最早" in text, line
    for secret in (work[0].number, "隐名企业", "保密的人", "企业认领"):
        assert secret not in text


def test_each_address_leads_to_as_many_as_the_letter_says(client, clerk, work, time_machine):
    time_machine.move_to(FRIDAY, tick=False)
    post_daily_mail(FRIDAY)
    client.force_login(clerk)
    for query, count in (("queue=mine", 3), ("due=past&queue=mine", 1), ("due=soon&queue=mine", 1)):
        assert client.get(f"{LIST}?{query}").context["cl"].result_count == count
    assert client.get(f"{LIST}?due=nonsense").context["cl"].result_count == 3


def test_it_leaves_once_a_day_however_often_it_is_asked(clerk, work, settings, time_machine):
    settings.DAILY_COMMANDS = ["mail_waiting"]
    for hour in (0, 1, 8):
        now = FRIDAY + timedelta(hours=hour)
        time_machine.move_to(now, tick=False)
        run_daily(now)
        call_command("mail_waiting")
    assert [letter.key for letter in letters()] == [f"waiting-2025-11-21-{clerk.pk}"]
    monday = FRIDAY + timedelta(days=3)
    time_machine.move_to(monday, tick=False)
    run_daily(monday)
    assert len(letters()) == 2


def test_none_leaves_on_a_day_off(clerk, work):
    saturday, monday = FRIDAY + timedelta(days=1), FRIDAY + timedelta(days=3)
    assert post_daily_mail(saturday) == 0
    CalendarDay.objects.create(date=saturday.date(), is_working_day=True, note="调休")
    CalendarDay.objects.create(date=monday.date(), is_working_day=False, note="放假")
    assert (post_daily_mail(saturday), post_daily_mail(monday)) == (1, 0)
    # 国庆节, by the State Council.
    assert post_daily_mail(datetime(2025, 10, 2, 6, tzinfo=FRIDAY.tzinfo)) == 0


def test_in_a_year_that_nobody_knows_it_leaves_all_the_same(clerk, work):
    assert post_daily_mail(datetime(2098, 3, 1, 6, tzinfo=FRIDAY.tzinfo)) == 1


def test_who_has_nothing_to_do_gets_nothing(work):
    JurisdictionFactory(code="140522")
    for fields in (
        {"jurisdiction_code": "140522"},
        {"email": ""},
        {"is_active": False},
        {"is_staff": False},
    ):
        of_role("审核员", **{"email": "x@centre.example", **fields})
    of_role("审计", email="audit@centre.example")
    FirmUserFactory()
    assert post_daily_mail(FRIDAY) == 0
    assert letters() == []


def test_it_is_turned_off_and_on_by_the_person(client, clerk, work):
    other = of_role("审核员", email="zhang@centre.example")
    client.force_login(clerk)
    page = client.post(SWITCH, {"wanted": "no"}, follow=True)
    assert "以后不再每天给您发邮件" in page.content.decode()
    assert "每天发给我" in page.content.decode()
    client.post(SWITCH, {"wanted": "no"})
    post_daily_mail(FRIDAY)
    assert [letter.recipient for letter in letters()] == [other]
    page = client.post(SWITCH, {"wanted": "yes"}, follow=True)
    assert "不再每天发" in page.content.decode()
    assert post_daily_mail(FRIDAY) == 2


def test_who_has_no_address_reads_so(client):
    client.force_login(of_role("审核员"))
    assert "您的账号没有邮箱" in client.get(INDEX).content.decode()


def test_only_staff_turn_it_off_and_by_a_post(client, clerk):
    assert client.post(SWITCH, {"wanted": "no"}).status_code == 302
    client.force_login(FirmUserFactory())
    assert client.post(SWITCH, {"wanted": "no"})["Location"].startswith("/admin/login/")
    client.force_login(clerk)
    assert client.get(SWITCH).status_code == 405


def test_the_letters_take_as_many_queries_for_many_cases(clerk, work, django_assert_num_queries):
    with CaptureQueriesContext(connection) as few:
        post_daily_mail(FRIDAY)
    ApplicationFactory.create_batch(20, county_id="140521")
    with django_assert_num_queries(len(few)):
        post_daily_mail(FRIDAY + timedelta(days=3))


def test_superusers_are_written_to_as_well(work):
    UserFactory(is_superuser=True, jurisdiction_code="", email="root@centre.example")
    assert post_daily_mail(FRIDAY) == 1
