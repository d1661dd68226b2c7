"""Calls are drafted, opened by a second person, prolonged, closed early or withdrawn; drafts are told.

By which call a programme takes applications, policies.catalogue.calls says. A call is drafted, opened
and changed by whoever is in charge of the programme's place. Whoever drafted it, or has the drafter's
account in hand, is no second person: they open it with a reason on record only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string
from django.utils import timezone

from applications.cases.models import ApplicationDraft, CalendarDay, Message
from applications.cases.services.errors import ApplicationError
from applications.cases.services.messages import members_of, notify
from applications.cases.working_days import CalendarUnknownError, WorkingCalendar
from applications.enterprises.models import Enterprise
from policies.catalogue.models import (
    Call,
    CallEvent,
    CountyLastDay,
    Edition,
    Material,
    Programme,
)
from policies.catalogue.models.service_guide import OTHER_MATERIAL
from portal.models import Delivery, Jurisdiction
from portal.scope import in_charge
from portal.users import not_beside

Action = CallEvent.Action
# What else is typed is a slip, or stands for a call without a last day.
YEARS = range(2000, 2101)
# Working days before the last one at which drafts are warned, the nearest last.
WARNED_BEFORE = (5, 1)

NOT_IN_CHARGE = "这个项目适用于{area}，由那里或上级的中心征集。"
NOT_A_DRAFT = "这份征集已经开放，不能再改内容；要改时间，请改截止日。"
CHANGED_MEANWHILE = "这份草稿在您打开页面以后被改过，请看过现在的内容再办。"
SECOND_PERSON = (
    "这份征集由您拟稿（或拟稿人的账号由您建立、重设，或反过来），要由另一人开放；"
    "只能由您开放的，请写明理由，会留在记录里。"
)
OVER_ALREADY = "截止日期 {day} 已经过了，请先改草稿。"
OVERLAPS = "同一项目已有征集“{title}”（{when}），时间不能重叠。"
LISTED_ALREADY = "项目的材料清单里已有“{name}”，不用再要；要求不同的，请换一个名称。"
OFFERED_ANYWAY = "“{name}”企业本来就可以上传，不用另要；请写明要的是什么材料。"
NOT_OPEN = "这份征集现在是“{state}”，不能这样办；请刷新后再看。"
REASON_MISSING = "请写明理由，企业看得到。"
SAME_DAY = "截止日期没有变。"
TOO_SOON = "截止日期不能早于今天：今天还可以提交，企业才来得及知道。"
WHICH_YEAR = "请核对年份：{day}。没有截止日的，请选“常年受理”。"
BEFORE_IT_OPENS = "截止日期不能早于开始日期 {day}。"
NOT_YOUR_COUNTY = "县里的截止日，由那个县或上级的中心定；要在这次征集的地区以内。"
NOT_EARLIER = "县里的截止日要比征集的截止日 {day} 早；要更晚，请征集的单位延期。"
NOTHING_TO_LIFT = "{county}没有另定截止日。"
HAS_CASES = "已有 {count} 件申报按这次征集提交，不能撤回；要停止受理，请改截止日。"


class CallError(ApplicationError):
    """What cannot be done with a call; `field` names the entry that it is about."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Asked:
    """A material that a call asks for beside the programme's own list."""

    name: str
    note: str = ""


@dataclass(frozen=True)
class CallFigures:
    """How many drafts, cases and granted cases a member of staff sees; `left` counts all cases, and is
    None where the number of places is unlimited or not published.
    """

    drafts: int
    handed_in: int
    passed: int
    left: int | None


def programmes_to_call(user: Any) -> Any:
    """For which programmes a member of staff opens calls: those of their place and below, of which
    cases are handed in here.
    """
    online = Programme.objects.filter(screened=True).exclude(kind=Programme.Kind.DUTY)
    return online.filter(in_charge(user, "area"))


@transaction.atomic
def draft_call(
    *,
    programme: Programme,
    words: Mapping[str, Any],
    materials: Sequence[Asked],
    actor: Any,
    now: datetime,
) -> Call:
    """`words` are the fields of a Call that staff write; CallError names what is wrong."""
    if not programmes_to_call(actor).filter(pk=programme.pk).exists():
        raise CallError(NOT_IN_CHARGE.format(area=programme.area), "programme")
    call = Call(programme=programme, drafted_at=now, drafted_by=actor, **words)
    _check(call, materials)
    # A double click waits here, and leads to what the first one has drafted.
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    if same := _same_draft(call, materials):
        return same
    call.save()
    _ask_for(call, materials)
    return call


def _same_draft(call: Call, materials: Sequence[Asked]) -> Call | None:
    """What the same person has drafted word for word, and nobody has changed since."""
    names = ("title", "text", "document_number", "document", "opens_on", "closes_on", "places_are")
    words = {name: getattr(call, name) for name in (*names, "places", "office", "telephone")}
    own = Call.objects.filter(status=Call.Status.DRAFT, programme=call.programme_id, version=0)
    for same in own.filter(drafted_by=call.drafted_by_id, **words).order_by("pk"):
        if [Asked(row.name, row.note) for row in same.materials.all()] == list(materials):
            return same
    return None


@transaction.atomic
def change_call(
    *,
    call: Call,
    seen: int,
    words: Mapping[str, Any],
    materials: Sequence[Asked],
    actor: Any,
    now: datetime,
) -> Call:
    """Write a draft anew, as whoever saw its version `seen`; the actor is now who drafted it."""
    own = _locked_draft(call, seen)
    for name, value in words.items():
        setattr(own, name, value)
    own.version, own.drafted_at, own.drafted_by = own.version + 1, now, actor
    _check(own, materials)
    own.save()
    own.materials.all().delete()
    _ask_for(own, materials)
    return own


@transaction.atomic
def discard_call(*, call: Call, seen: int) -> None:
    """Throw a draft away; what was opened stays."""
    _locked_draft(call, seen).delete()


@transaction.atomic
def open_call(*, call: Call, seen: int, actor: Any, now: datetime, reason: str = "") -> Call:
    """From its first day on it decides. CallError where nobody but the drafter opens it without a
    reason; a second person needs none.
    """
    own, reason = _locked_draft(call, seen), reason.strip()
    is_alone = actor.pk == own.drafted_by_id or bool(not_beside(actor, {own.drafted_by_id}))
    if is_alone and not reason:
        raise CallError(SECOND_PERSON, "reason")
    if own.is_over_on(timezone.localdate(now)):
        raise CallError(OVER_ALREADY.format(day=own.closes_on))
    _check(own, [Asked(each.name) for each in own.materials.all()])
    own.status, own.opened_at, own.opened_by = Call.Status.OPEN, now, actor
    own.alone_reason = reason if is_alone else ""
    _record(own, Action.OPEN, None, actor, own.alone_reason, now)
    own.save(update_fields=["status", "opened_at", "opened_by", "alone_reason"])
    return own


@transaction.atomic
def move_last_day(
    *, call: Call, closes_on: date | None, reason: str, actor: Any, now: datetime
) -> Call:
    """Prolong a call or close it early, for a reason that firms read; None: all the year round."""
    own, reason = _locked_open(call, now), reason.strip()
    if not reason:
        raise CallError(REASON_MISSING, "reason")
    if closes_on == own.closes_on:
        raise CallError(SAME_DAY, "closes_on")
    if closes_on is not None and closes_on < timezone.localdate(now):
        raise CallError(TOO_SOON, "closes_on")
    if closes_on is not None and closes_on < own.opens_on:
        raise CallError(BEFORE_IT_OPENS.format(day=own.opens_on), "closes_on")
    before, own.closes_on = own.closes_on, closes_on
    _check_years(own)
    _check_alone_in_time(own)
    _record(own, Action.MOVE, before, actor, reason, now)
    own.save(update_fields=["closes_on"])
    return own


def counties_of(call: Call, user: Any) -> Any:
    """For which counties a member of staff sets an earlier day: those below the call's place that
    they are in charge of; of a county's own call none.
    """
    below = Jurisdiction.objects.within(call.programme.area_id).exclude(pk=call.programme.area_id)
    return below.filter(in_charge(user, "pk"), level=Jurisdiction.Level.COUNTY)


@transaction.atomic
def set_county_day(
    *,
    call: Call,
    county: Jurisdiction,
    last_day: date | None,
    reason: str,
    actor: Any,
    now: datetime,
) -> CountyLastDay:
    """Let firms of a county hand in until an earlier day, for a reason that they read; None: as long
    as all others again.
    """
    own, reason = _locked_open(call, now), reason.strip()
    if not counties_of(own, actor).filter(pk=county.pk).exists():
        raise CallError(NOT_YOUR_COUNTY, "county")
    if not reason:
        raise CallError(REASON_MISSING, "reason")
    set_before = own.county_last_days.filter(county=county).last()
    before = set_before.last_day if set_before else None
    if last_day == before:
        told = SAME_DAY if last_day else NOTHING_TO_LIFT.format(county=county)
        raise CallError(told, "closes_on")
    if last_day is not None:
        _check_county_day(own, last_day, timezone.localdate(now))
    row = CountyLastDay.objects.create(
        call=own, county=county, last_day=last_day, reason=reason, at=now, actor=actor
    )
    for firm in _with_drafts(own, county):
        key = f"call-county-{row.pk}-firm-{firm.pk}"
        _tell(own.in_county(county.pk), firm, "county", SUBJECTS[Action.MOVE], key, now, event=row)
    return row


def _check_county_day(call: Call, last_day: date, today: date) -> None:
    if last_day < today:
        raise CallError(TOO_SOON, "closes_on")
    if last_day < call.opens_on:
        raise CallError(BEFORE_IT_OPENS.format(day=call.opens_on), "closes_on")
    if last_day.year not in YEARS:
        raise CallError(WHICH_YEAR.format(day=last_day), "closes_on")
    if call.closes_on is not None and last_day >= call.closes_on:
        raise CallError(NOT_EARLIER.format(day=call.closes_on), "closes_on")


def drafts_cut_short(call: Call, last_day: date | None, county: Jurisdiction | None = None) -> int:
    """How many firms have drafts that lose days by an earlier last day, of all or of one county."""
    before = call.in_county(county.pk).last_day if county else call.closes_on
    if last_day is None or (before is not None and last_day >= before):
        return 0
    return len(_with_drafts(call, county))


@transaction.atomic
def withdraw_call(*, call: Call, reason: str, actor: Any, now: datetime) -> Call:
    """Take back a call that was opened in error, before anybody handed in by it."""
    own, reason = _locked_open(call, now), reason.strip()
    if not reason:
        raise CallError(REASON_MISSING, "reason")
    if count := own.applications.count():
        raise CallError(HAS_CASES.format(count=count))
    own.status = Call.Status.WITHDRAWN
    _record(own, Action.WITHDRAW, own.closes_on, actor, reason, now)
    own.save(update_fields=["status"])
    return own


def figures_of(call: Call, user: Any) -> CallFigures:
    """Four queries at most."""
    cases = call.applications.visible_to(user)
    left = None
    if call.places is not None:
        left = call.places - call.applications.granted().count()
    drafts = ApplicationDraft.objects.filter(programme=call.programme_id)
    return CallFigures(
        drafts=drafts.filter(in_charge(user, "enterprise__county")).count(),
        handed_in=cases.count(),
        passed=cases.granted().count(),
        left=left,
    )


def warn_of_last_days(now: datetime) -> int:
    """Tell firms whose drafts lie while a call nears its last day, once at each of WARNED_BEFORE; how
    many firms were told. A new last day is told of anew.
    """
    today, calendar = timezone.localdate(now), CalendarDay.objects.calendar()
    running = Call.objects.opened().filter(opens_on__lte=today).exclude(closes_on__lt=today)
    rows = running.select_related("programme").prefetch_related("county_last_days__county")
    told = 0
    for call in rows.order_by("pk"):
        for last, firms in _firms_by_last_day(call).items():
            left = _working_days_left(today, last, calendar)
            near = [days for days in WARNED_BEFORE if left <= days]
            if near and last >= today:
                told += _warn(call, firms, near[-1], now)
    return told


def _firms_by_last_day(call: Call) -> Mapping[date, Sequence[Enterprise]]:
    """Firms with drafts by the day until which they can hand in; those with as long as they like
    are none.
    """
    found: dict[date, list[Enterprise]] = {}
    for firm in _with_drafts(call) if call.closes_on or call.county_days else ():
        if last := call.in_county(firm.county_id).last_day:
            found.setdefault(last, []).append(firm)
    return found


def _working_days_left(today: date, last: date, calendar: WorkingCalendar) -> int:
    """How many working days come after today, up to the last; of a year whose days off are not known,
    all but weekends count: a warning need not be exact, and none would be worse.
    """
    try:
        return calendar.working_days_between(today, last)
    except CalendarUnknownError:
        days = (today + timedelta(days=number + 1) for number in range((last - today).days))
        return sum(day.weekday() < 5 for day in days)


def _warn(call: Call, firms: Iterable[Enterprise], days: int, now: datetime) -> int:
    """Each firm is a transaction of its own: what was told stays told when another fails."""
    is_last = days == WARNED_BEFORE[-1]
    count = 0
    for firm in firms:
        own = call.in_county(firm.county_id)
        key = f"call-{call.pk}-{own.last_day}-{days}-firm-{firm.pk}"
        if not Message.objects.filter(key__startswith=f"{key}:").exists():
            _tell(own, firm, "last_days", "征集快截止了", key, now, by_sms=is_last)
            count += 1
    return count


def _with_drafts(call: Call, county: Jurisdiction | None = None) -> Sequence[Enterprise]:
    drafts = ApplicationDraft.objects.filter(programme=call.programme_id)
    firms = Enterprise.objects.filter(pk__in=drafts.values("enterprise")).order_by("pk")
    return list(firms.filter(county=county) if county else firms)


def _tell(
    call: Call,
    firm: Enterprise,
    template: str,
    subject: str,
    key: str,
    now: datetime,
    *,
    by_sms: bool = False,
    event: CallEvent | CountyLastDay | None = None,
) -> None:
    text = render_to_string(f"cases/messages/call_{template}.txt", {"call": call, "event": event})
    urgent = [Delivery.Channel.SMS] if by_sms else []
    notify(
        recipients=members_of(firm),
        kind=Message.Kind.CALL,
        subject=f"{subject}：{call.programme.name}",
        text=text.strip(),
        key=key,
        now=now,
        enterprise=firm,
        channels=[Delivery.Channel.EMAIL, *urgent],
    )


SUBJECTS = {
    Action.OPEN: "征集已开放",
    Action.MOVE: "征集的截止日改了",
    Action.WITHDRAW: "征集已撤回",
}


def _record(
    call: Call,
    action: CallEvent.Action,
    before: date | None,
    actor: Any,
    reason: str,
    now: datetime,
) -> None:
    """Write what is done with a call, before it is done, and tell the firms that have drafts."""
    event = CallEvent.objects.create(
        call=call,
        at=now,
        actor=actor,
        action=action,
        last_day_before=before,
        last_day=call.closes_on,
        reason=reason,
    )
    prefetch_related_objects([call], "county_last_days__county")
    for firm in _with_drafts(call):
        key = f"call-event-{event.pk}-firm-{firm.pk}"
        own = call.in_county(firm.county_id)
        _tell(own, firm, action.value, SUBJECTS[action], key, now, event=event)


def _locked_draft(call: Call, seen: int) -> Call:
    own = _locked(call)
    if own is None or not own.is_draft:
        raise CallError(NOT_A_DRAFT)
    if own.version != seen:
        raise CallError(CHANGED_MEANWHILE)
    return own


def _locked_open(call: Call, now: datetime) -> Call:
    own = _locked(call)
    if own is None or not own.is_open:
        state = own.state_on(timezone.localdate(now)) if own else "已删除"
        raise CallError(NOT_OPEN.format(state=state))
    return own


def _locked(call: Call) -> Call | None:
    """As it stands now. The programme is locked before it, so that no two calls open at once."""
    Programme.objects.select_for_update(no_key=True).get(pk=call.programme_id)
    rows = Call.objects.select_for_update(of=("self",), no_key=True).select_related("programme")
    return rows.filter(pk=call.pk).first()


def _check(call: Call, materials: Sequence[Asked]) -> None:
    _check_years(call)
    if call.closes_on is not None and call.closes_on < call.opens_on:
        raise CallError(BEFORE_IT_OPENS.format(day=call.opens_on), "closes_on")
    _check_alone_in_time(call)
    editions = Edition.objects.filter(programme=call.programme_id, status="published")
    names = [row.name for row in materials]
    if OTHER_MATERIAL in names:
        raise CallError(OFFERED_ANYWAY.format(name=OTHER_MATERIAL), "materials")
    listed = Material.objects.filter(edition__in=editions, name__in=names)
    if found := listed.first():
        raise CallError(LISTED_ALREADY.format(name=found.name), "materials")


def _check_years(call: Call) -> None:
    for field in ("opens_on", "closes_on"):
        day = getattr(call, field)
        if day is not None and day.year not in YEARS:
            raise CallError(WHICH_YEAR.format(day=day), field)


def _check_alone_in_time(call: Call) -> None:
    """Refused while another call that counts for the programme shares a day with it."""
    for other in Call.objects.opened().filter(programme=call.programme_id).exclude(pk=call.pk):
        begins_later = call.closes_on is not None and other.opens_on > call.closes_on
        is_over = other.is_over_on(call.opens_on)
        if not begins_later and not is_over:
            told = OVERLAPS.format(title=other.title, when=other.when)
            raise CallError(told, "opens_on" if call.is_draft else "closes_on")


def _ask_for(call: Call, materials: Sequence[Asked]) -> None:
    Material.objects.bulk_create(
        Material(call=call, position=place, name=row.name, note=row.note)
        for place, row in enumerate(materials, start=1)
    )
