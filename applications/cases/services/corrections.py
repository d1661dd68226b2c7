"""Corrections that wait for the firm: until when, the reminder, and the end of those never answered."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.cases.models import Application, CalendarDay, Correction, Message
from applications.cases.services.errors import ApplicationError
from applications.cases.services.messages import Announcement, tell_firm
from applications.cases.services.review import check_desk, lock_case, move
from applications.cases.workflow import Action, Status
from applications.cases.working_days import CalendarUnknownError, WorkingCalendar

REMINDED_BEFORE = 3
REMINDER = Announcement(
    Message.Kind.CORRECTION, "补正快到期了", "cases/messages/correction_due.txt", by_sms=True
)
DUE_DAY = Announcement(
    Message.Kind.CORRECTION, "补正截止日已定", "cases/messages/correction_day.txt", by_sms=True
)
NO_DUE_DAY = "补正截止日还没有定：{days} 个工作日跨入的年份还没有登记放假安排，不能逾期结案。"
NOT_OVERDUE = "企业可以补正到 {day}（含当天），过了这一天才能逾期结案。"


@transaction.atomic
def set_due_days(now: datetime) -> int:
    """Give open corrections their day where the calendar has become known; how many got one.

    Each firm is told, and then has as long as a reminder leaves it, however late the calendar was
    entered. Those that are set stay.
    """
    calendar, count = CalendarDay.objects.calendar(), 0
    told_until = calendar.earliest_end_if_known(timezone.localdate(now), REMINDED_BEFORE)
    for correction in _locked(Correction.objects.filter(answered_at=None, due_on=None)):
        returned = timezone.localdate(correction.requested_at)
        counted = calendar.earliest_end_if_known(returned, correction.working_days)
        if counted is None or told_until is None:
            continue
        correction.due_on = max(counted, told_until)
        correction.save(update_fields=["due_on"])
        context = {"correction": correction, "counted": counted, "days_left": REMINDED_BEFORE}
        key = f"correction-{correction.pk}-day"
        tell_firm(correction.application, DUE_DAY, context, key=key, now=now)
        count += 1
    return count


def _locked(corrections: Any) -> Any:
    """These corrections, the cases they belong to locked before them."""
    cases = Application.objects.filter(pk__in=corrections.values("application"))
    list(cases.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    return corrections.select_for_update(no_key=True).order_by("application_id")


def remind_of_corrections(now: datetime) -> int:
    """Tell firms whose correction is due within three working days, once; how many cases.

    Each is a transaction of its own: what was told stays told when another fails.
    """
    today, calendar = timezone.localdate(now), CalendarDay.objects.calendar()
    waiting = Correction.objects.filter(answered_at=None, due_on__gte=today)
    due = [
        correction for correction in waiting.order_by("pk") if _is_near(correction, today, calendar)
    ]
    return sum(_remind(correction, now) for correction in due)


def _is_near(correction: Correction, today: date, calendar: WorkingCalendar) -> bool:
    try:
        left = calendar.working_days_between(today, correction.due_on)
    except CalendarUnknownError:
        # The year was taken back after the day had been set.
        return False
    return left <= REMINDED_BEFORE


@transaction.atomic
def _remind(correction: Correction, now: datetime) -> bool:
    """False where the firm was reminded before, or has just answered."""
    key = f"correction-{correction.pk}-due"
    case = Application.objects.select_for_update(no_key=True).get(pk=correction.application_id)
    open_still = Correction.objects.filter(pk=correction.pk, answered_at=None).exists()
    if not open_still or Message.objects.filter(key__startswith=f"{key}:").exists():
        return False
    tell_firm(case, REMINDER, {"correction": correction}, key=key, now=now)
    return True


@transaction.atomic
def close_unanswered(*, application: Application, actor: Any, reason: str, now: datetime) -> None:
    """Close a case whose firm let the day of its correction pass; the firm may apply again.

    ApplicationError before that day is over, and where the firm was faster.
    """
    check_desk(application, actor, now)
    lock_case(application)
    correction = application.corrections.filter(answered_at=None).first()
    if correction is not None and application.status == Status.RETURNED:
        _check_overdue(correction, timezone.localdate(now))
    move(application, Action.LAPSE, actor=actor, opinion=reason, now=now)
    application.corrections.filter(answered_at=None).update(answered_at=now)


def _check_overdue(correction: Correction, today: date) -> None:
    if correction.due_on is None:
        raise ApplicationError(NO_DUE_DAY.format(days=correction.working_days))
    if not correction.is_overdue_on(today):
        raise ApplicationError(NOT_OVERDUE.format(day=correction.due_on))
