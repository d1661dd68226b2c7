"""A firm hands in its application: numbered, pinned to its edition, and never twice."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from applications.cases.models import Application, ApplicationDraft, ApplicationEvent, NumberSeries
from applications.cases.services.attachments import Chosen, attach_files
from applications.cases.services.drafts import AlreadySentError
from applications.cases.services.errors import ApplicationError
from applications.cases.services.filling import Filling, standing_application
from applications.cases.services.messages import notify_of_event
from applications.cases.workflow import Action, Status, desk_of
from applications.enterprises.models import Enterprise
from applications.enterprises.services.profile import Profile, record_answers
from policies.catalogue.calls import in_county, state_on
from policies.catalogue.models import Call, Edition
from policies.rules.assessment import plain_values
from portal.models import Jurisdiction

FILLED_IN_BY_STAFF = "由工作人员代填"
ABSORBED = "贵单位已被“{successor}”合并，新的申报请由承继企业提交；以前的申报仍可以查看。"
CHANGED_MEANWHILE = "还没有提交：这份申报刚被改过，请按下面的最新内容核对后再提交。"
COMMITMENT = (
    "本企业郑重承诺：本次申报填写的数据和提交的材料真实、准确、完整，没有隐瞒和虚假；"
    "愿意配合主管部门核查，并对不实内容承担法律责任。"
)


@dataclass(frozen=True)
class Submission:
    """What is handed in: `given` go to the profile, `answers` are all, with their assessment.

    `confirmed_unmet` are the clauses that are not known to be met and were confirmed as such.
    """

    given: Mapping[str, Any]
    answers: Mapping[str, Any]
    assessment: Mapping[str, Any]
    chosen: Chosen
    contact_name: str
    contact_telephone: str
    confirmed_unmet: Sequence[Mapping[str, str]]


@transaction.atomic
def submit_application(
    *,
    filling: Filling,
    draft: ApplicationDraft,
    submission: Submission,
    user: Any,
    by_staff: bool,
    now: datetime,
) -> Application:
    """All or nothing: profile, number, attachments, event, messages; and the draft is gone.

    AlreadySentError when the firm has asked for this before; ApplicationError when the draft,
    the profile, the edition or the call is no longer what `filling` and `draft` say.
    """
    # The row lock makes a double click wait here, and find the first one's application.
    enterprise = Enterprise.objects.select_for_update(no_key=True).get(pk=filling.enterprise.pk)
    year = filling.today.year
    asked = (filling.programme, filling.subject, year, filling.call)
    if standing := standing_application(enterprise, *asked):
        raise AlreadySentError(standing)
    _check_unchanged(filling, draft)
    if merger := enterprise.changes.mergers().select_related("successor").first():
        raise ApplicationError(ABSORBED.format(successor=merger.successor))
    record_answers(
        enterprise=enterprise,
        subject=filling.subject,
        answers=submission.given,
        facts=filling.facts,
        now=now,
        given_by=user,
        by_staff=by_staff,
    )
    application = _create(filling, enterprise, submission, user, now)
    attach_files(application, submission.chosen, user=user, now=now)
    event = ApplicationEvent.objects.create(
        application=application,
        at=now,
        actor=user,
        action=Action.SUBMIT,
        target=Status.SUBMITTED,
        opinion=FILLED_IN_BY_STAFF if by_staff else "",
        details={
            "verdict": submission.assessment["verdict"],
            "confirmed_unmet": list(submission.confirmed_unmet),
            "by_staff": by_staff,
        },
    )
    notify_of_event(event)
    draft.delete()
    return application


def _check_unchanged(filling: Filling, draft: ApplicationDraft) -> None:
    same_draft = ApplicationDraft.objects.filter(pk=draft.pk, version=draft.version)
    # Locked, so that nobody retires, corrects or withdraws it before the case is pinned to it. Not so
    # its programme, by which rows are ordered: whoever withdraws locks that first.
    same_edition = Edition.objects.select_for_update(no_key=True, of=("self",))
    profile = Profile(filling.enterprise, filling.subject, filling.facts, filling.today)
    if not (
        same_draft.exists()
        and same_edition.in_force(filling.today).filter(pk=filling.edition.pk).first()
        and _call_now(filling) == (filling.call.pk if filling.call else None)
        and profile.version == filling.profile.version
    ):
        raise ApplicationError(CHANGED_MEANWHILE)


def _call_now(filling: Filling) -> int | None:
    """The key of the call that runs, 0 where none does of a programme with calls, else None.

    Locked, so that its last day does not move before the case belongs to it.
    """
    rows = Call.objects.opened().filter(programme=filling.programme).order_by("pk")
    rows = rows.prefetch_related("county_last_days__county")
    locked = rows.select_for_update(no_key=True, of=("self",))
    state = state_on(in_county(locked, filling.enterprise.county_id), filling.today)
    if state is None:
        return None
    return state.call.pk if state.is_running else 0


def _create(
    filling: Filling,
    enterprise: Enterprise,
    submission: Submission,
    user: Any,
    now: datetime,
) -> Application:
    application = Application(
        number=_next_number(enterprise.county, filling.today.year),
        enterprise=enterprise,
        enterprise_name=enterprise.name,
        subject=filling.subject.name if filling.subject else "",
        edition=filling.edition,
        call=filling.call,
        county=enterprise.county,
        contact_name=submission.contact_name,
        contact_telephone=submission.contact_telephone,
        on=filling.today,
        year=filling.today.year,
        answers=plain_values(submission.answers),
        assessment=plain_values(submission.assessment),
        commitment=COMMITMENT,
        submitted_at=now,
        submitted_by=user,
        arrived_at=now,
    )
    application.desk = desk_of(application.current_step.level)
    application.save()
    return application


def _next_number(county: Jurisdiction, year: int) -> str:
    """County, year and a running number without gaps: the row stays locked until commit."""
    series, _ = NumberSeries.objects.get_or_create(county=county, year=year)
    NumberSeries.objects.filter(pk=series.pk).update(last=F("last") + 1)
    series.refresh_from_db()
    return str(series)
