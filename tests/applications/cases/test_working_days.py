"""Working days: the calendar of 2026, when a notice may end, and years that nobody knows yet."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from django.db import IntegrityError, transaction
from django.urls import reverse

from applications.cases.models import CalendarDay, PublishedYear
from applications.cases.working_days import CalendarUnknownError, WorkingCalendar
from applications.centre.cases.forms.calendar_days import in_lines, read_days
from tests.factories import UserFactory

CASES = yaml.safe_load((Path(__file__).parent / "data/working_days.yaml").read_text("utf-8"))
ADD = reverse("admin:cases_publishedyear_add")
YEAR = {
    "year": "2027",
    "document_number": "测试〔2026〕1号",
    "days_off": "01-01 至 01-03\n2027-05-01 至 05-05；10月1日至10月7日",
    "days_worked": "10-09",
}
KNOWN = WorkingCalendar()


def days(first, last):
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.mark.parametrize("case", CASES["rows"], ids=lambda case: str(case["posted"]))
def test_a_notice_ends_on_the_working_day_that_the_calendar_says(case):
    if case["earliest_end"] == "unpublished":
        with pytest.raises(CalendarUnknownError, match="2027 年的放假安排还没有公布"):
            KNOWN.earliest_end(case["posted"], case["working_days"])
    else:
        end = KNOWN.earliest_end(case["posted"], case["working_days"])
        assert end == case["earliest_end"]
        assert KNOWN.working_days_between(case["posted"], end) == case["working_days"]
        day_before = end - timedelta(days=1)
        assert KNOWN.working_days_between(case["posted"], day_before) < case["working_days"]


def test_the_year_2026_has_the_published_days_off_and_extra_working_days():
    off = {
        *days(date(2026, 1, 1), date(2026, 1, 3)),
        *days(date(2026, 2, 15), date(2026, 2, 23)),
        *days(date(2026, 4, 4), date(2026, 4, 6)),
        *days(date(2026, 5, 1), date(2026, 5, 5)),
        *days(date(2026, 6, 19), date(2026, 6, 21)),
        *days(date(2026, 9, 25), date(2026, 9, 27)),
        *days(date(2026, 10, 1), date(2026, 10, 7)),
    }
    worked = {date(2026, month, day) for month, day in
              [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]}  # fmt: skip
    year = days(date(2026, 1, 1), date(2026, 12, 31))
    expected = [day for day in year if day in worked or (day.weekday() < 5 and day not in off)]
    assert [day for day in year if KNOWN.is_working_day(day)] == expected
    assert (len(off), len(expected)) == (33, 248)


def test_one_day_of_notice_ends_on_the_next_working_day_and_none_is_refused():
    assert KNOWN.earliest_end(date(2026, 11, 20), 1) == date(2026, 11, 23)
    with pytest.raises(ValueError, match="at least one"):
        KNOWN.earliest_end(date(2026, 11, 20), 0)


def test_working_days_between_count_neither_the_first_day_nor_the_past():
    assert KNOWN.working_days_between(date(2026, 9, 30), date(2026, 9, 30)) == 0
    assert KNOWN.working_days_between(date(2026, 9, 30), date(2026, 10, 8)) == 1
    assert KNOWN.working_days_between(date(2026, 10, 8), date(2026, 9, 30)) == 0
    with pytest.raises(CalendarUnknownError, match="2027"):
        KNOWN.working_days_between(date(2026, 12, 30), date(2027, 1, 4))


def test_an_exception_overrides_a_known_year_but_does_not_make_another_known():
    changed = WorkingCalendar({date(2026, 11, 23): False, date(2027, 1, 1): False})
    assert changed.earliest_end(date(2026, 11, 20), 5) == date(2026, 11, 30)
    with pytest.raises(CalendarUnknownError) as caught:
        changed.earliest_end(date(2026, 12, 25), 5)
    assert caught.value.year == 2027


@pytest.mark.django_db
def test_staff_enter_a_year_and_notices_may_reach_into_it(client):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    with pytest.raises(CalendarUnknownError):
        CalendarDay.objects.calendar().earliest_end(date(2026, 12, 25), 5)
    assert client.post(ADD, YEAR).status_code == 302
    calendar = CalendarDay.objects.calendar()
    assert calendar.earliest_end(date(2026, 12, 25), 5) == date(2027, 1, 4)
    assert calendar.earliest_end(date(2027, 9, 30), 2) == date(2027, 10, 9)
    assert calendar.is_working_day(date(2027, 11, 1))
    assert not calendar.is_working_day(date(2027, 11, 6))
    with pytest.raises(CalendarUnknownError, match="2028"):
        calendar.earliest_end(date(2027, 12, 28), 5)


@pytest.mark.django_db
def test_days_entered_one_by_one_do_not_publish_their_year():
    CalendarDay.objects.create(date=date(2027, 1, 1), is_working_day=False, note="测试")
    with pytest.raises(CalendarUnknownError):
        CalendarDay.objects.calendar().earliest_end(date(2026, 12, 31), 1)


@pytest.mark.django_db
def test_a_year_opens_as_it_was_entered_and_saving_replaces_its_days(client):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    client.post(ADD, YEAR)
    url = reverse("admin:cases_publishedyear_change", args=[PublishedYear.objects.get().pk])
    page = client.get(url).content.decode()
    assert "05-01 至 05-05" in page
    assert CalendarDay.objects.count() == 16
    client.post(url, {**YEAR, "days_worked": ""})
    assert not CalendarDay.objects.filter(is_working_day=True).exists()
    assert CalendarDay.objects.count() == 15


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"year": "2026"}, "2026 年的安排系统里已有"),
        ({"year": "3000"}, "小于或等于2100"),
        ({"document_number": " "}, "必填项"),
        ({"days_off": "01-01 至 01-03"}, "没有劳动节、国庆节"),
        ({"days_off": "元旦放假"}, "看不懂“元旦放假”"),
        ({"days_off": "02-30"}, "看不懂“02-30”"),
        ({"days_off": "10-07 至 10-01"}, "看不懂"),
        ({"days_off": "2028-01-01"}, "看不懂“2028-01-01”"),
        ({"days_worked": "10-08"}, "10-08 不是周末"),
        ({"days_worked": "10-02"}, "10-02 同时写在了放假里"),
    ],
)
def test_a_wrong_list_of_days_is_named_and_kept(client, changes, told):
    client.force_login(UserFactory(is_superuser=True, jurisdiction_code=""))
    response = client.post(ADD, {**YEAR, **changes})
    page = response.content.decode()
    assert told in page
    assert changes.get("days_off", "10月1日至10月7日") in page
    assert not PublishedYear.objects.exists()
    assert not CalendarDay.objects.exists()


def test_days_are_written_as_they_are_read():
    text = "01-01 至 01-03\n05-01"
    assert in_lines(read_days(text, 2027)) == text


@pytest.mark.django_db
def test_the_database_refuses_a_year_without_a_document_or_out_of_reach():
    for row in ({"year": 2027, "document_number": ""}, {"year": 1900, "document_number": "甲"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PublishedYear.objects.create(**row)
