"""Cover for leave: somebody's cases in another's hand for some days, and never a second person's."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applications.cases.guards.covers import COVER_STAYS, NOT_COVERED
from applications.cases.guards.two_people import BOTH_LEVELS
from applications.cases.models import Application, ApplicationEvent, Cover
from applications.cases.services.covers import end_cover, enter_cover, people_to_enter
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import Action
from portal.users import deactivate_user
from tests.applications.cases.test_assignment import give
from tests.applications.cases.test_concurrency import at_once
from tests.applications.cases.test_two_people import (
    CITY,
    COUNTY,
    EXPERTS,
    at_city,
    by,
    case_of,
    guarded,
    record,
)
from tests.applications.centre.test_roles import of_role
from tests.factories import ExpertScoreFactory, JurisdictionFactory, UserFactory

FIRST, LAST = date(2025, 11, 24), date(2025, 11, 28)
pytestmark = pytest.mark.django_db


def at(day, hour=9):
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def a_day_of_it(time_machine):
    time_machine.move_to(at(FIRST), tick=False)


@pytest.fixture
def away():
    return UserFactory(first_name="王五")


@pytest.fixture
def substitute():
    return UserFactory(first_name="张三")


def enter(person, substitute, first=FIRST, last=LAST, actor=None):
    return enter_cover(
        person=person, substitute=substitute, first=first, last=last, reason="年假",
        actor=actor or person, now=timezone.now(),
    )  # fmt: skip


def in_hand(user, day):
    return list(Application.objects.in_hand_of(user, day))


def test_it_holds_on_its_days_and_is_over_by_itself(away, substitute):
    case = case_of(COUNTY, CITY)
    give(case, away, substitute)
    enter(away, substitute)
    for day, holds in (
        (FIRST - timedelta(days=1), False),
        (FIRST, True),
        (LAST, True),
        (LAST + timedelta(days=1), False),
    ):
        assert in_hand(substitute, day) == ([case] if holds else []), day
        waits = Application.objects.waiting_for(substitute, day).exists()
        assert waits is holds
        assert case.may_be_decided_by(substitute, day) is holds
        assert in_hand(away, day) == [case]
    assert in_hand(UserFactory(), FIRST) == []


def test_what_the_substitute_decides_is_on_record_as_done_in_anothers_stead(away, substitute):
    case = case_of(COUNTY, CITY)
    give(case, away, substitute)
    enter(away, substitute)
    by(substitute, case, Action.VISIT)
    by(substitute, case, Action.RECOMMEND)
    told = [(event.action, event.actor, event.on_behalf_of) for event in case.events.all()]
    assert told == [
        ("assign", substitute, None),
        ("visit", substitute, away),
        ("recommend", substitute, away),
    ]


def test_after_the_last_day_the_substitute_decides_no_more(away, substitute, time_machine):
    case = case_of(COUNTY)
    give(case, away, substitute)
    enter(away, substitute)
    time_machine.move_to(at(LAST + timedelta(days=1), hour=0), tick=False)
    with pytest.raises(ApplicationError, match="接手"):
        by(substitute, case, Action.RECOMMEND)
    by(away, case, Action.RECOMMEND)
    assert case.events.last().on_behalf_of is None


def test_it_ends_early_and_once(away, substitute):
    cover = enter(away, substitute)
    with pytest.raises(ApplicationError, match="只有本人"):
        end_cover(cover=cover, actor=UserFactory(jurisdiction_code="140500"), now=timezone.now())
    end_cover(cover=cover, actor=away, now=timezone.now())
    assert not Cover.objects.on(FIRST).exists()
    with pytest.raises(ApplicationError, match="已经结束"):
        end_cover(cover=cover, actor=away, now=timezone.now())
    enter(away, substitute)


@pytest.mark.parametrize(
    "who",
    [
        {"jurisdiction_code": "140522"},
        {"jurisdiction_code": "140500"},
        {"jurisdiction_code": ""},
        {"is_active": False},
        {"permissions": ["view_application"]},
    ],
    ids=str,
)
def test_it_gives_nobody_a_right_that_they_do_not_hold(away, who):
    JurisdictionFactory(code="140522")
    with pytest.raises(ApplicationError, match="不能代办"):
        enter(away, UserFactory(**who))


def test_who_loses_their_right_meanwhile_stands_in_for_nobody(away, substitute):
    case = case_of(COUNTY)
    give(case, away, substitute)
    enter(away, substitute)
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    deactivate_user(user=substitute, actor=root, reason="离职")
    assert not Cover.objects.on(FIRST).working().exists()
    moved = UserFactory()
    Cover.objects.update(ended_at=timezone.now(), ended_by=root)
    enter(away, moved)
    moved.jurisdiction_code = "140500"
    moved.save()
    assert in_hand(moved, FIRST) == []


def test_covers_make_no_circles_chains_or_pairs(away, substitute):
    third = UserFactory(first_name="赵六")
    enter(away, substitute)
    for person, other, told in (
        (substitute, away, "张三在2025年11月24日到2025年11月28日代王五办理"),
        (substitute, third, "请先给王五另定代办人"),
        (third, away, "王五自己在2025年11月24日到2025年11月28日不在"),
        (away, third, "王五在2025年11月24日到2025年11月28日已由张三代办"),
        (away, away, "另一个人"),
    ):
        for first, last in ((FIRST, LAST), (LAST, LAST + timedelta(days=9))):
            with pytest.raises(ApplicationError, match=told):
                enter(person, other, first, last)
    enter(substitute, away, LAST + timedelta(days=1), LAST + timedelta(days=2))
    enter(third, substitute)  # who covers may cover two


@pytest.mark.parametrize(
    ("first", "last", "told"),
    [
        (LAST, FIRST, "不能早于"),
        (FIRST - timedelta(days=9), FIRST - timedelta(days=1), "已经过去"),
        (FIRST, FIRST + timedelta(days=366), "最多登记"),
    ],
)
def test_days_that_make_no_sense_are_refused(away, substitute, first, last, told):
    with pytest.raises(ApplicationError, match=told):
        enter(away, substitute, first, last)


def test_it_is_entered_by_oneself_by_the_office_or_by_whoever_manages_the_accounts(
    away, substitute
):
    case_of(COUNTY)  # and with it the county within the city
    manager = of_role("用户管理", jurisdiction_code="140500")
    assert {away, substitute} == set(people_to_enter(manager)) == set(people_to_enter(away))
    for actor in (UserFactory(jurisdiction_code="140500"), of_role("审计")):
        with pytest.raises(ApplicationError, match="您不能替王五登记"):
            enter(away, substitute, actor=actor)
    clerk = of_role("财务")
    with pytest.raises(ApplicationError, match="没有要人代办的"):
        enter(clerk, substitute, actor=away)
    assert enter(away, substitute, actor=manager).entered_by == manager


def test_who_is_away_is_no_second_person_to_their_substitute(away, substitute):
    """What was decided in somebody's stead at the county, they do not decide at the city."""
    case = case_of(COUNTY, CITY)
    give(case, away, substitute)
    enter(away, substitute)
    by(substitute, case, Action.RECOMMEND)
    at_city(case)
    for mover in (away, substitute):
        mover.jurisdiction_code = "140500"
        mover.save()
        with pytest.raises(ApplicationError, match="由另一人办理"):
            by(mover, case, Action.RECOMMEND)
        with guarded(BOTH_LEVELS), transaction.atomic():
            record(case, mover, "recommend", "city", 1)
    by(UserFactory(jurisdiction_code="140500"), case, Action.RECOMMEND)


def test_nobody_passes_their_own_recommendation_by_a_substitute():
    """Who recommended is away when the case comes to the experts, and has it there."""
    case = case_of(CITY, EXPERTS, desk="city")
    first, second, third = (UserFactory(jurisdiction_code="140500") for _ in range(3))
    by(first, case, Action.RECOMMEND)
    ExpertScoreFactory(assignment__application=case, assignment__step=1)
    # Past the service, which does not assign them this.
    Application.objects.filter(pk=case.pk).update(assignee=first)
    case.refresh_from_db()
    enter(first, second)
    with pytest.raises(ApplicationError, match="也不能由人代他通过"):
        by(second, case, Action.RECOMMEND)
    by(third, case, Action.TAKE_OVER)
    by(third, case, Action.REJECT)


def test_what_is_not_decided_in_anothers_stead_is_taken_over_in_ones_own_name():
    case = case_of(COUNTY, CITY)
    first, second = UserFactory(), UserFactory(jurisdiction_code="140500")
    by(first, case, Action.RECOMMEND)
    first.jurisdiction_code = "140500"
    first.save()
    Application.objects.filter(pk=case.pk).update(assignee=first)
    case.refresh_from_db()
    enter(first, second)
    with pytest.raises(ApplicationError, match="也不能由人代他办理"):
        by(second, case, Action.RECOMMEND)
    by(second, case, Action.TAKE_OVER)
    by(second, case, Action.RECOMMEND)
    assert case.events.last().on_behalf_of is None


def test_the_database_keeps_covers_and_knows_who_is_covered(away, substitute):
    case, cover = case_of(COUNTY), enter(away, substitute)
    for change in (
        lambda: Cover.objects.filter(pk=cover.pk).update(last=LAST + timedelta(days=9)),
        lambda: Cover.objects.filter(pk=cover.pk).delete(),
    ):
        with pytest.raises(IntegrityError, match=COVER_STAYS), transaction.atomic():
            change()

    def write(actor, person, day):
        ApplicationEvent.objects.bulk_create(
            [
                ApplicationEvent(
                    application=case, at=at(day), actor=actor, on_behalf_of=person,
                    action="visit", target="in_review", opinion="看过",
                )
            ]
        )  # fmt: skip

    write(substitute, away, LAST)
    for actor, person, day in (
        (away, substitute, FIRST),
        (UserFactory(), away, FIRST),
        (substitute, away, LAST + timedelta(days=1)),
    ):
        with pytest.raises(IntegrityError, match=NOT_COVERED), transaction.atomic():
            write(actor, person, day)
    end_cover(cover=cover, actor=away, now=timezone.now())
    with pytest.raises(IntegrityError, match=NOT_COVERED), transaction.atomic():
        write(substitute, away, LAST)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_two_who_cover_each_other_at_once_one_is_refused():
    first, second = UserFactory(), UserFactory()

    def answer(person, other):
        try:
            enter(person, other)
        except ApplicationError as error:
            return str(error)
        return ""

    answers = at_once([lambda: answer(first, second), lambda: answer(second, first)])
    assert Cover.objects.count() == 1
    assert sorted(map(bool, answers)) == [False, True]
