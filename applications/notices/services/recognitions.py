"""Recognition of cases that are through with their public notice, or need none."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.workflow import Action, Status
from applications.enterprises.models import Enterprise, EnterpriseChange
from applications.enterprises.services.profile import current_answers, kind_of, record_answers
from applications.money.models import AwardLine
from applications.money.services.award_lines import make_lines
from applications.money.services.awards import hold_lines
from applications.notices.models import (
    EnterpriseTitle,
    Notice,
    NoticeLine,
    Recognition,
    RecognitionLine,
)
from applications.notices.services.drafts import (
    NOT_IN_SCOPE,
    cleared_since_approval,
    notice_steps,
    place_of,
    programme_of,
)
from applications.notices.services.errors import NoticeError, Refusal, RefusedError
from applications.notices.services.notices import locked_notice, move_case
from policies.catalogue import current as catalogue
from policies.catalogue.models import Programme

NUMBER_MISSING = "请填认定文件的文号。"
IN_FUTURE = "认定日期不能晚于今天。"
BEFORE_END = "认定日期不能早于公示结束日 {day}。"
ENDS_TOO_SOON = "有效期应晚于认定日期。"
NOT_ENDED = "公示 {number} 现在是“{status}”，没有公示期满，不能认定。"
NOTHING_LEFT = "没有可以认定的申报，可能刚刚已由他人登记；请刷新后再看。"
NOT_APPROVED = "现在是“{status}”，不能认定"
NOT_IN_NOTICE = "不在这批公示里"
NOT_NOTICED = "文件规定要公示，还没有公示期满"


class RecognitionError(NoticeError):
    """A recognition that cannot be recorded; the message says why, in Chinese."""


@transaction.atomic
def recognise(
    *,
    applications: Iterable[Application],
    document_number: str,
    on: date,
    actor: Any,
    now: datetime,
    notice: Notice | None = None,
    valid_until: date | None = None,
) -> Recognition:
    """Record the document of day `on` that recognises these cases, all or none of them.

    Without `notice`, it is the one that all of them came through, if there is one. RefusedError
    names every case that cannot be recognised; NoticeError what else is wrong.
    """
    document_number = document_number.strip()
    _check_document(document_number, on, valid_until, timezone.localdate(now))
    chosen = {application.pk for application in applications}
    if not chosen:
        raise RecognitionError(NOTHING_LEFT)
    programme = programme_of(chosen)
    place = notice.jurisdiction if notice else place_of(actor, programme)
    if notice is not None:
        _check_notice(locked_notice(notice), on)
    # Their profiles learn of the title: firms come before cases in the order of locks.
    firms = Enterprise.objects.filter(
        pk__in=Application.objects.filter(pk__in=chosen).values(
            firm=Coalesce("successor", "enterprise")
        )
    )
    list(firms.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    cases = list(
        Application.objects.filter(pk__in=chosen)
        .select_for_update(of=("self",), no_key=True)
        .select_related("enterprise", "successor", "edition__programme")
        .order_by("pk")
    )
    noticed = _notices_of(chosen)
    _refuse(cases, noticed, actor=actor, notice=notice, on=on)
    recognition = Recognition.objects.create(
        document_number=document_number,
        on=on,
        programme=programme,
        notice=notice or _shared(noticed.get(case.pk) for case in cases),
        jurisdiction=place,
        created_at=now,
        created_by=actor,
    )
    for case in cases:
        move_case(case, Action.RECOGNISE, actor=actor, opinion=f"文号 {document_number}", now=now)
    _write_lines(recognition, programme, cases, valid_until)
    if programme.tier_fact:
        _tell_profiles(programme, cases, actor, now)
    _hold_of_absorbed(make_lines(cases, actor=actor, now=now), actor, now)
    return recognition


def _hold_of_absorbed(lines: Sequence[AwardLine], actor: Any, now: datetime) -> None:
    """Of a firm that was absorbed, what it is granted afterwards waits as what it was granted before."""
    firms = {line.application.current_firm for line in lines}
    for merger in EnterpriseChange.objects.mergers().filter(enterprise__in=firms):
        hold_lines(
            [line for line in lines if line.application.current_firm == merger.enterprise],
            AwardLine.Hold.MERGED,
            reason=merger.in_words,
            document_number=merger.document_number,
            actor=actor,
            now=now,
        )


def waiting_for_recognition(notice: Notice) -> Any:
    """The cases of an ended notice that can be recognised now."""
    cleared = notice.lines.filter(outcome=NoticeLine.Outcome.CLEARED)
    approved = Application.objects.filter(notice_lines__in=cleared, status=Status.APPROVED)
    return approved.filter(pk__in=cleared_since_approval(approved))


def _check_document(number: str, on: date, valid_until: date | None, today: date) -> None:
    if not number:
        raise RecognitionError(NUMBER_MISSING)
    if on > today:
        raise RecognitionError(IN_FUTURE)
    if valid_until is not None and valid_until <= on:
        raise RecognitionError(ENDS_TOO_SOON)


def _check_notice(notice: Notice, on: date) -> None:
    if notice.ended_on is None:
        raise RecognitionError(NOT_ENDED.format(number=notice, status=notice.get_status_display()))
    if on < notice.ended_on:
        raise RecognitionError(BEFORE_END.format(day=f"{notice.ended_on:%Y-%m-%d}"))


def _refuse(
    cases: Sequence[Application],
    noticed: Mapping[int, Notice],
    *,
    actor: Any,
    notice: Notice | None,
    on: date,
) -> None:
    """Raise RefusedError where any of the locked cases cannot be recognised."""
    own = Application.objects.filter(pk__in=[case.pk for case in cases])
    visible = set(own.visible_to(actor).values_list("pk", flat=True))
    printed = set(
        notice_steps([case.edition_id for case in cases]).values_list("edition", flat=True)
    )
    refusals = []
    for case in cases:
        reason = _reason_against(
            case, noticed, notice=notice, on=on, is_printed=case.edition_id in printed
        )
        if case.pk not in visible:
            reason = NOT_IN_SCOPE
        if reason:
            refusals.append(Refusal(case, reason))
    if refusals:
        raise RefusedError(refusals)


def _notices_of(chosen: set[int]) -> dict[int, Notice]:
    """The notice that each case came through since it was last approved."""
    cleared = cleared_since_approval(Application.objects.filter(pk__in=chosen))
    lines = NoticeLine.objects.filter(
        application__in=cleared, outcome=NoticeLine.Outcome.CLEARED
    ).order_by("pk")
    return {line.application_id: line.notice for line in lines.select_related("notice")}


def _shared(notices: Iterable[Notice | None]) -> Notice | None:
    found = set(notices)
    return found.pop() if len(found) == 1 else None


def _reason_against(
    case: Application,
    noticed: Mapping[int, Notice],
    *,
    notice: Notice | None,
    on: date,
    is_printed: bool,
) -> str:
    own = noticed.get(case.pk)
    if case.status != Status.APPROVED:
        return NOT_APPROVED.format(status=case.get_status_display())
    if notice is not None and own != notice:
        return NOT_IN_NOTICE
    if own is None:
        return NOT_NOTICED if is_printed else ""
    if own.ended_on is not None and on < own.ended_on:
        return BEFORE_END.format(day=f"{own.ended_on:%Y-%m-%d}")
    return ""


def _write_lines(
    recognition: Recognition,
    programme: Programme,
    cases: Sequence[Application],
    valid_until: date | None,
) -> None:
    """A line for each case, and the firm's title where the programme brings one."""
    RecognitionLine.objects.bulk_create(
        RecognitionLine(
            recognition=recognition,
            application=case,
            title_code=programme.tier_code,
            valid_until=valid_until,
        )
        for case in cases
    )
    if programme.tier_fact:
        EnterpriseTitle.objects.bulk_create(
            EnterpriseTitle(
                enterprise_id=enterprise,
                fact=programme.tier_fact,
                code=programme.tier_code,
                since=recognition.on,
                valid_until=valid_until,
                recognition=recognition,
            )
            for enterprise in sorted({case.current_firm.pk for case in cases})
        )


def _tell_profiles(
    programme: Programme, cases: Sequence[Application], actor: Any, now: datetime
) -> None:
    """Add the new title to what each firm has said of its titles.

    A firm that never said which titles it holds is not made to say that it has no others.
    """
    facts = catalogue.facts()
    fact, today = programme.tier_fact, timezone.localdate(now)
    for case in cases if fact in facts else ():
        firm = case.current_firm
        subject = firm.subjects.filter(name=case.subject).first()
        if kind_of(fact) != (subject.kind if subject else None):
            subject = None
        if kind_of(fact) and subject is None:
            continue
        known = current_answers(firm, subject, facts, today)
        # What the case says of titles is said of the firm that handed it in.
        titles = known.get(fact, None if case.successor else case.answers.get(fact))
        if titles is None:
            continue
        record_answers(
            enterprise=firm,
            subject=subject,
            answers={fact: frozenset({*titles, programme.tier_code})},
            facts=facts,
            now=now,
            given_by=actor,
            by_staff=True,
        )
