"""Review of a rejection: the firm asks once, a person who took no part in the case answers."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models.expressions import RawSQL
from django.utils import timezone

from applications.cases.models import (
    Application,
    ApplicationEvent,
    CalendarDay,
    Message,
    ReviewRequest,
)
from applications.cases.models.application import is_above_all
from applications.cases.models.review_request import REVIEW_DAYS
from applications.cases.reviewers import reviewers_at
from applications.cases.services.errors import ApplicationError
from applications.cases.services.messages import Announcement, staff_at, tell_staff
from applications.cases.services.review import (
    NOT_POSSIBLE,
    REASON_MISSING,
    TAKEN_BY_OTHERS,
    check_stands_alone,
    lock_case,
    move,
)
from applications.cases.taking_part import took_part
from applications.cases.workflow import HELD_HERE, OPEN, Action, Status
from applications.cases.working_days import WorkingCalendar
from portal.models import User

ASKED_BEFORE = "这件申报已经申请过复核，只能申请一次。"
DECIDED_ABOVE = "“{step}”由上级决定，本平台只登记结果，不受理复核；请向作出决定的部门提出。"
TOO_LATE = "申请复核的期限到 {day}（含当天），已经过了。"
APPLIED_ANEW = "贵企业已重新申报这个项目（{number}），不能再对以前那件申请复核。"
NOT_BY_YOU = "复核要由没有办理、判断或评审过这件申报的人答复，您不能答复。"
TO_STAFF = Announcement(Message.Kind.ARRIVAL, "企业申请复核", "cases/messages/review_to_answer.txt")


@dataclass(frozen=True)
class ReviewTerm:
    """Which rejection a firm may have reviewed, until which day; `refusal` says why it may not.

    Without a day while the calendar is not known so far: then it is not over.
    """

    rejection: ApplicationEvent
    due_on: date | None
    refusal: str

    working_days = REVIEW_DAYS


def review_term(
    application: Application, today: date, calendar: WorkingCalendar | None = None
) -> ReviewTerm | None:
    """Of a rejected case of which no review was asked; None of all others."""
    if application.status != Status.REJECTED or request_of(application) is not None:
        return None
    rejection = application.events.filter(action=Action.REJECT).last()
    if rejection is None:
        return None
    calendar = calendar or CalendarDay.objects.calendar()
    due_on = calendar.earliest_end_if_known(timezone.localdate(rejection.at), REVIEW_DAYS)
    refusal = ""
    # A case in public notice falls by an objection, which is settled here.
    if rejection.step_level not in HELD_HERE and rejection.source != Status.IN_NOTICE:
        refusal = DECIDED_ABOVE.format(step=rejection.step)
    elif due_on is not None and due_on < today:
        refusal = TOO_LATE.format(day=due_on)
    elif anew := _applied_anew(application):
        refusal = APPLIED_ANEW.format(number=anew.number)
    return ReviewTerm(rejection, due_on, refusal)


def request_of(application: Application) -> ReviewRequest | None:
    """Without a query where the case was read with its request."""
    return getattr(application, "review_request", None)


def _applied_anew(application: Application) -> Application | None:
    others = Application.objects.filter(
        enterprise=application.enterprise_id,
        edition__programme=application.edition.programme_id,
        year=application.year,
        subject=application.subject,
    )
    again = others.filter(status__in=OPEN) | others.granted()
    return again.exclude(pk=application.pk).only("number").first()


@transaction.atomic
def ask_for_review(
    *, application: Application, actor: Any, reason: str, now: datetime
) -> ReviewRequest:
    """A member of the firm asks that another person look at the rejection; once a case.

    ApplicationError otherwise, and after the last day.
    """
    lock_case(application)
    if ReviewRequest.objects.filter(application=application).exists():
        raise ApplicationError(ASKED_BEFORE)
    term = review_term(application, timezone.localdate(now))
    if term is None:
        status, action = Status(application.status), Action.ASK_REVIEW
        raise ApplicationError(NOT_POSSIBLE.format(status=status.label, action=action.label))
    if term.refusal:
        raise ApplicationError(term.refusal)
    # Compare and set: where staff have just taken the rejection back themselves, there is nothing to ask.
    event = move(application, Action.ASK_REVIEW, actor=actor, opinion=reason, now=now)
    request = ReviewRequest.objects.create(
        application=application,
        rejection=term.rejection,
        reason=reason.strip(),
        due_on=term.due_on,
        requested_at=now,
        requested_by=actor,
    )
    told = answerers(application) or staff_at(application.county.parent)
    key = f"event-{event.pk}-staff"
    tell_staff(application, told, TO_STAFF, {"request": request}, key=key, now=now)
    return request


def answerers(application: Application) -> list[User]:
    """Who may answer: of the case's desk those who took no part; where there are none, of the level
    above. Three queries at most.
    """
    found = _free_at(application, application.desk)
    if not found and application.desk == "county":
        found = _free_at(application, "city")
    return found


def _free_at(application: Application, desk: str) -> list[User]:
    sql = took_part("%s", '"portal_user"."id"')
    part = RawSQL(sql, (application.pk,) * sql.count("%s"))  # noqa: S611 (constants)
    found = reviewers_at([(desk, application.county_id)]).alias(took_part=part)
    return list(found.filter(took_part=False).order_by("pk"))


def may_answer(application: Application, user: Any, able: list[User]) -> bool:
    """`able` are those of `answerers`; who stands at every desk may too, unless they took part."""
    if is_above_all(user):
        waiting = ReviewRequest.objects.waiting_for(user)
        return waiting.filter(application=application).exists()
    return user in able


@transaction.atomic
def answer_review(
    *, application: Application, outcome: str, actor: Any, reason: str, now: datetime
) -> None:
    """Uphold the rejection, which is final, or put the case back to the step where it was rejected.

    ApplicationError for whoever took part in the case, works elsewhere, or comes second.
    """
    outcome = ReviewRequest.Outcome(outcome)
    reason = reason.strip()
    if not reason:
        raise ApplicationError(REASON_MISSING)
    if outcome == ReviewRequest.Outcome.REOPENED:
        check_stands_alone(application)
    lock_case(application)
    request = ReviewRequest.objects.filter(application=application, outcome="").first()
    if request is None:
        raise ApplicationError(TAKEN_BY_OTHERS)
    if not may_answer(application, actor, answerers(application)):
        raise ApplicationError(NOT_BY_YOU)
    request.outcome, request.answer = outcome, reason
    request.answered_at, request.answered_by = now, actor
    # Before the case moves: the guard of a reopened case asks for the answer.
    request.save(update_fields=["outcome", "answer", "answered_at", "answered_by"])
    action = Action.REOPEN if outcome == ReviewRequest.Outcome.REOPENED else Action.UPHOLD
    move(
        application, action, actor=actor, opinion=reason, now=now, details={"is_review": True}
    )  # fmt: skip
