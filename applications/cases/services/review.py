"""The review of a case: who decides moves it from step to step, and each move is kept.

Locks are taken in one order by everybody, so that no two who act at once wait for each other: the
place or batch (jurisdiction, notice, payment batch), the firm, who acts for it, the case (several by
key), then what belongs to it: corrections, drafts, assignments, lines of notices, files, awards and
their budgets.
None is stronger than FOR NO KEY UPDATE: who only writes a row that refers to a locked one, such as
a message to the firm, never waits.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from applications.cases.models import (
    Application,
    ApplicationEvent,
    CalendarDay,
    Correction,
    ReviewRequest,
)
from applications.cases.models.correction import (
    CORRECTION_DAYS,
    FEWEST_CORRECTION_DAYS,
    MOST_CORRECTION_DAYS,
)
from applications.cases.services.attachments import Chosen, attach_files
from applications.cases.services.errors import ApplicationError
from applications.cases.services.messages import notify_of_event
from applications.cases.services.readiness import check_ready
from applications.cases.services.two_people import check_second_person
from applications.cases.workflow import (
    IN_ANOTHERS_STEAD,
    OPEN,
    TRANSITIONS,
    Action,
    Status,
    desk_of,
)
from applications.enterprises.models import Enterprise, Membership
from policies.catalogue.models.service_guide import OTHER_MATERIAL
from policies.rules.assessment import plain_values
from portal.guards import is_refusal, refusal_of

TAKEN_BY_OTHERS = "这件申报的状态已被他人改变，您的操作没有生效；请刷新后再看。"
NOT_POSSIBLE = "“{status}”的申报不能“{action}”。"
NOT_AT_YOUR_DESK = "这件申报现在由{desk}办理{who}；要办理请先“接手办理”。"
NOT_YOUR_LEVEL = "这件申报现在由{desk}办理，只能由{desk}的人办理或接手。"
DOCUMENT_MISSING = "“{step}”由上级决定，这里只登记结果：请到申报页面上填上级文件的文号。"
REASON_MISSING = "请写明理由，企业会看到。"
GRANTED_BEFORE = "该企业 {year} 年度这个项目已有审核通过的申报 {number}，不能重复通过。"
ANOTHER_STANDS = "同一企业这个项目已有另一件有效的申报，请先处理那一件。"
NOTHING_TO_CORRECT = "请勾选要企业改的填报项或要补的材料。"
DAYS_OUT_OF_RANGE = f"补正期限请填 {FEWEST_CORRECTION_DAYS} 到 {MOST_CORRECTION_DAYS} 个工作日。"
NOT_TO_BE_CORRECTED = "这些内容没有要求补正，不能改：{names}"
REVIEW_WAITS = "企业已申请复核，要先由没有办理过这件申报的人答复，不能在这里撤回结论。"
REVIEW_STANDS = "复核已维持不予通过，这件申报不再重新审核。"
OWNERS_ONLY = "撤回申报只能由企业的管理员办理：{owners}。"
NO_OWNERS = "撤回申报只能由企业的管理员办理；企业现在没有管理员，请找县中心。"


def move(
    application: Application,
    action: Action,
    *,
    actor: Any,
    opinion: str,
    now: datetime,
    details: Mapping[str, Any] | None = None,
    changes: Mapping[str, Any] | None = None,
) -> ApplicationEvent:
    """Do one action and record it; `changes` are other fields of the case that it sets.

    Compare and set: of two people who act on the same case, one is told that it changed. Nobody
    decides for both levels; what is done by batch is no decision of a step.
    Raises ApplicationError with nothing done.
    """
    transition, source = TRANSITIONS[action], Status(application.status)
    if source not in transition.sources:
        message = NOT_POSSIBLE.format(status=source.label, action=action.label)
        raise ApplicationError(message)
    opinion = opinion.strip()
    if transition.needs_reason and not opinion:
        raise ApplicationError(REASON_MISSING)
    behalf = _in_whose_stead(application, action, actor, now)
    check_second_person(application, action, actor, behalf)
    step = application.current_step
    fields = {"status": transition.target or source, **(changes or {})}
    if action is Action.RECOMMEND and not application.is_at_last_step:
        following = application.chain[application.step + 1]
        fields |= {
            "status": Status.IN_REVIEW,
            "step": application.step + 1,
            "desk": desk_of(following.level),
        }
    if fields["status"] is not source or "step" in fields:
        fields["arrived_at"] = now
        # Who has the case keeps it for as long as its step lasts, also while the firm corrects it.
        if "step" in fields or not {source, fields["status"]} <= OPEN:
            fields["assignee"] = None
    try:
        with transaction.atomic():
            # Before the case moves: the guard of an end by lapse of time asks for its record.
            event = ApplicationEvent.objects.create(
                application=application,
                at=now,
                actor=actor,
                on_behalf_of_id=behalf,
                action=action,
                source=source,
                target=fields["status"],
                step=step.title,
                step_level=step.level,
                step_place=application.step,
                step_is_expert=step.is_expert,
                opinion=opinion,
                details=details or {},
            )
            unchanged = Application.objects.filter(
                pk=application.pk, version=application.version, status=source
            )
            if not unchanged.update(**fields, version=F("version") + 1):
                raise ApplicationError(TAKEN_BY_OTHERS)
            for name, value in fields.items():
                setattr(application, name, value)
            application.version += 1
            notify_of_event(event)
    except IntegrityError as error:
        # See the model's constraints.
        told = refusal_of(error) if is_refusal(error) else ANOTHER_STANDS
        raise ApplicationError(told) from error
    return event


def _in_whose_stead(
    application: Application, action: Action, actor: Any, now: datetime
) -> int | None:
    if actor is None or action not in IN_ANOTHERS_STEAD:
        return None
    return application.in_whose_stead(actor, timezone.localdate(now))


def decide(
    *,
    application: Application,
    action: Action,
    actor: Any,
    opinion: str = "",
    now: datetime,
    details: Mapping[str, Any] | None = None,
) -> ApplicationEvent:
    """What staff do with a case at their desk; a colleague of that level may take it over.

    What a level above decided is recorded by its `details["document_number"]`.
    """
    if action is Action.TAKE_OVER:
        check_level(application, actor)
        changes = {"assignee": actor}
        return move(application, action, actor=actor, opinion=opinion, now=now, changes=changes)
    check_desk(application, actor, now)
    with transaction.atomic():
        if action is Action.RECOMMEND and application.status == Status.IN_REVIEW:
            _check_document(application, details or {})
            check_ready(application)
        if action is Action.RECOMMEND and application.is_at_last_step:
            _check_granted_once(application)
        if action is Action.REOPEN:
            check_review(application)
            check_stands_alone(application)
        return move(application, action, actor=actor, opinion=opinion, now=now, details=details)


def mark_changed(application: Application) -> None:
    """Count something done to a case that stays where it is; whoever decides it now is told.

    Compare and set: ApplicationError when somebody else was faster.
    """
    unchanged = Application.objects.filter(
        pk=application.pk, version=application.version, status=application.status
    )
    if not unchanged.update(version=F("version") + 1):
        raise ApplicationError(TAKEN_BY_OTHERS)
    application.version += 1


def check_desk(application: Application, actor: Any, now: datetime) -> None:
    """Refused unless the case lies at the actor's desk, and no colleague has it, nor is stood in for."""
    check_level(application, actor)
    if not application.may_be_decided_by(actor, timezone.localdate(now)):
        assignee = application.assignee
        raise ApplicationError(
            NOT_AT_YOUR_DESK.format(
                desk=application.get_desk_display(), who=f"（{assignee}）" if assignee else ""
            )
        )


def lock_case(application: Application) -> None:
    """Take one's turn at a case, before touching what belongs to it."""
    Application.objects.select_for_update(no_key=True).values_list("pk").get(pk=application.pk)


def check_level(application: Application, actor: Any) -> None:
    """Refused to whoever works at another level: the county's are the county's, the city's not."""
    if not application.lies_with(actor):
        raise ApplicationError(NOT_YOUR_LEVEL.format(desk=application.get_desk_display()))


def check_review(application: Application) -> None:
    """Refused while another person is asked to review the rejection, and once they upheld it."""
    request = ReviewRequest.objects.filter(application=application).first()
    if request is not None and request.keeps_closed:
        raise ApplicationError(REVIEW_WAITS if request.is_waiting else REVIEW_STANDS)


def _check_document(application: Application, details: Mapping[str, Any]) -> None:
    """Refused where a level above decides and its document is not named."""
    step = application.current_step
    if not step.is_decided_here and not details.get("document_number"):
        raise ApplicationError(DOCUMENT_MISSING.format(step=step.title))


def _firm_key(application: Application) -> int:
    return application.successor_id or application.enterprise_id


def _check_granted_once(application: Application) -> None:
    """Refused where the firm already has this programme granted for the year."""
    firm = Enterprise.objects.select_for_update(no_key=True).get(pk=_firm_key(application))
    before = (
        Application.objects.granted()
        .in_hands_of(firm)
        .filter(
            edition__programme=application.edition.programme_id,
            year=application.year,
            subject=application.subject,
        )
        .exclude(pk=application.pk)
        .first()
    )
    if before:
        raise ApplicationError(GRANTED_BEFORE.format(year=application.year, number=before.number))


def check_stands_alone(application: Application) -> None:
    """Refused where the firm has applied anew meanwhile, by whichever edition."""
    firm = Enterprise.objects.select_for_update(no_key=True).get(pk=_firm_key(application))
    others = Application.objects.in_hands_of(firm).filter(
        edition__programme=application.edition.programme_id,
        year=application.year,
        subject=application.subject,
        status__in=OPEN,
    )
    if others.exclude(pk=application.pk).exists():
        raise ApplicationError(ANOTHER_STANDS)


@transaction.atomic
def request_correction(
    *,
    application: Application,
    actor: Any,
    facts: Collection[str],
    materials: Collection[str],
    reason: str,
    now: datetime,
    working_days: int = CORRECTION_DAYS,
) -> Correction:
    """Give the case back to the firm, which may then change the named facts and materials only.

    It is due after so many working days from the next day on; without a day while the calendar is
    not known so far.
    """
    check_desk(application, actor, now)
    if not facts and not materials:
        raise ApplicationError(NOTHING_TO_CORRECT)
    if not FEWEST_CORRECTION_DAYS <= working_days <= MOST_CORRECTION_DAYS:
        raise ApplicationError(DAYS_OUT_OF_RANGE)
    calendar = CalendarDay.objects.calendar()
    due_on = calendar.earliest_end_if_known(timezone.localdate(now), working_days)
    asked = {"facts": sorted(facts), "materials": list(materials), "working_days": working_days}
    details = {**asked, "due_on": due_on.isoformat() if due_on else None}
    move(application, Action.RETURN, actor=actor, opinion=reason, now=now, details=details)
    return Correction.objects.create(
        application=application,
        requested_at=now,
        requested_by=actor,
        reason=reason.strip(),
        due_on=due_on,
        **asked,
    )


@transaction.atomic
def answer_correction(
    *,
    application: Application,
    answers: Mapping[str, Any],
    assessment: Mapping[str, Any],
    chosen: Chosen,
    actor: Any,
    now: datetime,
) -> None:
    """Take what the firm corrected: only asked answers and materials may differ from before.

    `answers` are all of them, `assessment` the judgement of the pinned edition by them; `chosen`
    are the files of the asked materials.
    """
    lock_case(application)
    correction = application.corrections.filter(answered_at=None).first()
    if correction is None:
        raise ApplicationError(TAKEN_BY_OTHERS)
    before, after = application.answers, plain_values(answers)
    changed = sorted(
        key for key in before.keys() | after.keys() if before.get(key) != after.get(key)
    )
    names = [material.name if material else OTHER_MATERIAL for material in chosen]
    stray = [key for key in changed if key not in correction.facts]
    stray += [name for name in names if name not in correction.materials]
    if stray:
        raise ApplicationError(NOT_TO_BE_CORRECTED.format(names="、".join(stray)))
    details = {
        "changes": {key: [before.get(key), after.get(key)] for key in changed},
        "verdict": assessment["verdict"],
        "materials": names,
    }
    changes = {"answers": after, "assessment": plain_values(assessment)}
    move(
        application, Action.RESUBMIT, actor=actor, opinion="", now=now,
        details=details, changes=changes,
    )  # fmt: skip
    attach_files(application, chosen, user=actor, now=now)
    correction.answered_at = now
    correction.save(update_fields=["answered_at"])


@transaction.atomic
def withdraw(*, application: Application, actor: Any, opinion: str, now: datetime) -> None:
    """An owner of the firm takes its application back; it may apply again."""
    members = Membership.objects.filter(enterprise=application.current_firm)
    # Locked, so that whoever is parted from the firm meanwhile was either faster or waits.
    member = members.select_for_update(no_key=True).filter(user=actor).first()
    if member is None or not member.is_owner:
        raise ApplicationError(owners_only(members))
    move(application, Action.WITHDRAW, actor=actor, opinion=opinion, now=now)
    application.corrections.filter(answered_at=None).update(answered_at=now)


def owners_only(members: Iterable[Membership]) -> str:
    """Who of the firm can take its applications back, by name."""
    owners = [each.contact_name for each in members if each.is_owner]
    return OWNERS_ONLY.format(owners="、".join(owners)) if owners else NO_OWNERS
