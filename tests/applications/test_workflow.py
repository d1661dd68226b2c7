"""Every status with every action: what is possible, where it leads and what it leaves."""

import pytest
from django.utils import timezone

from applications.models import ApplicationEvent
from applications.services import DECISIONS, ApplicationError
from applications.workflow import Action, Status
from tests.factories import ApplicationFactory, UserFactory

POSSIBLE = {
    (Status.SUBMITTED, Action.ACCEPT): Status.ACCEPTED,
    (Status.SUBMITTED, Action.REJECT): Status.REJECTED,
    (Status.IN_NOTICE, Action.REJECT): Status.REJECTED,
    (Status.ACCEPTED, Action.REOPEN): Status.SUBMITTED,
    (Status.REJECTED, Action.REOPEN): Status.SUBMITTED,
}
pytestmark = pytest.mark.django_db


def decide(application, action, opinion="材料齐全"):
    DECISIONS[action](
        application=application, actor=UserFactory(), opinion=opinion, now=timezone.now()
    )


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", DECISIONS)
def test_an_action_leads_where_the_table_says_or_is_refused(status, action):
    application = ApplicationFactory(status=status)
    target = POSSIBLE.get((status, action))
    if target is None:
        with pytest.raises(ApplicationError, match="不能"):
            decide(application, action)
    else:
        decide(application, action)
    application.refresh_from_db()
    assert application.status == (target or status)
    assert ApplicationEvent.objects.count() == (1 if target else 0)
    possible = {transition.action for transition in application.possible_actions}
    assert possible == {a for s, a in POSSIBLE if s == application.status}


@pytest.mark.parametrize("action", [Action.REJECT])
def test_a_rejection_without_a_reason_is_refused(action):
    application = ApplicationFactory()
    with pytest.raises(ApplicationError, match="理由"):
        decide(application, action, opinion="  ")
    assert not ApplicationEvent.objects.exists()


def test_an_event_says_who_moved_it_from_where_to_where_and_why():
    application = ApplicationFactory()
    decide(application, Action.REJECT, opinion="缺少纳统证明")
    event = application.events.get()
    assert event.actor.is_staff
    assert (event.source, event.target) == (Status.SUBMITTED, Status.REJECTED)
    assert event.opinion == "缺少纳统证明"


def test_who_acts_on_a_page_grown_old_is_told_and_changes_nothing():
    application = ApplicationFactory()
    stale = type(application).objects.get(pk=application.pk)
    decide(application, Action.ACCEPT)
    with pytest.raises(ApplicationError, match="他人"):
        decide(stale, Action.REJECT)
    application.refresh_from_db()
    assert application.status == Status.ACCEPTED
    assert application.events.count() == 1


def test_a_firm_is_accepted_once_a_year_for_a_programme():
    first = ApplicationFactory(status=Status.ACCEPTED)
    second = ApplicationFactory(edition=first.edition)
    with pytest.raises(ApplicationError, match=first.number):
        decide(second, Action.ACCEPT)
    another_base = ApplicationFactory(edition=first.edition, subject="二号基地")
    decide(another_base, Action.ACCEPT)
    next_year = ApplicationFactory(edition=first.edition, year=2027)
    decide(next_year, Action.ACCEPT)
