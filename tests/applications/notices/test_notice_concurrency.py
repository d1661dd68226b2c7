"""Several handle one batch at once, on PostgreSQL: exactly one of them does it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from applications.cases.models import Application, ApplicationEvent
from applications.cases.services.errors import ApplicationError
from applications.cases.workflow import Status
from applications.notices.models import Notice, NoticeLine, Recognition
from applications.notices.services.drafts import make_notice
from applications.notices.services.notices import end_notice, post_notice
from applications.notices.services.objections import record_objection, settle_objection
from applications.notices.services.recognitions import recognise
from applications.notices.services.withdrawal import withdraw_notice
from tests.applications.cases.test_concurrency import THREADS, at_once
from tests.factories import (
    JurisdictionFactory,
    ManagerFactory,
    ObjectionFactory,
    approved_cases,
    drafted_notice,
    posted_notice,
)

CHINA = ZoneInfo("Asia/Shanghai")
POSTED = datetime(2026, 9, 24, 9, tzinfo=CHINA)
OVER = datetime(2026, 10, 10, 18, tzinfo=CHINA)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


def done(act):
    """How many of several who do the same at once succeed; the others are told why."""

    def attempt():
        try:
            act()
        except ApplicationError:
            return 0
        return 1

    return sum(at_once([attempt] * THREADS))


@pytest.fixture
def managers():
    JurisdictionFactory()
    return ManagerFactory(), ManagerFactory(jurisdiction_code="140521")


def test_a_case_chosen_by_several_at_once_joins_one_batch(managers):
    cases = approved_cases(2)

    def choose(actor):
        try:
            make_notice(applications=cases, actor=actor, now=POSTED)
        except ApplicationError:
            return 0
        return 1

    results = at_once([lambda actor=actor: choose(actor) for actor in managers * 4])
    assert sum(results) == 1
    assert NoticeLine.objects.count() == 2
    assert Notice.objects.count() == 1


def test_cases_chosen_at_once_join_the_same_draft(managers):
    cases = approved_cases(THREADS)
    at_once(
        [
            lambda case=case: make_notice(applications=[case], actor=managers[0], now=POSTED)
            for case in cases
        ]
    )
    assert Notice.objects.get().lines.count() == THREADS


def test_a_notice_posted_or_ended_by_several_at_once_is_so_once(managers):
    notice = drafted_notice(approved_cases(2), managers[0], POSTED)
    assert done(lambda: post_notice(notice=notice, actor=managers[0], now=POSTED)) == 1
    assert ApplicationEvent.objects.count() == 2
    assert done(lambda: end_notice(notice=notice, actor=managers[0], now=OVER)) == 1
    assert ApplicationEvent.objects.count() == 4


def test_cases_recognised_by_several_at_once_are_so_once(managers):
    cases = approved_cases(2)
    notice = posted_notice(cases, POSTED, managers[0])
    notice = end_notice(notice=notice, actor=managers[0], now=OVER)

    def record():
        recognise(
            applications=cases,
            document_number="测试〔2026〕8号",
            on=date(2026, 10, 10),
            actor=managers[0],
            now=OVER,
            notice=notice,
        )

    assert done(record) == 1
    assert Recognition.objects.get().lines.count() == 2
    assert set(Application.objects.values_list("status", flat=True)) == {Status.RECOGNISED}


def test_an_objection_settled_by_several_at_once_is_so_once(managers):
    notice = posted_notice(approved_cases(1), POSTED, managers[0])
    objection = ObjectionFactory(notice=notice)
    assert (
        done(
            lambda: settle_objection(
                objection=objection,
                outcome="dismissed",
                handling="查过。",
                actor=managers[0],
                now=OVER,
            )
        )
        == 1
    )


def test_an_objection_made_while_the_notice_ends_is_either_awaited_or_refused(managers):
    notice = posted_notice(approved_cases(1), POSTED, managers[0])

    def end():
        try:
            end_notice(notice=notice, actor=managers[0], now=OVER)
        except ApplicationError:
            return "awaited"
        return "ended"

    def complain():
        try:
            record_objection(
                notice=notice, line=None, name="甲", contact="a@b.cn", text="停产", now=OVER
            )
        except ApplicationError:
            return "refused"
        return "kept"

    assert set(at_once([end, complain])) in ({"awaited", "kept"}, {"ended", "refused"})


def test_a_notice_ended_and_withdrawn_at_once_is_one_of_the_two(managers):
    notice = posted_notice(approved_cases(3), POSTED, managers[0])

    def end():
        return end_notice(notice=notice, actor=managers[0], now=OVER)

    def withdraw():
        return withdraw_notice(notice=notice, reason="有误", actor=managers[1], now=OVER)

    def attempt(act):
        try:
            return act().status
        except ApplicationError:
            return ""

    results = at_once([lambda act=act: attempt(act) for act in [end, withdraw] * 6])
    assert len([result for result in results if result]) == 1
    notice.refresh_from_db()
    assert notice.status in results
    assert ApplicationEvent.objects.exclude(action="post_notice").count() == 3
    outcomes = set(notice.lines.values_list("outcome", flat=True))
    assert outcomes == {"cleared" if notice.status == "ended" else "withdrawn"}


def test_an_objection_made_while_the_notice_is_withdrawn_is_kept_or_refused(managers):
    notice = posted_notice(approved_cases(1), POSTED, managers[0])

    def withdraw():
        withdraw_notice(notice=notice, reason="有误", actor=managers[0], now=OVER)

    def complain():
        try:
            record_objection(
                notice=notice, line=None, name="甲", contact="a@b.cn", text="停产", now=OVER
            )
        except ApplicationError:
            return 0
        return 1

    kept = sum(result or 0 for result in at_once([withdraw, *[complain] * 5]))
    notice.refresh_from_db()
    assert notice.is_withdrawn
    assert notice.objections.count() == kept


def test_posting_while_cases_join_leaves_no_case_half_way(managers):
    first, second = approved_cases(2)
    notice = drafted_notice([first], managers[0], POSTED)

    def join():
        make_notice(applications=[second], actor=managers[0], now=POSTED)

    def post():
        try:
            post_notice(notice=notice, actor=managers[0], now=POSTED)
        except ApplicationError:
            return

    at_once([join, post])
    for line in NoticeLine.objects.select_related("notice", "application"):
        in_notice = line.application.status == Status.IN_NOTICE
        assert in_notice == line.notice.is_posted
