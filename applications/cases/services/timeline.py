"""Where a case stands among the steps that its edition prints, and until when."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from applications.cases.models import Application, ApplicationEvent
from applications.cases.workflow import (
    ENDED,
    REVIEW_KINDS,
    UNPRINTED_CHAIN,
    WAS_GRANTED,
    Action,
    Status,
)
from applications.cases.working_days import CalendarUnknownError, WorkingCalendar
from policies.catalogue.models import Step

BEFORE, DONE, NOW, TO_COME, STOPPED = "before", "done", "now", "to_come", "stopped"
WORDS = {
    BEFORE: "申报前",
    DONE: "已完成",
    NOW: "正在办理",
    TO_COME: "还没到",
    STOPPED: "到此为止",
}
NO_LIMIT = "文件没有印时限"
FIRM = "本企业"


@dataclass(frozen=True)
class Stage:
    """One step: whose it is, how far it is, since or until which day, and its printed limit."""

    title: str
    actor: str
    state: str
    day: date | None = None
    limit: str = ""
    text: str = ""

    @property
    def word(self) -> str:
        return WORDS[self.state]


@dataclass(frozen=True)
class Standing:
    """The stages, who has the case now (nobody when it is over), and the expected end."""

    stages: list[Stage]
    holder: str
    until: str


def standing_of(
    application: Application,
    steps: Sequence[Step],
    events: Sequence[ApplicationEvent],
    calendar: WorkingCalendar,
    notice_ends: date | None = None,
) -> Standing:
    """`steps`, of the edition, and `events` come in their order."""
    stages: list[Stage] = []
    reviews = 0
    printed = any(step.kind in REVIEW_KINDS for step in steps)
    for step in steps:
        if step.kind in REVIEW_KINDS:
            state = _review_state(application, reviews)
            reviews += 1
        else:
            state = _state(application, step, events)
        stages.append(_stage(application, step, state, events, calendar))
    if all(step.kind != Step.Kind.APPLY for step in steps):
        day = timezone.localdate(application.submitted_at)
        stages.insert(_number_before(stages), Stage("提交申报", FIRM, DONE, day))
    if not printed:
        state = _review_state(application, 0)
        step = Step(
            title=UNPRINTED_CHAIN[0].title,
            actor=f"{application.county}中小企业主管部门",
            kind="review",
        )
        place = 1 + _number_before(stages)
        stages.insert(place, _stage(application, step, state, events, calendar))
    current = next((stage for stage in stages if stage.state == NOW), None)
    if application.status == Status.RETURNED:
        return Standing(stages, "本企业（等您补正）", "")
    if current is None:
        return Standing(stages, "", "")
    until = current.limit
    if application.status == Status.IN_NOTICE and notice_ends:
        until = f"公示到 {notice_ends}"
    return Standing(stages, current.actor, until)


def _number_before(stages: Iterable[Stage]) -> int:
    """How many come before the firm hands in."""
    return sum(stage.state == BEFORE for stage in stages)


def _review_state(application: Application, place: int) -> str:
    if application.status in WAS_GRANTED or place < application.step:
        return DONE
    if place > application.step:
        return TO_COME
    return STOPPED if application.status in ENDED else NOW


def _state(application: Application, step: Step, events: Iterable[ApplicationEvent]) -> str:
    """The state of a step that is no review."""
    status = application.status
    noticed = any(event.action == Action.END_NOTICE for event in events)
    if step.kind == Step.Kind.PREPARE:
        return BEFORE
    if step.kind == Step.Kind.APPLY or status in (Status.RECOGNISED, Status.REVOKED):
        return DONE
    if step.kind == Step.Kind.NOTICE:
        if status == Status.IN_NOTICE or (status == Status.APPROVED and not noticed):
            return NOW
        return DONE if noticed and status == Status.APPROVED else TO_COME
    waits = status == Status.APPROVED and (noticed or not _has_notice(application))
    return NOW if waits and step.kind == Step.Kind.RECOGNITION else TO_COME


def _has_notice(application: Application) -> bool:
    return any(step.kind == Step.Kind.NOTICE for step in application.edition.steps.all())


def _stage(
    application: Application,
    step: Step,
    state: str,
    events: Iterable[ApplicationEvent],
    calendar: WorkingCalendar,
) -> Stage:
    day, limit = None, step.time_limit
    if state == DONE and step.kind == Step.Kind.APPLY:
        day = timezone.localdate(application.submitted_at)
    elif state == DONE:
        ends = [event for event in events if event.step == step.title and _ends_step(event)]
        day = timezone.localdate(ends[-1].at) if ends else None
    elif state == NOW:
        limit = _expected_end(application, step, calendar)
    elif step.working_days and not limit:
        limit = f"{step.working_days} 个工作日"
    return Stage(step.title, step.actor, state, day, limit, step.text)


def _ends_step(event: ApplicationEvent) -> bool:
    return event.action == Action.RECOMMEND


def _expected_end(application: Application, step: Step, calendar: WorkingCalendar) -> str:
    if not step.working_days:
        return step.time_limit or NO_LIMIT
    arrived = timezone.localdate(application.arrived_at)
    try:
        end: Any = calendar.earliest_end(arrived, step.working_days)
    except CalendarUnknownError as error:
        return f"{step.working_days} 个工作日（{error}）"
    return f"预计 {end} 前（{step.working_days} 个工作日）"
