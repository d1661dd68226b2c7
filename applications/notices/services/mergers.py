"""What a firm that was absorbed leaves: each case, title and award goes over to its successor or ends."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.services.review import lock_case
from applications.cases.workflow import OPEN, Action, Status
from applications.enterprises.models import EnterpriseChange
from applications.enterprises.services.profile import current_answers, kind_of, record_answers
from applications.money.models import AwardLine
from applications.money.services import awards
from applications.money.services.awards import AwardError
from applications.notices.models import EnterpriseTitle, Recognition
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import move_case
from policies.catalogue import current as catalogue
from portal.scope import in_charge

# Not recognised yet; of what is recognised the titles and awards are decided on.
UNDECIDED = OPEN | {Status.APPROVED, Status.IN_NOTICE}
REASON_MISSING = "请写明理由。"
NOT_YOURS = "这一项不归您所管的地区办理。"
DECIDED = "这一项已经决定过，请刷新后再看。"
SUCCESSOR_HAS = "承继企业本年度这个项目已有申报 {number}，这一件只能终止。"
TITLE_GOES = "由“{firm}”承继：{reason}"


def open_cases(change: EnterpriseChange) -> QuerySet[Application]:
    return Application.objects.in_hands_of(change.enterprise_id).filter(status__in=UNDECIDED)


def open_titles(change: EnterpriseChange) -> QuerySet[EnterpriseTitle]:
    return _titles_left(change.on).filter(enterprise=change.enterprise_id)


def _titles_left(day: Any) -> QuerySet[EnterpriseTitle]:
    """What had run out by the day of the merger is over, and nobody's to go on with."""
    counts = Q(valid_until=None) | Q(valid_until__gt=day)
    return EnterpriseTitle.objects.filter(counts, ended_on=None)


def open_lines(change: EnterpriseChange) -> QuerySet[AwardLine]:
    """Also of cases that went over with another line, until the successor is absorbed itself."""
    cases = Application.objects.in_hands_of(change.enterprise_id)
    if not change.successor.changes.mergers().exists():
        cases |= Application.objects.filter(
            enterprise__in=change.enterprise.with_absorbed(), successor=change.successor_id
        )
    return AwardLine.objects.filter(
        application__in=cases.order_by().values("pk"),
        hold=AwardLine.Hold.MERGED,
        state__in=AwardLine.OPEN,
    )


def concerning(user: Any) -> QuerySet[EnterpriseChange]:
    """Mergers of firms that left the user a case or a title to decide on, now or before."""
    cases = Application.objects.visible_to(user).of_firm(OuterRef("enterprise"))
    titles = EnterpriseTitle.objects.filter(
        in_charge(user, "recognition__jurisdiction"), enterprise=OuterRef("enterprise")
    )
    return EnterpriseChange.objects.mergers().filter(Q(Exists(cases)) | Q(Exists(titles)))


def undecided_for(user: Any) -> QuerySet[EnterpriseChange]:
    """Mergers of which the user has a case or a title to decide on; awards wait with all that is held."""
    cases = Application.objects.in_hands_of(OuterRef("enterprise")).filter(
        in_charge(user), status__in=UNDECIDED
    )
    titles = _titles_left(OuterRef("on")).filter(
        in_charge(user, "recognition__jurisdiction"), enterprise=OuterRef("enterprise")
    )
    return EnterpriseChange.objects.mergers().filter(Q(Exists(cases)) | Q(Exists(titles)))


@transaction.atomic
def decide_on_case(
    *,
    change: EnterpriseChange,
    application: Application,
    goes_over: bool,
    reason: str,
    actor: Any,
    now: datetime,
) -> None:
    """The successor goes on with the case where it stands, or the case ends."""
    _check_reason(reason)
    lock_case(application)
    case = open_cases(change).filter(pk=application.pk).first()
    if case is None:
        raise NoticeError(DECIDED)
    if not Application.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NoticeError(NOT_YOURS)
    if goes_over:
        _go_over(change, case, reason, actor, now)
    else:
        move_case(case, Action.CLOSE, actor=actor, opinion=reason, now=now)


def _go_over(
    change: EnterpriseChange, case: Application, reason: str, actor: Any, now: datetime
) -> None:
    others = Application.objects.standing_of(change.successor).filter(
        edition__programme=case.edition.programme_id,
        year=case.year,
        subject=case.subject,
    )
    if other := others.exclude(pk=case.pk).first():
        raise NoticeError(SUCCESSOR_HAS.format(number=other.number))
    changes = {"successor": change.successor}
    move_case(case, Action.SUCCEED, actor=actor, opinion=reason, now=now, changes=changes)


@transaction.atomic
def decide_on_title(
    *,
    change: EnterpriseChange,
    title: EnterpriseTitle,
    goes_over: bool,
    reason: str,
    actor: Any,
    now: datetime,
) -> None:
    """The title ends on the day of the merger; the successor holds it from then on, or nobody."""
    _check_reason(reason)
    rows = open_titles(change).select_for_update(of=("self",), no_key=True)
    own = rows.select_related("recognition").filter(pk=title.pk).first()
    if own is None:
        raise NoticeError(DECIDED)
    visible = Recognition.objects.visible_to(actor)
    if not visible.filter(pk=own.recognition_id).exists():
        raise NoticeError(NOT_YOURS)
    reason = reason.strip()
    own.end_reason = (
        TITLE_GOES.format(firm=change.successor, reason=reason) if goes_over else reason
    )
    own.ended_on = max(change.on, own.since)
    own.save(update_fields=["ended_on", "end_reason"])
    if goes_over:
        EnterpriseTitle.objects.get_or_create(
            enterprise=change.successor,
            fact=own.fact,
            code=own.code,
            recognition=own.recognition,
            defaults={"since": own.ended_on, "valid_until": own.valid_until},
        )
        _tell_successor(change, own, actor, now)


def _tell_successor(
    change: EnterpriseChange, title: EnterpriseTitle, actor: Any, now: datetime
) -> None:
    """Add it to what the successor says of its titles, if it ever said which it holds."""
    facts, fact = catalogue.facts(), title.fact
    if fact not in facts or kind_of(fact):
        return
    said = current_answers(change.successor, None, facts, timezone.localdate(now)).get(fact)
    if said is not None:
        record_answers(
            enterprise=change.successor,
            subject=None,
            answers={fact: frozenset({*said, title.code})},
            facts=facts,
            now=now,
            given_by=actor,
            by_staff=True,
        )


@transaction.atomic
def decide_on_line(
    *,
    change: EnterpriseChange,
    line: AwardLine,
    goes_over: bool,
    reason: str,
    actor: Any,
    now: datetime,
) -> None:
    """The successor is paid it as the firm would have been, or it is granted no more."""
    _check_reason(reason)
    lock_case(line.application)
    own = open_lines(change).filter(pk=line.pk).select_related("application__edition").first()
    if own is None:
        raise NoticeError(DECIDED)
    try:
        if not goes_over:
            awards.void(line=own, reason=reason, actor=actor, now=now)
            return
        if own.application.current_firm.pk == change.enterprise_id:
            _go_over(change, own.application, reason, actor, now)
        awards.release(line=own, reason=reason, actor=actor, now=now)
    except AwardError as error:
        raise NoticeError(f"{own}：{error}") from error


def _check_reason(reason: str) -> None:
    if not reason.strip():
        raise NoticeError(REASON_MISSING)
