"""Objections to a posted notice: received from anybody, settled by staff."""

from datetime import datetime
from typing import Any

from django.db import transaction

from applications.notices.models import Notice, NoticeLine, Objection
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import locked_notice

NOT_OPEN = "这批公示已经结束，不再接收异议；请联系公示页上的科室。"
WITHDRAWN = "这批公示已经撤回，不再接收异议；请联系公示页上的科室。"
NOT_LISTED = "名单中没有这一家，请重新选择。"
SETTLED_BEFORE = "这条异议已经由他人办结，您的操作没有生效；请刷新后再看。"
HANDLING_MISSING = "请写明核实和处理情况。"
LINE_MISSING = "异议成立的，请选明是名单中的哪一家。"
NO_OUTCOME = "请选异议成立还是不成立。"


def why_closed(notice: Notice) -> str:
    """What whoever comes too late to object is told."""
    return WITHDRAWN if notice.is_withdrawn else NOT_OPEN


@transaction.atomic
def record_objection(
    *, notice: Notice, line: NoticeLine | None, name: str, contact: str, text: str, now: datetime
) -> Objection:
    """Keep an objection to one line, or to the whole notice where `line` is None."""
    own = locked_notice(notice)
    if not own.is_posted:
        raise NoticeError(why_closed(own))
    if line is not None and line.notice_id != own.pk:
        raise NoticeError(NOT_LISTED)
    return Objection.objects.create(
        notice=own, line=line, name=name, contact=contact, text=text, received_at=now
    )


@transaction.atomic
def settle_objection(
    *,
    objection: Objection,
    outcome: str,
    handling: str,
    actor: Any,
    now: datetime,
    line: NoticeLine | None = None,
) -> None:
    """Uphold or dismiss; the case of an upheld one is rejected when the notice ends.

    Of a notice that was withdrawn the finding is only put on record.

    `line` is the firm concerned where the objection was made to the whole notice.
    """
    if outcome not in Objection.Outcome.values:
        raise NoticeError(NO_OUTCOME)
    handling = handling.strip()
    if not handling:
        raise NoticeError(HANDLING_MISSING)
    concerned = objection.line
    if outcome == Objection.Outcome.UPHELD and concerned is None:
        if line is None or line.notice_id != objection.notice_id:
            raise NoticeError(LINE_MISSING)
        concerned = line
    locked_notice(objection.notice)
    unsettled = Objection.objects.filter(pk=objection.pk, outcome="")
    if not unsettled.update(
        outcome=outcome, handling=handling, line=concerned, settled_at=now, settled_by=actor
    ):
        raise NoticeError(SETTLED_BEFORE)
