"""Any two things done to one case at once, on PostgreSQL: nobody gets an error of the database.

Where two exclude each other exactly one is done and the other is told why.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import combinations_with_replacement, count
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from applications.cases.models import Application, Correction, ExpertAssignment, Finding
from applications.cases.services.corrections import (
    close_unanswered,
    remind_of_corrections,
    set_due_days,
)
from applications.cases.services.errors import ApplicationError
from applications.cases.services.experts import (
    assign_experts,
    declare_conflict,
    score_application,
    withdraw_assignment,
)
from applications.cases.services.findings import record_findings
from applications.cases.services.notes import write_note
from applications.cases.services.review import (
    answer_correction,
    decide,
    request_correction,
    withdraw,
)
from applications.cases.workflow import Action, Status
from applications.notices.models import Notice
from applications.notices.services.drafts import discard_notice, make_notice
from applications.notices.services.notices import end_notice, post_notice
from applications.notices.services.objections import record_objection
from applications.notices.services.recognitions import recognise
from applications.notices.services.withdrawal import withdraw_notice
from tests.applications.cases.test_concurrency import at_once
from tests.applications.cases.test_experts import expert_edition
from tests.applications.cases.test_findings import criterion
from tests.factories import (
    ApplicationFactory,
    CorrectionFactory,
    EditionFactory,
    ExpertAssignmentFactory,
    ExpertFactory,
    ExpertScoreFactory,
    JurisdictionFactory,
    LibraryFileFactory,
    MembershipFactory,
    UserFactory,
    drafted_notice,
    posted_notice,
)

CHINA = ZoneInfo("Asia/Shanghai")
POSTED = datetime(2026, 9, 24, 9, tzinfo=CHINA)
NOW = datetime(2026, 10, 12, 10, tzinfo=CHINA)
TODAY = date(2026, 10, 12)
ROUNDS = 3
NUMBERS = count(1)
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs several connections"),
]


@dataclass
class World:
    """One case, whose firm has a member, and whoever acts on it."""

    case: Application
    actor: Any
    member: Any
    notice: Notice | None = None
    assignment: ExpertAssignment | None = None
    expert: Any = None
    file: Any = None

    def own(self) -> Application:
        """The case as somebody's page shows it now."""
        return Application.objects.get(pk=self.case.pk)


Prepared = Callable[[], Any]


@dataclass(frozen=True)
class Act:
    """`prepare` reads what a page reads, and returns what is done then.

    Two acts with a group in common exclude each other.
    """

    name: str
    prepare: Callable[[World], Prepared]
    groups: frozenset[str] = field(default_factory=frozenset)

    def __str__(self) -> str:
        return self.name


def act(name: str, *groups: str) -> Callable[[Callable[[World], Prepared]], Act]:
    return lambda prepare: Act(name, prepare, frozenset(groups))


def decision(action: Action) -> Act:
    def prepare(world: World) -> Prepared:
        own = world.own()
        return lambda: decide(
            application=own, action=action, actor=world.actor, opinion="同时", now=NOW
        )

    return Act(action.value, prepare, frozenset({"case"}))


ACCEPT, RECOMMEND, REJECT, VISIT, TAKE_OVER, REOPEN = map(
    decision,
    (
        Action.ACCEPT,
        Action.RECOMMEND,
        Action.REJECT,
        Action.VISIT,
        Action.TAKE_OVER,
        Action.REOPEN,
    ),
)


@act("return", "case")
def a_return(world):
    own = world.own()
    return lambda: request_correction(
        application=own, actor=world.actor, facts=["enterprise.employees"], materials=[],
        reason="同时", now=NOW,
    )  # fmt: skip


@act("withdraw", "case")
def a_withdrawal(world):
    own = world.own()
    return lambda: withdraw(application=own, actor=world.member, opinion="同时", now=NOW)


@act("findings", "case")
def some_findings(world):
    # What says the same as the newest is not recorded again, and no reason to refuse.
    own, findings = world.own(), {"ZC.13": ("not_met", f"第{next(NUMBERS)}次核查不符")}
    return lambda: record_findings(application=own, actor=world.actor, findings=findings, now=NOW)


@act("note")
def a_note(world):
    own = world.own()
    return lambda: write_note(
        application=own, author=world.actor, from_staff=True, text="请补一份说明", now=NOW
    )


@act("assign", "case")
def an_assignment(world):
    own = world.own()
    return lambda: assign_experts(
        application=own, experts=[world.expert], actor=world.actor, now=NOW
    )


def fresh_assignment(world):
    return ExpertAssignment.objects.get(pk=world.assignment.pk)


@act("unassign", "answer")
def an_unassignment(world):
    own = fresh_assignment(world)
    return lambda: withdraw_assignment(assignment=own, actor=world.actor, now=NOW)


@act("score", "answer")
def a_score(world):
    own = fresh_assignment(world)
    return lambda: score_application(
        assignment=own, points=Decimal(80), reason="产品和技术在本市领先。", now=NOW
    )


@act("conflict", "answer")
def a_conflict(world):
    own = fresh_assignment(world)
    return lambda: declare_conflict(assignment=own, reason="曾任该企业顾问", now=NOW)


@act("answer", "case")
def an_answer(world):
    own = world.own()
    return lambda: answer_correction(
        application=own, answers={"enterprise.employees": 31}, assessment=own.assessment,
        chosen={None: [world.file]}, actor=world.member, now=NOW,
    )  # fmt: skip


@act("lapse", "case")
def a_lapse(world):
    own = world.own()
    return lambda: close_unanswered(application=own, actor=world.actor, reason="同时", now=NOW)


@act("due days")
def due_days(world):
    Correction.objects.filter(due_on=None).exists()
    return lambda: set_due_days(NOW)


@act("remind")
def a_reminder(world):
    return lambda: remind_of_corrections(NOW)


@act("join")
def joining(world):
    return lambda: make_notice(applications=[world.case], actor=world.actor, now=NOW)


@act("post", "case", "notice")
def posting(world):
    return lambda: post_notice(notice=world.notice, actor=world.actor, now=NOW)


@act("discard", "notice")
def discarding(world):
    return lambda: discard_notice(notice=world.notice)


@act("recognise", "case")
def a_recognition(world):
    return lambda: recognise(
        applications=[world.case], document_number="测试〔2026〕8号", on=TODAY,
        actor=world.actor, now=NOW,
    )  # fmt: skip


@act("end", "notice")
def ending(world):
    return lambda: end_notice(notice=world.notice, actor=world.actor, now=NOW)


@act("withdraw notice", "notice")
def a_notice_withdrawn(world):
    return lambda: withdraw_notice(notice=world.notice, reason="有误", actor=world.actor, now=NOW)


@act("object")
def an_objection(world):
    line = world.notice.lines.get()
    return lambda: record_objection(
        notice=world.notice, line=line, name="甲", contact="a@b.cn", text="停产", now=NOW
    )


STAFF = (a_return, REJECT, VISIT, TAKE_OVER, a_withdrawal, some_findings, a_note)
POSSIBLE = {
    "submitted": (ACCEPT, *STAFF),
    "before experts": (RECOMMEND, an_assignment, an_unassignment, a_score, a_conflict, *STAFF),
    "at the last step": (RECOMMEND, *STAFF),
    "returned": (an_answer, a_withdrawal, TAKE_OVER, a_lapse, due_days, a_reminder, a_note),
    "approved": (joining, posting, discarding, a_recognition, REOPEN, a_note),
    "in notice": (ending, a_notice_withdrawn, REJECT, an_objection, a_note),
    "rejected": (REOPEN, a_note),
}
STATUSES = {
    "before experts": Status.IN_REVIEW,
    "at the last step": Status.IN_REVIEW,
    # A posted notice takes it there.
    "in notice": Status.APPROVED,
}
# What locked in opposite orders before, and what is likeliest in an office.
BY_DAY = {
    ("submitted", ACCEPT, REJECT),
    ("before experts", RECOMMEND, a_score),
    ("before experts", an_unassignment, a_score),
    ("at the last step", RECOMMEND, REJECT),
    ("at the last step", RECOMMEND, some_findings),
    ("returned", an_answer, a_withdrawal),
    ("returned", an_answer, a_lapse),
    ("approved", posting, REOPEN),
    ("approved", a_recognition, REOPEN),
    ("in notice", ending, a_notice_withdrawn),
}
PAIRS = [
    pytest.param(where, *pair, id=f"{where}: {pair[0]} and {pair[1]}",
                 marks=() if (where, *pair) in BY_DAY else pytest.mark.night)
    for where, acts in POSSIBLE.items()
    for pair in combinations_with_replacement(acts, 2)
]  # fmt: skip


def build(where: str, pair: tuple[Act, Act]) -> World:
    """A firm's case at that place, with what the two acts need."""
    edition = expert_edition() if where == "before experts" else EditionFactory()
    made = ApplicationFactory.build(edition=edition)
    step = {"step": 1, "desk": "city"} if where == "before experts" else {}
    case = ApplicationFactory(
        edition=edition,
        status=STATUSES.get(where, where),
        answers={"enterprise.employees": 30},
        assessment={**made.assessment, "criteria": [criterion("ZC.13", "manual", "manual")]},
        **step,
    )
    actor = UserFactory(is_superuser=True, jurisdiction_code="")
    member = MembershipFactory(enterprise=case.enterprise).user
    world = World(case, actor, member)
    Finding.objects.create(
        application=case, criterion="ZC.13", step="审核", outcome="met", note="", by=actor, at=NOW
    )
    if where == "before experts":
        ExpertScoreFactory(assignment__application=case)
        world.expert = ExpertFactory()
        if {act.name for act in pair} & {"unassign", "score", "conflict"}:
            world.assignment = ExpertAssignmentFactory(application=case)
    if where == "returned":
        ask(world, pair)
    if where == "approved" and {posting, discarding} & set(pair):
        world.notice = drafted_notice([case], actor, POSTED)
    if where == "in notice":
        world.notice = posted_notice([case], POSTED, actor)
    return world


def ask(world: World, pair: tuple[Act, Act]) -> None:
    """An open correction: past its day, today due for a reminder, or without a day to be set."""
    due_on = TODAY - timedelta(days=1)
    if a_reminder in pair:
        due_on = TODAY
    if due_days in pair:
        due_on = None
    CorrectionFactory(
        application=world.case, facts=["enterprise.employees"], materials=["其他材料"],
        due_on=due_on, requested_at=POSTED, requested_by=world.actor,
    )  # fmt: skip
    world.file = LibraryFileFactory(enterprise=world.case.enterprise)


def done_at_once(first: Prepared, second: Prepared) -> int:
    """How many of the two were done; what is refused in Chinese is not, all else is an error."""
    start = Barrier(2)

    def attempt(do: Prepared) -> int:
        connection.ensure_connection()
        start.wait(10)
        try:
            do()
        except ApplicationError:
            return 0
        return 1

    return sum(at_once([lambda: attempt(first), lambda: attempt(second)]))


@pytest.mark.parametrize(("where", "first", "second"), PAIRS)
def test_of_two_at_once_one_is_done_where_they_exclude_each_other(where, first, second, files_root):
    JurisdictionFactory()
    for _ in range(ROUNDS):
        world = build(where, (first, second))
        done = done_at_once(first.prepare(world), second.prepare(world))
        if first.groups & second.groups:
            assert done == 1
        else:
            assert done in (1, 2)
        case = world.own()
        last = case.events.last()
        assert last is None or case.status == last.target
        assert Correction.objects.filter(application=case, answered_at=None).count() == (
            case.status == Status.RETURNED
        )
