"""Two people decide a case: nobody for both county and city, nobody their own recommendation."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applications.cases.guards.two_people import BOTH_LEVELS, OTHER_DESK, OWN_RECOMMENDATION
from applications.cases.models import Application, ApplicationEvent
from applications.cases.services.errors import ApplicationError
from applications.cases.services.ranking import Contest, decide_by_rank, ranking_of
from applications.cases.services.review import decide, move, request_correction
from applications.cases.workflow import Action, Status
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    ExpertScoreFactory,
    JurisdictionFactory,
    StepFactory,
    UserFactory,
)

COUNTY, CITY = ("county", "初审", "review"), ("city", "审核", "review")
EXPERTS = ("city", "专家评审", "expert")
TOLD = "您在县级环节已经办理过这件申报，市级环节要由另一人办理。"
pytestmark = pytest.mark.django_db


def case_of(*chain, **fields):
    edition = EditionFactory()
    for level, title, kind in chain:
        StepFactory(edition=edition, level=level, title=title, kind=kind)
    return ApplicationFactory(edition=edition, status=Status.IN_REVIEW, **fields)


def by(user, application, action, opinion="同意", **details):
    decide(
        application=application,
        action=action,
        actor=user,
        opinion=opinion,
        details=details,
        now=timezone.now(),
    )


def give_back(user, application):
    request_correction(
        application=application,
        actor=user,
        facts=["enterprise.employees"],
        materials=[],
        reason="人数不符",
        now=timezone.now(),
    )


def at_city(case):
    """The same case at the city's step, as it is in the database."""
    Application.objects.filter(pk=case.pk).update(step=1, desk="city", status=Status.IN_REVIEW)
    case.corrections.update(answered_at=timezone.now())
    case.refresh_from_db()


def record(case, actor, action, level, place, *, is_expert=False, source="in_review"):
    """Write an event past all services."""
    ApplicationEvent.objects.bulk_create(
        [
            ApplicationEvent(
                application=case,
                at=timezone.now(),
                actor=actor,
                action=action,
                source=source,
                target="in_review",
                step_level=level,
                step_place=place,
                step_is_expert=is_expert,
            )
        ]
    )


def guarded(message):
    return pytest.raises(IntegrityError, match=message)


@pytest.fixture
def root():
    return UserFactory(is_superuser=True, jurisdiction_code="")


@pytest.fixture
def city():
    return UserFactory(jurisdiction_code="140500")


def test_one_reviewer_of_the_county_does_not_approve_alone(city):
    county, case = UserFactory(), case_of(COUNTY, EXPERTS)
    by(county, case, Action.RECOMMEND)
    ExpertScoreFactory(assignment__application=case)
    for action in (Action.TAKE_OVER, Action.RECOMMEND, Action.REJECT):
        with pytest.raises(ApplicationError, match="只能由市级的人"):
            by(county, case, action)
    assert case.status == Status.IN_REVIEW
    by(city, case, Action.RECOMMEND)
    assert case.status == Status.APPROVED


def test_taking_over_works_within_ones_own_level(city):
    county, colleague = UserFactory(), UserFactory()
    province = UserFactory(jurisdiction_code="140000")
    case = case_of(COUNTY, CITY)
    by(county, case, Action.TAKE_OVER)
    by(colleague, case, Action.TAKE_OVER)
    with pytest.raises(ApplicationError, match="只能由县级的人"):
        by(city, case, Action.TAKE_OVER)
    with pytest.raises(ApplicationError, match="只能由县级的人"):
        by(UserFactory(jurisdiction_code=""), case, Action.TAKE_OVER)
    at_city(case)
    by(city, case, Action.TAKE_OVER)
    with pytest.raises(ApplicationError, match="只能由市级的人"):
        by(colleague, case, Action.TAKE_OVER)
    # Who is in charge of the whole province stands at the city's desk.
    JurisdictionFactory(code="140000", name="山西省", level="province")
    by(province, case, Action.TAKE_OVER)


def test_who_took_over_and_moved_to_another_level_decides_no_more(city):
    mover, case = UserFactory(), case_of(COUNTY, CITY)
    by(mover, case, Action.TAKE_OVER)
    mover.jurisdiction_code = "140500"
    with pytest.raises(ApplicationError, match="只能由县级的人"):
        by(mover, case, Action.RECOMMEND)
    assert not Application.objects.waiting_for(mover, timezone.localdate()).exists()
    by(UserFactory(), case, Action.TAKE_OVER)


@pytest.mark.parametrize("before", [Action.RECOMMEND, Action.RETURN, Action.REJECT, Action.REOPEN])
@pytest.mark.parametrize("after", [Action.RECOMMEND, Action.RETURN, Action.REJECT])
def test_nobody_decides_for_county_and_city(city, before, after):
    """Somebody who moved from the county to the city; the same holds for a superuser."""
    mover, case = UserFactory(), case_of(COUNTY, CITY)
    if before is Action.RETURN:
        give_back(mover, case)
    else:
        case.status = Status.REJECTED if before is Action.REOPEN else Status.IN_REVIEW
        case.save()
        by(mover, case, before)
    at_city(case)
    mover.jurisdiction_code = "140500"
    mover.save()
    with pytest.raises(ApplicationError, match=TOLD):
        give_back(mover, case) if after is Action.RETURN else by(mover, case, after)
    assert case.events.count() == 1
    give_back(city, case) if after is Action.RETURN else by(city, case, after)


@pytest.mark.parametrize("action", [Action.VISIT, Action.TAKE_OVER])
def test_what_decides_nothing_keeps_nobody_from_deciding_elsewhere(root, action):
    case = case_of(COUNTY, CITY)
    by(root, case, action)
    at_city(case)
    by(root, case, Action.RECOMMEND)


def test_receiving_a_case_is_no_decision(root):
    case = case_of(COUNTY, CITY)
    Application.objects.filter(pk=case.pk).update(status=Status.SUBMITTED)
    case.refresh_from_db()
    by(root, case, Action.ACCEPT)
    at_city(case)
    by(root, case, Action.RECOMMEND)


def test_a_superuser_is_bound_too(root):
    case = case_of(COUNTY, CITY)
    by(root, case, Action.RECOMMEND)
    for action in (Action.RECOMMEND, Action.REJECT, Action.TAKE_OVER):
        with pytest.raises(ApplicationError, match=TOLD):
            by(root, case, action)
    by(root, case, Action.VISIT, "到厂看过")


def test_one_level_may_take_several_decisions_of_its_own(city):
    case = case_of(CITY, ("city", "集体审定", "review"), desk="city")
    by(city, case, Action.RECOMMEND)
    by(city, case, Action.RECOMMEND)
    assert case.status == Status.APPROVED


def test_who_recommended_a_case_does_not_pass_its_expert_step(city):
    case = case_of(CITY, EXPERTS, desk="city")
    by(city, case, Action.RECOMMEND)
    ExpertScoreFactory(assignment__application=case)
    with pytest.raises(ApplicationError, match="您在“审核”环节已经推荐过"):
        by(city, case, Action.RECOMMEND)
    other = UserFactory(jurisdiction_code="140500")
    by(other, case, Action.RECOMMEND)
    by(other, case, Action.REOPEN)
    # The same step once more is the same look of the same person.
    by(other, case, Action.RECOMMEND)
    assert case.status == Status.APPROVED


def test_who_recommended_a_case_may_still_reject_it_at_its_expert_step(city):
    case = case_of(CITY, EXPERTS, desk="city")
    by(city, case, Action.RECOMMEND)
    by(city, case, Action.REJECT, "弄虚作假")


def test_what_the_province_decided_is_recorded_by_whoever_decided_before(root, city):
    case = case_of(CITY, ("province", "专家评价", "expert"), desk="city")
    by(city, case, Action.RECOMMEND)
    with pytest.raises(ApplicationError, match=r"“专家评价”由上级决定.*文号"):
        by(city, case, Action.RECOMMEND, "省局文件已公布", document_number="")
    by(city, case, Action.RECOMMEND, "省局文件已公布", document_number="晋企发〔2026〕3号")
    assert case.status == Status.APPROVED
    assert case.events.last().details == {"document_number": "晋企发〔2026〕3号"}
    other = case_of(COUNTY, ("province", "专家评价", "expert"), subject="另一个")
    by(root, other, Action.RECOMMEND)
    by(root, other, Action.RECOMMEND, "省局文件已公布", document_number="晋企发〔2026〕3号")
    assert other.status == Status.APPROVED


def test_a_case_may_fall_by_an_objection_whoever_decided_it_before(root):
    case = case_of(COUNTY, CITY)
    by(root, case, Action.RECOMMEND)
    at_city(case)
    Application.objects.filter(pk=case.pk).update(status=Status.IN_NOTICE)
    case.refresh_from_db()
    move(case, Action.REJECT, actor=root, opinion="异议成立", now=timezone.now())
    assert case.status == Status.REJECTED


def test_ranking_names_the_cases_that_one_decided_for_the_county(root, city):
    own, others = case_of(COUNTY, EXPERTS), None
    others = ApplicationFactory(edition=own.edition, status=Status.IN_REVIEW, subject="另一个")
    by(root, own, Action.RECOMMEND)
    by(UserFactory(), others, Action.RECOMMEND)
    for case, points in ((own, 90), (others, 80)):
        ExpertScoreFactory(assignment__application=case, assignment__step=1, points=points)
    contest = Contest(own.edition.programme_id, own.year, "专家评审")
    decided = decide_by_rank(
        ranking=ranking_of(contest, root), places=2, reason="", actor=root, now=timezone.now()
    )
    assert decided.recommended == 1
    assert decided.failures == [f"{own.number}：{TOLD}"]
    own.refresh_from_db()
    assert own.status == Status.IN_REVIEW


@pytest.mark.parametrize("action", ["recommend", "return", "reject", "reopen"])
def test_the_database_refuses_a_decision_for_both_levels(city, action):
    county, case = UserFactory(), case_of(COUNTY, CITY)
    record(case, county, "recommend", "county", 0)
    with guarded(BOTH_LEVELS), transaction.atomic():
        record(case, county, action, "city", 1)
    record(case, city, action, "city", 1)
    record(case, county, action, "county", 0)
    record(case_of(COUNTY, CITY, subject="另一件"), county, action, "city", 1)


@pytest.mark.parametrize("how", [{"action": "visit"}, {"level": "province"}])
def test_the_database_lets_pass_what_is_no_decision(how):
    county, case = UserFactory(), case_of(COUNTY, CITY)
    record(case, county, "recommend", "county", 0)
    record(case, county, how.get("action", "recommend"), how.get("level", "city"), 1)
    record(case, county, "reject", "city", 1, source="in_notice")


def test_the_database_refuses_to_pass_ones_own_recommendation_at_an_expert_step(city):
    case = case_of(CITY, EXPERTS, desk="city")
    record(case, city, "recommend", "city", 0)
    with guarded(OWN_RECOMMENDATION), transaction.atomic():
        record(case, city, "recommend", "city", 1, is_expert=True)
    record(case, city, "recommend", "city", 0)
    record(case, city, "reject", "city", 1, is_expert=True)


def test_the_database_refuses_to_take_over_at_another_level(city, root):
    county, case = UserFactory(), case_of(COUNTY, CITY)
    for actor, level in ((county, "city"), (city, "county"), (county, "province")):
        with guarded(OTHER_DESK), transaction.atomic():
            record(case, actor, "take_over", level, 0)
    with guarded(OTHER_DESK), transaction.atomic():
        record(case, UserFactory(jurisdiction_code=""), "take_over", "city", 0)
    for actor, level in ((county, "county"), (city, "city"), (city, "province"), (root, "city")):
        record(case, actor, "take_over", level, 0)


@pytest.mark.parametrize(("level", "place"), [("", 0), ("city", None)])
def test_a_decision_names_its_step(city, level, place):
    case = case_of(COUNTY, CITY)
    with guarded("event_of_a_decision_names_its_step"), transaction.atomic():
        record(case, city, "recommend", level, place)
    record(case, city, "visit", level, place)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_one_person_who_clicks_many_times_at_once_passes_one_level(root):
    case = case_of(COUNTY, CITY)

    def click(_):
        try:
            by(root, Application.objects.get(pk=case.pk), Action.RECOMMEND)
        except ApplicationError:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(click, range(16))) == 1
    case.refresh_from_db()
    assert (case.step, case.status) == (1, Status.IN_REVIEW)
