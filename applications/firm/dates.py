"""The days that matter to a firm: what is due, what ends, and what money is to come.

One list for the page of the firm's calendar, for the feed that calendar programs read, and for
what waits for the firm. What no source dates has no day here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from applications.cases.models import Application, ApplicationDraft, Correction
from applications.cases.services.filling import FAULTY
from applications.cases.workflow import Status
from applications.enterprises.models import LibraryFile
from applications.enterprises.services.profile import Profile
from applications.firm.held_titles import HeldTitle, held_titles
from applications.money.models import AwardLine, Reclaim
from applications.notices.models import EnterpriseTitle, Notice, NoticeLine, RecognitionLine
from policies.catalogue.calls import Phase, in_county, not_over, state_on
from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, Window
from policies.rules.edition import Edition as Rules
from policies.rules.facts import plain
from policies.rules.firm import add_months
from policies.rules.limits import Limit, limits_of
from policies.self_check.self_checks import understood

State = AwardLine.State


class Kind(StrEnum):
    CORRECTION = "correction"
    OBJECTION = "objection"
    DRAFT = "draft"
    CALL = "call"
    FILE = "file"
    TITLE = "title"
    TERM = "term"
    CONDITION = "condition"
    AWARD = "award"
    RECLAIM = "reclaim"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def ends(self) -> str:
        """What its last day is called."""
        closing = (Kind.CORRECTION, Kind.OBJECTION, Kind.DRAFT, Kind.CALL, Kind.RECLAIM)
        return "截止" if self in closing else "到期"


_LABELS = {
    Kind.CORRECTION: "补正",
    Kind.OBJECTION: "公示",
    Kind.DRAFT: "草稿",
    Kind.CALL: "征集",
    Kind.FILE: "材料到期",
    Kind.TITLE: "认定到期",
    Kind.TERM: "合同到期",
    Kind.CONDITION: "申报条件到期",
    Kind.AWARD: "以后的奖补",
    Kind.RECLAIM: "要退回的奖补",
}
# How long before its last day something waits for the firm; None: as soon as it is known. What is
# not here needs nothing from the firm.
BEFOREHAND: Mapping[Kind, timedelta | None] = {
    Kind.CORRECTION: None,
    Kind.OBJECTION: None,
    Kind.DRAFT: None,
    Kind.RECLAIM: None,
    Kind.FILE: timedelta(days=60),
    Kind.TITLE: timedelta(days=180),
    Kind.TERM: timedelta(days=180),
}
# A file that expired longer ago is hardly one that a firm forgot to renew.
EXPIRED_LATELY = timedelta(days=365)
UNDATED_TITLE = (
    "{source}，哪天到期不知道：文件没有印有效期。请看证书：放进资料库，名称里写上“{title}”，"
    "填好有效期，就会列在日历上"
)
# Derived facts that count the years since a fact that is asked.
YEARS_SINCE = {"stat.years_since_upgrade": "stat.first_upgrade_year"}


@dataclass(frozen=True)
class FirmDate:
    """`last` is the day that counts, `first` a period's beginning; without `last` no day is known.

    With `of_year` only the year is. `key` stays the same as long as it is the same matter, and
    `moved` counts how often somebody set another day for it.
    """

    kind: Kind
    key: str
    what: str
    last: date | None
    address: str
    button: str
    note: str = ""
    first: date | None = None
    of_year: bool = False
    moved: int = 0

    def is_over_on(self, day: date) -> bool:
        return self.last is not None and self.last < day

    def waits_on(self, day: date) -> bool:
        """Whether the firm has something to do about it now."""
        if self.kind not in BEFOREHAND:
            return False
        before = BEFOREHAND[self.kind]
        return before is None or (self.last is not None and self.last - before <= day)


class Firm:
    """Whose dates are asked for, by what its profile says, on the profile's day.

    `calls` are those that count, by programme.
    """

    def __init__(
        self, profile: Profile, editions: Iterable[Rules], calls: Mapping[str, Iterable[Call]]
    ) -> None:
        self.profile, self.enterprise, self.today = profile, profile.enterprise, profile.today
        self.editions, self._calls = tuple(editions), calls

    def calls_of(self, programme: str) -> Sequence[Call]:
        """Those of a programme, with the last day of the firm's county."""
        return in_county(self._calls.get(programme, ()), self.enterprise.county_id)

    @property
    def cases(self) -> QuerySet:
        """Keys of the firm's cases, with those that it goes on with for another."""
        return Application.objects.of_firm(self.enterprise).order_by().values("pk")

    @cached_property
    def drafts(self) -> list[ApplicationDraft]:
        rows = self.enterprise.drafts.select_related("programme", "subject")
        return list(rows.defer("answers", "changes"))

    @cached_property
    def said(self) -> list[tuple[int | None, str, Any]]:
        """What the profile says today of lasting facts: of which subject, which, and the value."""
        found = []
        for (owner, key, year), rows in self.profile.history.items():
            value = rows[-1].value
            if year is None and value is not None and key in self.profile.facts:
                known = understood({key: value}, self.profile.facts, self.today)
                found += [(owner, key, known[key])] if key in known else []
        return found

    @cached_property
    def files_that_end(self) -> dict[str, LibraryFile]:
        """What ends of the library by title: of one name the file that is valid longest."""
        rows = LibraryFile.objects.in_library().filter(
            enterprise=self.enterprise,
            valid_until__isnull=False,
            valid_until__gte=self.today - EXPIRED_LATELY,
        )
        return {row.title: row for row in rows.order_by("valid_until", "pk")}

    @cached_property
    def subjects(self) -> dict[int, str]:
        return dict(self.enterprise.subjects.values_list("pk", "name"))

    def named(self, owner: int | None, key: str) -> str:
        """A fact, with the project or base that it is said of."""
        label = f"“{self.profile.facts[key].label}”"
        return f"{self.subjects[owner]}的{label}" if owner else label


def dates_of(profile: Profile, known: Catalogue) -> list[FirmDate]:
    """All of them, the first one first, those without a day last; a query for each kind."""
    firm = _firm(profile, known)
    found = [
        *_asking(firm),
        *_calls(firm),
        *_undated_titles(firm),
        *_conditions(firm),
        *_awards(firm),
        *_reclaims(firm),
    ]
    return sorted(found, key=lambda each: (each.last is None, each.last or firm.today, each.key))


def waiting_for(profile: Profile, known: Catalogue) -> list[FirmDate]:
    """What waits for the firm: corrections, then what has a day, then the other drafts."""
    today = profile.today
    mine = [each for each in _asking(_firm(profile, known)) if each.waits_on(today)]
    return sorted(
        mine,
        key=lambda each: (
            each.kind is not Kind.CORRECTION,
            each.last is None,
            each.last or today,
        ),
    )


def _firm(profile: Profile, known: Catalogue) -> Firm:
    return Firm(profile, known.editions_in_force(profile.today), known.calls)


def _asking(firm: Firm) -> Iterator[FirmDate]:
    """The kinds that ask something of the firm."""
    for source in (_corrections, _objections, _drafts, _files, _titles, _terms):
        yield from source(firm)


def _corrections(firm: Firm) -> Iterator[FirmDate]:
    rows = Correction.objects.filter(answered_at=None, application__in=firm.cases).select_related(
        "application__edition__programme"
    )
    shown = rows.only(
        "due_on",
        "answered_at",
        "working_days",
        "application__number",
        "application__reference",
        "application__edition__programme__name",
    )
    for row in shown:
        case = row.application
        if row.due_on is None:
            note = f"{row.working_days} 个工作日；放假安排公布以后才有截止日"
        elif row.is_overdue_on(firm.today):
            note = "已经逾期；受理部门结案以前仍可以补正"
        else:
            note = "含当天；逾期没有补正的，受理部门可以结案"
        yield FirmDate(
            kind=Kind.CORRECTION,
            key=f"correction-{row.pk}",
            what=f"{case.number} {case.edition.programme.name}",
            last=row.due_on,
            address=reverse("firm:correct", args=[case.reference]),
            button="去补正",
            note=note,
        )


def _objections(firm: Firm) -> Iterator[FirmDate]:
    rows = NoticeLine.objects.filter(
        application__in=firm.cases,
        outcome=NoticeLine.Outcome.OPEN,
        notice__status=Notice.Status.POSTED,
        notice__ends_on__gte=firm.today,
    )
    for row in rows.select_related("notice"):
        yield FirmDate(
            kind=Kind.OBJECTION,
            key=f"notice-{row.pk}",
            what=f"{row.notice.number} {row.programme_name}",
            first=row.notice.posted_on,
            last=row.notice.ends_on,
            address=reverse("notices:notice", args=[row.notice.number]),
            button="核对公示",
            note="含当天；名称、项目有误或有异议，请在此以前提出",
        )


def _drafts(firm: Firm) -> Iterator[FirmDate]:
    """Each with the end of the call that runs or comes next, else of such a window, where one is
    printed.
    """
    offered = {rules.programme for rules in firm.editions}
    faulty = {rules.programme for rules in firm.editions if rules.fault}
    rows = firm.drafts
    windows: dict[str, list[Window]] = {}
    wanted = Window.objects.filter(
        programme__in=[row.programme_id for row in rows], kind=Window.Kind.APPLY
    )
    for window in wanted:
        windows.setdefault(window.programme_id, []).append(window)
    for row in rows:
        is_offered = row.programme_id in offered
        is_open = is_offered and row.programme_id not in faulty
        window, first, last = _next_window(windows.get(row.programme_id, []), firm.today)
        state = state_on(firm.calls_of(row.programme_id), firm.today)
        subject, moved = f"（{row.subject}）" if row.subject else "", 0
        if not is_offered:
            note, first, last = "这个项目现在不受理", None, None
        elif not is_open:
            note, first, last = f"{FAULTY}草稿会留着", None, None
        elif state:
            is_open = state.is_running
            first, last, moved = state.call.opens_on, state.call.last_day, state.call.times_moved
            told = f"征集“{state.call}”，{state.call.when}"
            told += state.call.county_words and f"；{state.call.county_words}"
            note = told if is_open else f"{state.closed}草稿会留着"
            if state.phase is Phase.OVER:
                first = last = None
        elif window:
            note = f"申报时间：{window.when}（{window.wording}），时效请以当年通知为准"
        else:
            note = "文件没有印申报截止时间"
        yield FirmDate(
            kind=Kind.DRAFT,
            key=f"draft-{row.pk}",
            what=f"{row.programme.name}{subject}",
            first=first,
            last=last,
            address=_draft_address(row),
            button="接着填" if is_open else "看草稿",
            note=note,
            moved=moved,
        )


def _calls(firm: Firm) -> Iterator[FirmDate]:
    """Those with a last day that run or are to come in the firm's place, but for what the firm has a
    draft or a case of already.
    """
    county = firm.enterprise.county
    places = {county.pk, county.parent_id}
    offered = [rules for rules in firm.editions if rules.area in places and not rules.fault]
    coming = [
        (rules, call)
        for rules in offered
        for call in not_over(firm.calls_of(rules.programme), firm.today)
        if call.last_day
    ]
    if not coming:
        return
    drafted = {row.programme_id for row in firm.drafts}
    own = Application.objects.standing_of(firm.enterprise)
    cases = list(own.values_list("edition__programme", "year", "call"))
    of_year, by_call = {case[:2] for case in cases}, {case[2] for case in cases}
    for rules, call in coming:
        # A case of this year is none of a call that is to come next year.
        year = max(call.opens_on, firm.today).year
        has_case = (rules.programme, year) in of_year or (call.is_one_round and call.pk in by_call)
        if rules.programme in drafted or has_case:
            continue
        places = f"名额：{call.places_in_words}"
        yield FirmDate(
            kind=Kind.CALL,
            key=f"call-{call.pk}",
            what=f"{rules.name}：{call.title}",
            first=call.opens_on,
            last=call.last_day,
            address=reverse("firm:apply", args=[rules.programme]),
            button="去申报" if call.has_begun_on(firm.today) else "看怎么申报",
            note="；".join(filter(None, (call.county_words, places, f"有疑问请问{call.contact}"))),
            moved=call.times_moved,
        )


def _draft_address(draft: ApplicationDraft) -> str:
    address = reverse("firm:apply", args=[draft.programme_id])
    return f"{address}?subject={draft.subject_id}" if draft.subject_id else address


def _next_window(
    windows: Iterable[Window], today: date
) -> tuple[Window | None, date | None, date | None]:
    """The one that closes first of those not over; a window with a beginning only never closes."""
    spans = [
        (span.last, span.first, window)
        for window in windows
        if window.ends_month
        for year in (today.year - 1, today.year, today.year + 1)
        if (span := window.span_in(year)) and span.last >= today
    ]
    if not spans:
        return None, None, None
    last, first, window = min(spans, key=lambda each: each[:2])
    return window, first, last


def _files(firm: Firm) -> Iterator[FirmDate]:
    for row in firm.files_that_end.values():
        yield FirmDate(
            kind=Kind.FILE,
            key=f"file-{row.reference}",
            what=f"资料库的“{row.title}”",
            last=row.valid_until,
            address=reverse("firm:library"),
            button="上传新的",
            note="已经过期，不能再用来申报" if row.is_expired_on(firm.today) else "",
        )


def _titles(firm: Firm) -> Iterator[FirmDate]:
    """Those that the portal recorded with a day."""
    rows = RecognitionLine.objects.filter(
        application__in=firm.cases,
        application__status=Status.RECOGNISED,
        valid_until__gte=firm.today,
    ).select_related("recognition__programme", "application")
    for row in rows.defer("application__answers", "application__assessment"):
        subject = f"（{row.application.subject}）" if row.application.subject else ""
        yield FirmDate(
            kind=Kind.TITLE,
            key=f"recognition-{row.pk}",
            what=f"{row.recognition.programme.name}{subject}",
            last=row.valid_until,
            address=reverse("firm:case", args=[row.application.reference]),
            button="看认定",
            note=f"{row.recognition.document_number}；要复核或重新认定的，请提前准备",
        )


def _undated_titles(firm: Firm) -> Iterator[FirmDate]:
    """Titles that the profile or the portal names, but for those whose day one of them tells."""
    facts = firm.profile.facts
    standing = EnterpriseTitle.objects.standing_on(firm.today)
    rows = standing.filter(enterprise=firm.enterprise).select_related("recognition")
    recorded = {(row.fact, row.code): row for row in rows.order_by("since", "pk")}
    said = list(held_titles(firm.said, firm.profile.answers, facts, firm.editions))
    known = {(title.fact, title.code) for title in said}
    said += [
        HeldTitle(None, fact, code, facts[fact].choices.get(code, code))
        for fact, code in recorded
        if (fact, code) not in known and fact in facts
    ]
    for title in said:
        row = recorded.get((title.fact, title.code))
        if (row and row.valid_until) or any(title.name in name for name in firm.files_that_end):
            continue
        subject = f"{firm.subjects[title.owner]}：" if title.owner else ""
        source = f"{row.recognition.document_number}认定" if row else "企业档案里填了"
        yield FirmDate(
            kind=Kind.TITLE,
            key=f"title-{firm.enterprise.pk}-{title.owner or 0}-{title.fact}-{title.code}",
            what=f"{subject}{title.name}",
            last=None,
            address=reverse("firm:library"),
            button="放进资料库",
            note=UNDATED_TITLE.format(source=source, title=title.name),
        )


def _profile_address(owner: int | None) -> str:
    return reverse("firm:subject-profile", args=[owner]) if owner else reverse("firm:profile")


def _terms(firm: Firm) -> Iterator[FirmDate]:
    """Days that the firm itself has given and that are still to come, such as the end of a lease."""
    for owner, key, value in firm.said:
        if firm.profile.facts[key].type == "date" and value >= firm.today:
            yield FirmDate(
                kind=Kind.TERM,
                key=f"term-{firm.enterprise.pk}-{owner or 0}-{key}",
                what=firm.named(owner, key),
                last=value,
                address=_profile_address(owner),
                button="看档案",
                note="企业档案里填的",
            )


def _conditions(firm: Firm) -> Iterator[FirmDate]:
    """Until when a day or year that the firm gave meets a condition of its place's programmes."""
    county = firm.enterprise.county
    places = {county.pk, county.parent_id}
    said: dict[str, list[tuple[int | None, Any]]] = {}
    for owner, key, value in firm.said:
        said.setdefault(key, []).append((owner, value))
    names: dict[tuple[int | None, str, date], dict[str, None]] = {}
    for rules in firm.editions:
        if rules.area not in places:
            continue
        for limit in limits_of(*rules.trees):
            key = YEARS_SINCE.get(limit.fact, limit.fact)
            for owner, value in said.get(key, ()):
                last = _last_day(limit, value)
                if last and last >= firm.today:
                    names.setdefault((owner, key, last), {})[rules.name] = None
    for (owner, key, last), programmes in names.items():
        yield FirmDate(
            kind=Kind.CONDITION,
            key=f"condition-{firm.enterprise.pk}-{owner or 0}-{key}-{last}",
            what=firm.named(owner, key),
            last=last,
            address=_profile_address(owner),
            button="看档案",
            note=f"申报{'、'.join(programmes)}时最后算数的一天；过了按文件不再符合，或要另行核实",
        )


def _last_day(limit: Limit, value: Any) -> date | None:
    if isinstance(value, date):
        years = int(limit.operand) if limit.operator == "remaining_years" else 0
        return add_months(value, -12 * years) if years else None
    if not isinstance(value, int | Decimal):
        return None
    if limit.operator == "is_year":
        return date(int(value - limit.operand), 12, 31)
    if limit.operator == "at_most" and limit.fact in YEARS_SINCE:
        return date(int(value + limit.operand), 12, 31)
    return None


def _awards(firm: Firm) -> Iterator[FirmDate]:
    """Money of this and later years that is granted and neither paid in full nor over."""
    rows = AwardLine.objects.filter(
        application__in=firm.cases,
        state__in=(State.PREPARED, State.CONFIRMED, State.APPROVED),
        year__gte=firm.today.year,
        hold="",
    ).select_related("application__edition__programme")
    for row in rows.defer("application__answers", "application__assessment"):
        case = row.application
        amount = row.printed if row.amount is None else f"{plain(row.amount)} 万元"
        condition = f"；条件：{row.condition}" if row.condition else ""
        yield FirmDate(
            kind=Kind.AWARD,
            key=f"award-{row.pk}",
            what=f"{case.edition.programme.name}：{row.get_level_display()} {row.title}，{amount}",
            last=date(row.year, 12, 31),
            of_year=True,
            address=f"{reverse('firm:awards')}?enterprise={firm.enterprise.pk}",
            button="看奖补",
            note=f"{row.year} 年度给付，是否给付以中心确认为准{condition}",
        )


def _reclaims(firm: Firm) -> Iterator[FirmDate]:
    """Money that the firm has to give back."""
    rows = Reclaim.objects.open().filter(line__application__in=firm.cases)
    rows = rows.select_related("line__application__edition__programme")
    for row in rows.defer("line__application__answers", "line__application__assessment"):
        name = row.line.application.edition.programme.name
        yield FirmDate(
            kind=Kind.RECLAIM,
            key=f"reclaim-{row.pk}",
            what=f"退回 {plain(row.outstanding)} 万元：{name} {row.line.title}",
            last=row.due_on,
            address=f"{reverse('firm:awards')}?enterprise={firm.enterprise.pk}",
            button="看奖补",
            note=f"{row.document_number}；退到哪个账户，请问发出文件的主管部门",
        )
