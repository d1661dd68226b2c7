"""What happens to public notices: posted, and ended in due time."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.cases.models import Application, CalendarDay
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import move
from applications.cases.workflow import Action, Status
from applications.cases.working_days import CalendarUnknownError
from applications.notices.models import Notice, NoticeLine, Objection
from applications.notices.services.drafts import locked_draft
from applications.notices.services.errors import NoticeError
from policies.catalogue.models import Contact

NO_LINES = "名单是空的，不能公示。"
TITLE_AND_TEXT = "请写好标题和正文。"
DAYS_MISSING = "文件没有印公示天数，请填公示几个工作日。"
NOT_POSTED = "这批公示现在是“{status}”，不能结束。"
TOO_EARLY = "公示要满 {days} 个工作日，公示到 {last} 止，{day} 起才能结束。"
LASTS_LONGER = "公示开始后放假安排有调整：要满 {days} 个工作日，到 {last} 止，次日起才能结束。"
UNSETTLED = "还有 {count} 条异议没有办结，办结后才能结束公示。"
UPHELD = "公示期间的异议经核实成立：{handling}"


def locked_notice(notice: Notice) -> Notice:
    """The notice as it is now; others who act on it wait until the transaction is over."""
    return Notice.objects.select_for_update(no_key=True).get(pk=notice.pk)


def planned_end(notice: Notice, now: datetime) -> date:
    """The last day of a draft posted now; NoticeError says what is still missing."""
    if not notice.title.strip() or not notice.text.strip():
        raise NoticeError(TITLE_AND_TEXT)
    if not notice.working_days:
        raise NoticeError(DAYS_MISSING)
    if not notice.lines.exists():
        raise NoticeError(NO_LINES)
    try:
        return CalendarDay.objects.calendar().earliest_end(
            timezone.localdate(now), notice.working_days
        )
    except CalendarUnknownError as error:
        raise NoticeError(str(error)) from error


@transaction.atomic
def post_notice(*, notice: Notice, actor: Any, now: datetime) -> Notice:
    """Show a draft to the public from today on; all its cases are then in notice."""
    draft = locked_draft(notice)
    draft.ends_on = planned_end(draft, now)
    for line in lines_in_order(draft):
        move_case(
            line.application, Action.POST_NOTICE, actor=actor, opinion=f"公示编号 {draft}", now=now
        )
    draft.status, draft.posted_by = Notice.Status.POSTED, actor
    draft.posted_on = timezone.localdate(now)
    draft.save()
    return draft


@transaction.atomic
def end_notice(*, notice: Notice, actor: Any, now: datetime) -> Notice:
    """End a notice in due time: cases go on to recognition, but for those objected to rightly.

    The last of its working days has to be over first, in local time: whoever objects has it whole.
    """
    own = locked_notice(notice)
    if not own.is_posted:
        raise NoticeError(NOT_POSTED.format(status=own.get_status_display()))
    today = timezone.localdate(now)
    if today <= own.ends_on:
        raise NoticeError(
            TOO_EARLY.format(days=own.working_days, last=own.ends_on, day=own.may_end_on)
        )
    # A day that was declared off meanwhile is no working day for whoever objects.
    counted = CalendarDay.objects.calendar().earliest_end_if_known(own.posted_on, own.working_days)
    if counted is not None and today <= counted:
        raise NoticeError(LASTS_LONGER.format(days=own.working_days, last=counted))
    unsettled = own.objections.filter(outcome="").count()
    if unsettled:
        raise NoticeError(UNSETTLED.format(count=unsettled))
    upheld = dict(
        own.objections.filter(outcome=Objection.Outcome.UPHELD).values_list("line", "handling")
    )
    for line in lines_in_order(own):
        _end_line(line, upheld.get(line.pk), actor=actor, now=now)
    own.status, own.ended_on, own.ended_by = Notice.Status.ENDED, today, actor
    own.save(update_fields=["status", "ended_on", "ended_by"])
    return own


def _end_line(line: NoticeLine, upheld: str | None, *, actor: Any, now: datetime) -> None:
    """A case that left the notice meanwhile, withdrawn by its firm, is only struck off."""
    line.outcome = NoticeLine.Outcome.DROPPED
    if line.application.status == Status.IN_NOTICE:
        if upheld is None:
            line.outcome = NoticeLine.Outcome.CLEARED
            opinion = f"公示编号 {line.notice}"
            move_case(line.application, Action.END_NOTICE, actor=actor, opinion=opinion, now=now)
        else:
            opinion = UPHELD.format(handling=upheld)
            move_case(line.application, Action.REJECT, actor=actor, opinion=opinion, now=now)
    line.save(update_fields=["outcome"])


def lines_in_order(notice: Notice) -> Any:
    """The lines with their cases, in the order in which cases are locked."""
    return notice.lines.select_related("application").order_by("application")


def move_case(application: Application, action: Action, **what: Any) -> None:
    """Move one case of a batch; NoticeError names the one that cannot be moved."""
    try:
        move(application, action, **what)
    except ApplicationError as error:
        raise NoticeError(f"{application.number}：{error}") from error


def contacts_for(notice: Notice) -> Any:
    """Whom to call: offices of the programme in the places of the notice and of its cases."""
    places = {notice.jurisdiction_id, notice.jurisdiction.parent_id} | set(
        notice.lines.values_list("application__county", flat=True)
    )
    return Contact.objects.filter(
        programme=notice.programme_id, office__jurisdiction__in=places
    ).select_related("office__jurisdiction")
