"""Drafts of public notices: made from approved cases, their words written, thrown away."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from applications.cases.models import Application, ApplicationEvent
from applications.cases.workflow import HELD_HERE, Action, Status
from applications.notices.models import Notice, NoticeLine
from applications.notices.services.errors import NOTHING_CHOSEN, NoticeError, Refusal, RefusedError
from policies.catalogue.models import Programme, Step
from portal.models import Jurisdiction

TITLE = "{programme}名单公示"
TEXT = (
    "现将“{programme}”审核通过的名单公示如下。公示期内，对名单有异议的，可以打电话或在网上提出，"
    "请写明事实和理由，并留下联系方式，以便核实。"
)
NOT_IN_SCOPE = "不在您所管的地区"
NOT_APPROVED = "现在是“{status}”，“审核通过”的才能公示"
IN_ANOTHER = "已在公示批次 {number} 里"
NOTICED_BEFORE = "已经公示期满（{number}），可以认定"
SEVERAL_PROGRAMMES = "所选申报属于几个项目：{names}。一批只能是一个项目，请按项目筛选后再选。"
NO_PLACE = "您的账号没有所管行政区划，不能办理；请管理员补上。"
NO_DRAFT = "这批公示已经不是草稿，您的操作没有生效；请刷新后再看。"
TOO_SHORT = "文件规定公示不少于 {minimum} 个工作日。"


def notice_steps(editions: Iterable[Any]) -> Any:
    """The steps of public notice that the documents of these editions print for city or county.

    What the province posts is posted elsewhere.
    """
    return Step.objects.filter(edition__in=editions, kind=Step.Kind.NOTICE, level__in=HELD_HERE)


def cleared_since_approval(applications: Any) -> set[int]:
    """Those whose last approval is the end of a public notice, not an opinion made after it."""
    last = ApplicationEvent.objects.filter(
        application=OuterRef("pk"), target=Status.APPROVED
    ).order_by("-at", "-pk")
    cleared = applications.annotate(approved_by=Subquery(last.values("action")[:1]))
    return set(cleared.filter(approved_by=Action.END_NOTICE).values_list("pk", flat=True))


@transaction.atomic
def make_notice(
    *, applications: Iterable[Application], actor: Any, now: datetime
) -> tuple[Notice, list[Refusal]]:
    """Put approved cases of one programme into the draft batch of the actor's jurisdiction.

    Returns the batch and the cases left out; RefusedError where none is left, NoticeError where
    they are of several programmes.
    """
    chosen = {application.pk for application in applications}
    programme = programme_of(chosen)
    notice = _draft(programme, place_of(actor, programme), actor, now)
    cases = list(
        Application.objects.filter(pk__in=chosen)
        .select_for_update(of=("self",), no_key=True)
        .select_related("county", "edition__programme")
        .order_by("pk")
    )
    visible = set(
        Application.objects.visible_to(actor).filter(pk__in=chosen).values_list("pk", flat=True)
    )
    reasons = _reasons_against(chosen)
    refusals, lines = [], []
    for case in cases:
        reason = _reason_against(case, visible, reasons)
        if reason:
            refusals.append(Refusal(case, reason))
        else:
            lines.append(_line(notice, case))
    if not lines:
        raise RefusedError(refusals)
    NoticeLine.objects.bulk_create(lines)
    _keep_minimum(notice)
    return notice, refusals


def programme_of(chosen: set[int]) -> Programme:
    """The one programme of these cases; NoticeError where there are none or several."""
    programmes = list(Programme.objects.filter(editions__applications__in=chosen).distinct())
    if not programmes:
        raise NoticeError(NOTHING_CHOSEN)
    if len(programmes) > 1:
        names = "、".join(f"“{programme}”" for programme in programmes)
        raise NoticeError(SEVERAL_PROGRAMMES.format(names=names))
    return programmes[0]


def place_of(actor: Any, programme: Programme) -> Jurisdiction:
    """Where the actor posts: their own jurisdiction, or the programme's area for who has all."""
    place = Jurisdiction.objects.filter(pk=actor.jurisdiction_code).first()
    if place is None and actor.is_superuser:
        place = programme.area
    if place is None:
        raise NoticeError(NO_PLACE)
    return place


def _draft(programme: Programme, place: Jurisdiction, actor: Any, now: datetime) -> Notice:
    """The one draft of a programme and place, locked; numbers run on within place and year."""
    Jurisdiction.objects.select_for_update(no_key=True).get(pk=place.pk)
    drafts = Notice.objects.select_for_update(no_key=True).filter(status=Notice.Status.DRAFT)
    draft = drafts.filter(programme=programme, jurisdiction=place).first()
    if draft:
        return draft
    prefix = f"{place.pk}-GS{timezone.localdate(now).year}-"
    used = Notice.objects.filter(number__startswith=prefix).values_list("number", flat=True)
    last = max((int(number.removeprefix(prefix)) for number in used), default=0)
    return Notice.objects.create(
        number=f"{prefix}{last + 1:04d}",
        programme=programme,
        jurisdiction=place,
        title=TITLE.format(programme=programme),
        text=TEXT.format(programme=programme),
        created_at=now,
        created_by=actor,
    )


def _reasons_against(chosen: set[int]) -> dict[int, str]:
    """Why cases cannot be noticed again: in an open batch, or through with their notice."""
    lines = NoticeLine.objects.filter(application__in=chosen).select_related("notice")
    cleared = cleared_since_approval(
        Application.objects.filter(pk__in=chosen, status=Status.APPROVED)
    )
    reasons = {}
    for line in lines:
        if line.outcome == NoticeLine.Outcome.OPEN:
            reasons[line.application_id] = IN_ANOTHER.format(number=line.notice)
        elif line.outcome == NoticeLine.Outcome.CLEARED and line.application_id in cleared:
            reasons.setdefault(line.application_id, NOTICED_BEFORE.format(number=line.notice))
    return reasons


def _reason_against(case: Application, visible: set[int], reasons: Mapping[int, str]) -> str:
    if case.pk not in visible:
        return NOT_IN_SCOPE
    if case.pk in reasons:
        return reasons[case.pk]
    if case.status != Status.APPROVED:
        return NOT_APPROVED.format(status=case.get_status_display())
    return ""


def _line(notice: Notice, application: Application) -> NoticeLine:
    return NoticeLine(
        notice=notice,
        application=application,
        enterprise_name=application.enterprise_name,
        programme_name=application.edition.programme.name,
        county_name=application.county.name,
        subject=application.subject,
    )


def _keep_minimum(notice: Notice) -> None:
    """The longest period that the editions of the cases print, kept in the draft."""
    editions = notice.lines.values("application__edition")
    printed = notice_steps(editions).exclude(working_days=None)
    notice.minimum_days = max(printed.values_list("working_days", flat=True), default=None)
    if notice.minimum_days and (notice.working_days or 0) < notice.minimum_days:
        notice.working_days = notice.minimum_days
    notice.save(update_fields=["minimum_days", "working_days"])


def locked_draft(notice: Notice) -> Notice:
    """The draft as it is now, locked; NoticeError where it is none any more."""
    found = Notice.objects.select_for_update(no_key=True).filter(pk=notice.pk).first()
    if found is None or not found.is_draft:
        raise NoticeError(NO_DRAFT)
    return found


@transaction.atomic
def change_notice(*, notice: Notice, title: str, text: str, working_days: int | None) -> None:
    """Write the words of a draft and how long it is to last."""
    draft = locked_draft(notice)
    if working_days is not None and working_days < (draft.minimum_days or 1):
        raise NoticeError(TOO_SHORT.format(minimum=draft.minimum_days or 1))
    draft.title, draft.text, draft.working_days = title.strip(), text.strip(), working_days
    draft.save(update_fields=["title", "text", "working_days"])


@transaction.atomic
def remove_line(*, notice: Notice, line_id: int) -> None:
    """Take a case out of a draft; it may join another batch."""
    draft = locked_draft(notice)
    draft.lines.filter(pk=line_id).delete()
    _keep_minimum(draft)


@transaction.atomic
def discard_notice(*, notice: Notice) -> None:
    """Throw a draft away; its cases stay approved."""
    locked_draft(notice).delete()
