"""Every status with every action: what is possible, where it leads and what it leaves."""

from datetime import timedelta

import pytest
from django.utils import timezone

from applications.cases.models import Application, ApplicationEvent
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import decide, move, request_correction, withdraw
from applications.cases.workflow import (
    GRANTED,
    OPEN,
    TRANSITIONS,
    Action,
    Status,
    chain_of,
    desk_of,
)
from policies.catalogue.models import Step
from tests.factories import (
    ApplicationFactory,
    CorrectionFactory,
    EditionFactory,
    EnterpriseFactory,
    ExpertScoreFactory,
    MembershipFactory,
    RevocationFactory,
    UserFactory,
)

POSSIBLE = {
    (Status.SUBMITTED, Action.ACCEPT): Status.IN_REVIEW,
    (Status.SUBMITTED, Action.RETURN): Status.RETURNED,
    (Status.SUBMITTED, Action.REJECT): Status.REJECTED,
    (Status.SUBMITTED, Action.VISIT): Status.SUBMITTED,
    (Status.SUBMITTED, Action.TAKE_OVER): Status.SUBMITTED,
    **{
        (status, action): status
        for status in (Status.SUBMITTED, Status.IN_REVIEW, Status.RETURNED)
        for action in (Action.ASSIGN, Action.UNASSIGN)
    },
    (Status.SUBMITTED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.IN_REVIEW, Action.RECOMMEND): Status.APPROVED,
    (Status.IN_REVIEW, Action.RETURN): Status.RETURNED,
    (Status.IN_REVIEW, Action.REJECT): Status.REJECTED,
    (Status.IN_REVIEW, Action.VISIT): Status.IN_REVIEW,
    (Status.IN_REVIEW, Action.TAKE_OVER): Status.IN_REVIEW,
    (Status.IN_REVIEW, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.RETURNED, Action.RESUBMIT): Status.IN_REVIEW,
    (Status.RETURNED, Action.TAKE_OVER): Status.RETURNED,
    (Status.RETURNED, Action.WITHDRAW): Status.WITHDRAWN,
    (Status.RETURNED, Action.LAPSE): Status.LAPSED,
    (Status.APPROVED, Action.REOPEN): Status.IN_REVIEW,
    (Status.APPROVED, Action.POST_NOTICE): Status.IN_NOTICE,
    (Status.APPROVED, Action.RECOGNISE): Status.RECOGNISED,
    (Status.RECOGNISED, Action.REVOKE): Status.REVOKED,
    (Status.REJECTED, Action.REOPEN): Status.IN_REVIEW,
    (Status.REJECTED, Action.ASK_REVIEW): Status.REJECTED,
    (Status.REJECTED, Action.UPHOLD): Status.REJECTED,
    (Status.LAPSED, Action.REOPEN): Status.IN_REVIEW,
    (Status.IN_NOTICE, Action.END_NOTICE): Status.APPROVED,
    (Status.IN_NOTICE, Action.WITHDRAW_NOTICE): Status.APPROVED,
    (Status.IN_NOTICE, Action.REJECT): Status.REJECTED,
    # What the registry changed about the firm.
    **{(status, Action.CHANGE_FIRM): status for status in OPEN | GRANTED},
    **{(status, Action.TRANSFER): status for status in OPEN},
    **{(status, Action.SUCCEED): status for status in OPEN | GRANTED},
    **{
        (status, Action.CLOSE): Status.CLOSED
        for status in OPEN | {Status.APPROVED, Status.IN_NOTICE}
    },
}
CHAIN = (
    ("apply", "county", "提交纸质申请"),
    ("review", "county", "初审"),
    ("expert", "city", "专家评审"),
    ("notice", "city", "公示"),
)
pytestmark = pytest.mark.django_db


def act(application, action, opinion="材料齐全", actor=None):
    return move(
        application, action, actor=actor or UserFactory(), opinion=opinion, now=timezone.now()
    )


def by(user, application, action, opinion="材料齐全"):
    decide(application=application, action=action, actor=user, opinion=opinion, now=timezone.now())


@pytest.fixture
def long_chain():
    """An application whose edition has a county review and then the city's experts."""
    edition = EditionFactory()
    for position, (kind, level, title) in enumerate(CHAIN):
        Step.objects.create(
            edition=edition, position=position, kind=kind, level=level, actor="中心", title=title
        )
    return ApplicationFactory(edition=edition)


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("action", TRANSITIONS)
def test_an_action_leads_where_the_table_says_or_is_refused(status, action):
    application = ApplicationFactory(status=status)
    if status == Status.RETURNED:
        # What lapses is overdue.
        yesterday = timezone.localdate() - timedelta(days=1)
        CorrectionFactory(application=application, due_on=yesterday)
    if status == Status.RECOGNISED:
        # What is revoked has a document.
        RevocationFactory(application=application)
    target = POSSIBLE.get((status, action))
    if target is None:
        with pytest.raises(ApplicationError, match="不能"):
            act(application, action)
    else:
        act(application, action)
    application.refresh_from_db()
    assert application.status == (target or status)
    assert ApplicationEvent.objects.count() == (1 if target else 0)


@pytest.mark.parametrize(
    "action", [Action.REJECT, Action.RETURN, Action.VISIT, Action.REOPEN], ids=str
)
def test_without_a_reason_it_is_refused(action):
    status = Status.REJECTED if action is Action.REOPEN else Status.IN_REVIEW
    application = ApplicationFactory(status=status)
    with pytest.raises(ApplicationError, match="理由"):
        act(application, action, opinion="  ")
    assert not ApplicationEvent.objects.exists()


def test_an_event_says_who_moved_it_from_where_to_where_and_why():
    application = ApplicationFactory()
    act(application, Action.REJECT, opinion="缺少纳统证明")
    event = application.events.get()
    assert event.actor.is_staff
    assert (event.source, event.target) == (Status.SUBMITTED, Status.REJECTED)
    assert (event.step, event.opinion) == ("审核", "缺少纳统证明")


def test_who_acts_on_a_page_grown_old_is_told_and_changes_nothing():
    application = ApplicationFactory()
    stale = Application.objects.get(pk=application.pk)
    act(application, Action.VISIT, opinion="到了厂区")
    with pytest.raises(ApplicationError, match="他人"):
        act(stale, Action.REJECT)
    application.refresh_from_db()
    assert application.status == Status.SUBMITTED
    assert application.events.count() == 1


def test_a_case_goes_from_the_county_to_the_city(long_chain):
    county, city = UserFactory(), UserFactory(jurisdiction_code="140500")
    queue = Application.objects.waiting_for
    assert queue(county, timezone.localdate()).get() == long_chain
    assert not queue(city, timezone.localdate()).exists()
    by(county, long_chain, Action.ACCEPT)
    by(county, long_chain, Action.RECOMMEND)
    assert (long_chain.status, long_chain.desk) == (Status.IN_REVIEW, "city")
    assert long_chain.current_step.title == "专家评审"
    assert not queue(county, timezone.localdate()).exists()
    assert queue(city, timezone.localdate()).get() == long_chain
    with pytest.raises(ApplicationError, match="市级办理"):
        by(county, long_chain, Action.RECOMMEND)
    ExpertScoreFactory(assignment__application=long_chain)
    by(city, long_chain, Action.RECOMMEND)
    assert long_chain.status == Status.APPROVED
    steps = [
        (event.step, event.step_level, event.step_place, event.step_is_expert)
        for event in long_chain.events.all()
    ]
    assert steps == [
        ("初审", "county", 0, False),
        ("初审", "county", 0, False),
        ("专家评审", "city", 1, True),
    ]


def test_a_case_taken_over_is_the_takers_alone_until_its_step_is_over(long_chain):
    county, other, city = UserFactory(), UserFactory(), UserFactory(jurisdiction_code="140500")
    with pytest.raises(ApplicationError, match="县级办理"):
        by(city, long_chain, Action.ACCEPT)
    by(other, long_chain, Action.TAKE_OVER)
    assert Application.objects.waiting_for(other, timezone.localdate()).get() == long_chain
    assert not Application.objects.waiting_for(county, timezone.localdate()).exists()
    with pytest.raises(ApplicationError, match=str(other)):
        by(county, long_chain, Action.ACCEPT)
    by(other, long_chain, Action.ACCEPT)
    long_chain.refresh_from_db()
    assert long_chain.assignee == other
    by(other, long_chain, Action.RECOMMEND)
    long_chain.refresh_from_db()
    assert long_chain.assignee is None


def test_what_province_and_nation_decide_is_recorded_at_the_citys_desk():
    assert [desk_of(level) for level in ("county", "city", "province", "national")] == [
        "county",
        "city",
        "city",
        "city",
    ]


def test_experts_of_the_province_score_elsewhere():
    steps = [("expert", "city", "专家评审", None), ("expert", "province", "专家评价", None)]
    assert [step.is_expert for step in chain_of(steps)] == [True, False]


def test_where_no_steps_are_printed_the_county_reviews_alone():
    assert [step.level for step in chain_of(())] == ["county"]
    assert [step.level for step in chain_of([("notice", "city", "公示", 5)])] == ["county"]


def test_a_firm_is_granted_a_programme_once_a_year():
    user = UserFactory()
    first = ApplicationFactory(status=Status.APPROVED)
    second = ApplicationFactory(edition=first.edition, status=Status.IN_REVIEW)
    with pytest.raises(ApplicationError, match=first.number):
        by(user, second, Action.RECOMMEND)
    another_base = ApplicationFactory(
        edition=first.edition, subject="二号基地", status=Status.IN_REVIEW
    )
    by(user, another_base, Action.RECOMMEND)
    next_year = ApplicationFactory(edition=first.edition, year=2027, status=Status.IN_REVIEW)
    by(user, next_year, Action.RECOMMEND)


@pytest.mark.parametrize("reopen", [by, lambda user, case, action: act(case, action, actor=user)])
def test_a_case_is_not_reopened_beside_another_of_the_same(reopen):
    """Nor where the firm applies anew at the same moment, after whoever reopens it has looked."""
    first = ApplicationFactory(status=Status.REJECTED)
    anew = ApplicationFactory(edition=first.edition, status=Status.SUBMITTED)
    with pytest.raises(ApplicationError, match="已有另一件有效的申报"):
        reopen(UserFactory(), first, Action.REOPEN)
    first.refresh_from_db()
    assert (first.status, first.version, first.events.count()) == (Status.REJECTED, 0, 0)
    Application.objects.filter(pk=anew.pk).update(status=Status.WITHDRAWN)
    for other in ({"subject": "二号基地"}, {"year": 2027}, {"status": Status.WITHDRAWN}):
        ApplicationFactory(edition=first.edition, **{"status": Status.SUBMITTED, **other})
    reopen(UserFactory(), first, Action.REOPEN)
    assert first.status == Status.IN_REVIEW


def test_a_return_names_what_to_correct(long_chain):
    def give_back(facts, materials, reason, actor=None):
        request_correction(
            application=long_chain,
            actor=actor or UserFactory(),
            facts=facts,
            materials=materials,
            reason=reason,
            now=timezone.now(),
        )

    with pytest.raises(ApplicationError, match="勾选"):
        give_back([], [], "不清楚")
    with pytest.raises(ApplicationError, match="理由"):
        give_back(["enterprise.employees"], [], " ")
    with pytest.raises(ApplicationError, match="县级办理"):
        give_back(["enterprise.employees"], [], "人数", UserFactory(jurisdiction_code="140500"))
    give_back(["enterprise.employees"], ["营业执照"], "人数与社保不符")
    correction = long_chain.corrections.get()
    assert correction.facts == ["enterprise.employees"]
    assert long_chain.events.get().details["materials"] == ["营业执照"]
    assert long_chain.status == Status.RETURNED


def test_only_an_owner_takes_an_application_back_and_the_others_read_who_that_is():
    case = ApplicationFactory()
    member = MembershipFactory(role="member", contact_name="李会计")
    stranger = MembershipFactory(
        enterprise=EnterpriseFactory(credit_code="91140522MA0K00003X"), contact_name="外人"
    )
    now = timezone.now()

    def taken_back_by(user):
        withdraw(application=case, actor=user, opinion="改期", now=now)

    with pytest.raises(ApplicationError, match="企业现在没有管理员，请找县中心"):
        taken_back_by(member.user)
    owner = MembershipFactory(contact_name="王主任")
    for user in (member.user, stranger.user, UserFactory()):
        with pytest.raises(ApplicationError, match="只能由企业的管理员办理：王主任。"):
            taken_back_by(user)
    assert not case.events.exists()
    long_ago = now - timedelta(days=9)
    old, correction = (
        CorrectionFactory(application=case, answered_at=answered) for answered in (long_ago, None)
    )
    taken_back_by(owner.user)
    case.refresh_from_db()
    assert case.status == Status.WITHDRAWN
    for each, answered in ((correction, now), (old, long_ago)):
        each.refresh_from_db()
        assert each.answered_at == answered


def test_arriving_at_a_step_is_what_the_queue_counts_from(long_chain):
    long_ago = timezone.now() - timedelta(days=9)
    Application.objects.filter(pk=long_chain.pk).update(arrived_at=long_ago)
    long_chain.refresh_from_db()
    by(UserFactory(), long_chain, Action.VISIT)
    assert long_chain.arrived_at == long_ago
    by(UserFactory(), long_chain, Action.ACCEPT)
    assert long_chain.arrived_at > long_ago
