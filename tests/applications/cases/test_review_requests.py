"""Review of a rejection: asked for once and in time, answered by somebody who took no part."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from applications.cases.guards.review_requests import (
    ANOTHER_ANSWERS,
    REVIEW_FIRST,
    REVIEW_FITS,
    REVIEW_STAYS,
)
from applications.cases.models import (
    Application,
    CalendarDay,
    Cover,
    Message,
    ReviewRequest,
)
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import REVIEW_STANDS, REVIEW_WAITS, decide, move
from applications.cases.services.review_requests import (
    APPLIED_ANEW,
    ASKED_BEFORE,
    NOT_BY_YOU,
    answer_review,
    answerers,
    ask_for_review,
    review_term,
)
from applications.cases.workflow import Action, Status
from portal.users import record_password
from tests.applications.cases.test_concurrency import at_once
from tests.applications.cases.test_two_people import CITY, COUNTY, EXPERTS, at_city, by, case_of
from tests.breaking import broken_guards
from tests.factories import (
    ApplicationFactory,
    ExpertScoreFactory,
    FindingFactory,
    JurisdictionFactory,
    MembershipFactory,
    UserFactory,
    reject_event,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
LAST = date(2026, 3, 23)  # the fifteenth working day after a Monday without holidays
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def a_day_of_it(time_machine):
    time_machine.move_to(NOON, tick=False)
    return time_machine


@pytest.fixture(autouse=True)
def county():
    return JurisdictionFactory(
        code="140521", name="沁水县", level="county", parent=JurisdictionFactory()
    )


@pytest.fixture
def clerk():
    return UserFactory(first_name="李四")


@pytest.fixture
def colleague():
    return UserFactory(first_name="张三")


@pytest.fixture
def city():
    return UserFactory(jurisdiction_code="140500", first_name="王五")


@pytest.fixture
def rejected(clerk):
    case = case_of(COUNTY, CITY)
    by(clerk, case, Action.REJECT, "收入没有达到")
    return case


@pytest.fixture
def member(rejected):
    return MembershipFactory(enterprise=rejected.enterprise).user


def ask(case, member, reason="收入以审计报告为准，已经达到"):
    return ask_for_review(application=case, actor=member, reason=reason, now=timezone.now())


def answer(case, actor, outcome="upheld", reason="按审计报告，仍没有达到"):
    answer_review(application=case, outcome=outcome, actor=actor, reason=reason, now=timezone.now())


def term_today(case):
    return review_term(Application.objects.get(pk=case.pk), timezone.localdate())


def guarded(message):
    return pytest.raises(IntegrityError, match=message)


def messages_to(user):
    return list(Message.objects.filter(recipient=user).values_list("subject", flat=True))


def test_a_firm_asks_and_the_request_is_on_record(rejected, member, colleague, clerk):
    request = ask(rejected, member)
    assert rejected.status == Status.REJECTED
    assert (request.requested_by, request.is_waiting, request.due_on) == (member, True, LAST)
    event = rejected.events.last()
    assert (event.action, event.actor, event.opinion) == ("ask_review", member, request.reason)
    assert request.rejection == rejected.events.get(action="reject")
    assert any("已收到复核申请" in subject for subject in messages_to(member))
    # Who may answer hears of it, and who may not does not.
    assert any("企业申请复核" in subject for subject in messages_to(colleague))
    assert not any("企业申请复核" in subject for subject in messages_to(clerk))


def test_an_upheld_rejection_is_final(rejected, member, colleague, clerk):
    ask(rejected, member)
    answer(rejected, colleague)
    rejected.refresh_from_db()
    request = rejected.review_request
    assert (rejected.status, request.outcome) == (Status.REJECTED, "upheld")
    assert (request.answered_by, request.answer) == (colleague, "按审计报告，仍没有达到")
    assert rejected.events.last().action == "uphold"
    told = Message.objects.filter(recipient=member).order_by("pk").last()
    assert "维持不予通过" in told.subject
    assert "按审计报告，仍没有达到" in told.text
    with pytest.raises(ApplicationError, match=ASKED_BEFORE):
        ask(rejected, member)
    with pytest.raises(ApplicationError, match=REVIEW_STANDS):
        by(clerk, rejected, Action.REOPEN, "再看看")
    with pytest.raises(ApplicationError, match="他人"):
        answer(rejected, UserFactory(), "reopened")


def test_a_reopened_case_is_back_at_the_step_where_it_was_rejected(clerk, city, member_of_city):
    case, member = member_of_city
    colleague = UserFactory(jurisdiction_code="140500")
    ask(case, member)
    assert answerers(case) == [colleague]
    answer(case, colleague, "reopened", "审计报告达到了")
    case.refresh_from_db()
    assert (case.status, case.step, case.desk) == (Status.IN_REVIEW, 1, "city")
    told = Message.objects.filter(recipient=member).order_by("pk").last()
    assert "经另一人复核" in told.text
    assert "审计报告达到了" in told.text
    # Whoever may decide at this step goes on; who decided for the county still may not.
    by(city, case, Action.RECOMMEND)
    assert case.status == Status.APPROVED


@pytest.fixture
def member_of_city(clerk, city):
    """A case that the county passed and the city rejected."""
    case = case_of(COUNTY, CITY)
    by(clerk, case, Action.RECOMMEND)
    by(city, case, Action.REJECT, "收入没有达到")
    return case, MembershipFactory(enterprise=case.enterprise).user


def test_a_case_rejected_once_more_is_reviewed_no_second_time(rejected, member, colleague, clerk):
    ask(rejected, member)
    answer(rejected, colleague, "reopened", "审计报告达到了")
    by(clerk, rejected, Action.REJECT, "别的条件不符合")
    with pytest.raises(ApplicationError, match=ASKED_BEFORE):
        ask(rejected, member)
    assert term_today(rejected) is None
    # The office itself may still take it back.
    by(clerk, rejected, Action.REOPEN, "看错了")


@pytest.mark.parametrize("outcome", ["upheld", "reopened"])
def test_who_rejected_does_not_answer(rejected, member, clerk, colleague, outcome):
    ask(rejected, member)
    with pytest.raises(ApplicationError, match=NOT_BY_YOU):
        answer(rejected, clerk, outcome)
    assert ReviewRequest.objects.get().is_waiting
    assert rejected.events.last().action == "ask_review"


def stood_in(case, clerk, colleague):
    Cover.objects.create(
        person=colleague, substitute=clerk, first=NOON.date(), last=NOON.date(),
        entered_by=colleague, entered_at=NOON,
    )  # fmt: skip
    reject_event(case, clerk, on_behalf_of=colleague)


def gave_it_back(case, clerk, colleague):
    reject_event(case, colleague, action="return", source="in_review", target="returned")


def found(case, clerk, colleague):
    FindingFactory(application=case, by=colleague)


def scored(case, clerk, colleague):
    ExpertScoreFactory(
        assignment__application=case, assignment__expert=colleague, assignment__assigned_by=clerk
    )


def has_the_account(case, clerk, colleague):
    record_password(user=colleague, actor=clerk)


def is_in_hand(case, clerk, colleague):
    record_password(user=clerk, actor=colleague)


PARTS = (stood_in, gave_it_back, found, scored, has_the_account, is_in_hand)


@pytest.mark.parametrize("part", PARTS)
def test_who_took_any_part_does_not_answer_nor_by_the_database(
    rejected, member, clerk, colleague, city, part
):
    part(rejected, clerk, colleague)
    request = ask(rejected, member)
    assert answerers(rejected) == [city]
    with pytest.raises(ApplicationError, match=NOT_BY_YOU):
        answer(rejected, colleague)
    assert not ReviewRequest.objects.waiting_for(colleague).exists()
    with guarded(ANOTHER_ANSWERS), transaction.atomic():
        ReviewRequest.objects.filter(pk=request.pk).update(
            outcome="upheld", answer="x", answered_at=NOON, answered_by=colleague
        )
    assert list(ReviewRequest.objects.waiting_for(city)) == [request]
    answer(rejected, city)


def test_the_city_answers_for_the_county_only_where_nobody_there_may(
    rejected, member, colleague, city
):
    request = ask(rejected, member)
    assert answerers(rejected) == [colleague]
    assert list(ReviewRequest.objects.waiting_for(colleague)) == [request]
    assert not ReviewRequest.objects.waiting_for(city).exists()
    with pytest.raises(ApplicationError, match=NOT_BY_YOU):
        answer(rejected, city)
    colleague.is_active = False
    colleague.save()
    assert answerers(rejected) == [city]
    assert list(ReviewRequest.objects.waiting_for(city)) == [request]
    answer(rejected, city, "reopened")
    # That was a decision for the county: the city's step takes another one.
    at_city(rejected)
    with pytest.raises(ApplicationError, match="由另一人办理"):
        by(city, rejected, Action.RECOMMEND)


def test_somebody_of_another_county_does_not_answer(rejected, member):
    ask(rejected, member)
    stranger = UserFactory(jurisdiction_code="140522")
    with pytest.raises(ApplicationError, match=NOT_BY_YOU):
        answer(rejected, stranger)
    assert not ReviewRequest.objects.waiting_for(stranger).exists()


def test_a_superuser_of_all_places_answers_unless_they_took_part(rejected, member):
    root = UserFactory(is_superuser=True, jurisdiction_code="")
    ask(rejected, member)
    assert ReviewRequest.objects.waiting_for(root).exists()
    answer(rejected, root)
    own = case_of(COUNTY, subject="另一个")
    by(root, own, Action.REJECT)
    ask(own, member)
    with pytest.raises(ApplicationError, match=NOT_BY_YOU):
        answer(own, root)


def test_the_last_day_counts_and_the_next_is_too_late(rejected, member, a_day_of_it):
    assert term_today(rejected).due_on == LAST
    a_day_of_it.move_to(NOON + timedelta(days=22), tick=False)
    with pytest.raises(ApplicationError, match="期限到 2026-03-23"):
        ask(rejected, member)
    assert "已经过了" in term_today(rejected).refusal
    a_day_of_it.move_to(NOON + timedelta(days=21), tick=False)
    ask(rejected, member)


def test_what_staff_entered_in_the_calendar_moves_the_last_day(rejected):
    CalendarDay.objects.create(date=date(2026, 3, 10), is_working_day=False, note="停工")
    assert term_today(rejected).due_on == date(2026, 3, 24)


def test_a_year_without_a_calendar_is_not_guessed_and_keeps_nobody_away(clerk):
    case = case_of(COUNTY)
    Application.objects.filter(pk=case.pk).update(status=Status.REJECTED)
    late = datetime(2049, 12, 28, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    reject_event(case, clerk, at=late)
    case.refresh_from_db()
    term = review_term(case, date(2050, 3, 1))
    assert (term.due_on, term.refusal) == (None, "")
    member = MembershipFactory(enterprise=case.enterprise).user
    asked = ask_for_review(
        application=case, actor=member, reason="不认可", now=late + timedelta(days=60)
    )
    assert asked.due_on is None


@pytest.mark.parametrize("status", [each for each in Status if each != Status.REJECTED])
def test_no_other_case_is_reviewed(status):
    case = ApplicationFactory(status=status)
    assert review_term(case, NOON.date()) is None
    with pytest.raises(ApplicationError, match="不能“申请复核”"):
        ask(case, MembershipFactory(enterprise=case.enterprise).user)


def test_without_a_reason_nothing_is_asked_or_answered(rejected, member, colleague):
    with pytest.raises(ApplicationError, match="理由"):
        ask(rejected, member, "  ")
    assert not ReviewRequest.objects.exists()
    ask(rejected, member)
    with pytest.raises(ApplicationError, match="理由"):
        answer(rejected, colleague, reason=" ")
    assert ReviewRequest.objects.get().is_waiting


def test_what_the_province_decided_is_not_reviewed_here(city, member):
    case = case_of(CITY, ("province", "专家评价", "expert"), desk="city")
    by(city, case, Action.RECOMMEND)
    by(city, case, Action.REJECT, "省局文件没有列入", document_number="晋企发〔2026〕3号")
    assert "由上级决定" in term_today(case).refusal
    with pytest.raises(ApplicationError, match="由上级决定"):
        ask(case, member)


def test_who_applied_anew_asks_for_no_review_of_the_case_before(rejected, member):
    again = ApplicationFactory(edition=rejected.edition, enterprise=rejected.enterprise)
    with pytest.raises(ApplicationError, match=APPLIED_ANEW.format(number=again.number)):
        ask(rejected, member)


def test_who_applied_anew_meanwhile_is_not_reopened_but_answered(rejected, member, colleague):
    ask(rejected, member)
    ApplicationFactory(edition=rejected.edition, enterprise=rejected.enterprise)
    with pytest.raises(ApplicationError, match="另一件有效的申报"):
        answer(rejected, colleague, "reopened")
    assert ReviewRequest.objects.get().is_waiting
    answer(rejected, colleague)


def test_a_case_that_fell_by_an_objection_is_reviewed_too(clerk, colleague, member):
    case = case_of(COUNTY, subject="公示过")
    by(clerk, case, Action.RECOMMEND)
    Application.objects.filter(pk=case.pk).update(status=Status.IN_NOTICE)
    case.refresh_from_db()
    move(case, Action.REJECT, actor=clerk, opinion="异议成立", now=timezone.now())
    ask(case, member)
    assert answerers(case) == [colleague]
    answer(case, colleague, "reopened", "异议不成立")
    assert case.status == Status.IN_REVIEW


def test_while_it_waits_nobody_takes_the_rejection_back_past_it(rejected, member, clerk):
    ask(rejected, member)
    with pytest.raises(ApplicationError, match=REVIEW_WAITS):
        decide(application=rejected, action=Action.REOPEN, actor=clerk, opinion="x", now=NOON)
    with guarded(REVIEW_FIRST), transaction.atomic():
        reject_event(rejected, clerk, action="reopen", source="rejected", target="in_review")


def test_staff_who_took_the_rejection_back_at_that_moment_were_first(rejected, member, clerk):
    stale = Application.objects.get(pk=rejected.pk)
    by(clerk, rejected, Action.REOPEN, "看错了")
    with pytest.raises(ApplicationError, match="他人"):
        ask(stale, member)
    assert not ReviewRequest.objects.exists()


def written(case, member, **fields):
    return ReviewRequest.objects.create(
        **{
            "application": case,
            "rejection": case.events.filter(action="reject").last(),
            "reason": "不认可",
            "requested_at": timezone.now(),
            "requested_by": member,
            **fields,
        }
    )


def test_the_database_takes_a_request_of_a_rejected_case_once_and_in_time(rejected, member, clerk):
    with guarded(REVIEW_FITS), transaction.atomic():
        written(rejected, member, due_on=NOON.date() - timedelta(days=1))
    open_case = case_of(COUNTY, subject="在办")
    with guarded(REVIEW_FITS), transaction.atomic():
        written(open_case, member, rejection=rejected.events.get(action="reject"))
    with guarded(REVIEW_FITS), transaction.atomic():
        written(rejected, member, outcome="upheld", answer="x", answered_at=NOON, answered_by=clerk)
    written(rejected, member, due_on=NOON.date())
    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        written(rejected, member, rejection=reject_event(rejected, clerk))


def test_the_database_lets_a_request_and_its_answer_stay(rejected, member, colleague):
    request = ask(rejected, member)
    own = ReviewRequest.objects.filter(pk=request.pk)
    with guarded(REVIEW_STAYS), transaction.atomic():
        own.update(reason="别的理由")
    answer(rejected, colleague)
    for change in ({"outcome": "reopened"}, {"answer": "别的"}, {"requested_by": colleague}):
        with guarded(REVIEW_STAYS), transaction.atomic():
            own.update(**change)
    with guarded(REVIEW_STAYS), transaction.atomic():
        own.delete()
    assert not [
        fault for fault in broken_guards() if "reviewrequest" in fault and "no row" not in fault
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections")
def test_of_several_who_ask_and_answer_at_once_one_does(rejected, member, colleague):
    def tried(act, actor, *rest):
        def task():
            try:
                act(Application.objects.get(pk=rejected.pk), actor, *rest)
            except ApplicationError:
                return 0
            return 1

        return task

    assert sum(at_once([tried(ask, member)] * 8)) == 1
    others = [UserFactory() for _ in range(3)]
    tasks = [
        tried(answer, actor, outcome)
        for actor in (colleague, *others)
        for outcome in ("upheld", "reopened")
    ]
    assert sum(at_once(tasks)) == 1
    rejected.refresh_from_db()
    request = rejected.review_request
    assert rejected.events.filter(action__in=("uphold", "reopen")).count() == 1
    assert (request.outcome == "reopened") == (rejected.status == Status.IN_REVIEW)


def test_waiting_requests_take_the_same_queries_for_many(
    rejected, member, colleague, city, django_assert_num_queries
):
    ask(rejected, member)
    for user, count in ((colleague, 1), (city, 1)):
        list(ReviewRequest.objects.waiting_for(user))  # their rights
        with django_assert_num_queries(count):
            list(ReviewRequest.objects.waiting_for(user))
    UserFactory.create_batch(5)
    for number in range(4):
        case = case_of(COUNTY, subject=f"第{number}个")
        by(UserFactory(), case, Action.REJECT)
        ask(case, member)
    for user, count, rows in ((colleague, 1, 5), (city, 1, 0)):
        with django_assert_num_queries(count):
            assert len(ReviewRequest.objects.waiting_for(user)) == rows


def test_experts_of_the_step_are_no_second_look(clerk, city):
    """Who scored at the expert step does not answer for it."""
    case = case_of(COUNTY, EXPERTS)
    by(clerk, case, Action.RECOMMEND)
    scorer = UserFactory(jurisdiction_code="140500")
    ExpertScoreFactory(
        assignment__application=case, assignment__expert=scorer, assignment__assigned_by=city
    )
    by(city, case, Action.REJECT, "评分低")
    ask(case, MembershipFactory(enterprise=case.enterprise).user)
    assert answerers(case) == []
    with pytest.raises(ApplicationError, match=NOT_BY_YOU):
        answer(case, scorer)
