"""Where a case stands among the steps that its edition prints, and until when."""

from datetime import date, datetime

import pytest
from django.utils import timezone

from applications.cases.models import ApplicationEvent
from applications.cases.services.timeline import standing_of
from applications.cases.workflow import Action, Status
from applications.cases.working_days import WorkingCalendar
from tests.factories import ApplicationFactory, EditionFactory, StepFactory, UserFactory

pytestmark = pytest.mark.django_db
STEPS = (
    ("prepare", "准备材料"),
    ("apply", "提交申请"),
    ("review", "初审"),
    ("expert", "专家评审"),
    ("notice", "公示"),
    ("recognition", "认定"),
    ("service", "兑付"),
)
HANDED_IN, NOW = date(2026, 6, 1), date(2026, 6, 5)


def at(day):
    return datetime(day.year, day.month, day.day, 12, tzinfo=timezone.get_current_timezone())


def case(kinds, status, step=0, **limits):
    edition = EditionFactory()
    for kind, title in STEPS:
        if kind in kinds:
            StepFactory(edition=edition, kind=kind, title=title, actor=f"{title}处", **limits)
    return ApplicationFactory(
        edition=edition, status=status, step=step,
        submitted_at=at(HANDED_IN), arrived_at=at(NOW),
    )  # fmt: skip


def standing(application, notice_ends=None):
    return standing_of(
        application,
        list(application.edition.steps.all()),
        list(application.events.all()),
        WorkingCalendar(),
        notice_ends,
    )


def happened(application, action, title, day):
    ApplicationEvent.objects.create(
        application=application, at=at(day), actor=UserFactory(), action=action,
        source=Status.IN_REVIEW, target=Status.IN_REVIEW, step=title, step_level="county",
        step_place=0, step_is_expert=False, opinion="", details={},
    )  # fmt: skip


ALL = [kind for kind, _ in STEPS]


@pytest.mark.parametrize(
    ("status", "step", "states"),
    [
        (Status.SUBMITTED, 0, "before done now to_come to_come to_come to_come"),
        (Status.IN_REVIEW, 1, "before done done now to_come to_come to_come"),
        (Status.RETURNED, 1, "before done done now to_come to_come to_come"),
        (Status.REJECTED, 0, "before done stopped to_come to_come to_come to_come"),
        (Status.LAPSED, 1, "before done done stopped to_come to_come to_come"),
        (Status.APPROVED, 1, "before done done done now to_come to_come"),
        (Status.IN_NOTICE, 1, "before done done done now to_come to_come"),
        (Status.RECOGNISED, 1, "before done done done done done done"),
    ],
)
def test_each_step_is_over_under_way_or_to_come(status, step, states):
    found = standing(case(ALL, status, step))
    assert [stage.state for stage in found.stages] == states.split()
    holder = [stage.actor for stage in found.stages if stage.state == "now"]
    if status == Status.RETURNED:
        assert found.holder.startswith("本企业")
    else:
        assert found.holder == (holder[0] if holder else "")


def test_after_its_notice_a_case_waits_for_recognition():
    application = case(ALL, Status.APPROVED, 1)
    happened(application, Action.END_NOTICE, "公示", NOW)
    states = [stage.state for stage in standing(application).stages]
    assert states == ["before", "done", "done", "done", "done", "now", "to_come"]


def test_without_a_printed_notice_an_approved_case_waits_for_recognition_at_once():
    states = [
        stage.state for stage in standing(case(["review", "recognition"], Status.APPROVED)).stages
    ]
    assert states == ["done", "done", "now"]  # the first is handing in, which is not printed


@pytest.mark.parametrize(
    ("kinds", "titles"),
    [
        ([], ["提交申报", "审核"]),
        (["prepare"], ["准备材料", "提交申报", "审核"]),
        (["prepare", "notice"], ["准备材料", "提交申报", "审核", "公示"]),
        (["prepare", "review"], ["准备材料", "提交申报", "初审"]),
        (["apply", "review"], ["提交申请", "初审"]),
    ],
)
def test_handing_in_and_a_review_are_told_where_they_are_not_printed(kinds, titles):
    found = standing(case(kinds, Status.SUBMITTED))
    assert [stage.title for stage in found.stages] == titles
    handed_in = next(stage for stage in found.stages if stage.title.startswith("提交"))
    assert (handed_in.state, handed_in.day) == ("done", HANDED_IN)
    assert found.holder.endswith("主管部门" if "审核" in titles else "初审处")


def test_a_step_that_is_over_has_the_day_of_its_last_recommendation():
    application = case(ALL, Status.IN_REVIEW, 1)
    happened(application, Action.RECOMMEND, "初审", date(2026, 6, 3))
    happened(application, Action.RECOMMEND, "初审", date(2026, 6, 4))
    happened(application, Action.VISIT, "初审", NOW)
    days = {stage.title: stage.day for stage in standing(application).stages}
    assert days["初审"] == date(2026, 6, 4)
    assert days["专家评审"] is days["准备材料"] is None


@pytest.mark.parametrize(
    ("limits", "until", "later"),
    [
        # Five working days after Friday 5 June 2026.
        ({"working_days": 5}, "预计 2026-06-12 前（5 个工作日）", "5 个工作日"),
        ({"working_days": 5, "time_limit": "一周内"}, "预计 2026-06-12 前（5 个工作日）", "一周内"),
        ({"time_limit": "一周内"}, "一周内", "一周内"),
        ({}, "文件没有印时限", ""),
    ],
)
def test_the_step_under_way_has_an_expected_end(limits, until, later):
    found = standing(case(["apply", "review", "expert"], Status.IN_REVIEW, 0, **limits))
    by_title = {stage.title: stage.limit for stage in found.stages}
    assert found.until == by_title["初审"] == until
    assert by_title["专家评审"] == later


def test_a_year_that_the_calendar_does_not_know_is_named():
    application = case(["review"], Status.IN_REVIEW, 0, working_days=5)
    application.arrived_at = at(date(2030, 6, 5))
    assert "2030 年的放假安排还没有公布" in standing(application).until


def test_a_notice_ends_on_its_own_day():
    application = case(ALL, Status.IN_NOTICE, 1)
    assert standing(application, date(2026, 6, 20)).until == "公示到 2026-06-20"
    assert standing(application).until == "文件没有印时限"
    approved = case(ALL, Status.APPROVED, 1)
    assert standing(approved, date(2026, 6, 20)).until == "文件没有印时限"
