"""Who of the office has a case: assigned by a colleague, seen by all, without giving any right."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from applications.cases.guards.two_people import OTHER_DESK
from applications.cases.models import Application
from applications.cases.services.assignment import assign, colleagues_for, unassign
from applications.cases.services.corrections import close_unanswered
from applications.cases.services.errors import ApplicationError
from applications.cases.services.notes import staff_in_charge
from applications.cases.services.review import answer_correction
from applications.cases.workflow import OPEN, Action, Status
from portal.users import deactivate_user
from tests.applications.cases.test_two_people import (
    CITY,
    COUNTY,
    EXPERTS,
    at_city,
    by,
    case_of,
    give_back,
    record,
)
from tests.factories import ApplicationFactory, JurisdictionFactory, UserFactory

pytestmark = pytest.mark.django_db


def give(case, colleague, actor, reason=""):
    assign(application=case, assignee=colleague, actor=actor, reason=reason, now=timezone.now())


def waiting(user):
    return list(Application.objects.waiting_for(user, timezone.localdate()))


@pytest.fixture
def head():
    return UserFactory()


@pytest.fixture
def clerk():
    return UserFactory(first_name="张三")


def test_who_is_assigned_a_case_has_it_alone_and_the_record_says_so(head, clerk):
    case = case_of(COUNTY, CITY)
    give(case, clerk, head, "企业在他的片区")
    event = case.events.get()
    assert (event.actor, event.action, event.opinion) == (head, "assign", "企业在他的片区")
    assert event.details["assignee"] == {"id": clerk.pk, "name": "张三"}
    assert (waiting(clerk), waiting(head)) == ([case], [])
    assert list(Application.objects.in_hand_of(clerk, timezone.localdate())) == [case]
    with pytest.raises(ApplicationError, match="接手"):
        by(head, case, Action.RECOMMEND)
    unassign(application=case, actor=head, reason="他去学习", now=timezone.now())
    assert case.events.last().details["assignee"]["name"] == "张三"
    assert waiting(clerk) == waiting(head) == [case]
    with pytest.raises(ApplicationError, match="没有分配"):
        unassign(application=case, actor=head, reason="", now=timezone.now())


def test_it_stays_with_them_through_its_step_and_is_nobodys_at_the_next(head, clerk):
    case = case_of(COUNTY, CITY)
    Application.objects.filter(pk=case.pk).update(status=Status.SUBMITTED)
    case.refresh_from_db()
    give(case, clerk, head)
    by(clerk, case, Action.ACCEPT)
    give_back(clerk, case)
    asked = {"enterprise.employees": 1}
    answer_correction(
        application=case, answers=asked, assessment=case.assessment, chosen={},
        actor=clerk, now=timezone.now(),
    )  # fmt: skip
    assert (case.status, case.assignee) == (Status.IN_REVIEW, clerk)
    by(clerk, case, Action.RECOMMEND)
    case.refresh_from_db()
    assert (case.desk, case.assignee) == ("city", None)


@pytest.mark.parametrize("end", ["reject", "lapse"])
def test_what_is_over_is_nobodys(head, clerk, end):
    case = case_of(COUNTY)
    give(case, clerk, head)
    now = timezone.now()
    if end == "lapse":
        give_back(clerk, case)
        late = now + timedelta(days=60)
        close_unanswered(application=case, actor=clerk, reason="没有补正", now=late)
    else:
        by(clerk, case, Action.REJECT)
    case.refresh_from_db()
    assert case.assignee is None


@pytest.mark.parametrize(
    "who",
    [
        {"jurisdiction_code": "140522"},
        {"jurisdiction_code": "140500"},
        {"jurisdiction_code": ""},
        {"is_active": False},
        {"is_staff": False},
        {"permissions": ["view_application"]},
        {"permissions": ["decide_application"]},
    ],
    ids=str,
)
def test_nobody_is_assigned_what_they_may_not_review_there(head, who):
    JurisdictionFactory(code="140522")
    case = case_of(COUNTY, CITY)
    stranger = UserFactory(**who)
    assert stranger not in colleagues_for([case])
    with pytest.raises(ApplicationError, match="现在不能办理"):
        give(case, stranger, head)
    case.refresh_from_db()
    assert (case.assignee, case.events.count(), case.version) == (None, 0, 0)


def test_the_citys_case_goes_to_the_city_and_to_those_above(head, clerk):
    province = JurisdictionFactory(code="140000", name="山西省", level="province")
    JurisdictionFactory(code="140500", name="晋城市", level="city", parent=province)
    case = case_of(COUNTY, CITY)
    at_city(case)
    city, province = (UserFactory(jurisdiction_code=code) for code in ("140500", "140000"))
    assert set(colleagues_for([case])) == {city, province}
    with pytest.raises(ApplicationError, match="现在不能办理"):
        give(case, clerk, city)
    with pytest.raises(ApplicationError, match="只能由市级的人"):
        give(case, city, head)
    give(case, province, city)
    assert Application.objects.in_hand_of(province, timezone.localdate()).get() == case


def test_assigning_makes_nobody_a_second_person_to_themselves():
    case = case_of(CITY, EXPERTS, desk="city")
    first, second = (UserFactory(jurisdiction_code="140500") for _ in range(2))
    by(first, case, Action.RECOMMEND)
    with pytest.raises(ApplicationError, match="由另一人办理"):
        give(case, first, second)
    give(case, second, first)
    mover, other = UserFactory(), case_of(COUNTY, CITY)
    by(mover, other, Action.RECOMMEND)
    mover.jurisdiction_code = "140500"
    mover.save()
    other.refresh_from_db()
    with pytest.raises(ApplicationError, match="由另一人办理"):
        give(other, mover, second)


@pytest.mark.parametrize("status", [status for status in Status if status not in OPEN])
def test_what_is_not_under_way_is_not_assigned(head, clerk, status):
    case = ApplicationFactory(status=status)
    with pytest.raises(ApplicationError, match="不能“分配办理”"):
        give(case, clerk, head)


def lose_account(user, root):
    deactivate_user(user=user, actor=root, reason="离职")


def lose_right(user, root):
    user.user_permissions.clear()


def lose_place(user, root):
    user.jurisdiction_code = "140522"
    user.save()


def rise(user, root):
    user.jurisdiction_code = "140500"
    user.save()


@pytest.mark.parametrize("lose", [lose_account, lose_right, lose_place, rise])
def test_who_may_review_it_no_more_holds_nothing_up(head, clerk, lose):
    JurisdictionFactory(code="140522")
    case = case_of(COUNTY, CITY)
    give(case, clerk, head)
    lose(clerk, UserFactory(is_superuser=True, jurisdiction_code=""))
    assert waiting(head) == [case]
    (listed,) = Application.objects.with_held()
    assert (listed.held, listed.is_held, listed.assignee) == (False, False, clerk)
    by(head, case, Action.RECOMMEND)
    assert case.desk == "city"


def test_who_has_a_case_is_told_what_the_firm_writes(head, clerk):
    case = case_of(COUNTY)
    give(case, clerk, head)
    assert set(staff_in_charge(case)) == {head, clerk}


def test_of_two_who_assign_at_once_one_is_told(head, clerk):
    case = case_of(COUNTY)
    stale = Application.objects.get(pk=case.pk)
    give(case, clerk, head)
    with pytest.raises(ApplicationError, match="他人"):
        give(stale, UserFactory(), head)
    with pytest.raises(ApplicationError, match="已经由张三办理"):
        give(case, clerk, head)


def test_the_database_refuses_to_assign_at_another_level(head):
    case = case_of(COUNTY, CITY)
    for action in ("assign", "unassign"):
        with pytest.raises(IntegrityError, match=OTHER_DESK), transaction.atomic():
            record(case, head, action, "city", 0)
        record(case, head, action, "county", 0)
