"""What happened to programmes lately: when they open and close, and what changed in their rules.

Nothing is noted when it happens: the news of a day are read off calls, windows, editions and their
history, each with a key that stays the same as long as it is the same matter.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Min
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from policies.catalogue.current import Catalogue
from policies.catalogue.models import Call, CallEvent, Document, Edition, Programme, Window
from policies.pages.edition_history import HistoryLine, edition_history
from policies.presentation.edition_state import closed_in_words, shown_edition, told_editions
from policies.rules.edition import Edition as Rules

# What is older was told, or is of no use any more.
LATELY = timedelta(days=30)
CLOSING_SOON = timedelta(days=7)
# What begins without a printed end is news for so long.
JUST_OPENED = timedelta(days=14)
CHANGES_SHOWN = 4
# A change of words, which no firm need hear of.
WORDED = "写明条件的说法"
TO_CONFIRM = "文件没有印有效期，请以当年通知为准。"


@dataclass(frozen=True)
class News:
    """`heading` is what it stands under in a letter, `address` a path of the site.

    It is told to whoever subscribed before `since`, without that to all.
    """

    key: str
    heading: str
    text: str
    address: str
    since: datetime | None = None


def news_of_programmes(
    programmes: Collection[str], known: Catalogue, now: datetime
) -> dict[str, list[News]]:
    """By programme; the number of queries grows only with the programmes whose rules changed."""
    rows = Programme.objects.filter(pk__in=programmes).in_bulk()
    today = timezone.localdate(now)
    found: dict[str, list[News]] = {}
    sources = (
        _calls(rows, known, today, now),
        _windows(rows, known, today),
        _editions(rows, known, today, now),
        _documents(rows, known, today, now),
    )
    for source in sources:
        for programme, news in source:
            found.setdefault(programme, []).append(news)
    return found


Found = Iterator[tuple[str, News]]


def _calls(
    programmes: Mapping[str, Programme], known: Catalogue, today: date, now: datetime
) -> Found:
    events = CallEvent.objects.filter(call__programme__in=programmes, at__gte=now - LATELY)
    for event in events.select_related("call").order_by("at", "pk"):
        call = event.call
        if event.action == CallEvent.Action.WITHDRAW:
            text = f"征集“{call.title}”撤回了：{event.reason}"
        elif not call.is_open or call.is_over_on(today):
            continue
        elif event.action == CallEvent.Action.OPEN:
            text = f"开放征集“{call.title}”：{call.when}，名额{call.places_in_words}，问{call.contact}。"
        else:
            last = _day(event.last_day) if event.last_day else "常年受理"
            text = f"征集“{call.title}”的截止日改为{last}：{event.reason}"
        yield _told(f"call-event:{event.pk}", programmes[call.programme_id], text, event.at)
    for key, programme in programmes.items():
        for call in known.calls.get(key, ()):
            yield from ((key, news) for news in _days_of_call(call, programme, today))


def _days_of_call(call: Call, programme: Programme, today: date) -> Iterator[News]:
    opened = timezone.localdate(call.opened_at)
    last = call.closes_on or call.opens_on + JUST_OPENED
    if opened < call.opens_on <= today <= last:
        text = f"征集“{call.title}”开始受理：{call.when}，问{call.contact}。"
        key = f"call-opens:{call.pk}:{call.opens_on}"
        yield _told(key, programme, text, _that_day(call.opens_on))[1]
    if call.closes_on and call.closes_on - CLOSING_SOON <= today <= call.closes_on:
        text = f"征集“{call.title}”{_day(call.closes_on)}截止（含当天），问{call.contact}。"
        yield _told(f"call-closes:{call.pk}:{call.closes_on}", programme, text)[1]


def _windows(programmes: Mapping[str, Programme], known: Catalogue, today: date) -> Found:
    """What documents print of the time, where no call says it better."""
    asked = [key for key in programmes if not known.calls.get(key)]
    for window in Window.objects.filter(programme__in=asked, kind=Window.Kind.APPLY):
        programme = programmes[window.programme_id]
        for year in (today.year - 1, today.year, today.year + 1):
            span = window.span_in(year)
            if span is None:
                continue
            last = span.last if window.ends_month else span.first + JUST_OPENED
            printed = f"{window.title}，{window.when}（{window.wording}）。{TO_CONFIRM}"
            if window.starts_month and span.first <= today <= last:
                key = f"window-opens:{programme.pk}:{window.title}:{span.first}"
                text = f"文件印的申报时间到了：{printed}"
                yield _told(key, programme, text, _that_day(span.first))
            if window.ends_month and span.last - CLOSING_SOON <= today <= span.last:
                key = f"window-closes:{programme.pk}:{window.title}:{span.last}"
                end = "" if window.ends_day else "文件只印了月份，按月底算，"
                text = f"文件印的申报时间快过了，{end}到{_day(span.last)}：{printed}"
                yield _told(key, programme, text)


def _editions(
    programmes: Mapping[str, Programme], known: Catalogue, today: date, now: datetime
) -> Found:
    """Editions that were published, retired or withdrawn lately, with what they changed in short."""
    stamps = Edition.history.filter(programme_id__in=list(programmes))
    stamps = stamps.exclude(status=Edition.Status.DRAFT).order_by().values_list("id", "status")
    became = {
        (pk, status): at
        for pk, status, at in stamps.annotate(at=Min("history_date"))
        if at >= now - LATELY
    }
    changed = Edition.objects.filter(pk__in={pk for pk, _ in became}).order_by("programme")
    for programme in changed.values_list("programme", flat=True).distinct():
        editions = told_editions(programme)
        lines = edition_history(editions, shown_edition(editions, today), known, (), today)
        by_key = {line.edition.pk: line for line in lines}
        for line in lines:
            at = became.get((line.edition.pk, line.edition.status))
            text = _edition_in_words(line, by_key, programmes[programme]) if at else ""
            if text:
                key = f"edition:{line.edition.pk}:{line.edition.status}"
                yield _told(key, programmes[programme], text, at)


def _edition_in_words(
    line: HistoryLine, by_key: Mapping[int, HistoryLine], programme: Programme
) -> str:
    """Empty where a reader of the page sees no difference, or another edition tells it."""
    row = line.edition
    if row.status in (Edition.Status.RETIRED, Edition.Status.WITHDRAWN):
        return line.closed
    if row.status == Edition.Status.CORRECTED:
        return ""
    if len(by_key) == 1:
        return f"新项目：{programme.summary}".rstrip("：")
    corrected = by_key.get(row.corrects_id) if row.corrects_id else None
    changes = corrected.changes if corrected else line.changes
    changes = [told for told, _ in changes if not told.startswith(WORDED)]
    if not changes:
        return ""
    more = f"；等 {len(changes)} 处" if len(changes) > CHANGES_SHOWN else ""
    told = f"{'；'.join(changes[:CHANGES_SHOWN])}{more}"
    if corrected:
        return f"{closed_in_words(corrected.edition)}。改了：{told}"
    return f"规则自{_day(row.effective_from)}起改了：{told}"


def _documents(
    programmes: Mapping[str, Programme], known: Catalogue, today: date, now: datetime
) -> Found:
    """Documents that a programme rests on and another has superseded lately."""
    rows = Document.history.exclude(superseded_by=None).order_by()
    became = {
        (pk, later): at
        for pk, later, at in rows.values_list("id", "superseded_by").annotate(
            at=Min("history_date")
        )
        if at >= now - LATELY
    }
    if not became:
        return
    numbers = {row.pk: number for number, row in known.documents.items()}
    for rules in known.editions_in_force(today, programmes, screened_only=False):
        for number in _cited(rules):
            row = known.documents[number]
            at = became.get((row.pk, row.superseded_by_id))
            if at:
                text = (
                    f"依据的{number}已由{numbers[row.superseded_by_id]}取代，金额和条件可能要变。"
                )
                key = f"superseded:{rules.programme}:{row.pk}:{row.superseded_by_id}"
                yield _told(key, programmes[rules.programme], text, at)


def _cited(rules: Rules) -> Iterable[str]:
    parts = (*rules.criteria, *rules.awards)
    return dict.fromkeys(source["document"] for part in parts for source in part.sources)


def _told(
    key: str, programme: Programme, text: str, since: datetime | None = None
) -> tuple[str, News]:
    address = reverse("pages:programme", args=[programme.pk])
    return programme.pk, News(key, programme.name, text, address, since)


def _that_day(day: date) -> datetime:
    """Its end: whoever subscribed on the day is told too."""
    return timezone.make_aware(datetime.combine(day, time.max))


def _day(day: date) -> str:
    return date_format(day, "Y年n月j日")
