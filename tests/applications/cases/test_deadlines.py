"""What is late or due soon, asked of the database, against what is counted for each case by its days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.cases.deadlines import SOON, Deadlines
from applications.cases.models import Application, CalendarDay, PublishedYear
from applications.cases.workflow import Status
from applications.cases.working_days import CalendarUnknownError
from tests.factories import ApplicationFactory, EditionFactory, StepFactory

SHANGHAI = ZoneInfo("Asia/Shanghai")
pytestmark = pytest.mark.django_db


def edition_of(*limits):
    edition = EditionFactory()
    StepFactory(edition=edition, level="county", title="提交", kind="apply")
    for limit in limits:
        StepFactory(
            edition=edition, level="county", title=f"审核{limit}", kind="review", working_days=limit
        )
    return edition


def arrived(edition, day, hour=9, **fields):
    at = datetime(day.year, day.month, day.day, hour, 30, tzinfo=SHANGHAI)
    return ApplicationFactory(edition=edition, arrived_at=at, subject=f"{day} {hour}", **fields)


def counted(case, today):
    """Working days left, counted one by one; None where no limit is printed or a year is unknown."""
    calendar = CalendarDay.objects.calendar()
    limit, day = case.current_step.working_days, case.arrived_at.astimezone(SHANGHAI).date()
    if limit is None:
        return None
    try:
        return limit - calendar.working_days_between(day, today)
    except CalendarUnknownError:
        return None


def found(today):
    deadlines = Deadlines.on(today)
    return (
        set(Application.objects.filter(deadlines.past)),
        set(Application.objects.filter(deadlines.soon)),
    )


# After a week off with days worked before and after it, on a Sunday, and across a year.
@pytest.mark.parametrize("today", [date(2025, 10, 13), date(2025, 11, 23), date(2026, 1, 5)])
def test_the_database_finds_what_counting_finds(today):
    for limits in ((0,), (1, 5), (3,), (10, None), (20,)):
        edition = edition_of(*limits)
        for ago in range(0, 45, 2):
            for step in range(len(limits)):
                arrived(
                    edition,
                    today - timedelta(days=ago),
                    hour=ago % 24,
                    step=step,
                    year=2000 + ago + step,
                )
    left = {case: counted(case, today) for case in Application.objects.all()}
    past, soon = found(today)
    assert past == {case for case, days in left.items() if days is not None and days < 0}
    assert soon == {case for case, days in left.items() if days is not None and 0 <= days <= SOON}
    assert past and soon


def test_what_lies_with_nobody_is_not_late():
    edition, today = edition_of(1), date(2025, 11, 24)
    for number, status in enumerate(Status):
        arrived(edition, date(2025, 9, 1), status=status, year=2000 + number)
    past, soon = found(today)
    assert {case.status for case in past} == {Status.SUBMITTED, Status.IN_REVIEW}
    assert soon == set()


def test_of_a_year_that_nobody_knows_nothing_is_guessed():
    """On 8 January of a year that is known, after one that is not."""
    today = date(2099, 1, 8)
    PublishedYear.objects.create(year=2099, document_number="测试")
    edition = edition_of(2)
    cases = [arrived(edition, today - timedelta(days=ago), year=2000 + ago) for ago in range(15)]
    left = {case: counted(case, today) for case in cases}
    assert None in left.values()
    past, soon = found(today)
    # What came before the new year is late by the days of this year alone.
    assert past == {case for case, days in left.items() if days is None or days < 0}
    assert soon == {case for case, days in left.items() if days is not None and 0 <= days <= SOON}
    assert past and soon
    unknown = date(2098, 6, 1)
    later = arrived(edition, date(2098, 5, 1), year=1999)
    assert later not in set.union(*found(unknown))


def test_it_takes_as_many_queries_for_many_editions():
    today = date(2025, 11, 24)

    def asked():
        with CaptureQueriesContext(connection) as captured:
            found(today)
        return len(captured)

    arrived(edition_of(3), today)
    few = asked()
    for limit in range(12):
        arrived(edition_of(limit, 5), today)
    assert asked() == few == 5
