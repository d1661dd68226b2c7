"""Staff judge the criteria that no rule can decide."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from applications.cases.models import Application, Finding
from applications.cases.models.finding import criteria_to_judge
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import check_desk, mark_changed
from applications.cases.workflow import WITH_STAFF, Status

NOT_UNDER_REVIEW = "“{status}”的申报不能再作人工判断。"
NOT_TO_BE_JUDGED = "没有这些要人工判断的条件：{codes}"
NOTE_MISSING = "{code} 判断为不符合，请写明说明。"


@transaction.atomic
def record_findings(
    *,
    application: Application,
    actor: Any,
    findings: Mapping[str, tuple[str, str]],
    now: datetime,
) -> list[Finding]:
    """Record judgements, given as criterion code -> (outcome, note); returns the new ones.

    A judgement that says what the newest one says already is not repeated. Raises
    ApplicationError with nothing done.
    """
    check_desk(application, actor, now)
    if application.status not in WITH_STAFF:
        label = Status(application.status).label
        raise ApplicationError(NOT_UNDER_REVIEW.format(status=label))
    known = {criterion["id"] for criterion in criteria_to_judge(application.assessment)}
    if stray := findings.keys() - known:
        raise ApplicationError(NOT_TO_BE_JUDGED.format(codes="、".join(sorted(stray))))
    newest = application.findings.newest()
    rows = []
    for code, (outcome, note) in findings.items():
        note = note.strip()
        if outcome == Finding.Outcome.NOT_MET and not note:
            raise ApplicationError(NOTE_MISSING.format(code=code))
        before = newest.get(code)
        if before is None or (before.outcome, before.note) != (outcome, note):
            rows.append(
                Finding(
                    application=application,
                    criterion=code,
                    step=application.current_step.title,
                    outcome=outcome,
                    note=note,
                    by=actor,
                    at=now,
                )
            )
    if rows:
        # Whoever decides the case at this moment decides on a page grown old.
        mark_changed(application)
        Finding.objects.bulk_create(rows)
    return rows
