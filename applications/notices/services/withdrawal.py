"""A notice posted in error is withdrawn before everybody's eyes; its cases may be noticed again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from applications.cases.workflow import Action, Status
from applications.notices.models import Notice, NoticeLine
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import lines_in_order, locked_notice, move_case

REASON_MISSING = "请写明撤回的原因，公众和企业都看得到。"
NOT_WITHDRAWABLE = "这批公示现在是“{status}”，不能撤回；“公示中”的才能撤回。"


@transaction.atomic
def withdraw_notice(*, notice: Notice, reason: str, actor: Any, now: datetime) -> Notice:
    """Withdraw a posted notice for a reason that the public reads; NoticeError otherwise.

    Its cases are approved as they were before it. What was objected to it stays on record.
    """
    reason = reason.strip()
    if not reason:
        raise NoticeError(REASON_MISSING)
    own = locked_notice(notice)
    if not own.is_posted:
        raise NoticeError(NOT_WITHDRAWABLE.format(status=own.get_status_display()))
    for line in lines_in_order(own):
        _withdraw_line(line, f"公示 {own} 已撤回：{reason}", actor=actor, now=now)
    own.status, own.withdrawal_reason = Notice.Status.WITHDRAWN, reason
    own.withdrawn_on, own.withdrawn_by = timezone.localdate(now), actor
    own.save(update_fields=["status", "withdrawal_reason", "withdrawn_on", "withdrawn_by"])
    return own


def _withdraw_line(line: NoticeLine, opinion: str, *, actor: Any, now: datetime) -> None:
    line.outcome = NoticeLine.Outcome.DROPPED
    if line.application.status == Status.IN_NOTICE:
        line.outcome = NoticeLine.Outcome.WITHDRAWN
        move_case(line.application, Action.WITHDRAW_NOTICE, actor=actor, opinion=opinion, now=now)
    line.save(update_fields=["outcome"])
