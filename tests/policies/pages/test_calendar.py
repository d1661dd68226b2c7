"""The calendar: only printed times, the rest said to be unpublished, and a feed to subscribe to."""

import re
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.utils import timezone
from icalendar import Calendar

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Programme, Window
from policies.catalogue.packs.loader import load_packs
from policies.catalogue.packs.problem import PackError
from policies.pages.calendar_feed import calendar_feed
from policies.pages.timetable import programmes_in_force, timetable, windows_of
from tests.factories import WindowFactory
from tests.policies.catalogue.test_packs import edit, folder  # noqa: F401 (a fixture)
from tests.policies.packs import load_catalogue

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
ON = date(2026, 11, 20)
PAGE, FEED = "/calendar/", "/calendar.ics"
PACK = "programmes/jincheng-xiaoshenggui.yaml"


def events(content):
    return list(Calendar.from_ical(content).walk("VEVENT"))


def feed_of(*windows, on=ON):
    return calendar_feed(windows, "https://portal.example/calendar/", on)


@pytest.mark.parametrize(
    ("fields", "words", "first", "last"),
    [
        ({"starts_month": 10, "ends_month": 10}, "每年10月", "2026-10-01", "2026-10-31"),
        ({"starts_month": 2, "ends_month": 2}, "每年2月", "2026-02-01", "2026-02-28"),
        ({"starts_month": 3, "starts_day": 5}, "每年3月5日起", "2026-03-05", "2026-03-05"),
        ({"ends_month": 6, "ends_day": 30}, "每年6月30日截止", "2026-06-30", "2026-06-30"),
        (
            {"starts_month": 12, "starts_day": 20, "ends_month": 1, "ends_day": 10},
            "每年12月20日至1月10日", "2026-12-20", "2027-01-10",
        ),
        (
            {"year": 2026, "starts_month": 4, "starts_day": 1, "ends_month": 5, "ends_day": 31},
            "2026年4月1日至5月31日", "2026-04-01", "2026-05-31",
        ),
    ],
)  # fmt: skip
def test_a_window_has_its_days_and_words(fields, words, first, last):
    window = Window(**fields)
    assert window.when == words
    assert [day.isoformat() for day in window.span_in(2026)] == [first, last]


def test_a_window_without_month_or_of_another_year_has_no_days():
    assert Window().span_in(2026) is None
    assert Window().when == ""
    assert Window(year=2025, starts_month=3).span_in(2026) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"starts_month": 2, "starts_day": 30},
        {"ends_month": 2, "ends_day": 29},
        {"starts_month": 13},
        {"starts_day": 3},
    ],
)
def test_days_that_do_not_exist_are_refused(fields):
    with pytest.raises(ValidationError):
        WindowFactory.build(
            programme=WindowFactory().programme, document=WindowFactory().document, **fields
        ).full_clean()


def test_the_database_refuses_a_month_that_does_not_exist():
    with pytest.raises(IntegrityError):
        WindowFactory(starts_month=13)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("starts: '10'", "starts: '13'", "starts"),
        ("starts: '10'", "starts: 02-30", "starts"),
        ("starts: '10'", "starts: 10", "加引号"),
        ("kind: apply", "kind: open", "kind"),
        ("wording: 每年约在10月份左右, ", "", "wording"),
        ("左右, starts: '10', ends: '10'", "左右, year: 2026", "year"),
        ("title: 新开工（投产）企业申请入库", "title: 申请规模以上工业企业年报入库", "重复"),
        ("document: 沁水县申报指南, clause: 小升规·奖励程序}", "document: 无, clause: 一}", "无"),
    ],
)
def test_a_bad_window_names_its_line_and_changes_nothing(folder, before, after, told):  # noqa: F811
    edit(folder, before, after, PACK)
    with pytest.raises(PackError) as raised:
        load_packs(folder, timezone.now())
    assert any("xiaoshenggui" in str(p) and told in str(p) for p in raised.value.problems)
    assert not Programme.objects.exists()


def test_loading_again_changes_no_window_and_keeps_what_editors_added():
    load_catalogue()
    added = WindowFactory(programme_id="jc-share", title="2027年申报", year=2027, starts_month=3)
    before = list(Window.objects.order_by("pk").values())
    load_catalogue()
    assert list(Window.objects.order_by("pk").values()) == before
    assert Window.objects.filter(pk=added.pk).exists()


def test_a_changed_window_is_loaded_in_place(folder):  # noqa: F811
    load_catalogue()
    before = Window.objects.get(programme_id="jc-xsg", starts_month=10)
    edit(folder, "starts: '10', ends: '10'", "starts: '10-08', ends: '10-20'", PACK)
    load_packs(folder, timezone.now())
    before.refresh_from_db()
    assert before.when == "每年10月8日至10月20日"


def test_every_programme_is_dated_ruled_or_said_to_be_unpublished():
    load_catalogue()
    programmes = programmes_in_force(ON)
    windows = windows_of(programmes)
    found = timetable(programmes, windows, ON)
    assert [m.first.isoformat() for m in found.months] == ["2027-10-01"]
    silent = {programme.pk for rows in found.silent.values() for programme in rows}
    applied_for = {w.programme_id for w in windows if w.kind == "apply"}
    assert silent | applied_for == {programme.pk for programme in programmes}
    assert not silent & applied_for
    assert {"jc-xsg-lib", "jc-xsg-loan", "yang-tax"} <= silent


def test_the_month_of_today_is_the_first_and_an_open_window_is_in_each_month():
    WindowFactory(starts_month=12, ends_month=2)
    windows = list(Window.objects.all())
    months = timetable([], windows, date(2027, 1, 31)).months
    assert [m.first.isoformat() for m in months] == ["2027-01-01", "2027-02-01", "2027-12-01"]


@time_machine.travel(ON)
def test_the_page_says_what_is_printed_and_what_is_not(client, django_assert_num_queries):
    load_catalogue()
    assert Catalogue().areas  # which a process reads once
    with django_assert_num_queries(3):  # with the stamps, by which it knows of calls
        page = client.get(PAGE).content.decode()
    assert "2027年10月" in page
    assert "每年约在10月份左右" in page
    assert "小升规·奖励程序" in page
    assert "未公布申报时间" in page
    assert "民营企业新增税收奖励" in page.split("未公布申报时间")[1]
    assert "http://testserver/calendar.ics" in page


@time_machine.travel(ON)
def test_the_feed_is_valid_and_stable(client, django_assert_num_queries):
    load_catalogue()
    assert Catalogue().areas
    with django_assert_num_queries(4):  # with the stamps and the calls that ever were
        response = client.get(FEED)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    text = response.content.decode()
    assert text == client.get(FEED).content.decode()
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert "\n" not in "".join(lines)
    assert all(len(line.encode()) <= 75 for line in lines)
    calendar = Calendar.from_ical(text)
    assert calendar["VERSION"] == "2.0"
    assert calendar["PRODID"]
    (event,) = events(text)
    assert event["RRULE"].to_ical() == b"FREQ=YEARLY"
    assert event["DTSTART"].to_ical() == b"20261001"
    assert event["DTEND"].to_ical() == b"20261101"
    assert "DTSTART;VALUE=DATE:20261001" in lines
    assert "约在10月份" in event["SUMMARY"]
    assert "沁水县申报指南 小升规·奖励程序" in event["DESCRIPTION"]
    assert re.fullmatch(r"[0-9a-f-]{36}", event["UID"])
    assert re.search(r"^DTSTAMP:\d{8}T\d{6}Z\r$", text, re.MULTILINE)


def test_an_event_grows_with_each_change_and_reminds(client):
    window = WindowFactory(
        starts_month=3, starts_day=1, ends_month=4, ends_day=30, title="上半年申报"
    )
    opening, closing = before = events(feed_of(window))
    assert "截止：" in closing["SUMMARY"] and closing["DTSTART"].dt == date(2026, 4, 30)
    assert opening["DTEND"].dt == closing["DTEND"].dt == date(2026, 5, 1)
    assert {each["RRULE"].to_ical() for each in before} == {b"FREQ=YEARLY"}
    alarms = [each.walk("VALARM")[0]["TRIGGER"].dt for each in before]
    assert alarms == [timedelta(hours=9), timedelta(days=-7, hours=9)]
    assert opening["UID"] != closing["UID"]
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        window.ends_day = 20
        window.save()
    after = events(feed_of(window))
    assert [each["UID"] for each in after] == [each["UID"] for each in before]
    for old, new in zip(before, after, strict=True):
        assert int(new["SEQUENCE"]) > int(old["SEQUENCE"])
        assert new["LAST-MODIFIED"].dt > old["LAST-MODIFIED"].dt


def test_a_last_day_that_is_not_printed_is_no_event(client):
    (event,) = events(feed_of(WindowFactory(starts_month=3, ends_month=4)))
    assert "截止" not in event["SUMMARY"]


@time_machine.travel(ON)
def test_a_county_a_family_and_a_programme_have_calendars_of_their_own(client):
    load_catalogue()
    for programme in ("yun-new", "jc-share"):
        WindowFactory(programme_id=programme, title=f"{programme}的", year=2027, starts_month=3)

    def titles(**asked):
        response = client.get(FEED, asked)
        assert response.status_code == 200
        return [str(each["SUMMARY"]) for each in events(response.content)]

    assert len(titles()) == 3
    assert len(titles(county="140521")) == 2
    [name] = titles(county="140802")
    assert "yun-new" in name
    [name] = titles(county="140521", family="小升规")
    assert "约在10月份" in name
    [name] = titles(programme="jc-share")
    assert "jc-share" in name
    for asked in ({"county": "999999"}, {"family": "没有"}, {"programme": "nothing"}):
        assert client.get(FEED, asked).status_code == 404
    page = client.get(PAGE, {"county": "140521", "family": "小升规"}).content.decode()
    own = "county=140521&amp;family=%E5%B0%8F%E5%8D%87%E8%A7%84"
    assert f"webcal://testserver/calendar.ics?{own}" in page
    assert f"http://testserver/calendar.ics?{own}" in page
    assert "2027年3月" not in page
    assert "只有沁水县，小升规的" in page
    wrong = client.get(PAGE, {"county": "999999"})
    assert wrong.status_code == 200 and "webcal://testserver/calendar.ics" in wrong.content.decode()


@time_machine.travel(ON)
def test_a_feed_that_has_not_changed_is_not_sent_again(client):
    load_catalogue()
    first = client.get(FEED)
    again = client.get(FEED, headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304 and not again.content


def test_chinese_is_folded_between_characters():
    window = WindowFactory(starts_month=1, note="很长的说明，含逗号；分号\\反斜杠。" * 15)
    content = feed_of(window)
    for line in content.split(b"\r\n"):
        line.decode()  # a character cut in two would not decode
        assert len(line) <= 75
    (event,) = events(content)
    assert window.note in event["DESCRIPTION"]


def test_the_uid_outlives_a_new_row_and_a_new_year():
    window = WindowFactory(starts_month=1)
    (before,) = events(feed_of(window))
    twin = Window(**{f.attname: getattr(window, f.attname) for f in Window._meta.concrete_fields})
    twin.pk = window.pk + 100
    (after,) = events(feed_of(twin, on=ON + timedelta(days=400)))
    assert before["UID"] == after["UID"]


def test_a_single_year_does_not_recur_and_no_month_is_no_event():
    once = WindowFactory(year=2027, starts_month=3, starts_day=1, ends_month=4, ends_day=30)
    opening, closing = events(feed_of(once, WindowFactory()))
    assert "RRULE" not in opening and "RRULE" not in closing
    assert opening["DTEND"].to_ical() == closing["DTEND"].to_ical() == b"20270501"


def test_a_yearly_event_never_ends_too_late_after_a_leap_year():
    window = WindowFactory(starts_month=1, ends_month=3)
    (event,) = events(feed_of(window, on=date(2028, 5, 1)))
    assert event["DTSTART"].dt == date(2027, 1, 1)
    assert event["DTEND"].dt == date(2027, 4, 1)


def test_the_calendar_is_only_read(client):
    assert client.post(PAGE).status_code == 405
    assert client.post(FEED).status_code == 405


def test_without_windows_the_page_and_feed_still_answer(client):
    assert "没有印出申报时间" in client.get(PAGE).content.decode()
    assert events(client.get(FEED).content) == []
