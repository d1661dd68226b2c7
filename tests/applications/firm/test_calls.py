"""A programme with calls: too early and too late are told, nothing typed is lost, and its own materials."""

from datetime import datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from applications.cases.models import Application, ApplicationDraft
from applications.cases.services.calls import move_last_day, set_county_day, withdraw_call
from applications.cases.services.review import request_correction
from applications.firm.views import apply_hand_in
from policies.catalogue.models import Programme
from tests.applying import (
    ANSWERS,
    CHINA,
    address,
    draft,
    handed_in,
    member_of,
    page_data,
    send,
    tell_profile,
)
from tests.factories import CalendarAddressFactory, UserFactory, opened_call
from tests.policies.packs import load_catalogue

REVENUE = "revenue.main_business.y0"
LACKING = {key: value for key, value in ANSWERS.items() if key != REVENUE}
LETTER = "诚信承诺函"
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("files_root"),
    pytest.mark.one_database,
]


@pytest.fixture(autouse=True)
def catalogue(db):
    load_catalogue()


@pytest.fixture
def member(client):
    member = member_of(LACKING)
    client.force_login(member.user)
    return member


def days(number):
    return timezone.localdate() + timedelta(days=number)


def called(first=0, last=20, **fields):
    programme = Programme.objects.get(pk="jc-xsg")
    return opened_call(
        programme=programme, opens_on=days(first), closes_on=last and days(last), **fields
    )


def pdf(name):
    return SimpleUploadedFile(name, b"%PDF-1.7 " + name.encode(), content_type="application/pdf")


def text(response):
    return response.content.decode()


def test_too_early_is_told_with_the_day_and_whom_to_call_and_nothing_typed_is_lost(client, member):
    data = page_data(client, address())
    call = called(first=10)
    response = client.post(address(), {**data, "revenue__main_business__y0": "2000"})
    page = text(response)
    assert "现在还没有开始" in page
    assert f"{call.opens_on.year}年{call.opens_on.month}月{call.opens_on.day}日起受理" in page
    assert call.contact in page
    assert "2000 万元" in page
    assert draft().content[REVENUE] == ["2000"]
    assert not Application.objects.exists()
    assert "现在还没有开始" in text(client.get(address()))
    assert "现在还没有开始" in text(client.get(reverse("firm:apply-index")))


def test_too_late_is_told_and_the_draft_is_still_there_when_it_is_prolonged(
    client, member, time_machine
):
    call = called(last=2)
    data = {**page_data(client, address()), "revenue__main_business__y0": "2000"}
    time_machine.move_to(timezone.now() + timedelta(days=3))
    client.force_login(member.user)
    page = text(client.post(address(), {**data, "truthful": "on"}))
    assert "已于" in page
    assert call.contact in page
    assert "2000 万元" in page
    assert not Application.objects.exists()
    later = days(5)
    move_last_day(
        call=call, closes_on=later, reason="延期", actor=UserFactory(), now=timezone.now()
    )
    assert send(client, truthful="on").status_code == 302
    assert Application.objects.get().call == call


def test_the_day_of_the_county_is_told_and_decides(client, member, time_machine):
    call, county = called(), member.enterprise.county
    clerk = UserFactory(jurisdiction_code=county.pk, permissions=["manage_calls"])
    set_county_day(
        call=call,
        county=county,
        last_day=days(3),
        reason="县里要先初审",
        actor=clerk,
        now=timezone.now(),
    )
    for url in (address(), reverse("firm:apply-index"), reverse("firm:calendar")):
        assert "县里要先初审" in text(client.get(url))
    data = {**page_data(client, address()), "revenue__main_business__y0": "2000"}
    time_machine.move_to(timezone.now() + timedelta(days=4))
    client.force_login(member.user)
    page = text(client.post(address(), {**data, "truthful": "on"}))
    assert "已于" in page
    assert "县里要先初审" in page
    assert "2000 万元" in page
    assert not Application.objects.exists()


def test_a_call_that_ends_while_the_form_is_handed_in_refuses_and_keeps_the_draft(
    client, member, monkeypatch
):
    """It is withdrawn after the page was saved and before it is handed in, and another one opens."""
    call = called()
    data = {**page_data(client, address()), "revenue__main_business__y0": "2000"}
    save = apply_hand_in.save_page

    def save_and_withdraw(*args):
        found = save(*args)
        withdraw_call(call=call, reason="错了", actor=UserFactory(), now=timezone.now())
        called(first=5)
        return found

    monkeypatch.setattr(apply_hand_in, "save_page", save_and_withdraw)
    response = client.post(address(), {**data, "truthful": "on"})
    assert "现在还没有开始" in text(response)
    assert not Application.objects.exists()
    assert draft().content[REVENUE] == ["2000"]


def test_the_page_of_a_call_that_was_replaced_is_shown_anew(client, member):
    data = page_data(client, address())
    called()
    response = client.post(address(), {**data, "revenue__main_business__y0": "2000"})
    assert "政策内容更新了" in text(response)
    assert draft().content[REVENUE] == ["2000"]
    assert not Application.objects.exists()


def test_what_the_call_asks_for_beside_the_list_is_asked_for_checked_and_stays(
    client, time_machine
):
    member = member_of()
    client.force_login(member.user)
    call = called(materials=[LETTER])
    page = text(client.get(address()))
    assert LETTER in page
    assert call.title in page
    field = f"material_{call.materials.get().pk}_new"
    application = handed_in(member, **{field: pdf("letter.pdf")})
    assert application.call == call
    assert [each.material_name for each in application.attachments.all()] == [LETTER]
    shown = text(client.get(reverse("firm:case", args=[application.reference])))
    assert LETTER in shown
    assert call.title in shown

    reviewer = UserFactory()
    request_correction(
        application=application,
        actor=reviewer,
        facts=[],
        materials=[LETTER],
        reason="没有盖章",
        now=timezone.now(),
    )
    time_machine.move_to(timezone.now() + timedelta(days=21))  # when the call is over
    client.force_login(member.user)
    correct = reverse("firm:correct", args=[application.reference])
    assert client.post(correct, {}).status_code == 200
    new = client.post(correct, {field: pdf("stamped.pdf")})
    assert new.status_code == 302
    current = application.attachments.current().get()
    assert current.library_file.original_name == "stamped.pdf"


def test_without_the_calls_own_material_the_case_says_so_to_staff(client):
    call = called(materials=[LETTER])
    application = handed_in(member_of())
    client.force_login(UserFactory())
    page = text(client.get(reverse("admin:cases_application_change", args=[application.pk])))
    asked = [each.name for each in application.materials]
    assert asked[-1] == LETTER
    assert f"没有附件的材料 {len(asked)} 项" in page
    assert LETTER in page
    assert call.title in page


def test_a_draft_of_before_keeps_the_files_for_materials_of_a_call(client, member):
    call = called(materials=[LETTER])
    data = page_data(client, address())
    field = f"material_{call.materials.get().pk}_new"
    client.post(address(name="apply-save"), {**data, field: pdf("letter.pdf")})
    assert list(ApplicationDraft.objects.get().materials) == [LETTER]


def test_a_file_for_a_call_that_is_withdrawn_meanwhile_is_kept(client, member):
    call = called(materials=[LETTER])
    data = page_data(client, address())
    withdraw_call(call=call, reason="错了", actor=UserFactory(), now=timezone.now())
    field = f"material_{call.materials.get().pk}_new"
    client.post(address(), {**data, field: pdf("letter.pdf")})
    assert list(draft().materials) == [LETTER]


def test_a_standing_call_never_closes(client, member):
    called(last=None)
    response = client.get(address())
    assert "常年受理" in text(response)


def test_the_dates_of_the_firm_show_the_call(client, member):
    call = called(places_are="limited", places=3)
    called_later = opened_call(
        programme=Programme.objects.get(pk="jc-share"), opens_on=days(40), closes_on=days(60)
    )
    opened_call(programme=Programme.objects.get(pk="yun-xsg"))
    page = text(client.get(reverse("firm:calendar")))
    assert call.title in page
    assert called_later.title in page
    assert "名额：3 个" in page
    assert page.count("测试征集") == 2 * 2  # named, and once more for its link
    feed = CalendarAddressFactory(membership=member, token="a-calendar-with-a-call-of-its-own")
    assert feed
    content = client.get(
        reverse("firm:calendar-feed", args=["a-calendar-with-a-call-of-its-own"])
    ).content
    summaries = [str(each["SUMMARY"]) for each in Calendar.from_ical(content).walk("VEVENT")]
    assert any(call.title in summary for summary in summaries)

    client.post(address(name="apply-save"), page_data(client, address()))
    page = text(client.get(reverse("firm:calendar")))
    assert f"征集“{call.title}”" in page
    assert "去申报" not in page
    home = text(client.get(reverse("firm:enterprise")))
    assert call.title in home


def test_a_case_of_this_year_needs_no_call_on_the_calendar(client):
    member = member_of()
    call = called()
    handed_in(member)
    client.force_login(member.user)
    assert call.title not in text(client.get(reverse("firm:calendar")))


def test_a_call_of_next_year_is_on_the_calendar_beside_a_case_of_this(client, time_machine):
    time_machine.move_to(datetime(2026, 11, 28, 10, tzinfo=CHINA))
    member = member_of()
    handed_in(member)
    call = called(first=100, last=130)
    client.force_login(member.user)
    assert call.title in text(client.get(reverse("firm:calendar")))


@pytest.mark.parametrize(("last", "cases"), [(60, 1), (500, 2)])
def test_by_a_call_over_new_year_a_firm_applies_once(client, time_machine, last, cases):
    """By one that runs for longer than a year each year anew."""
    time_machine.move_to(datetime(2026, 12, 20, 10, tzinfo=CHINA))
    member = member_of()
    call = called(last=last)
    handed_in(member)
    time_machine.move_to(datetime(2027, 1, 10, 10, tzinfo=CHINA))
    tell_profile(member)
    client.force_login(member.user)
    if cases == 2:
        assert send(client, truthful="on", confirmed_unmet="on").status_code == 302
    else:
        response = client.get(address(), follow=True)
        assert "这次征集已经提交过申报" in text(response)
        assert call.title not in text(client.get(reverse("firm:calendar")))
    assert Application.objects.count() == cases


def test_calls_cost_no_query_for_each(client, member, django_assert_num_queries):
    called()
    for url in (address(), reverse("firm:calendar"), reverse("firm:apply-index")):
        client.get(url)
        with CaptureQueriesContext(connection) as few:
            client.get(url)
        count = len(few)
        for programme in ("jc-share", "jc-zjtx-city", "jc-base-city"):
            found = Programme.objects.get(pk=programme)
            if not found.calls.exists():
                opened_call(programme=found)
        client.get(url)
        with django_assert_num_queries(count):
            client.get(url)
