"""What happens to public notices: made from approved cases, posted, and ended in due time."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from applications.cases.models import Application, ApplicationEvent, CalendarDay
from applications.cases.services.errors import ApplicationError
from applications.cases.services.review import move
from applications.cases.workflow import HELD_HERE, Action, Status
from applications.cases.working_days import CalendarUnknownError
from applications.notices.models import Notice, NoticeLine, Objection
from policies.catalogue.models import Contact, Programme, Step
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
NOTHING_CHOSEN = "没有选中申报。"
NO_PLACE = "您的账号没有所管行政区划，不能办理；请管理员补上。"
NO_DRAFT = "这批公示已经不是草稿，您的操作没有生效；请刷新后再看。"
NO_LINES = "名单是空的，不能公示。"
TITLE_AND_TEXT = "请写好标题和正文。"
DAYS_MISSING = "文件没有印公示天数，请填公示几个工作日。"
TOO_SHORT = "文件规定公示不少于 {minimum} 个工作日。"
NOT_POSTED = "这批公示现在是“{status}”，不能结束。"
TOO_EARLY = "公示要满 {days} 个工作日，公示到 {last} 止，{day} 起才能结束。"
UNSETTLED = "还有 {count} 条异议没有办结，办结后才能结束公示。"
UPHELD = "公示期间的异议经核实成立：{handling}"


class NoticeError(ApplicationError):
    """Something that cannot be done with a notice; the message says why, in Chinese."""


@dataclass(frozen=True)
class Refusal:
    """A case that was left out, and why."""

    application: Application
    reason: str

    def __str__(self) -> str:
        return f"{self.application.number}：{self.reason}"


class RefusedError(NoticeError):
    """Every case that was chosen is refused; `refusals` names each with its reason."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = refusals
        super().__init__("；".join(map(str, refusals)) or NOTHING_CHOSEN)


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


def locked_notice(notice: Notice) -> Notice:
    """The notice as it is now; others who act on it wait until the transaction is over."""
    return Notice.objects.select_for_update(no_key=True).get(pk=notice.pk)


def _locked_draft(notice: Notice) -> Notice:
    found = Notice.objects.select_for_update(no_key=True).filter(pk=notice.pk).first()
    if found is None or not found.is_draft:
        raise NoticeError(NO_DRAFT)
    return found


@transaction.atomic
def change_notice(*, notice: Notice, title: str, text: str, working_days: int | None) -> None:
    """Write the words of a draft and how long it is to last."""
    draft = _locked_draft(notice)
    if working_days is not None and working_days < (draft.minimum_days or 1):
        raise NoticeError(TOO_SHORT.format(minimum=draft.minimum_days or 1))
    draft.title, draft.text, draft.working_days = title.strip(), text.strip(), working_days
    draft.save(update_fields=["title", "text", "working_days"])


@transaction.atomic
def remove_line(*, notice: Notice, line_id: int) -> None:
    """Take a case out of a draft; it may join another batch."""
    draft = _locked_draft(notice)
    draft.lines.filter(pk=line_id).delete()
    _keep_minimum(draft)


@transaction.atomic
def discard_notice(*, notice: Notice) -> None:
    """Throw a draft away; its cases stay approved."""
    _locked_draft(notice).delete()


def planned_end(notice: Notice, now: datetime) -> date:
    """The last day of a draft posted now; NoticeError says what is still missing."""
    if not notice.title.strip() or not notice.text.strip():
        raise NoticeError(TITLE_AND_TEXT)
    if not notice.working_days:
        raise NoticeError(DAYS_MISSING)
    if not notice.lines.exists():
        raise NoticeError(NO_LINES)
    try:
        return CalendarDay.objects.calendar().earliest_end(
            timezone.localdate(now), notice.working_days
        )
    except CalendarUnknownError as error:
        raise NoticeError(str(error)) from error


@transaction.atomic
def post_notice(*, notice: Notice, actor: Any, now: datetime) -> Notice:
    """Show a draft to the public from today on; all its cases are then in notice."""
    draft = _locked_draft(notice)
    draft.ends_on = planned_end(draft, now)
    for line in lines_in_order(draft):
        move_case(
            line.application, Action.POST_NOTICE, actor=actor, opinion=f"公示编号 {draft}", now=now
        )
    draft.status, draft.posted_by = Notice.Status.POSTED, actor
    draft.posted_on = timezone.localdate(now)
    draft.save()
    return draft


@transaction.atomic
def end_notice(*, notice: Notice, actor: Any, now: datetime) -> Notice:
    """End a notice in due time: cases go on to recognition, but for those objected to rightly.

    The last of its working days has to be over first, in local time: whoever objects has it whole.
    """
    own = locked_notice(notice)
    if not own.is_posted:
        raise NoticeError(NOT_POSTED.format(status=own.get_status_display()))
    today = timezone.localdate(now)
    if today <= own.ends_on:
        raise NoticeError(
            TOO_EARLY.format(days=own.working_days, last=own.ends_on, day=own.may_end_on)
        )
    unsettled = own.objections.filter(outcome="").count()
    if unsettled:
        raise NoticeError(UNSETTLED.format(count=unsettled))
    upheld = dict(
        own.objections.filter(outcome=Objection.Outcome.UPHELD).values_list("line", "handling")
    )
    for line in lines_in_order(own):
        _end_line(line, upheld.get(line.pk), actor=actor, now=now)
    own.status, own.ended_on, own.ended_by = Notice.Status.ENDED, today, actor
    own.save(update_fields=["status", "ended_on", "ended_by"])
    return own


def _end_line(line: NoticeLine, upheld: str | None, *, actor: Any, now: datetime) -> None:
    """A case that left the notice meanwhile, withdrawn by its firm, is only struck off."""
    line.outcome = NoticeLine.Outcome.DROPPED
    if line.application.status == Status.IN_NOTICE:
        if upheld is None:
            line.outcome = NoticeLine.Outcome.CLEARED
            opinion = f"公示编号 {line.notice}"
            move_case(line.application, Action.END_NOTICE, actor=actor, opinion=opinion, now=now)
        else:
            opinion = UPHELD.format(handling=upheld)
            move_case(line.application, Action.REJECT, actor=actor, opinion=opinion, now=now)
    line.save(update_fields=["outcome"])


def lines_in_order(notice: Notice) -> Any:
    """The lines with their cases, in the order in which cases are locked."""
    return notice.lines.select_related("application").order_by("application")


def move_case(application: Application, action: Action, **what: Any) -> None:
    """Move one case of a batch; NoticeError names the one that cannot be moved."""
    try:
        move(application, action, **what)
    except ApplicationError as error:
        raise NoticeError(f"{application.number}：{error}") from error


def contacts_for(notice: Notice) -> Any:
    """Whom to call: offices of the programme in the places of the notice and of its cases."""
    places = {notice.jurisdiction_id, notice.jurisdiction.parent_id} | set(
        notice.lines.values_list("application__county", flat=True)
    )
    return Contact.objects.filter(
        programme=notice.programme_id, jurisdiction__in=places
    ).select_related("jurisdiction")
