"""Public notices: what may join a batch, how long it lasts, and how objections end."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from applications.cases.models import Application, CalendarDay
from applications.cases.workflow import Status
from applications.notices.models import Notice, NoticeLine, Objection
from applications.notices.services.drafts import (
    change_notice,
    discard_notice,
    make_notice,
    remove_line,
)
from applications.notices.services.errors import NoticeError, RefusedError
from applications.notices.services.notices import end_notice, post_notice
from applications.notices.services.objections import record_objection, settle_objection
from policies.catalogue.models import Step
from tests.factories import (
    ApplicationFactory,
    EditionFactory,
    EnterpriseFactory,
    JurisdictionFactory,
    ManagerFactory,
    ObjectionFactory,
    UserFactory,
    approved_cases,
    drafted_notice,
    posted_notice,
)

CHINA = ZoneInfo("Asia/Shanghai")
POSTED = datetime(2026, 9, 24, 9, tzinfo=CHINA)
# 2026-10-09 is the fifth working day; it is over now.
OVER = datetime(2026, 10, 10, 0, tzinfo=CHINA)
pytestmark = pytest.mark.django_db


def refused(action):
    with pytest.raises(IntegrityError), transaction.atomic():
        action()


def statuses():
    return set(Application.objects.values_list("status", flat=True))


def edition_with_notice(working_days=5, **fields):
    edition = EditionFactory(**fields)
    Step.objects.create(
        edition=edition,
        position=1,
        level="city",
        actor="市中心",
        kind="notice",
        title="公示",
        working_days=working_days,
    )
    return edition


@pytest.fixture
def manager():
    JurisdictionFactory()
    return ManagerFactory()


def test_approved_cases_join_one_draft_of_the_place_with_what_the_public_may_see(manager):
    first, second, third = approved_cases(3)
    notice, refusals = make_notice(applications=[first, second], actor=manager, now=POSTED)
    again, _ = make_notice(applications=[third], actor=manager, now=POSTED)
    assert again == notice
    assert not refusals
    assert notice.number == "140500-GS2026-0001"
    assert (notice.jurisdiction_id, notice.status) == ("140500", "draft")
    line = notice.lines.get(application=first)
    assert line.enterprise_name == first.enterprise_name
    assert line.programme_name == first.edition.programme.name
    assert line.county_name == "沁水县"
    assert statuses() == {Status.APPROVED}


def test_every_case_that_cannot_join_is_named_with_its_reason(manager):
    good, listed, far = approved_cases(3)
    edition = good.edition
    drafted_notice([listed], ManagerFactory(jurisdiction_code="140521"))
    waiting = ApplicationFactory(edition=edition)
    county = JurisdictionFactory(code="140522", name="阳城县", level="county")
    clerk = ManagerFactory(jurisdiction_code="140521")
    Notice.objects.update(jurisdiction="140500")
    outside = ApplicationFactory(
        edition=edition,
        status=Status.APPROVED,
        enterprise=EnterpriseFactory(credit_code="91140522MA0K00003X", county=county),
    )
    notice, refusals = make_notice(
        applications=[good, listed, waiting, outside], actor=clerk, now=POSTED
    )
    assert [line.application for line in notice.lines.all()] == [good]
    reasons = {refusal.application: refusal.reason for refusal in refusals}
    assert "已在公示批次 140521-GS" in reasons[listed]
    assert "现在是“待受理”" in reasons[waiting]
    assert "不在您所管的地区" in reasons[outside]
    with pytest.raises(RefusedError, match=waiting.number):
        make_notice(applications=[waiting], actor=manager, now=POSTED)
    assert far.notice_lines.count() == 0


def test_a_batch_is_of_one_programme_by_somebody_with_a_place(manager):
    (one,), (other,) = approved_cases(1), approved_cases(1)
    with pytest.raises(NoticeError, match="几个项目"):
        make_notice(applications=[one, other], actor=manager, now=POSTED)
    with pytest.raises(NoticeError, match="没有选中"):
        make_notice(applications=[], actor=manager, now=POSTED)
    with pytest.raises(NoticeError, match="没有所管行政区划"):
        make_notice(applications=[one], actor=UserFactory(jurisdiction_code=""), now=POSTED)
    superuser = UserFactory(jurisdiction_code="", is_superuser=True)
    notice, _ = make_notice(applications=[one], actor=superuser, now=POSTED)
    assert notice.jurisdiction == one.edition.programme.area
    assert Notice.objects.count() == 1


def test_a_refused_batch_leaves_no_draft_behind(manager):
    with pytest.raises(RefusedError):
        make_notice(applications=[ApplicationFactory()], actor=manager, now=POSTED)
    assert not Notice.objects.exists()


def test_numbers_run_on_within_place_and_year(manager):
    numbers = [posted_notice(approved_cases(1), POSTED, manager).number for _ in range(2)]
    assert numbers == ["140500-GS2026-0001", "140500-GS2026-0002"]
    next_year = drafted_notice(approved_cases(1), manager, datetime(2027, 1, 4, tzinfo=CHINA))
    assert next_year.number == "140500-GS2027-0001"


def test_the_printed_period_is_the_least_and_staff_may_make_it_longer(manager):
    edition = edition_with_notice(5)
    notice, _ = make_notice(
        applications=approved_cases(2, edition=edition), actor=manager, now=POSTED
    )
    assert (notice.minimum_days, notice.working_days) == (5, 5)
    with pytest.raises(NoticeError, match="不少于 5 个工作日"):
        change_notice(notice=notice, title="公示", text="正文", working_days=4)
    change_notice(notice=notice, title="公示", text="正文", working_days=7)
    notice.refresh_from_db()
    assert notice.working_days == 7
    posted = post_notice(notice=notice, actor=manager, now=POSTED)
    assert f"{posted.ends_on}" == "2026-10-12"


def test_the_longest_of_several_editions_holds_and_falls_with_its_case(manager):
    old = edition_with_notice(5)
    new = edition_with_notice(7, programme=old.programme, effective_from="2026-01-01")
    cases = [ApplicationFactory(edition=old, status=Status.APPROVED)]
    notice = drafted_notice(cases, manager)
    later = ApplicationFactory(edition=new, status=Status.APPROVED, year=2025)
    notice, _ = make_notice(applications=[later], actor=manager, now=POSTED)
    assert (notice.minimum_days, notice.working_days) == (7, 7)
    remove_line(notice=notice, line_id=later.notice_lines.get().pk)
    notice.refresh_from_db()
    assert notice.minimum_days == 5


def test_without_a_printed_period_staff_set_it(manager):
    notice, _ = make_notice(
        applications=approved_cases(1, edition=edition_with_notice(None)),
        actor=manager,
        now=POSTED,
    )
    assert (notice.minimum_days, notice.working_days) == (None, None)
    with pytest.raises(NoticeError, match="请填公示几个工作日"):
        post_notice(notice=notice, actor=manager, now=POSTED)
    with pytest.raises(NoticeError, match="不少于 1"):
        change_notice(notice=notice, title="公示", text="正文", working_days=0)
    change_notice(notice=notice, title="公示", text="正文", working_days=1)
    assert f"{post_notice(notice=notice, actor=manager, now=POSTED).ends_on}" == "2026-09-28"


def test_posting_puts_every_case_in_notice_and_fixes_the_end(manager):
    notice = posted_notice(approved_cases(2), POSTED, manager)
    assert (f"{notice.posted_on}", f"{notice.ends_on}") == ("2026-09-24", "2026-10-09")
    assert notice.posted_by == manager
    assert statuses() == {Status.IN_NOTICE}
    event = Application.objects.first().events.get()
    assert event.actor == manager
    assert notice.number in event.opinion
    with pytest.raises(NoticeError, match="不是草稿"):
        post_notice(notice=notice, actor=manager, now=POSTED)


def test_posting_is_refused_where_something_is_missing(manager):
    notice = drafted_notice(approved_cases(1), manager)
    change_notice(notice=notice, title=" ", text="正文", working_days=5)
    with pytest.raises(NoticeError, match="标题和正文"):
        post_notice(notice=notice, actor=manager, now=POSTED)
    change_notice(notice=notice, title="公示", text="正文", working_days=5)
    with pytest.raises(NoticeError, match="2027 年的放假安排还没有公布"):
        post_notice(notice=notice, actor=manager, now=datetime(2026, 12, 25, 9, tzinfo=CHINA))
    remove_line(notice=notice, line_id=notice.lines.get().pk)
    with pytest.raises(NoticeError, match="名单是空的"):
        post_notice(notice=notice, actor=manager, now=POSTED)
    assert statuses() == {Status.APPROVED}


def test_a_case_that_was_taken_back_meanwhile_stops_the_posting_of_all(manager):
    first, second = approved_cases(2)
    notice = drafted_notice([first, second], manager)
    Application.objects.filter(pk=second.pk).update(status=Status.SUBMITTED)
    with pytest.raises(NoticeError, match=second.number):
        post_notice(notice=notice, actor=manager, now=POSTED)
    first.refresh_from_db()
    notice.refresh_from_db()
    assert (first.status, notice.status) == (Status.APPROVED, "draft")


def test_a_draft_thrown_away_frees_its_cases_and_a_posted_one_stays(manager):
    cases = approved_cases(1)
    discard_notice(notice=drafted_notice(cases, manager))
    notice = posted_notice(cases, POSTED, manager)
    for act in (
        lambda: discard_notice(notice=notice),
        lambda: remove_line(notice=notice, line_id=notice.lines.get().pk),
        lambda: change_notice(notice=notice, title="改", text="改", working_days=9),
    ):
        with pytest.raises(NoticeError, match="不是草稿"):
            act()
    assert Notice.objects.get().lines.count() == 1


def test_a_notice_cannot_be_ended_before_its_last_working_day_is_over(manager):
    notice = posted_notice(approved_cases(2), POSTED, manager)
    for too_early in (POSTED, OVER - timedelta(days=1), OVER - timedelta(seconds=1)):
        with pytest.raises(NoticeError, match="公示到 2026-10-09 止，2026-10-10 起才能结束"):
            end_notice(notice=notice, actor=manager, now=too_early)
    assert statuses() == {Status.IN_NOTICE}
    ended = end_notice(notice=notice, actor=manager, now=OVER)
    assert (ended.status, f"{ended.ended_on}", ended.ended_by) == ("ended", "2026-10-10", manager)
    assert statuses() == {Status.APPROVED}
    assert set(ended.lines.values_list("outcome", flat=True)) == {"cleared"}
    with pytest.raises(NoticeError, match="现在是“公示期满”"):
        end_notice(notice=notice, actor=manager, now=OVER)


def test_five_working_days_are_all_open_to_objections(manager):
    """Posted on Tuesday 24 November: the fifth day is 1 December, whole."""
    posted = datetime(2026, 11, 24, 9, tzinfo=CHINA)
    notice = posted_notice(approved_cases(1), posted, manager)
    assert notice.ends_on == date(2026, 12, 1)
    early, late = (datetime(2026, 12, 1, *at, tzinfo=CHINA) for at in ((0, 1), (23, 59)))
    for minute in (early, late):
        with pytest.raises(NoticeError, match="2026-12-02 起才能结束"):
            end_notice(notice=notice, actor=manager, now=minute)
    settle(object_to(notice, now=late), "dismissed", manager)
    midnight = datetime(2026, 12, 2, tzinfo=CHINA)
    assert end_notice(notice=notice, actor=manager, now=midnight).status == "ended"


def test_a_day_declared_off_while_a_notice_runs_makes_it_last_longer(manager):
    notice = posted_notice(approved_cases(1), POSTED, manager)
    for day in (28, 29):
        CalendarDay.objects.create(
            date=date(2026, 9, day), is_working_day=False, note="测试〔2026〕9号"
        )
    with pytest.raises(NoticeError, match="放假安排有调整：要满 5 个工作日，到 2026-10-12 止"):
        end_notice(notice=notice, actor=manager, now=OVER + timedelta(days=2))
    ended = end_notice(notice=notice, actor=manager, now=OVER + timedelta(days=3))
    assert ended.status == "ended"


def test_a_draft_cannot_be_ended(manager):
    notice = drafted_notice(approved_cases(1), manager)
    with pytest.raises(NoticeError, match="现在是“草稿”"):
        end_notice(notice=notice, actor=manager, now=OVER)


def object_to(notice, line=None, now=POSTED):
    return record_objection(
        notice=notice, line=line, name="测试单位", contact="0356-7000001", text="已停产。", now=now
    )


def settle(objection, outcome, actor, handling="已到现场核实。", line=None):
    settle_objection(
        objection=objection,
        outcome=outcome,
        handling=handling,
        actor=actor,
        now=OVER,
        line=line,
    )


def test_objections_hold_the_end_up_and_one_upheld_rejects_its_case_with_the_reason(manager):
    good, bad = approved_cases(2)
    notice = posted_notice([good, bad], POSTED, manager)
    first = object_to(notice, notice.lines.get(application=good))
    second = object_to(notice, notice.lines.get(application=bad))
    settle(first, "dismissed", manager)
    with pytest.raises(NoticeError, match="还有 1 条异议没有办结"):
        end_notice(notice=notice, actor=manager, now=OVER)
    settle(second, "upheld", manager, "企业已停产半年。")
    ended = end_notice(notice=notice, actor=manager, now=OVER)
    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.status, bad.status) == (Status.APPROVED, Status.REJECTED)
    assert "企业已停产半年。" in bad.events.last().opinion
    outcomes = dict(ended.lines.values_list("application", "outcome"))
    assert outcomes == {good.pk: "cleared", bad.pk: "dropped"}


def test_settling_takes_an_outcome_a_handling_and_a_firm_and_happens_once(manager):
    notice = posted_notice(approved_cases(2), POSTED, manager)
    line = notice.lines.first()
    other = posted_notice(approved_cases(1), POSTED, manager).lines.get()
    objection = object_to(notice)
    for what, told in [
        ({"outcome": "maybe"}, "成立还是不成立"),
        ({"outcome": "dismissed", "handling": "  "}, "核实和处理情况"),
        ({"outcome": "upheld"}, "名单中的哪一家"),
        ({"outcome": "upheld", "line": other}, "名单中的哪一家"),
    ]:
        with pytest.raises(NoticeError, match=told):
            settle(objection, actor=manager, **what)
    objection.refresh_from_db()
    assert objection.outcome == ""
    settle(objection, "upheld", manager, line=line)
    with pytest.raises(NoticeError, match="已经由他人办结"):
        settle(objection, "dismissed", manager)
    objection.refresh_from_db()
    assert (objection.outcome, objection.line, objection.settled_by) == ("upheld", line, manager)


def test_objections_are_taken_while_a_notice_is_posted_only(manager):
    draft = drafted_notice(approved_cases(1), manager, POSTED)
    with pytest.raises(NoticeError, match="不再接收异议"):
        object_to(draft)
    notice = post_notice(notice=draft, actor=manager, now=POSTED)
    stranger = posted_notice(approved_cases(1), POSTED, manager).lines.get()
    with pytest.raises(NoticeError, match="名单中没有这一家"):
        object_to(notice, stranger)
    end_notice(notice=notice, actor=manager, now=OVER)
    with pytest.raises(NoticeError, match="不再接收异议"):
        object_to(notice)
    assert not Objection.objects.exists()


def test_a_case_that_left_the_notice_is_only_struck_off(manager):
    first, gone = approved_cases(2)
    notice = posted_notice([first, gone], POSTED, manager)
    Application.objects.filter(pk=gone.pk).update(status=Status.REJECTED)
    end_notice(notice=notice, actor=manager, now=OVER)
    assert notice.lines.get(application=gone).outcome == "dropped"
    gone.refresh_from_db()
    assert gone.status == Status.REJECTED


def test_a_case_through_with_its_notice_is_not_noticed_again(manager):
    cases = approved_cases(1)
    notice = posted_notice(cases, POSTED, manager)
    end_notice(notice=notice, actor=manager, now=OVER)
    with pytest.raises(RefusedError, match="已经公示期满"):
        make_notice(applications=cases, actor=manager, now=OVER)


def test_staff_handle_notices_of_their_jurisdiction_and_all_below_it():
    notice = drafted_notice(approved_cases(1), ManagerFactory(jurisdiction_code="140521"))
    seen_by = Notice.objects.visible_to
    for code in ("140521", "140500", "100000"):
        assert list(seen_by(UserFactory(jurisdiction_code=code))) == [notice]
    for code in ("140522", "140800", ""):
        assert not seen_by(UserFactory(jurisdiction_code=code)).exists()
    assert not seen_by(UserFactory(is_staff=False)).exists()
    assert seen_by(UserFactory(jurisdiction_code="", is_superuser=True)).exists()


def test_the_database_keeps_a_posted_notice_as_it_was(manager):
    notice = posted_notice(approved_cases(1), POSTED, manager)
    own = Notice.objects.filter(pk=notice.pk)
    refused(lambda: own.update(title="改了"))
    refused(lambda: own.update(ends_on="2026-09-25"))
    refused(lambda: own.update(status="draft", posted_on=None, ends_on=None, posted_by=None))
    refused(lambda: own._raw_delete(own.db))
    lines = NoticeLine.objects.filter(notice=notice)
    refused(lambda: lines.update(enterprise_name="另一家"))
    refused(lambda: lines._raw_delete(lines.db))
    refused(
        lambda: NoticeLine.objects.create(
            notice=notice, application=approved_cases(1)[0], enterprise_name="后加的"
        )
    )
    end_notice(notice=notice, actor=manager, now=OVER)
    refused(lambda: lines.update(outcome="open"))
    refused(lambda: own.update(status="posted", ended_on=None, ended_by=None))


def test_the_database_refuses_what_never_holds(manager):
    notice = posted_notice(approved_cases(1), POSTED, manager)
    own = Notice.objects.filter(pk=notice.pk)
    refused(lambda: own.update(status="ended", ended_on="2026-10-09", ended_by=manager))
    refused(lambda: own.update(status="ended", ended_on=None, ended_by=manager))
    draft = drafted_notice(approved_cases(1, edition=edition_with_notice(5)), manager)
    drafts = Notice.objects.filter(pk=draft.pk)
    refused(lambda: drafts.update(working_days=4))
    refused(lambda: drafts.update(status="posted"))
    refused(lambda: drafts.update(status="posted", posted_on="2026-09-24", posted_by=manager))
    case = notice.lines.get().application
    refused(lambda: NoticeLine.objects.create(notice=draft, application=case))


def test_the_database_keeps_objections_and_their_outcome(manager):
    notice = posted_notice(approved_cases(1), POSTED, manager)
    objection = ObjectionFactory(notice=notice)
    own = Objection.objects.filter(pk=objection.pk)
    refused(lambda: own.update(text="没有意见"))
    refused(own.delete)
    refused(lambda: own.update(outcome="dismissed"))
    refused(
        lambda: own.update(outcome="upheld", handling="属实", settled_at=OVER, settled_by=manager)
    )
    refused(lambda: ObjectionFactory(notice=notice, contact=""))
    settle(objection, "dismissed", manager)
    refused(lambda: own.update(handling="换个说法"))
