"""What happens to applications: one function per action, each leaving an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from applications.models import Application, ApplicationEvent, Enterprise, NumberSeries
from applications.workflow import TRANSITIONS, Action, Status
from policies.models import Edition, Jurisdiction, SelfCheck
from policies.rules.assessment import plain_values

TAKEN_BY_OTHERS = "这件申报的状态已被他人改变，您的操作没有生效；请刷新后再看。"
NOT_POSSIBLE = "“{status}”的申报不能“{action}”。"
REASON_MISSING = "请写明理由，企业会看到。"
ACCEPTED_BEFORE = "该企业 {year} 年度这个项目已有审核通过的申报 {number}，不能重复通过。"
ALREADY_SENT = "这份自测已经提交过这个项目的申报。"
ANOTHER_STANDS = "同一企业这个项目已有另一件有效的申报，请先处理那一件。"
SELF_CHECK_GONE = "这份自测刚刚被删除，申报没有提交。"


class ApplicationError(Exception):
    """An action that cannot be done; the message says why, in Chinese."""


class AlreadySentError(ApplicationError):
    """The same self-check has asked for this before; `application` is what it sent."""

    def __init__(self, application: Application) -> None:
        self.application = application
        super().__init__(ALREADY_SENT)


@transaction.atomic
def submit_application(
    *,
    self_check: SelfCheck,
    edition: Edition,
    county: Jurisdiction,
    answers: Mapping[str, Any],
    assessment: Mapping[str, Any],
    enterprise_name: str,
    credit_code: str,
    contact_name: str,
    contact_telephone: str,
    subject: str,
    now: datetime,
) -> Application:
    """Record what a firm asks for; AlreadySentError when this self-check has asked before.

    Nobody has proven here that the code is theirs, so an enterprise's record is made once and
    not changed, and a second application for the same code is kept for staff to judge.
    """
    # The row lock makes a double click wait here, and find the first one's application.
    if SelfCheck.objects.select_for_update().filter(pk=self_check.pk).first() is None:
        raise ApplicationError(SELF_CHECK_GONE)
    sent = self_check.applications.filter(
        edition__programme=edition.programme, subject=subject
    ).exclude(status=Status.REJECTED)
    if application := sent.first():
        raise AlreadySentError(application)
    enterprise, _ = Enterprise.objects.get_or_create(
        credit_code=credit_code, defaults={"name": enterprise_name, "county": county}
    )
    on = timezone.localdate(now)
    application = Application.objects.create(
        number=_next_number(county, on.year),
        enterprise=enterprise,
        enterprise_name=enterprise_name,
        subject=subject,
        edition=edition,
        county=county,
        contact_name=contact_name,
        contact_telephone=contact_telephone,
        on=on,
        year=on.year,
        answers=plain_values(answers),
        assessment=plain_values(assessment),
        submitted_at=now,
        self_check=self_check,
    )
    ApplicationEvent.objects.create(
        application=application, at=now, action=Action.SUBMIT, target=Status.SUBMITTED
    )
    return application


def _next_number(county: Jurisdiction, year: int) -> str:
    """County, year and a running number without gaps: the row stays locked until commit."""
    series, _ = NumberSeries.objects.get_or_create(county=county, year=year)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db()
    return str(series)


def accept_application(
    *, application: Application, actor: Any, opinion: str = "", now: datetime
) -> None:
    """Accept; refused where the firm already has this programme accepted for the year."""
    with transaction.atomic():
        Enterprise.objects.select_for_update().get(pk=application.enterprise_id)
        before = (
            Application.objects.accepted()
            .filter(
                enterprise=application.enterprise_id,
                edition__programme=application.edition.programme_id,
                year=application.year,
                subject=application.subject,
            )
            .exclude(pk=application.pk)
            .first()
        )
        if before:
            message = ACCEPTED_BEFORE.format(year=application.year, number=before.number)
            raise ApplicationError(message)
        move(application, Action.ACCEPT, actor=actor, opinion=opinion, now=now)


def reject_application(
    *, application: Application, actor: Any, opinion: str, now: datetime
) -> None:
    move(application, Action.REJECT, actor=actor, opinion=opinion, now=now)


def reopen_application(
    *, application: Application, actor: Any, opinion: str, now: datetime
) -> None:
    """Take a decision back, so that another can be made."""
    move(application, Action.REOPEN, actor=actor, opinion=opinion, now=now)


DECISIONS = {
    Action.ACCEPT: accept_application,
    Action.REJECT: reject_application,
    Action.REOPEN: reopen_application,
}


def move(
    application: Application, action: Action, *, actor: Any, opinion: str, now: datetime
) -> None:
    """Compare and set: of two people who act on the same status, one is told that it changed."""
    transition, source = TRANSITIONS[action], Status(application.status)
    if source not in transition.sources:
        message = NOT_POSSIBLE.format(status=source.label, action=action.label)
        raise ApplicationError(message)
    opinion = opinion.strip()
    if transition.needs_reason and not opinion:
        raise ApplicationError(REASON_MISSING)
    try:
        with transaction.atomic():
            unchanged = Application.objects.filter(pk=application.pk, status=source)
            if not unchanged.update(status=transition.target):
                raise ApplicationError(TAKEN_BY_OTHERS)
            ApplicationEvent.objects.create(
                application=application,
                at=now,
                actor=actor,
                action=action,
                source=source,
                target=transition.target,
                opinion=opinion,
            )
    except IntegrityError as error:
        # See the model's constraints.
        raise ApplicationError(ANOTHER_STANDS) from error
    application.status = transition.target
