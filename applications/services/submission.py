"""A firm hands in its application: numbered, pinned to its edition, and never twice."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from applications.models import Application, ApplicationEvent, Enterprise, NumberSeries
from applications.services.errors import ApplicationError
from applications.workflow import ENDED, Action, Status, desk_of
from policies.models import Edition, Jurisdiction, SelfCheck
from policies.rules.assessment import plain_values

ALREADY_SENT = "这份自测已经提交过这个项目的申报。"
SELF_CHECK_GONE = "这份自测刚刚被删除，申报没有提交。"


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
    ).exclude(status__in=ENDED)
    if application := sent.first():
        raise AlreadySentError(application)
    enterprise, _ = Enterprise.objects.get_or_create(
        credit_code=credit_code, defaults={"name": enterprise_name, "county": county}
    )
    on = timezone.localdate(now)
    application = Application(
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
        arrived_at=now,
        self_check=self_check,
    )
    application.desk = desk_of(application.current_step.level)
    application.save()
    ApplicationEvent.objects.create(
        application=application,
        at=now,
        action=Action.SUBMIT,
        target=Status.SUBMITTED,
        details={"verdict": assessment["verdict"]},
    )
    return application


def _next_number(county: Jurisdiction, year: int) -> str:
    """County, year and a running number without gaps: the row stays locked until commit."""
    series, _ = NumberSeries.objects.get_or_create(county=county, year=year)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db()
    return str(series)
