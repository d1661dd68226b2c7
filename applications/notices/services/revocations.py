"""Revocation: a recognition ends by a document that one person enters and another confirms."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import DateField, F, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from applications.cases.models import Application
from applications.cases.workflow import Action, Status
from applications.enterprises.models import Enterprise, Subject
from applications.enterprises.services.profile import current_answers, kind_of, record_answers
from applications.money.models import AwardLine
from applications.money.services.awards import hold_lines
from applications.notices.models import Recognition, RecognitionLine, Revocation
from applications.notices.services.errors import NoticeError
from applications.notices.services.notices import move_case
from policies.catalogue import current as catalogue
from policies.catalogue.models import Contact
from portal import acts_of_two

NOTHING_CHOSEN = "请选要撤销哪几件认定。"
NUMBER_MISSING = "请填撤销文件的文号。"
REASON_MISSING = "请写明撤销的原因，企业看得到。"
IN_FUTURE = "撤销日期不能晚于今天。"
TOO_EARLY = "撤销日期不能早于认定日期 {day}。"
NOT_RECOGNISED = "{number}：现在是“{status}”，不能撤销认定。"
WAITS_ALREADY = "{number}：已有人提出撤销，等复核。"
NOT_YOURS = "这份认定由{place}登记，不归您办理。"
OPINION = "文号 {number}，自 {day} 起撤销。{clause}原因：{reason}"


class RevocationError(NoticeError):
    """A revocation that cannot be made; `field` is what to put right, in a form."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def propose_revocations(
    *,
    recognition: Recognition,
    lines: Iterable[RecognitionLine],
    document_number: str,
    on: date,
    reason: str,
    clause: str = "",
    actor: Any,
    now: datetime,
) -> list[Revocation]:
    """Enter the document that revokes these lines, all or none of them; nothing ends yet."""
    _check_own(recognition, actor)
    document_number, reason = document_number.strip(), reason.strip()
    if not document_number:
        raise RevocationError(NUMBER_MISSING, "document_number")
    if not reason:
        raise RevocationError(REASON_MISSING, "reason")
    if on > timezone.localdate(now):
        raise RevocationError(IN_FUTURE, "on")
    if on < recognition.on:
        raise RevocationError(TOO_EARLY.format(day=recognition.on), "on")
    chosen = sorted({line.application_id for line in lines})
    if not chosen:
        raise RevocationError(NOTHING_CHOSEN, "lines")
    own = Application.objects.filter(pk__in=chosen, recognition_line__recognition=recognition)
    cases = list(own.select_for_update(of=("self",), no_key=True).order_by("pk"))
    made = []
    for case in cases:
        if case.status != Status.RECOGNISED:
            told = NOT_RECOGNISED.format(number=case.number, status=case.get_status_display())
            raise RevocationError(told)
        if case.recognition_line.revocations.pending().exists():
            raise RevocationError(WAITS_ALREADY.format(number=case.number))
        made.append(
            Revocation.objects.create(
                line=case.recognition_line,
                document_number=document_number,
                on=on,
                clause=clause.strip(),
                reason=reason,
                proposed_at=now,
                proposed_by=actor,
            )
        )
    return made


def _check_own(recognition: Recognition, actor: Any) -> None:
    if not Recognition.objects.visible_to(actor).filter(pk=recognition.pk).exists():
        raise RevocationError(NOT_YOURS.format(place=recognition.jurisdiction))


@transaction.atomic
def confirm_revocation(*, revocation: Revocation, actor: Any, now: datetime) -> Revocation:
    """The case is recognised no longer, its title ends, and what is not paid is held.

    What the firm was paid waits for finance to say whether it is claimed back; the firm is told.
    """
    line = revocation.line
    _check_own(line.recognition, actor)
    Enterprise.objects.select_for_update(no_key=True).get(pk=line.application.enterprise_id)
    case = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("enterprise", "county__parent", "edition__programme")
        .get(pk=line.application_id)
    )
    # The document is confirmed before the case moves: the guard of the case asks for it.
    confirmed = acts_of_two.confirm(revocation, actor=actor, now=now)
    clause = f"依据：{confirmed.clause}。" if confirmed.clause else ""
    move_case(
        case,
        Action.REVOKE,
        actor=actor,
        opinion=OPINION.format(
            number=confirmed.document_number, day=confirmed.on, clause=clause,
            reason=confirmed.reason,
        ),
        now=now,
        details={
            "document_number": confirmed.document_number,
            "on": f"{confirmed.on:%Y年%-m月%-d日}",
            "clause": confirmed.clause,
            "reason": confirmed.reason,
            "contacts": _contacts_of(case),
        },
    )  # fmt: skip
    _end_title(confirmed, case, actor, now)
    hold_lines(
        case.award_lines.all(),
        AwardLine.Hold.REVOKED,
        reason=confirmed.reason,
        document_number=confirmed.document_number,
        actor=actor,
        now=now,
    )
    return confirmed


def _contacts_of(case: Application) -> list[str]:
    """Whom the firm may call about it."""
    found = Contact.objects.filter(
        programme=case.edition.programme_id,
        office__jurisdiction__in=[case.county_id, case.county.parent_id],
    ).select_related("office__jurisdiction")
    return [f"{each.office.jurisdiction}{each}" for each in found]


def refuse_revocation(
    *, revocation: Revocation, reason: str, actor: Any, now: datetime
) -> Revocation:
    _check_own(revocation.line.recognition, actor)
    with transaction.atomic():
        return acts_of_two.refuse(revocation, reason=reason, actor=actor, now=now)


def withdraw_revocation(*, revocation: Revocation, actor: Any, now: datetime) -> Revocation:
    with transaction.atomic():
        return acts_of_two.withdraw(revocation, actor=actor, now=now)


def _end_title(revocation: Revocation, case: Application, actor: Any, now: datetime) -> None:
    """The title that the line brought, unless another line of the same document still brings it.

    With whoever it went over to, where the firm was absorbed. What the firm says of its titles loses it
    too, unless another document still gives it.
    """
    line = revocation.line
    programme = line.recognition.programme
    if not programme.tier_fact:
        return
    reason = f"撤销认定，{revocation.document_number}：{revocation.reason}"
    for firm in case.enterprise.line_of_succession():
        standing = Application.objects.filter(
            enterprise__in=firm.with_absorbed(), status=Status.RECOGNISED
        )
        titles = line.recognition.titles.filter(enterprise=firm, ended_on=None)
        ended = 0
        if not standing.filter(recognition_line__recognition=line.recognition_id).exists():
            ended = titles.update(
                ended_on=Greatest(F("since"), Value(revocation.on, DateField())), end_reason=reason
            )
        # What a successor says of titles is its own, but for one that came over.
        if firm != case.enterprise and not ended:
            continue
        same = standing.filter(
            edition__programme__tier_fact=programme.tier_fact,
            edition__programme__tier_code=programme.tier_code,
        )
        kind = kind_of(programme.tier_fact)
        if kind:
            same = same.filter(subject=case.subject)
        subject = firm.subjects.filter(name=case.subject, kind=kind).first()
        if not same.exists() and bool(kind) == (subject is not None):
            title = programme.tier_fact, programme.tier_code
            take_from_profile(firm, subject, *title, actor=actor, now=now)


def take_from_profile(
    firm: Enterprise, subject: Subject | None, fact: str, code: str, *, actor: Any, now: datetime
) -> None:
    """Take a title out of what the firm, or its subject, says it holds."""
    facts, today = catalogue.facts(), timezone.localdate(now)
    said = current_answers(firm, subject, facts, today).get(fact) if fact in facts else None
    if said and code in said:
        record_answers(
            enterprise=firm,
            subject=subject,
            answers={fact: frozenset(said) - {code}},
            facts=facts,
            now=now,
            given_by=actor,
            by_staff=True,
        )
